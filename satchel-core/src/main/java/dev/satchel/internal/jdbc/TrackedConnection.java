package dev.satchel.internal.jdbc;

import dev.satchel.DatabaseId;
import dev.satchel.QuotaExceededException;
import dev.satchel.SizeThresholds;
import dev.satchel.internal.replica.CompiledStatement;
import dev.satchel.internal.replica.ConnectionLease;
import dev.satchel.internal.replica.PhysicalConnection;
import dev.satchel.internal.replica.SessionSetting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Array;
import java.sql.Blob;
import java.sql.CallableStatement;
import java.sql.Clob;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.NClob;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLNonTransientException;
import java.sql.SQLTransactionRollbackException;
import java.sql.SQLWarning;
import java.sql.SQLXML;
import java.sql.Savepoint;
import java.sql.Statement;
import java.sql.Struct;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteConnection;

/**
 * The connection that applications get: full JDBC over SQLite, with transactions that take the database's write lease.
 *
 * <p>With auto-commit off, a transaction begins at the first statement: with the write lease, or on a snapshot without it if
 * the connection {@linkplain #setReadOnly is read-only}. With auto-commit on, a statement that writes holds the lease while
 * it runs, or until its rows are read; one that reads never does. {@code BEGIN}, {@code COMMIT} and {@code ROLLBACK} as SQL
 * are the same transactions.
 *
 * <p>Waiting for the write lease is bounded by the {@link ConnectionLease}. Confined to one thread at a time; {@link #abort}
 * and {@link Statement#cancel} may come from any. Closing rolls back what is open and gives the lease back.
 */
@SuppressWarnings("ReferenceEquality") // statements and savepoints are known by identity
public final class TrackedConnection implements Connection {
    private static final Logger log = LoggerFactory.getLogger(TrackedConnection.class);

    private static final String READ_ONLY = "25006";
    /** SQLite's own limit. */
    private static final long MOST_PAGES = 4294967294L;

    private static final long UNKNOWN = -1;
    /** With less space than that it is the disk that is full. */
    private static final long ALMOST_NOTHING = 4 << 20;

    private final ConnectionLease lease;
    private final PhysicalConnection physical;
    private final SqlGuard guard;
    private final ScheduledExecutorService scheduler;
    private final Runnable onClose;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final List<TrackedSavepoint> savepoints = new ArrayList<>();

    private TransactionState transaction = TransactionState.NONE;
    private boolean autoCommit = true;
    private boolean readOnly;
    private boolean broken;
    private boolean exposed;
    private int writesOutsideTransaction;
    private int savepointCount;
    private int networkTimeoutMillis;
    private @Nullable TrackedStatement openStatements;
    private @Nullable TrackedStatement lastInsert;
    private @Nullable List<TrackedResultSet> metaDataResults;
    private @Nullable Properties clientInfo;
    private @Nullable RuntimeException whyNoWrites;
    private @Nullable DatabaseId limited;
    private long quotaBytes;
    private long quotaPages;
    private long ceilingPages;
    /** The limit that SQLite has. */
    private long knownLimit = UNKNOWN;
    /** Whether the transaction has deleted something: a full-text index writes as late as when it is committed. */
    private boolean hasDeleted;

    private @Nullable Map<String, Class<?>> typeMap;

    /**
     * @param lease the connection to use; this object ends the lease when it is closed
     * @param guard shared by all connections
     * @param scheduler watches statements with a time limit; nothing it is given blocks. It should remove cancelled tasks
     * @param onClose called once, after the lease has ended
     */
    public TrackedConnection(
            ConnectionLease lease, SqlGuard guard, ScheduledExecutorService scheduler, Runnable onClose) {
        this.lease = lease;
        this.physical = lease.physical();
        this.guard = guard;
        this.scheduler = scheduler;
        this.onClose = onClose;
    }

    /**
     * From now on every statement that writes fails, as if the connection could only read.
     *
     * @param why the message and cause of that
     */
    public void refuseWrites(RuntimeException why) {
        whyNoWrites = why;
    }

    /**
     * From now on statements that would make the database larger than its quota fail. Those that delete, and the commit of what they did,
     * have room up to the ceiling. A database that is larger already may only not grow.
     *
     * @param id for the error
     * @param sizes with a quota
     */
    public void limitTo(DatabaseId id, SizeThresholds sizes) throws SQLException {
        long pageSize = physical.queryLong("PRAGMA page_size");
        limited = id;
        quotaBytes = sizes.quotaBytes();
        quotaPages = Math.min(MOST_PAGES, Math.max(1, quotaBytes / pageSize));
        ceilingPages = Math.min(MOST_PAGES, Math.max(1, sizes.ceilingBytes() / pageSize));
        limitPages(quotaPages);
    }

    /** Lifts the limit that SQLite's connection may have from an earlier use. */
    public void liftLimit() throws SQLException {
        limited = null;
        limitPages(MOST_PAGES);
    }

    private void limitPages(long pages) throws SQLException {
        if (pages == knownLimit) {
            return;
        }
        try {
            // Of a database that is larger SQLite takes the size it has now, which may be no longer so for the next
            // statement.
            long taken = physical.limitPages(pages);
            knownLimit = taken == pages ? pages : UNKNOWN;
        } catch (SQLException e) {
            throw failed(e, null);
        }
    }

    // ---- what statements ask for

    PhysicalConnection physical() {
        return physical;
    }

    SqlScript check(String sql) throws SQLException {
        requireOpen();
        return guard.check(Objects.requireNonNull(sql, "sql"));
    }

    CompiledStatement compile(String sql) throws SQLException {
        requireOpen();
        try {
            return physical.compile(sql);
        } catch (SQLException e) {
            noteBroken(e);
            throw translate(e);
        }
    }

    /** Takes a compiled statement back, to be kept or not. */
    void giveBack(CompiledStatement compiled, boolean keep) {
        try {
            if (keep) {
                physical.recycle(compiled);
            } else {
                physical.drop(compiled);
            }
        } catch (SQLException e) {
            // What failed was reported when it ran; a statement that cannot be reset must not be used by the next
            // session.
            broken = true;
        }
    }

    /**
     * Prepares for a statement: begins the transaction if one is due, or takes the write lease.
     *
     * @return whether the write lease is held for this statement alone, and {@link #writeDone} is owed
     */
    boolean enter(SqlStatement statement) throws SQLException {
        requireOpen();
        requireNotRolledBack();
        boolean writes = statement.kind().writes();
        if (writes) {
            requireWritable();
            if (statement.temporary()) {
                physical.temporaryObjectCreated();
            }
            if (limited != null) {
                limitPages(statement.deletes() ? ceilingPages : quotaPages);
                hasDeleted |= statement.deletes() && (!autoCommit || transaction.open());
            }
        }
        if (transaction != TransactionState.NONE || statement.kind() == StatementKind.LOCAL) {
            return false;
        }
        if (!autoCommit) {
            beginTransaction();
            return false;
        }
        if (writes) {
            lease.beginWrite();
            writesOutsideTransaction++;
        }
        return writes;
    }

    void writeDone() {
        if (--writesOutsideTransaction == 0 && transaction != TransactionState.WRITING) {
            lease.endWrite();
        }
    }

    /** Remembers whose row id {@code last_insert_rowid()} gives. */
    void ran(SqlStatement statement, TrackedStatement by) {
        if (statement.kind().writes()) {
            lastInsert = statement.insert() ? by : null;
        }
    }

    boolean lastInsertWasBy(TrackedStatement statement) {
        return lastInsert == statement;
    }

    private SQLException translate(SQLException e) {
        DatabaseId database = limited;
        return database != null && SqlErrors.isFull(e) && !isDiskFull()
                ? SqlErrors.quota(e, new QuotaExceededException(database, quotaBytes, e))
                : SqlErrors.translate(e);
    }

    /** SQLite has one code for both. */
    private boolean isDiskFull() {
        try (Statement statement = physical.connection().createStatement();
                ResultSet rows = statement.executeQuery("SELECT file FROM pragma_database_list WHERE name = 'main'")) {
            return rows.next() && Files.getFileStore(Path.of(rows.getString(1))).getUsableSpace() < ALMOST_NOTHING;
        } catch (SQLException | IOException e) {
            return true;
        }
    }

    /** Settles what an error did to the transaction, and gives the exception to throw. */
    SQLException failed(SQLException e, @Nullable StatementTimer timer) {
        noteBroken(e);
        SQLException translated =
                timer != null && timer.expired() ? SqlErrors.timeout(e, timer.limitMillis()) : translate(e);
        if (transaction.open() && !closed.get()) {
            try {
                if (!transactionSurvived()) {
                    transaction = TransactionState.ROLLED_BACK;
                    savepoints.clear();
                    endWriteUnlessNeeded();
                }
            } catch (SQLException unknown) {
                broken = true;
                translated.addSuppressed(unknown);
            }
        }
        return translated;
    }

    private boolean transactionSurvived() throws SQLException {
        try {
            return physical.transactionIsOpen();
        } catch (SQLException interrupted) {
            // An interrupt hits everything on the connection until all of it has ended.
            closeResults(false);
            return physical.transactionIsOpen();
        }
    }

    @Nullable
    StatementTimer startTimer(int seconds) {
        long millis = seconds * 1000L;
        if (networkTimeoutMillis > 0 && (millis == 0 || networkTimeoutMillis < millis)) {
            millis = networkTimeoutMillis;
        }
        return millis == 0 ? null : StatementTimer.start(physical, scheduler, millis);
    }

    /** Runs what is not given to SQLite as it is: transaction control, settings, VACUUM and the like. */
    void control(SqlStatement statement) throws SQLException {
        requireOpen();
        switch (statement.kind()) {
            case BEGIN -> {
                requireNotRolledBack();
                if (transaction.open()) {
                    throw new SQLException(
                            "There is a transaction already: COMMIT or ROLLBACK it first, or use SAVEPOINT to nest.",
                            "25001");
                }
                beginTransaction();
            }
            case COMMIT -> {
                requireTransactionForText("COMMIT");
                endTransaction(true);
            }
            case ROLLBACK -> {
                requireTransactionForText("ROLLBACK");
                endTransaction(false);
            }
            case SAVEPOINT, RELEASE, ROLLBACK_TO -> savepointText(statement);
            case VACUUM -> vacuum(statement);
            case SETTING -> changeSetting(statement);
            default -> runInSteps(statement);
        }
    }

    void opened(TrackedStatement statement) {
        statement.next = openStatements;
        if (openStatements != null) {
            openStatements.previous = statement;
        }
        openStatements = statement;
    }

    void closed(TrackedStatement statement) {
        if (statement.previous != null) {
            statement.previous.next = statement.next;
        } else if (openStatements == statement) {
            openStatements = statement.next;
        }
        if (statement.next != null) {
            statement.next.previous = statement.previous;
        }
        statement.previous = null;
        statement.next = null;
        if (lastInsert == statement) {
            lastInsert = null;
        }
    }

    /** A statement of the connection itself, which no guard has to see and no transaction begins for. */
    TrackedPreparedStatement prepareLocal(String sql) throws SQLException {
        return new TrackedPreparedStatement(this, SqlStatement.of(sql, StatementKind.LOCAL), GeneratedKeyRequest.NONE);
    }

    ResultSet trackMetaData(ResultSet rows) {
        if (metaDataResults == null) {
            metaDataResults = new ArrayList<>();
        }
        metaDataResults.removeIf(TrackedResultSet::isClosed);
        TrackedResultSet tracked = new TrackedResultSet(this, null, rows, null, false, 0);
        metaDataResults.add(tracked);
        return tracked;
    }

    boolean isReadOnlyNow() {
        return readOnly || lease.readOnly();
    }

    // ---- transactions

    private void beginTransaction() throws SQLException {
        boolean write = !isReadOnlyNow();
        if (write) {
            lease.beginWrite();
        }
        try {
            physical.begin(write);
        } catch (SQLException e) {
            noteBroken(e);
            endWriteUnlessNeeded();
            throw translate(e);
        }
        transaction = write ? TransactionState.WRITING : TransactionState.READING;
    }

    /** Ends the transaction, if there is one, and leaves none behind whatever happens. */
    private void endTransaction(boolean commit) throws SQLException {
        if (transaction == TransactionState.NONE) {
            return;
        }
        boolean rolledBackBefore = transaction == TransactionState.ROLLED_BACK;
        SQLException failure = null;
        try {
            closeResults(commit);
            if (!rolledBackBefore && commit) {
                if (hasDeleted) {
                    limitPages(ceilingPages);
                }
                physical.commit();
            }
        } catch (SQLException e) {
            noteBroken(e);
            failure = translate(e);
        }
        if (!commit || failure != null) {
            try {
                physical.rollback();
            } catch (SQLException e) {
                broken = true;
                if (failure == null) {
                    failure = translate(e);
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        transaction = TransactionState.NONE;
        hasDeleted = false;
        savepoints.clear();
        endWriteUnlessNeeded();
        if (failure != null) {
            throw failure;
        }
        if (rolledBackBefore && commit) {
            throw new SQLTransactionRollbackException(
                    "Nothing was committed: SQLite had rolled the transaction back because of an earlier error.",
                    "40000");
        }
    }

    private void endWriteUnlessNeeded() {
        if (writesOutsideTransaction == 0) {
            lease.endWrite();
        }
    }

    /** Closes all results. Rows still due are read first if {@code complete}, so that an error they hide is not lost. */
    private void closeResults(boolean complete) throws SQLException {
        for (TrackedStatement statement = openStatements; statement != null; statement = statement.next) {
            statement.closeResult(complete);
        }
        if (metaDataResults != null) {
            for (TrackedResultSet rows : metaDataResults) {
                rows.closeNow(false);
            }
            metaDataResults = null;
        }
    }

    private void requireTransactionForText(String what) throws SQLException {
        if (autoCommit && transaction == TransactionState.NONE) {
            throw new SQLException(
                    what + " without a transaction: there was no BEGIN, and auto-commit is on.", "25000");
        }
    }

    private void savepointText(SqlStatement statement) throws SQLException {
        requireNotRolledBack();
        if (transaction == TransactionState.NONE) {
            if (autoCommit || statement.kind() != StatementKind.SAVEPOINT) {
                throw new SQLException(
                        "SAVEPOINT, RELEASE and ROLLBACK TO need a transaction: begin one with BEGIN or setAutoCommit(false),"
                                + " for a savepoint that is a transaction of its own would not take the write lease.",
                        "25000");
            }
            beginTransaction();
        }
        runInTransaction(statement.sql());
    }

    private void runInTransaction(String sql) throws SQLException {
        try {
            physical.execute(sql);
        } catch (SQLException e) {
            throw failed(e, null);
        }
    }

    private void vacuum(SqlStatement statement) throws SQLException {
        requireNotRolledBack();
        requireWritable();
        if (transaction.open()) {
            throw new SQLException("VACUUM cannot run inside a transaction: commit or roll back first.", "25001");
        }
        lease.beginWrite();
        writesOutsideTransaction++;
        try {
            physical.vacuum(statement.sql());
        } catch (SQLException e) {
            noteBroken(e);
            throw translate(e);
        } finally {
            writeDone();
        }
    }

    private void changeSetting(SqlStatement statement) throws SQLException {
        requireNotRolledBack();
        SessionSetting setting = Objects.requireNonNull(statement.setting());
        if (setting == SessionSetting.FOREIGN_KEYS && transaction.open()) {
            throw new SQLException(
                    "PRAGMA foreign_keys has no effect inside a transaction: set it before the transaction begins, or use"
                            + " PRAGMA defer_foreign_keys=ON.",
                    "25001");
        }
        if (setting == SessionSetting.DEFER_FOREIGN_KEYS && transaction == TransactionState.NONE) {
            if (autoCommit) {
                throw new SQLException(
                        "PRAGMA defer_foreign_keys lasts until the end of a transaction, and there is none: begin one with"
                                + " BEGIN or setAutoCommit(false).",
                        "25000");
            }
            beginTransaction();
        }
        physical.settingChanged(setting);
        runInTransaction(statement.sql());
    }

    private void runInSteps(SqlStatement statement) throws SQLException {
        boolean holding = enter(statement);
        try (Statement driver = physical.connection().createStatement()) {
            driver.executeUpdate(statement.sql());
        } catch (SQLException e) {
            throw failed(e, null);
        } finally {
            if (holding) {
                writeDone();
            }
        }
    }

    @Override
    public void setAutoCommit(boolean autoCommit) throws SQLException {
        requireOpen();
        if (this.autoCommit == autoCommit) {
            return;
        }
        if (autoCommit) {
            endTransaction(true);
        }
        this.autoCommit = autoCommit;
    }

    @Override
    public boolean getAutoCommit() throws SQLException {
        requireOpen();
        return autoCommit;
    }

    @Override
    public void commit() throws SQLException {
        requireManualCommit("commit");
        endTransaction(true);
    }

    @Override
    public void rollback() throws SQLException {
        requireManualCommit("rollback");
        endTransaction(false);
    }

    @Override
    public Savepoint setSavepoint() throws SQLException {
        return newSavepoint(null);
    }

    @Override
    public Savepoint setSavepoint(String name) throws SQLException {
        return newSavepoint(Objects.requireNonNull(name, "name"));
    }

    private Savepoint newSavepoint(@Nullable String name) throws SQLException {
        requireManualCommit("setSavepoint");
        requireNotRolledBack();
        if (transaction == TransactionState.NONE) {
            beginTransaction();
        }
        TrackedSavepoint savepoint = new TrackedSavepoint(++savepointCount, name);
        runInTransaction("SAVEPOINT " + savepoint.sqlName());
        savepoints.add(savepoint);
        return savepoint;
    }

    @Override
    public void rollback(Savepoint savepoint) throws SQLException {
        requireManualCommit("rollback");
        int index = indexOf(savepoint);
        runInTransaction("ROLLBACK TO " + savepoints.get(index).sqlName());
        savepoints.subList(index + 1, savepoints.size()).clear();
    }

    @Override
    public void releaseSavepoint(Savepoint savepoint) throws SQLException {
        requireManualCommit("releaseSavepoint");
        int index = indexOf(savepoint);
        runInTransaction("RELEASE " + savepoints.get(index).sqlName());
        savepoints.subList(index, savepoints.size()).clear();
    }

    private int indexOf(Savepoint savepoint) throws SQLException {
        requireNotRolledBack();
        for (int i = savepoints.size() - 1; i >= 0; i--) {
            if (savepoints.get(i) == savepoint) {
                return i;
            }
        }
        throw new SQLException(
                "The savepoint is not one of the current transaction, or was released or rolled back before.", "3B001");
    }

    // ---- statements

    @Override
    public Statement createStatement() throws SQLException {
        requireOpen();
        return new TrackedStatement(this);
    }

    @Override
    public Statement createStatement(int resultSetType, int resultSetConcurrency) throws SQLException {
        requireForwardReading(resultSetType, resultSetConcurrency, ResultSet.CLOSE_CURSORS_AT_COMMIT);
        return createStatement();
    }

    @Override
    public Statement createStatement(int resultSetType, int resultSetConcurrency, int resultSetHoldability)
            throws SQLException {
        requireForwardReading(resultSetType, resultSetConcurrency, resultSetHoldability);
        return createStatement();
    }

    @Override
    public PreparedStatement prepareStatement(String sql) throws SQLException {
        return prepare(sql, GeneratedKeyRequest.NONE);
    }

    @Override
    public PreparedStatement prepareStatement(String sql, int resultSetType, int resultSetConcurrency)
            throws SQLException {
        requireForwardReading(resultSetType, resultSetConcurrency, ResultSet.CLOSE_CURSORS_AT_COMMIT);
        return prepareStatement(sql);
    }

    @Override
    public PreparedStatement prepareStatement(
            String sql, int resultSetType, int resultSetConcurrency, int resultSetHoldability) throws SQLException {
        requireForwardReading(resultSetType, resultSetConcurrency, resultSetHoldability);
        return prepareStatement(sql);
    }

    @Override
    public PreparedStatement prepareStatement(String sql, int autoGeneratedKeys) throws SQLException {
        return prepare(sql, GeneratedKeyRequest.of(autoGeneratedKeys));
    }

    @Override
    public PreparedStatement prepareStatement(String sql, int[] columnIndexes) throws SQLException {
        return prepare(sql, GeneratedKeyRequest.of(columnIndexes));
    }

    @Override
    public PreparedStatement prepareStatement(String sql, String[] columnNames) throws SQLException {
        return prepare(sql, GeneratedKeyRequest.of(columnNames));
    }

    private PreparedStatement prepare(String sql, GeneratedKeyRequest keys) throws SQLException {
        return new TrackedPreparedStatement(this, check(sql).single(), keys);
    }

    @Override
    public CallableStatement prepareCall(String sql) throws SQLException {
        throw unsupported("SQLite has no stored procedures");
    }

    @Override
    public CallableStatement prepareCall(String sql, int resultSetType, int resultSetConcurrency) throws SQLException {
        return prepareCall(sql);
    }

    @Override
    public CallableStatement prepareCall(
            String sql, int resultSetType, int resultSetConcurrency, int resultSetHoldability) throws SQLException {
        return prepareCall(sql);
    }

    @Override
    public String nativeSQL(String sql) throws SQLException {
        requireOpen();
        return sql;
    }

    // ---- properties

    @Override
    public DatabaseMetaData getMetaData() throws SQLException {
        requireOpen();
        return new TrackedDatabaseMetaData(this);
    }

    @Override
    public void setReadOnly(boolean readOnly) throws SQLException {
        requireOpen();
        if (this.readOnly == readOnly) {
            return;
        }
        if (transaction != TransactionState.NONE) {
            throw new SQLException(
                    "Read-only cannot be changed inside a transaction: commit or roll back first.", "25001");
        }
        this.readOnly = readOnly;
    }

    @Override
    public boolean isReadOnly() throws SQLException {
        requireOpen();
        return isReadOnlyNow();
    }

    @Override
    public void setTransactionIsolation(int level) throws SQLException {
        requireOpen();
        // All transactions are serializable, and JDBC allows more isolation than was asked for.
        if (level != TRANSACTION_READ_COMMITTED
                && level != TRANSACTION_REPEATABLE_READ
                && level != TRANSACTION_SERIALIZABLE) {
            throw unsupported("Transactions are always serializable; isolation level " + level + " is not available");
        }
    }

    @Override
    public int getTransactionIsolation() throws SQLException {
        requireOpen();
        return TRANSACTION_SERIALIZABLE;
    }

    @Override
    public void setHoldability(int holdability) throws SQLException {
        requireForwardReading(ResultSet.TYPE_FORWARD_ONLY, ResultSet.CONCUR_READ_ONLY, holdability);
    }

    @Override
    public int getHoldability() throws SQLException {
        requireOpen();
        return ResultSet.CLOSE_CURSORS_AT_COMMIT;
    }

    @Override
    public void setCatalog(String catalog) throws SQLException {
        requireOpen();
    }

    @Override
    public @Nullable String getCatalog() throws SQLException {
        requireOpen();
        return null;
    }

    @Override
    public void setSchema(String schema) throws SQLException {
        requireOpen();
    }

    @Override
    public @Nullable String getSchema() throws SQLException {
        requireOpen();
        return null;
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
    public Map<String, Class<?>> getTypeMap() throws SQLException {
        requireOpen();
        return typeMap == null ? new HashMap<>() : typeMap;
    }

    @Override
    public void setTypeMap(Map<String, Class<?>> map) throws SQLException {
        requireOpen();
        typeMap = map;
    }

    @Override
    public void setClientInfo(String name, String value) {
        if (clientInfo == null) {
            clientInfo = new Properties();
        }
        if (value == null) {
            clientInfo.remove(name);
        } else {
            clientInfo.setProperty(name, value);
        }
    }

    @Override
    public void setClientInfo(Properties properties) {
        clientInfo = new Properties();
        clientInfo.putAll(properties);
    }

    @Override
    public @Nullable String getClientInfo(String name) throws SQLException {
        requireOpen();
        return clientInfo == null ? null : clientInfo.getProperty(name);
    }

    @Override
    public Properties getClientInfo() throws SQLException {
        requireOpen();
        Properties copy = new Properties();
        if (clientInfo != null) {
            copy.putAll(clientInfo);
        }
        return copy;
    }

    /** Bounds every statement that has no shorter query time-out. There is no network, but the promise is the same. */
    @Override
    public void setNetworkTimeout(@Nullable Executor executor, int milliseconds) throws SQLException {
        requireOpen();
        if (milliseconds < 0) {
            throw new SQLException("The time-out must not be negative: " + milliseconds, "22023");
        }
        networkTimeoutMillis = milliseconds;
    }

    @Override
    public int getNetworkTimeout() throws SQLException {
        requireOpen();
        return networkTimeoutMillis;
    }

    @Override
    public boolean isValid(int timeout) throws SQLException {
        if (timeout < 0) {
            throw new SQLException("The time-out must not be negative: " + timeout, "22023");
        }
        if (closed.get() || broken) {
            return false;
        }
        try {
            return physical.queryLong("SELECT 1") == 1;
        } catch (SQLException e) {
            return false;
        }
    }

    @Override
    public Array createArrayOf(String typeName, Object[] elements) throws SQLException {
        throw unsupported("SQLite has no arrays; use JSON");
    }

    @Override
    public Struct createStruct(String typeName, Object[] attributes) throws SQLException {
        throw unsupported("SQLite has no structured types; use JSON");
    }

    @Override
    public Blob createBlob() throws SQLException {
        throw unsupported("Use setBytes or setBinaryStream");
    }

    @Override
    public Clob createClob() throws SQLException {
        throw unsupported("Use setString or setCharacterStream");
    }

    @Override
    public NClob createNClob() throws SQLException {
        throw unsupported("Use setString or setCharacterStream");
    }

    @Override
    public SQLXML createSQLXML() throws SQLException {
        throw unsupported("Use setString");
    }

    // ---- the end

    @Override
    public boolean isClosed() {
        return closed.get();
    }

    /** Rolls back, closes statements and gives the lease back. Idempotent; never fails. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        try {
            closeStatements();
            if (!broken) {
                physical.rollback();
            }
        } catch (SQLException | RuntimeException e) {
            // What was not committed is gone either way, so that the application has nothing to do about it.
            broken = true;
            log.warn("connection could not be rolled back and is closed for good", e);
        } finally {
            endLease();
        }
    }

    private void closeStatements() throws SQLException {
        closeResults(false);
        while (openStatements != null) {
            openStatements.closeQuietly();
        }
    }

    private void endLease() {
        transaction = TransactionState.NONE;
        try {
            if (broken || exposed) {
                lease.discard();
            } else {
                lease.release();
            }
        } finally {
            onClose.run();
        }
    }

    /** Stops what runs and closes the connection for good, from any thread. What was not committed is lost. */
    @Override
    public void abort(Executor executor) throws SQLException {
        Objects.requireNonNull(executor, "executor");
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        physical.interrupt();
        executor.execute(() -> {
            try {
                lease.discard();
            } finally {
                onClose.run();
            }
        });
    }

    @Override
    public boolean isWrapperFor(Class<?> type) {
        return type.isInstance(this) || type.isAssignableFrom(SQLiteConnection.class);
    }

    /**
     * Gives this object, or the driver's connection. What is done through the latter is neither guarded nor under the write
     * lease, and the connection is closed instead of reused afterwards.
     */
    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
        requireOpen();
        if (type.isInstance(this)) {
            return type.cast(this);
        }
        if (type.isAssignableFrom(SQLiteConnection.class)) {
            exposed = true;
            // The engine keeps the driver's own transactions switched off; whoever uses it directly expects its
            // default.
            physical.connection().getConnectionConfig().setAutoCommit(true);
            return type.cast(physical.connection());
        }
        throw new SQLException("Not a wrapper for " + type.getName(), "0A000");
    }

    // ---- checks

    void requireOpen() throws SQLException {
        if (closed.get()) {
            throw new SQLNonTransientConnectionException("The connection is closed.", "08003");
        }
    }

    private void requireNotRolledBack() throws SQLException {
        if (transaction == TransactionState.ROLLED_BACK) {
            throw new SQLTransactionRollbackException(
                    "SQLite has rolled the transaction back because of an earlier error: call rollback() and start over.",
                    "40000");
        }
    }

    /** PRAGMA query_only would do it too, but makes SQLite compile every kept statement anew: 45 us instead of 11 for a read. */
    private void requireWritable() throws SQLException {
        if (whyNoWrites != null) {
            throw new SQLNonTransientException(whyNoWrites.getMessage(), READ_ONLY, whyNoWrites);
        }
        if (isReadOnlyNow() || transaction == TransactionState.READING) {
            throw new SQLException(
                    lease.readOnly()
                            ? "This connection can only read."
                            : "The connection is set to read-only: call setReadOnly(false) before the transaction.",
                    READ_ONLY);
        }
    }

    private void requireManualCommit(String method) throws SQLException {
        requireOpen();
        if (autoCommit) {
            throw new SQLException(method + " needs auto-commit to be off: call setAutoCommit(false).", "25000");
        }
    }

    private void requireForwardReading(int type, int concurrency, int holdability) throws SQLException {
        requireOpen();
        if (type != ResultSet.TYPE_FORWARD_ONLY
                || concurrency != ResultSet.CONCUR_READ_ONLY
                || holdability != ResultSet.CLOSE_CURSORS_AT_COMMIT) {
            throw unsupported("Result sets are TYPE_FORWARD_ONLY, CONCUR_READ_ONLY and CLOSE_CURSORS_AT_COMMIT only");
        }
    }

    private void noteBroken(SQLException e) {
        if (SqlErrors.breaksConnection(e)) {
            broken = true;
        }
    }

    private static SQLException unsupported(String what) {
        return new SQLFeatureNotSupportedException(what + '.', "0A000");
    }
}
