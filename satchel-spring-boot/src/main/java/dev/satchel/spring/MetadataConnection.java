package dev.satchel.spring;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A connection to an empty in-memory database that tells what SQLite is and can, and refuses everything that would read or write
 * data: a statement here is meant for some user's database, and nobody said whose.
 */
final class MetadataConnection implements InvocationHandler {
    private static final Set<String> ALLOWED = Set.of(
            "getMetaData",
            "isValid",
            "isClosed",
            "close",
            "getAutoCommit",
            "setAutoCommit",
            "commit",
            "rollback",
            "isReadOnly",
            "setReadOnly",
            "getTransactionIsolation",
            "setTransactionIsolation",
            "getCatalog",
            "getSchema",
            "getWarnings",
            "clearWarnings",
            "getHoldability",
            "hashCode",
            "toString");

    private final Connection empty;
    private final String refusal;

    private MetadataConnection(Connection empty, String refusal) {
        this.empty = empty;
        this.refusal = refusal;
    }

    static Connection open(@Nullable String reason) throws SQLException {
        Connection empty = DriverManager.getConnection("jdbc:sqlite::memory:");
        String refusal =
                "the application is starting: only metadata can be read now. Schemas are made by a SchemaMigration bean,"
                        + " for each user when their database is first used. " + reason;
        return (Connection) Proxy.newProxyInstance(
                MetadataConnection.class.getClassLoader(),
                new Class<?>[] {Connection.class},
                new MetadataConnection(empty, refusal));
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) throws Throwable {
        String name = method.getName();
        if (name.equals("equals")) {
            return arguments != null && isSame(proxy, arguments[0]);
        }
        if (name.equals("isWrapperFor")) {
            return false;
        }
        if (!ALLOWED.contains(name)) {
            throw new NoCurrentUserException(refusal);
        }
        try {
            return method.invoke(empty, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
        }
    }

    @SuppressWarnings("ReferenceEquality") // A connection equals itself only, as the driver's own.
    private static boolean isSame(Object proxy, Object other) {
        return proxy == other;
    }
}
