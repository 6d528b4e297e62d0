package dev.satchel.internal.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLIntegrityConstraintViolationException;
import java.sql.SQLTransactionRollbackException;
import java.sql.Savepoint;
import java.sql.Statement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TransactionTest {
    @TempDir
    Path directory;

    private LocalDatabase database;
    private TrackedConnection connection;

    @BeforeEach
    void open() throws Exception {
        database = new LocalDatabase(directory);
        database.run("CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT UNIQUE)");
        connection = database.connect();
    }

    @AfterEach
    void close() throws Exception {
        connection.close();
        assertThat(database.writeLeaseIsFree()).isTrue();
        database.close();
    }

    private void run(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Test
    void autoCommittedWriteTakesTheWriteLeaseAroundItselfOnly() throws Exception {
        int before = database.writesBegun.get();

        run("INSERT INTO t VALUES (1, 'x')");

        assertThat(database.writesBegun.get()).isEqualTo(before + 1);
        assertThat(database.writeLeaseIsFree()).isTrue();
        assertThat(database.count("t")).isEqualTo(1);
    }

    @Test
    void autoCommittedReadNeverTakesTheWriteLease() throws Exception {
        int before = database.writesBegun.get();

        run(
                "SELECT * FROM t; WITH x AS (SELECT 1) SELECT * FROM x; PRAGMA table_info(t); EXPLAIN INSERT INTO t VALUES (1, 1)");

        assertThat(database.writesBegun.get()).isEqualTo(before);
    }

    @Test
    void manualTransactionTakesTheWriteLeaseAtItsFirstStatement() throws Exception {
        connection.setAutoCommit(false);
        assertThat(database.writeLeaseIsFree()).isTrue();

        run("SELECT 1 FROM t");

        assertThat(database.writeLeaseIsFree()).isFalse();
        run("INSERT INTO t VALUES (1, 'x')");
        assertThat(database.count("t")).isZero();
        connection.commit();
        assertThat(database.writeLeaseIsFree()).isTrue();
        assertThat(database.count("t")).isEqualTo(1);
    }

    @Test
    void rollbackUndoesAndGivesTheWriteLeaseBack() throws Exception {
        connection.setAutoCommit(false);
        run("INSERT INTO t VALUES (1, 'x')");

        connection.rollback();

        assertThat(database.writeLeaseIsFree()).isTrue();
        assertThat(database.count("t")).isZero();
    }

    @Test
    void commitAndRollbackWithoutAStatementDoNothing() throws Exception {
        int before = database.writesBegun.get();
        connection.setAutoCommit(false);

        connection.commit();
        connection.rollback();

        assertThat(database.writesBegun.get()).isEqualTo(before);
    }

    @Test
    void switchingAutoCommitOnCommits() throws Exception {
        connection.setAutoCommit(false);
        run("INSERT INTO t VALUES (1, 'x')");

        connection.setAutoCommit(true);

        assertThat(database.count("t")).isEqualTo(1);
        assertThat(database.writeLeaseIsFree()).isTrue();
    }

    @Test
    void closingRollsBackAndReleases() throws Exception {
        connection.setAutoCommit(false);
        run("INSERT INTO t VALUES (1, 'x')");
        int released = database.released.get();

        connection.close();
        connection.close();

        assertThat(database.released.get()).isEqualTo(released + 1);
        assertThat(database.writeLeaseIsFree()).isTrue();
        assertThat(database.count("t")).isZero();
    }

    @Test
    void nextBorrowerOfTheSameConnectionStartsAfresh() throws Exception {
        connection.setAutoCommit(false);
        connection.setReadOnly(true);
        run("SELECT 1");
        connection.close();

        try (TrackedConnection next = database.connect()) {
            assertThat(next.getAutoCommit()).isTrue();
            assertThat(next.isReadOnly()).isFalse();
            try (Statement statement = next.createStatement()) {
                statement.execute("INSERT INTO t VALUES (1, 'x')");
            }
        }
        assertThat(database.count("t")).isEqualTo(1);
    }

    @Test
    void readOnlyTransactionReadsASnapshotWithoutTheWriteLease() throws Exception {
        connection.setReadOnly(true);
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            assertThat(count(statement)).isZero();

            database.run("INSERT INTO t VALUES (1, 'x')");

            assertThat(count(statement)).isZero();
            connection.commit();
            assertThat(count(statement)).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void readOnlyConnectionRefusesToWrite(boolean autoCommit) throws Exception {
        connection.setReadOnly(true);
        connection.setAutoCommit(autoCommit);

        for (String sql : new String[] {
            "INSERT INTO t VALUES (1, 'x')",
            "CREATE TABLE u(a)",
            "PRAGMA user_version=1",
            "VACUUM",
            "INSERT INTO t VALUES (1, 'x') RETURNING a",
            "WITH x AS (SELECT 1) DELETE FROM t",
            "CREATE TEMP TABLE u(a)"
        }) {
            assertThatThrownBy(() -> run(sql))
                    .as(sql)
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("read-only")
                    .extracting(e -> ((SQLException) e).getSQLState())
                    .isEqualTo("25006");
        }
    }

    @Test
    void leaseThatCanOnlyReadRefusesToWrite() throws Exception {
        try (TrackedConnection reader = database.connectReadOnly();
                Statement statement = reader.createStatement()) {
            assertThat(reader.isReadOnly()).isTrue();
            assertThat(count(statement)).isZero();
            reader.setAutoCommit(false);
            assertThat(count(statement)).isZero();

            assertThatThrownBy(() -> statement.execute("INSERT INTO t VALUES (1, 'x')"))
                    .hasMessageContaining("can only read");
            reader.commit();
        }
    }

    @Test
    void readOnlyCannotChangeInsideATransaction() throws Exception {
        connection.setAutoCommit(false);
        run("SELECT 1 FROM t");

        assertThatThrownBy(() -> connection.setReadOnly(true)).hasMessageContaining("inside a transaction");
    }

    @Test
    void transactionControlAsTextIsTheSameTransaction() throws Exception {
        run("BEGIN; INSERT INTO t VALUES (1, 'x')");
        assertThat(database.writeLeaseIsFree()).isFalse();
        assertThat(database.count("t")).isZero();

        run("COMMIT");

        assertThat(database.writeLeaseIsFree()).isTrue();
        assertThat(database.count("t")).isEqualTo(1);

        run("BEGIN IMMEDIATE TRANSACTION; DELETE FROM t; ROLLBACK TRANSACTION");
        assertThat(database.count("t")).isEqualTo(1);
        assertThat(database.writeLeaseIsFree()).isTrue();
    }

    @Test
    void preparedTransactionControlWorksToo() throws Exception {
        try (PreparedStatement begin = connection.prepareStatement("BEGIN EXCLUSIVE");
                PreparedStatement end = connection.prepareStatement("END")) {
            assertThat(begin.execute()).isFalse();
            run("INSERT INTO t VALUES (1, 'x')");
            assertThat(end.executeUpdate()).isZero();
        }
        assertThat(database.count("t")).isEqualTo(1);
    }

    @Test
    void transactionTextOutOfPlaceIsRefused() throws Exception {
        assertThatThrownBy(() -> run("COMMIT")).hasMessageContaining("without a transaction");
        assertThatThrownBy(() -> run("ROLLBACK")).hasMessageContaining("without a transaction");
        run("BEGIN");
        assertThatThrownBy(() -> run("BEGIN")).hasMessageContaining("transaction already");
        assertThatThrownBy(() -> connection.commit()).hasMessageContaining("setAutoCommit(false)");
        run("ROLLBACK");
        assertThatThrownBy(() -> run("BEGIN SOON")).isInstanceOf(RefusedStatementException.class);
    }

    @Test
    void savepointTextOutsideATransactionSaysWhatToDo() {
        for (String sql : new String[] {"SAVEPOINT s", "RELEASE s", "ROLLBACK TO s"}) {
            assertThatThrownBy(() -> run(sql)).as(sql).hasMessageContaining("BEGIN or setAutoCommit(false)");
        }
    }

    @Test
    void savepointTextNestsInsideATransaction() throws Exception {
        run("""
                BEGIN;
                INSERT INTO t VALUES (1, 'kept');
                SAVEPOINT s;
                INSERT INTO t VALUES (2, 'undone');
                ROLLBACK TO s;
                SAVEPOINT inner_one;
                INSERT INTO t VALUES (3, 'kept too');
                RELEASE inner_one;
                RELEASE SAVEPOINT s;
                COMMIT;
                """);

        assertThat(database.queryLong("SELECT sum(a) FROM t")).isEqualTo(4);
    }

    @Test
    void savepointsNestAndUndoOnlyWhatFollowedThem() throws Exception {
        connection.setAutoCommit(false);
        Savepoint outer = connection.setSavepoint("same name");
        run("INSERT INTO t VALUES (1, 'a')");
        Savepoint inner = connection.setSavepoint("same name");
        run("INSERT INTO t VALUES (2, 'b')");
        Savepoint unnamed = connection.setSavepoint();
        run("INSERT INTO t VALUES (3, 'c')");

        connection.rollback(inner);
        assertThatThrownBy(() -> connection.rollback(unnamed)).hasMessageContaining("not one of the current");
        run("INSERT INTO t VALUES (4, 'd')");
        connection.releaseSavepoint(outer);
        assertThatThrownBy(() -> connection.rollback(outer)).isInstanceOf(SQLException.class);
        connection.commit();

        assertThat(database.queryLong("SELECT sum(a) FROM t")).isEqualTo(5);
        assertThat(outer.getSavepointName()).isEqualTo("same name");
        assertThatThrownBy(outer::getSavepointId).isInstanceOf(SQLException.class);
        assertThat(unnamed.getSavepointId()).isPositive();
        assertThatThrownBy(unnamed::getSavepointName).isInstanceOf(SQLException.class);
    }

    @Test
    void rollbackToTheOuterOfTwoSavepointsWithOneNameUndoesBoth() throws Exception {
        connection.setAutoCommit(false);
        Savepoint outer = connection.setSavepoint("s");
        run("INSERT INTO t VALUES (1, 'a')");
        connection.setSavepoint("s");
        run("INSERT INTO t VALUES (2, 'b')");

        connection.rollback(outer);
        connection.commit();

        assertThat(database.count("t")).isZero();
    }

    @Test
    void savepointsEndWithTheirTransaction() throws Exception {
        connection.setAutoCommit(false);
        Savepoint savepoint = connection.setSavepoint();
        connection.commit();

        assertThatThrownBy(() -> connection.rollback(savepoint)).hasMessageContaining("not one of the current");
        connection.setAutoCommit(true);
        assertThatThrownBy(() -> connection.setSavepoint()).hasMessageContaining("setAutoCommit(false)");
    }

    @Test
    void failedStatementLeavesTheTransactionOpen() throws Exception {
        connection.setAutoCommit(false);
        run("INSERT INTO t VALUES (1, 'x')");

        assertThatThrownBy(() -> run("INSERT INTO t VALUES (2, 'x')"))
                .isInstanceOf(SQLIntegrityConstraintViolationException.class);
        run("INSERT INTO t VALUES (3, 'y')");
        connection.commit();

        assertThat(database.count("t")).isEqualTo(2);
    }

    @Test
    void transactionThatSqliteRolledBackMustBeRolledBackBeforeGoingOn() throws Exception {
        connection.setAutoCommit(false);
        run("INSERT INTO t VALUES (1, 'x')");

        assertThatThrownBy(() -> run("INSERT OR ROLLBACK INTO t VALUES (2, 'x')"))
                .isInstanceOf(SQLIntegrityConstraintViolationException.class);

        assertThat(database.writeLeaseIsFree()).isTrue();
        assertThatThrownBy(() -> run("INSERT INTO t VALUES (3, 'y')"))
                .isInstanceOf(SQLTransactionRollbackException.class)
                .hasMessageContaining("rollback()");
        assertThatThrownBy(() -> connection.commit()).isInstanceOf(SQLTransactionRollbackException.class);
        run("INSERT INTO t VALUES (4, 'z')");
        connection.commit();
        assertThat(database.queryLong("SELECT sum(a) FROM t")).isEqualTo(4);
    }

    @Test
    void triggerThatRollsBackEndsTheTransactionToo() throws Exception {
        run("CREATE TRIGGER no_minus BEFORE INSERT ON t WHEN NEW.a < 0 BEGIN SELECT RAISE(ROLLBACK, 'negative'); END");
        connection.setAutoCommit(false);
        run("INSERT INTO t VALUES (1, 'x')");

        assertThatThrownBy(() -> run("INSERT INTO t VALUES (-1, 'y')")).hasMessageContaining("negative");
        assertThatThrownBy(() -> run("SELECT 1 FROM t")).isInstanceOf(SQLTransactionRollbackException.class);
        connection.rollback();

        run("INSERT INTO t VALUES (2, 'y')");
        connection.commit();
        assertThat(database.count("t")).isEqualTo(1);
    }

    @Test
    void commitThatFailsRollsBackAndGivesTheWriteLeaseBack() throws Exception {
        run("CREATE TABLE child(a REFERENCES t(a) DEFERRABLE INITIALLY DEFERRED)");
        connection.setAutoCommit(false);
        run("INSERT INTO t VALUES (1, 'x')");
        run("INSERT INTO child VALUES (99)");

        assertThatThrownBy(() -> connection.commit())
                .isInstanceOf(SQLIntegrityConstraintViolationException.class)
                .extracting(e -> ((SQLException) e).getSQLState())
                .isEqualTo("23503");

        assertThat(database.writeLeaseIsFree()).isTrue();
        assertThat(database.count("t")).isZero();
        run("INSERT INTO t VALUES (2, 'y')");
        connection.commit();
        assertThat(database.count("t")).isEqualTo(1);
    }

    @Test
    void commitWithAResultStillOpenClosesItAndSucceeds() throws Exception {
        run("INSERT INTO t VALUES (1, 'x'), (2, 'y')");
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            ResultSet rows = statement.executeQuery("SELECT a FROM t");
            rows.next();
            run("INSERT INTO t VALUES (3, 'z')");

            connection.commit();

            assertThat(rows.isClosed()).isTrue();
            assertThatThrownBy(rows::next).hasMessageContaining("result set is closed");
        }
        assertThat(database.count("t")).isEqualTo(3);
    }

    @Test
    void foreignKeysCannotBeSwitchedInsideATransactionButBefore() throws Exception {
        run("CREATE TABLE child(a REFERENCES t(a))");
        run("PRAGMA foreign_keys=OFF; BEGIN; INSERT INTO child VALUES (99); COMMIT");
        assertThat(database.count("child")).isEqualTo(1);
        connection.setAutoCommit(false);
        run("SELECT 1 FROM t");

        assertThatThrownBy(() -> run("PRAGMA foreign_keys=ON")).hasMessageContaining("no effect inside a transaction");
    }

    @Test
    void deferredForeignKeysLastForOneTransaction() throws Exception {
        run("CREATE TABLE child(a REFERENCES t(a))");
        assertThatThrownBy(() -> run("PRAGMA defer_foreign_keys=ON")).hasMessageContaining("there is none");
        connection.setAutoCommit(false);

        run("PRAGMA defer_foreign_keys=ON");
        run("INSERT INTO child VALUES (1)");
        run("INSERT INTO t VALUES (1, 'x')");
        connection.commit();

        assertThat(database.count("child")).isEqualTo(1);
        assertThatThrownBy(() -> run("INSERT INTO child VALUES (2)"))
                .isInstanceOf(SQLIntegrityConstraintViolationException.class);
    }

    @Test
    void vacuumRunsOutsideTransactionsOnly() throws Exception {
        run("VACUUM");
        connection.setAutoCommit(false);
        run("VACUUM");
        run("INSERT INTO t VALUES (1, 'x')");

        assertThatThrownBy(() -> run("VACUUM")).hasMessageContaining("inside a transaction");
        connection.rollback();
    }

    @Test
    void isolationIsAlwaysSerializable() throws Exception {
        connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
        connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
        connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
        assertThat(connection.getTransactionIsolation()).isEqualTo(Connection.TRANSACTION_SERIALIZABLE);
        assertThatThrownBy(() -> connection.setTransactionIsolation(Connection.TRANSACTION_READ_UNCOMMITTED))
                .isInstanceOf(SQLFeatureNotSupportedException.class);
        assertThatThrownBy(() -> connection.setTransactionIsolation(Connection.TRANSACTION_NONE))
                .isInstanceOf(SQLFeatureNotSupportedException.class);
    }

    /** What Spring's DataSourceTransactionManager does with a connection. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void springStyleTransactionLeavesTheConnectionAsItWas(boolean readOnly) throws Exception {
        if (readOnly) {
            connection.setReadOnly(true);
        }
        connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
        connection.setAutoCommit(false);
        try (PreparedStatement statement = connection.prepareStatement("SELECT a, b FROM t WHERE a = ?")) {
            statement.setQueryTimeout(30);
            statement.setObject(1, 1);
            try (ResultSet rows = statement.executeQuery()) {
                assertThat(rows.next()).isFalse();
            }
        }
        if (!readOnly) {
            Savepoint nested = connection.setSavepoint("SAVEPOINT_1");
            run("INSERT INTO t VALUES (1, 'x')");
            connection.rollback(nested);
            connection.releaseSavepoint(nested);
            run("INSERT INTO t VALUES (2, 'y')");
        }
        connection.commit();
        connection.setAutoCommit(true);
        connection.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
        if (readOnly) {
            connection.setReadOnly(false);
        }
        assertThat(database.writeLeaseIsFree()).isTrue();
        assertThat(database.count("t")).isEqualTo(readOnly ? 0 : 1);
    }

    private static long count(Statement statement) throws SQLException {
        try (ResultSet rows = statement.executeQuery("SELECT count(*) FROM t")) {
            rows.next();
            return rows.getLong(1);
        }
    }
}
