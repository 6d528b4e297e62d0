package dev.satchel.internal.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.BatchUpdateException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLIntegrityConstraintViolationException;
import java.sql.SQLSyntaxErrorException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StatementTest {
    @TempDir
    Path directory;

    private LocalDatabase database;
    private TrackedConnection connection;
    private Statement statement;

    @BeforeEach
    void open() throws Exception {
        database = new LocalDatabase(directory);
        database.run("CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT UNIQUE)");
        connection = database.connect();
        statement = connection.createStatement();
    }

    @AfterEach
    void close() throws Exception {
        connection.close();
        assertThat(database.writeLeaseIsFree()).isTrue();
        database.close();
    }

    @Test
    void executeRunsAllStatementsOfAText() throws Exception {
        boolean rows =
                statement.execute("INSERT INTO t VALUES (1, 'x'); INSERT INTO t VALUES (2, 'y;z'); -- the end\n;;");

        assertThat(rows).isFalse();
        assertThat(statement.getUpdateCount()).isEqualTo(1);
        assertThat(database.count("t")).isEqualTo(2);
    }

    @Test
    void executeGivesTheResultOfTheLastStatement() throws Exception {
        assertThat(statement.execute("SELECT 1; INSERT INTO t VALUES (1, 'x') RETURNING a; SELECT b FROM t;"))
                .isTrue();

        ResultSet rows = statement.getResultSet();
        assertThat(rows.next()).isTrue();
        assertThat(rows.getString(1)).isEqualTo("x");
        assertThat(statement.getUpdateCount()).isEqualTo(-1);
        assertThat(statement.getMoreResults()).isFalse();
        assertThat(statement.getUpdateCount()).isEqualTo(-1);
        assertThat(rows.isClosed()).isTrue();
    }

    @Test
    void executeUpdateOfAScriptAddsTheCountsUp() throws Exception {
        assertThat(
                        statement.executeUpdate(
                                "INSERT INTO t VALUES (1, 'x'), (2, 'y'); CREATE TABLE u(a); SELECT * FROM t; DELETE FROM t WHERE a = 1"))
                .isEqualTo(3);
    }

    @Test
    void scriptWithATriggerIsCutWhereTheTriggerEnds() throws Exception {
        statement.execute("""
                /* a script */
                CREATE TABLE log(what TEXT);
                CREATE TRIGGER IF NOT EXISTS t_insert AFTER INSERT ON t
                WHEN CASE WHEN NEW.a > 0 THEN 1 ELSE 0 END
                BEGIN
                  INSERT INTO log VALUES ('inserted; ' || NEW.b); -- a comment with END;
                  UPDATE t SET b = CASE a WHEN 1 THEN 'one' ELSE b END WHERE a = NEW.a;
                END;
                INSERT INTO t VALUES (1, 'x');
                """);

        assertThat(database.queryLong("SELECT count(*) FROM log WHERE what = 'inserted; x'"))
                .isEqualTo(1);
        assertThat(database.queryLong("SELECT count(*) FROM t WHERE b = 'one'")).isEqualTo(1);
    }

    @Test
    void dumpScriptRunsWithAutoCommitOnAndOff() throws Exception {
        String dump = """
                PRAGMA foreign_keys=OFF;
                BEGIN TRANSACTION;
                CREATE TABLE child(a INTEGER REFERENCES parent(a));
                INSERT INTO child VALUES(1);
                CREATE TABLE parent(a INTEGER PRIMARY KEY);
                INSERT INTO parent VALUES(1);
                COMMIT;
                """;
        statement.execute(dump);
        assertThat(database.count("child")).isEqualTo(1);

        statement.execute("DROP TABLE child; DROP TABLE parent");
        connection.setAutoCommit(false);
        statement.execute(dump);
        assertThat(database.writeLeaseIsFree()).isTrue();
        assertThat(database.count("child")).isEqualTo(1);
    }

    @Test
    void refusedStatementKeepsTheWholeScriptFromRunning() throws Exception {
        assertThatThrownBy(() -> statement.execute("INSERT INTO t VALUES (1, 'x'); ATTACH 'other' AS o"))
                .isInstanceOf(RefusedStatementException.class);

        assertThat(database.count("t")).isZero();
    }

    @Test
    void textWithoutAStatementDoesNothing() throws Exception {
        assertThat(statement.execute("")).isFalse();
        assertThat(statement.execute(" -- only a comment")).isFalse();
        assertThat(statement.getUpdateCount()).isZero();
        assertThat(statement.executeUpdate("; ;")).isZero();
        assertThatThrownBy(() -> statement.executeQuery("")).hasMessageContaining("gives no rows");
    }

    @Test
    void executeQueryOfAnUpdateFailsWithoutRunningIt() throws Exception {
        assertThatThrownBy(() -> statement.executeQuery("INSERT INTO t VALUES (1, 'x')"))
                .hasMessageContaining("executeUpdate");
        assertThatThrownBy(() -> statement.executeUpdate("SELECT 1")).hasMessageContaining("executeQuery");
        assertThatThrownBy(() -> statement.executeQuery("BEGIN")).hasMessageContaining("executeUpdate");
        assertThat(database.writeLeaseIsFree()).isTrue();

        assertThat(database.count("t")).isZero();
    }

    @Test
    void updateCountOfADefinitionIsZeroWhateverRanBefore() throws Exception {
        assertThat(statement.executeUpdate("INSERT INTO t VALUES (1, 'x'), (2, 'y')"))
                .isEqualTo(2);
        assertThat(statement.executeUpdate("CREATE TABLE u(a)")).isZero();
        assertThat(statement.executeUpdate("PRAGMA user_version=7")).isZero();
        statement.execute("CREATE INDEX i ON u(a)");
        assertThat(statement.getUpdateCount()).isZero();
        assertThat(statement.executeUpdate("UPDATE t SET b = b || '!'")).isEqualTo(2);
        assertThat(statement.executeUpdate("DELETE FROM t WHERE a > 5")).isZero();
    }

    @Test
    void rowsOfReturningHoldTheWriteLeaseUntilTheyAreRead() throws Exception {
        ResultSet rows = statement.executeQuery("INSERT INTO t VALUES (1, 'x'), (2, 'y') RETURNING a");
        assertThat(rows.next()).isTrue();
        assertThat(database.writeLeaseIsFree()).isFalse();
        assertThat(rows.next()).isTrue();
        assertThat(rows.next()).isFalse();
        assertThat(database.writeLeaseIsFree()).isTrue();
        assertThat(database.count("t")).isEqualTo(2);
        assertThat(rows.next()).isFalse();
    }

    @Test
    void rowsOfReturningHoldTheWriteLeaseUntilTheyAreClosed() throws Exception {
        ResultSet rows = statement.executeQuery("INSERT INTO t VALUES (1, 'x'), (2, 'y') RETURNING a");
        rows.next();
        rows.close();
        assertThat(database.writeLeaseIsFree()).isTrue();

        statement.executeQuery("UPDATE t SET b = b RETURNING a");
        statement.execute("SELECT 1");
        assertThat(database.writeLeaseIsFree()).isTrue();

        statement.executeQuery("DELETE FROM t RETURNING a");
        statement.close();
        assertThat(database.writeLeaseIsFree()).isTrue();
        assertThat(database.count("t")).isZero();
    }

    @Test
    void errorThatHidesBehindUnreadRowsOfReturningIsNotLost() throws Exception {
        statement.execute(
                "CREATE TABLE child(id INTEGER PRIMARY KEY, a REFERENCES t(a) DEFERRABLE INITIALLY DEFERRED)");
        ResultSet rows = statement.executeQuery("INSERT INTO child VALUES (1, 99) RETURNING id");
        assertThat(rows.next()).isTrue();

        assertThatThrownBy(rows::close).isInstanceOf(SQLIntegrityConstraintViolationException.class);

        assertThat(database.writeLeaseIsFree()).isTrue();
        assertThat(database.count("child")).isZero();
    }

    @Test
    void otherStatementsRunWhileRowsOfReturningAreOpen() throws Exception {
        ResultSet rows = statement.executeQuery("INSERT INTO t VALUES (1, 'x'), (2, 'y') RETURNING a");
        rows.next();
        try (Statement other = connection.createStatement()) {
            other.execute("INSERT INTO t VALUES (3, 'z')");
        }
        assertThat(database.writeLeaseIsFree()).isFalse();

        rows.close();

        assertThat(database.writeLeaseIsFree()).isTrue();
        assertThat(database.count("t")).isEqualTo(3);
    }

    @Test
    void executeUpdateOfReturningCountsAndCompletes() throws Exception {
        assertThat(statement.executeUpdate("INSERT INTO t VALUES (1, 'x'), (2, 'y') RETURNING a"))
                .isEqualTo(2);
        assertThat(database.writeLeaseIsFree()).isTrue();
    }

    @Test
    void writesWhileReadingInAutoCommit() throws Exception {
        statement.execute("INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c')");
        List<Integer> seen = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery("SELECT a FROM t ORDER BY a");
                Statement update = connection.createStatement()) {
            while (rows.next()) {
                seen.add(rows.getInt(1));
                update.executeUpdate("UPDATE t SET b = 'done' || a WHERE a = " + rows.getInt(1));
            }
        }
        assertThat(seen).containsExactly(1, 2, 3);
        assertThat(database.queryLong("SELECT count(*) FROM t WHERE b LIKE 'done%'"))
                .isEqualTo(3);
    }

    @Test
    void writingOverAStaleSnapshotIsExplained() throws Exception {
        statement.execute("INSERT INTO t VALUES (1, 'a'), (2, 'b')");
        ResultSet rows = statement.executeQuery("SELECT a FROM t");
        rows.next();
        database.run("INSERT INTO t VALUES (3, 'c')");

        try (Statement update = connection.createStatement()) {
            assertThatThrownBy(() -> update.executeUpdate("DELETE FROM t"))
                    .isInstanceOf(java.sql.SQLTransactionRollbackException.class)
                    .hasMessageContaining("close open result sets");
            rows.close();
            assertThat(update.executeUpdate("DELETE FROM t")).isEqualTo(3);
        }
    }

    @Test
    void maxRowsEndsTheResult() throws Exception {
        statement.execute("INSERT INTO t VALUES (1, 'a'), (2, 'b'), (3, 'c')");
        statement.setMaxRows(2);
        statement.setFetchSize(100);
        assertThat(rowsOf(statement.executeQuery("SELECT a FROM t"))).isEqualTo(2);
        assertThat(rowsOf(statement.executeQuery("UPDATE t SET b = b RETURNING a")))
                .isEqualTo(2);
        statement.setMaxRows(0);
        assertThat(rowsOf(statement.executeQuery("SELECT a FROM t"))).isEqualTo(3);
        assertThat(statement.getFetchSize()).isEqualTo(100);
    }

    @Test
    void maxRowsDoesNotCutWhatIsWritten() throws Exception {
        statement.setMaxRows(1);
        try (ResultSet rows = statement.executeQuery("INSERT INTO t VALUES (1, 'a'), (2, 'b') RETURNING a")) {
            assertThat(rowsOf(rows)).isEqualTo(1);
        }
        assertThat(database.count("t")).isEqualTo(2);
    }

    @Test
    void resultOfAnEarlierRunIsClosedAndStaysSo() throws Exception {
        ResultSet first = statement.executeQuery("SELECT 1");
        ResultSet second = statement.executeQuery("SELECT 2");
        second.next();

        assertThat(first.isClosed()).isTrue();
        assertThatThrownBy(() -> first.getInt(1)).hasMessageContaining("result set is closed");
        first.close();
        assertThat(second.getInt(1)).isEqualTo(2);
    }

    @Test
    void resultKnowsItsStatementAndConnection() throws Exception {
        ResultSet rows = statement.executeQuery("SELECT 1");

        assertThat(rows.getStatement()).isSameAs(statement);
        assertThat(statement.getConnection()).isSameAs(connection);
        assertThat(rows.isWrapperFor(ResultSet.class)).isTrue();
        assertThat(rows.unwrap(ResultSet.class)).isSameAs(rows);
        assertThatThrownBy(() -> rows.unwrap(String.class)).isInstanceOf(SQLException.class);
    }

    @Test
    void nullIsNullForEveryType() throws Exception {
        try (ResultSet rows = statement.executeQuery("SELECT NULL AS a, 5 AS b, 'x' AS c, 1.5 AS d, x'01' AS e")) {
            rows.next();
            for (Class<?> type : List.of(
                    Integer.class,
                    Long.class,
                    Double.class,
                    Boolean.class,
                    String.class,
                    byte[].class,
                    java.math.BigDecimal.class,
                    java.time.LocalDate.class,
                    Object.class)) {
                assertThat((Object) rows.getObject("a", type)).as("%s", type).isNull();
            }
            assertThat(rows.getObject("b", Long.class)).isEqualTo(5L);
            assertThat(rows.getObject(2, Integer.class)).isEqualTo(5);
            assertThat(rows.getObject(2, Boolean.class)).isTrue();
            assertThat(rows.getObject(3, String.class)).isEqualTo("x");
            assertThat(rows.getObject(4, Double.class)).isEqualTo(1.5);
            assertThat(rows.getObject(5, byte[].class)).containsExactly(1);
        }
    }

    @Test
    void statementClosesOnCompletionIfAsked() throws Exception {
        statement.closeOnCompletion();
        ResultSet rows = statement.executeQuery("SELECT 1");
        assertThat(statement.isCloseOnCompletion()).isTrue();
        rows.close();

        assertThat(statement.isClosed()).isTrue();
        statement.close();
    }

    @Test
    void closedStatementSaysSo() throws Exception {
        statement.close();
        statement.close();

        assertThatThrownBy(() -> statement.execute("SELECT 1")).hasMessageContaining("statement is closed");
        assertThatThrownBy(() -> statement.getResultSet()).hasMessageContaining("statement is closed");
        assertThatThrownBy(() -> statement.setMaxRows(1)).hasMessageContaining("statement is closed");
    }

    @Test
    void batchRunsInOrderAndCounts() throws Exception {
        statement.addBatch("INSERT INTO t VALUES (1, 'x'), (2, 'y')");
        statement.addBatch("UPDATE t SET b = b || '!'");
        statement.addBatch("DELETE FROM t WHERE a = 1");

        assertThat(statement.executeBatch()).containsExactly(2, 2, 1);
        assertThat(statement.executeBatch()).isEmpty();
    }

    @Test
    void batchStopsAtTheFirstFailureAndTellsHowFarItCame() throws Exception {
        statement.addBatch("INSERT INTO t VALUES (1, 'x')");
        statement.addBatch("INSERT INTO t VALUES (2, 'y')");
        statement.addBatch("INSERT INTO t VALUES (3, 'x')");
        statement.addBatch("INSERT INTO t VALUES (4, 'z')");

        assertThatThrownBy(() -> statement.executeBatch()).isInstanceOfSatisfying(BatchUpdateException.class, e -> {
            assertThat(e.getUpdateCounts()).containsExactly(1, 1);
            assertThat(e.getSQLState()).isEqualTo("23505");
            assertThat((Throwable) e.getNextException()).isInstanceOf(SQLIntegrityConstraintViolationException.class);
            assertThat(e.getMessage()).contains("Entry 2");
        });
        assertThat(database.count("t")).isEqualTo(2);
        assertThat(statement.executeBatch()).isEmpty();
    }

    @Test
    void batchRefusesQueries() throws Exception {
        statement.addBatch("SELECT 1");

        assertThatThrownBy(() -> statement.executeBatch()).isInstanceOf(BatchUpdateException.class);
    }

    @Test
    void clearedBatchIsForgotten() throws Exception {
        statement.addBatch("INSERT INTO t VALUES (1, 'x')");
        statement.clearBatch();

        assertThat(statement.executeLargeBatch()).isEmpty();
    }

    @Test
    void incrementalVacuumRunsToItsEnd() throws Exception {
        statement.execute(
                "CREATE TABLE big AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)"
                        + " SELECT randomblob(400) AS x FROM n");
        statement.execute("DROP TABLE big");
        assertThat(database.queryLong("PRAGMA freelist_count")).isPositive();

        statement.execute("PRAGMA incremental_vacuum");

        assertThat(database.queryLong("PRAGMA freelist_count")).isZero();
        assertThat(database.writeLeaseIsFree()).isTrue();
    }

    @Test
    void syntaxErrorIsOne() {
        assertThatThrownBy(() -> statement.execute("SELEC 1"))
                .isInstanceOfSatisfying(
                        SQLSyntaxErrorException.class,
                        e -> assertThat(e.getSQLState()).isEqualTo("42000"));
        assertThatThrownBy(() -> statement.execute("SELECT * FROM nowhere"))
                .isInstanceOfSatisfying(
                        SQLSyntaxErrorException.class,
                        e -> assertThat(e.getSQLState()).isEqualTo("42S02"));
        assertThatThrownBy(() -> statement.execute("SELECT missing FROM t"))
                .isInstanceOfSatisfying(
                        SQLSyntaxErrorException.class,
                        e -> assertThat(e.getSQLState()).isEqualTo("42S22"));
        assertThat(database.writeLeaseIsFree()).isTrue();
    }

    @Test
    void temporaryObjectsDoNotOutliveTheConnection() throws Exception {
        statement.execute("CREATE TEMP TABLE scratch(a); CREATE TEMPORARY VIEW v AS SELECT * FROM t;"
                + "CREATE TABLE \"temp\".other(a); INSERT INTO scratch VALUES (1)");
        connection.close();

        assertThat(database.queryLong("SELECT count(*) FROM temp.sqlite_master"))
                .isZero();
    }

    @Test
    void settingsDoNotOutliveTheConnection() throws Exception {
        statement.execute("PRAGMA foreign_keys=OFF; PRAGMA case_sensitive_like=ON; PRAGMA recursive_triggers=ON;"
                + "PRAGMA secure_delete=ON");
        try (ResultSet rows = statement.executeQuery("SELECT 'A' LIKE 'a'")) {
            assertThat(rows.getInt(1)).isZero();
        }
        connection.close();

        assertThat(database.queryLong("PRAGMA foreign_keys")).isEqualTo(1);
        assertThat(database.queryLong("PRAGMA recursive_triggers")).isZero();
        assertThat(database.queryLong("PRAGMA secure_delete")).isZero();
        assertThat(database.queryLong("SELECT 'A' LIKE 'a'")).isEqualTo(1);
    }

    @Test
    void sameTextGivesFreshResultsAfterSettingsAndSchemaChange() throws Exception {
        for (int i = 0; i < 3; i++) {
            statement.execute("PRAGMA foreign_keys=" + i % 2);
            assertThat(first("PRAGMA foreign_keys")).isEqualTo(i % 2);
            statement.execute("ALTER TABLE t ADD COLUMN c" + i);
            try (ResultSet rows = statement.executeQuery("SELECT * FROM t")) {
                assertThat(rows.getMetaData().getColumnCount()).isEqualTo(3 + i);
            }
            assertThat(rowsOf(statement.executeQuery("PRAGMA table_info(t)"))).isEqualTo(3 + i);
        }
    }

    private long first(String sql) throws SQLException {
        try (ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    private static int rowsOf(ResultSet rows) throws SQLException {
        int count = 0;
        while (rows.next()) {
            count++;
        }
        return count;
    }
}
