package dev.satchel.internal.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLWarning;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/**
 * Rows on their way from SQLite, wrapped whole: the driver uses one object for all results of a statement, runs the query
 * inside {@code next()} beyond any time limit, and loses an error that comes when the last rows of a RETURNING clause are not
 * read. Confined to the connection's thread.
 */
final class TrackedResultSet extends ForwardingResultSet {
    private final TrackedConnection connection;
    private final @Nullable TrackedStatement statement;
    private final ResultSet rows;
    private final @Nullable StatementTimer timer;
    private final long maxRows;
    private boolean writing;
    private boolean holdsWrite;
    private boolean exhausted;
    private boolean closed;
    private long row;
    private int fetchSize;

    /**
     * @param statement null for metadata
     * @param writing whether the rows come from a statement that writes
     * @param maxRows the limit of rows if the driver does not see to it; 0 if there is none
     */
    TrackedResultSet(
            TrackedConnection connection,
            @Nullable TrackedStatement statement,
            ResultSet rows,
            @Nullable StatementTimer timer,
            boolean writing,
            long maxRows) {
        this.connection = connection;
        this.statement = statement;
        this.rows = rows;
        this.timer = timer;
        this.writing = writing;
        this.maxRows = maxRows;
    }

    /** Passes on the write lease, to be given back when SQLite has ended the statement. */
    void holdWrite() {
        holdsWrite = true;
    }

    @Override
    ResultSet delegate() throws SQLException {
        requireOpen();
        return rows;
    }

    @Override
    public boolean next() throws SQLException {
        requireOpen();
        if (exhausted || maxRows > 0 && row >= maxRows) {
            return false;
        }
        if (step()) {
            row++;
            return true;
        }
        return false;
    }

    private boolean step() throws SQLException {
        if (exhausted) {
            return false;
        }
        boolean more;
        try {
            if (timer == null) {
                more = rows.next();
            } else {
                timer.enter();
                try {
                    more = rows.next();
                } finally {
                    timer.exit();
                }
            }
        } catch (SQLException e) {
            SQLException failure = connection.failed(e, timer);
            // SQLite has ended the statement, and undone what it wrote.
            finished();
            throw failure;
        }
        if (!more) {
            finished();
        }
        return more;
    }

    private void finished() {
        exhausted = true;
        writing = false;
        if (timer != null) {
            timer.stop();
        }
        if (holdsWrite) {
            holdsWrite = false;
            connection.writeDone();
        }
    }

    /** Gives null for NULL whatever the type, where the driver fails for numbers and makes a Boolean false. */
    @Override
    public <T> @Nullable T getObject(int columnIndex, Class<T> type) throws SQLException {
        Object value = delegate().getObject(columnIndex);
        if (value == null || type.isInstance(value)) {
            return type.cast(value);
        }
        return rows.getObject(columnIndex, type);
    }

    @Override
    public <T> @Nullable T getObject(String columnLabel, Class<T> type) throws SQLException {
        return getObject(findColumn(columnLabel), type);
    }

    @Override
    public void close() throws SQLException {
        closeNow(true);
    }

    /**
     * Closes. If {@code complete}, a statement that writes is run to its end before: SQLite checks foreign keys and commits
     * only then, and the driver does not tell when that fails.
     */
    void closeNow(boolean complete) throws SQLException {
        if (closed) {
            return;
        }
        closed = true;
        try {
            while (complete && writing && step()) {
                row++;
            }
        } finally {
            try {
                rows.close();
            } finally {
                finished();
                if (statement != null) {
                    statement.resultClosed(this);
                }
            }
        }
    }

    @Override
    public boolean isClosed() {
        return closed || connection.isClosed();
    }

    @Override
    public @Nullable Statement getStatement() throws SQLException {
        requireOpen();
        return statement;
    }

    @Override
    public int getType() throws SQLException {
        requireOpen();
        return TYPE_FORWARD_ONLY;
    }

    @Override
    public int getConcurrency() throws SQLException {
        requireOpen();
        return CONCUR_READ_ONLY;
    }

    @Override
    public int getHoldability() throws SQLException {
        requireOpen();
        return CLOSE_CURSORS_AT_COMMIT;
    }

    @Override
    public int getFetchSize() throws SQLException {
        requireOpen();
        return fetchSize;
    }

    @Override
    public void setFetchSize(int rows) throws SQLException {
        requireOpen();
        if (rows < 0) {
            throw new SQLException("The fetch size must not be negative: " + rows, "22023");
        }
        fetchSize = rows;
    }

    @Override
    public int getFetchDirection() throws SQLException {
        requireOpen();
        return FETCH_FORWARD;
    }

    @Override
    public void setFetchDirection(int direction) throws SQLException {
        requireOpen();
        if (direction != FETCH_FORWARD) {
            throw new SQLException("Rows can only be read forward.", "0A000");
        }
    }

    @Override
    public @Nullable SQLWarning getWarnings() throws SQLException {
        requireOpen();
        return null;
    }

    @Override
    public void clearWarnings() throws SQLException {
        requireOpen();
    }

    @Override
    public String getCursorName() throws SQLException {
        throw new SQLFeatureNotSupportedException("SQLite has no named cursors.", "0A000");
    }

    @Override
    public boolean isWrapperFor(Class<?> type) {
        return type.isInstance(this);
    }

    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
        if (type.isInstance(this)) {
            return type.cast(this);
        }
        throw new SQLException("Not a wrapper for " + type.getName(), "0A000");
    }

    private void requireOpen() throws SQLException {
        if (closed) {
            throw new SQLException(
                    "The result set is closed: by itself, by its statement, or by the end of the transaction.",
                    "24000");
        }
        connection.requireOpen();
    }
}
