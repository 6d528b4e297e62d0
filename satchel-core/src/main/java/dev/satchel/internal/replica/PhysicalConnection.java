package dev.satchel.internal.replica;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.sqlite.JDBC;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteLimits;

/**
 * SQLite's own connection to a replica's file, set up as the engine needs it, with its compiled statements kept for reuse.
 *
 * <p>Confined to one thread at a time (whoever holds its {@link ConnectionLease}), except {@link #interrupt}. No method
 * waits for a lock longer than {@value #BUSY_TIMEOUT_MILLIS} ms: waiting is done in Java, where it can be bounded and does
 * not pin a carrier thread.
 *
 * <p>Closing the last connection of a database merges its WAL into the main file, unless a read-only connection that has
 * read once is closed after it; who closes takes care of that.
 */
public final class PhysicalConnection implements AutoCloseable {
    static final int BUSY_TIMEOUT_MILLIS = 100;

    private static final int CACHED_STATEMENTS = 64;
    private static final int CACHED_SQL_LENGTH = 8 * 1024;
    private static final int CACHE_PAGES = 128;
    private static final String LIMIT = "PRAGMA max_page_count=";

    private final SQLiteConnection connection;
    private final boolean readOnly;
    private final Map<String, CompiledStatement> idle = new LinkedHashMap<>(CACHED_STATEMENTS * 2, 0.75f, true);
    private final EnumSet<SessionSetting> changed = EnumSet.noneOf(SessionSetting.class);
    private boolean inTransaction;
    private boolean temporaryObjects;

    private PhysicalConnection(SQLiteConnection connection, boolean readOnly) {
        this.connection = connection;
        this.readOnly = readOnly;
    }

    /**
     * Opens a connection to the file, creating an empty database if there is none. A read-only connection neither creates,
     * writes nor checkpoints anything.
     *
     * @throws SQLException if the file cannot be opened or is not a database
     */
    public static PhysicalConnection open(Path database, boolean readOnly) throws SQLException {
        // stat is all that Java may do to the main file; see the package's door sign.
        boolean brandNew =
                !readOnly && (!Files.exists(database) || database.toFile().length() == 0);
        Properties properties = new Properties();
        properties.setProperty("busy_timeout", Integer.toString(BUSY_TIMEOUT_MILLIS));
        // The driver would run SELECT last_insert_rowid() after every INSERT, asked for or not.
        properties.setProperty("jdbc.get_generated_keys", "false");
        SQLiteConnection connection = JDBC.createConnection(url(database, readOnly), properties);
        try {
            // In its auto-commit mode the driver follows every statement with a BEGIN and a COMMIT of its own, 1 us
            // each time
            // and a failed COMMIT while rows of an INSERT .. RETURNING are still open. Without it, and without ever
            // calling
            // its commit or rollback, the driver leaves transactions to the SQL it is given.
            connection.getConnectionConfig().setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                for (String pragma : pragmas(brandNew, readOnly)) {
                    statement.execute("PRAGMA " + pragma);
                }
            }
            connection.setLimit(SQLiteLimits.SQLITE_LIMIT_ATTACHED, 0);
            return new PhysicalConnection(connection, readOnly);
        } catch (SQLException | RuntimeException e) {
            try {
                connection.close();
            } catch (SQLException suppressed) {
                e.addSuppressed(suppressed);
            }
            throw e;
        }
    }

    private static List<String> pragmas(boolean brandNew, boolean readOnly) {
        List<String> pragmas = new ArrayList<>();
        if (brandNew) {
            // Both are fixed by the first page that is written, which switching to WAL does.
            pragmas.add("page_size=4096");
            pragmas.add("auto_vacuum=INCREMENTAL");
        }
        if (!readOnly) {
            pragmas.add("journal_mode=WAL");
        }
        pragmas.add("wal_autocheckpoint=0");
        pragmas.add("synchronous=OFF");
        pragmas.add("temp_store=MEMORY");
        pragmas.add("foreign_keys=ON");
        pragmas.add("cache_size=" + CACHE_PAGES);
        return pragmas;
    }

    /** The driver's URL of a database file. */
    static String url(Path database, boolean readOnly) {
        StringBuilder url = new StringBuilder("jdbc:sqlite:").append(SqliteUri.of(database));
        // unix-excl keeps the WAL index in memory and other processes out.
        String separator = "?";
        if (!SqliteUri.WINDOWS) {
            url.append("?vfs=unix-excl");
            separator = "&";
        }
        if (readOnly) {
            url.append(separator).append("mode=ro");
        }
        return url.toString();
    }

    /** The driver's connection. Its own transaction methods must not be called. */
    public SQLiteConnection connection() {
        return connection;
    }

    public boolean readOnly() {
        return readOnly;
    }

    public boolean isClosed() throws SQLException {
        return connection.isClosed();
    }

    /** Compiles one statement, without comments around it, or takes it from those kept. Give it back with {@link #recycle} or {@link #drop}. */
    public CompiledStatement compile(String sql) throws SQLException {
        CompiledStatement kept = idle.remove(sql);
        return kept != null ? kept : new CompiledStatement(sql, connection.prepareStatement(sql));
    }

    /** Takes back a statement to be used again for the same SQL; one that is broken or one too many is closed instead. */
    public void recycle(CompiledStatement statement) throws SQLException {
        if (!isWorthKeeping(statement)) {
            statement.close();
            return;
        }
        statement.clear();
        CompiledStatement twin = idle.put(statement.sql(), statement);
        if (twin != null) {
            twin.close();
        } else if (idle.size() > CACHED_STATEMENTS) {
            var eldest = idle.values().iterator();
            CompiledStatement last = eldest.next();
            eldest.remove();
            last.close();
        }
    }

    private static boolean isWorthKeeping(CompiledStatement statement) {
        String sql = statement.sql();
        // PRAGMA and EXPLAIN give what was true when they were compiled, and some PRAGMAs act then and not when run.
        return statement.isUsable()
                && sql.length() <= CACHED_SQL_LENGTH
                && (!sql.regionMatches(true, 0, "PRAGMA", 0, 6) || sql.startsWith(LIMIT))
                && !sql.regionMatches(true, 0, "EXPLAIN", 0, 7);
    }

    /** Takes back a statement that is not worth keeping. */
    public void drop(CompiledStatement statement) throws SQLException {
        statement.close();
    }

    /** Runs one statement to its end; rows it gives are passed over. */
    public void execute(String sql) throws SQLException {
        CompiledStatement compiled = compile(sql);
        try {
            if (compiled.columnCount() == 0) {
                compiled.statement().executeLargeUpdate();
            } else {
                ResultSet rows = compiled.statement().executeQuery();
                while (rows.next()) {}
            }
        } finally {
            recycle(compiled);
        }
    }

    /** The first column of the first row. */
    public long queryLong(String sql) throws SQLException {
        CompiledStatement compiled = compile(sql);
        try {
            ResultSet rows = compiled.statement().executeQuery();
            if (!rows.next()) {
                throw new SQLException("no row from: " + sql);
            }
            return rows.getLong(1);
        } finally {
            recycle(compiled);
        }
    }

    /**
     * Lets the database become so many pages large, or as large as it is.
     *
     * @return which of the two it is
     */
    public long limitPages(long pages) throws SQLException {
        return queryLong(LIMIT + pages);
    }

    /** Starts a transaction: one that may write and excludes other writers, or one that reads a snapshot. */
    public void begin(boolean write) throws SQLException {
        execute(write ? "BEGIN IMMEDIATE" : "BEGIN");
        inTransaction = true;
    }

    /** Commits. If it fails, the transaction may or may not be over: {@link #rollback} makes sure. */
    public void commit() throws SQLException {
        execute("COMMIT");
        inTransaction = false;
    }

    /** Rolls back what is open, and succeeds if nothing is. */
    public void rollback() throws SQLException {
        if (inTransaction && transactionIsOpen()) {
            execute("ROLLBACK");
        }
        inTransaction = false;
    }

    /**
     * Asks SQLite whether the transaction is still open. It ends one by itself on an interrupted write, a full disk, an I/O
     * error or an {@code ON CONFLICT ROLLBACK}, and the driver has no call that tells.
     */
    public boolean transactionIsOpen() throws SQLException {
        try {
            execute("BEGIN");
        } catch (SQLException e) {
            if (String.valueOf(e.getMessage()).contains("within a transaction")) {
                return true;
            }
            throw e;
        }
        execute("ROLLBACK");
        inTransaction = false;
        return false;
    }

    /** Notes that a setting of the session was changed by SQL, so that {@link #reset} restores it. */
    public void settingChanged(SessionSetting setting) {
        changed.add(setting);
    }

    /** Notes that temporary tables, views or triggers may exist, so that {@link #reset} drops them. */
    public void temporaryObjectCreated() {
        temporaryObjects = true;
    }

    /** Runs VACUUM, which attaches a scratch database of its own. */
    public void vacuum(String sql) throws SQLException {
        connection.setLimit(SQLiteLimits.SQLITE_LIMIT_ATTACHED, 1);
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } finally {
            connection.setLimit(SQLiteLimits.SQLITE_LIMIT_ATTACHED, 0);
        }
    }

    /** Makes whatever runs on this connection end with an error soon. From any thread. */
    public void interrupt() throws SQLException {
        connection.getDatabase().interrupt();
    }

    /**
     * Returns to the state after {@link #open}: no transaction, no temporary objects, settings restored. Statements and
     * results must have been given back before.
     */
    public void reset() throws SQLException {
        rollback();
        if (temporaryObjects) {
            dropTemporaryObjects();
            temporaryObjects = false;
        }
        if (!changed.isEmpty()) {
            for (SessionSetting setting : changed) {
                execute(setting.restoringSql());
            }
            changed.clear();
        }
    }

    private void dropTemporaryObjects() throws SQLException {
        // Dropping a table takes its triggers and indexes along, and dropping a virtual table its shadow tables.
        for (String type : List.of("trigger", "view", "table")) {
            for (String name : temporaryNames(type)) {
                execute("DROP " + type + " IF EXISTS temp.\"" + name.replace("\"", "\"\"") + '"');
            }
        }
    }

    private List<String> temporaryNames(String type) throws SQLException {
        List<String> names = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT name FROM temp.sqlite_master WHERE type = '" + type
                        + "' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY sql NOT LIKE 'CREATE VIRTUAL%'")) {
            while (rows.next()) {
                names.add(rows.getString(1));
            }
        }
        return names;
    }

    /** Closes the connection; an open transaction is rolled back. Idempotent. */
    @Override
    public void close() throws SQLException {
        idle.clear();
        connection.close();
    }
}
