package dev.satchel.spring;

import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Hands out connections to the database of whoever the current thread works for. The first connection of a request or scope
 * opens the session: that is when the local copy is compared with the store, before the first statement runs.
 *
 * <p>Not a pool, and none is needed: connections of a user's database are kept open by {@link dev.satchel.Satchel}. Thread-safe.
 *
 * <p>While the application starts there is no user. What frameworks ask then, the product's name and the like, is answered by
 * a connection that has metadata but refuses statements.
 */
public final class SatchelDataSource implements DataSource {
    private final SatchelScopes scopes;
    private final BooleanSupplier starting;

    /** A DataSource that is never asked before there are users. */
    public SatchelDataSource(SatchelScopes scopes) {
        this(scopes, () -> false);
    }

    /**
     * A DataSource for an application that may still be starting.
     *
     * @param starting whether a connection without a user is for metadata only, not a mistake
     */
    public SatchelDataSource(SatchelScopes scopes, BooleanSupplier starting) {
        this.scopes = Objects.requireNonNull(scopes, "scopes");
        this.starting = Objects.requireNonNull(starting, "starting");
    }

    /**
     * A connection of the current session; close it when done. Blocks for one store request when it is the session's first and
     * the freshness asks for it.
     *
     * @throws NoCurrentUserException if the current thread works for nobody
     * @throws NonBlockingThreadException on a thread that Reactor says must not block
     * @throws dev.satchel.SatchelException as {@link dev.satchel.Satchel#open} and {@link dev.satchel.Session#connection()}
     */
    @Override
    public Connection getConnection() throws SQLException {
        UnitOfWork unit;
        try {
            unit = scopes.requireUnit();
        } catch (NoCurrentUserException e) {
            if (starting.getAsBoolean()) {
                return MetadataConnection.open(e.getMessage());
            }
            throw e;
        }
        return unit.connection();
    }

    /** Refused: whose database it is says the user, not a password. */
    @Override
    public Connection getConnection(String username, String password) throws SQLException {
        throw new SQLFeatureNotSupportedException(
                "the database is chosen by the current user, not by a name and password: call getConnection()");
    }

    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
        if (type.isInstance(this)) {
            return type.cast(this);
        }
        throw new SQLException("a SatchelDataSource is no " + type.getName());
    }

    @Override
    public boolean isWrapperFor(Class<?> type) {
        return type.isInstance(this);
    }

    @Override
    public @Nullable PrintWriter getLogWriter() {
        return null;
    }

    @Override
    public void setLogWriter(@Nullable PrintWriter out) throws SQLException {
        throw new SQLFeatureNotSupportedException("a SatchelDataSource logs through SLF4J");
    }

    @Override
    public int getLoginTimeout() {
        return 0;
    }

    @Override
    public void setLoginTimeout(int seconds) throws SQLException {
        throw new SQLFeatureNotSupportedException("set satchel.store-timeout and satchel.local-timeout instead");
    }

    @Override
    public Logger getParentLogger() throws SQLFeatureNotSupportedException {
        throw new SQLFeatureNotSupportedException("a SatchelDataSource logs through SLF4J");
    }
}
