package dev.satchel.internal.replica;

import java.sql.PreparedStatement;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.sqlite.core.CoreResultSet;
import org.sqlite.core.CoreStatement;
import org.sqlite.core.DB;

/**
 * One statement compiled by SQLite on a {@link PhysicalConnection}, with what is known about it without running it.
 *
 * <p>Confined to whoever {@linkplain PhysicalConnection#compile got} it, until it is given back or closed.
 */
public final class CompiledStatement {
    private final String sql;
    private final PreparedStatement statement;
    private final CoreResultSet result;
    private final int columnCount;
    private final int parameterCount;
    private boolean rowLimited;

    CompiledStatement(String sql, PreparedStatement statement) throws SQLException {
        this.sql = sql;
        this.statement = statement;
        // The driver has one result set object per statement, which is the metadata too.
        this.result = (CoreResultSet) statement.getMetaData();
        this.columnCount = ((CoreStatement) statement).pointer.safeRunInt(DB::column_count);
        this.parameterCount = statement.getParameterMetaData().getParameterCount();
    }

    public String sql() {
        return sql;
    }

    /** The driver's statement. Setting its query time-out has no useful effect: the driver only waits longer for locks. */
    public PreparedStatement statement() {
        return statement;
    }

    /** Number of result columns; 0 means that the statement never gives rows. */
    public int columnCount() {
        return columnCount;
    }

    public int parameterCount() {
        return parameterCount;
    }

    /**
     * Whether the driver still holds the compiled statement. It drops it on every error but a violated constraint and a
     * missed lock, and the statement is then of no further use.
     */
    public boolean isUsable() {
        return !((CoreStatement) statement).pointer.isClosed();
    }

    /** Ends the result after so many rows; 0 means never. */
    public void limitRows(long rows) throws SQLException {
        if (rows != 0 || rowLimited) {
            statement.setLargeMaxRows(rows);
            rowLimited = rows != 0;
        }
    }

    /** Names and types of the result columns, or null if there are none. */
    public @Nullable ResultSetMetaData metaData() throws SQLException {
        if (columnCount == 0) {
            return null;
        }
        if (result.colsMeta == null) {
            // The driver forgets the names with each result it closes and would fail.
            result.colsMeta = ((CoreStatement) statement).pointer.safeRun(DB::column_names);
        }
        return statement.getMetaData();
    }

    /** Ends a running result and forgets parameters, so that nothing of one use is seen by the next. */
    void clear() throws SQLException {
        result.close();
        if (parameterCount > 0) {
            statement.clearParameters();
        }
        limitRows(0);
    }

    void close() throws SQLException {
        statement.close();
    }
}
