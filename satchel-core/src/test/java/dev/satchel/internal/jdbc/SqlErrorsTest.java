package dev.satchel.internal.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.sql.SQLIntegrityConstraintViolationException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLNonTransientException;
import java.sql.SQLSyntaxErrorException;
import java.sql.SQLTransactionRollbackException;
import java.sql.SQLTransientException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

class SqlErrorsTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "INSERT INTO t VALUES (1, 'y', 1, 1)~23505",
                "INSERT INTO t VALUES (2, 'x', 1, 1)~23505",
                "INSERT INTO w VALUES (1), (1)~23505",
                "INSERT INTO t VALUES (2, NULL, 1, 1)~23502",
                "INSERT INTO t VALUES (2, 'y', 1, 99)~23503",
                "INSERT INTO t VALUES (2, 'y', -1, 1)~23514",
                "DELETE FROM t WHERE a = 0~23000"
            })
    void constraintsAreIntegrityViolationsWithTheirState(String sql, String state) throws Exception {
        SQLException e = fail(sql);

        assertThat((Throwable) e).isInstanceOf(SQLIntegrityConstraintViolationException.class);
        assertThat(e.getSQLState()).isEqualTo(state);
        assertThat(e.getErrorCode()).isEqualTo(19);
        assertThat(e.getCause()).isInstanceOf(SQLiteException.class);
        assertThat(e.getMessage()).contains("constraint");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            value = {
                "SELECT 1 +~42000",
                "SELECT * FROM missing~42S02",
                "SELECT missing FROM t~42S22",
                "INSERT INTO t(missing) VALUES (1)~42S22",
                "INSERT INTO t VALUES (1)~42000",
                "SELECT missing(1)~42000",
                "SELECT abs(1, 2)~42000",
                "CREATE TABLE t(a)~42000",
                "SELECT 'open~42000"
            })
    void mistakesInTheTextAreSyntaxErrors(String sql, String state) throws Exception {
        SQLException e = fail(sql);

        assertThat((Throwable) e).isInstanceOf(SQLSyntaxErrorException.class);
        assertThat(e.getSQLState()).isEqualTo(state);
    }

    @Test
    void mistakesInTheDataAreNot() throws Exception {
        assertThat((Throwable) fail("SELECT json('{')")).isNotInstanceOf(SQLSyntaxErrorException.class);
        assertThat((Throwable) fail("SELECT abs(-9223372036854775808)")).isNotInstanceOf(SQLSyntaxErrorException.class);
        assertThat((Throwable) fail("INSERT INTO t(a) VALUES ('text')")).isInstanceOf(SQLDataException.class);
        assertThat((Throwable) fail("SELECT zeroblob(2000000000)")).isInstanceOf(SQLDataException.class);
    }

    @Test
    void everyOtherCodeHasItsTypeAndState() {
        expect(SQLiteErrorCode.SQLITE_BUSY, SQLTransientException.class, "40001");
        expect(SQLiteErrorCode.SQLITE_LOCKED, SQLTransientException.class, "40001");
        expect(SQLiteErrorCode.SQLITE_BUSY_SNAPSHOT, SQLTransactionRollbackException.class, "40001");
        expect(SQLiteErrorCode.SQLITE_FULL, SQLNonTransientException.class, "53100");
        expect(SQLiteErrorCode.SQLITE_IOERR_WRITE, SQLNonTransientConnectionException.class, "58030");
        expect(SQLiteErrorCode.SQLITE_CANTOPEN, SQLNonTransientConnectionException.class, "58030");
        expect(SQLiteErrorCode.SQLITE_CORRUPT, SQLNonTransientException.class, "XX001");
        expect(SQLiteErrorCode.SQLITE_NOTADB, SQLNonTransientException.class, "XX001");
        expect(SQLiteErrorCode.SQLITE_READONLY, SQLNonTransientException.class, "25006");
        expect(SQLiteErrorCode.SQLITE_NOMEM, SQLTransientException.class, "53200");
        expect(SQLiteErrorCode.SQLITE_AUTH, SQLNonTransientException.class, "42501");
        expect(SQLiteErrorCode.SQLITE_RANGE, SQLException.class, "07009");
        expect(SQLiteErrorCode.SQLITE_INTERRUPT, SQLException.class, "57014");
        expect(SQLiteErrorCode.SQLITE_MISUSE, SQLException.class, "HY000");
    }

    @Test
    void errorsThatAreNotSqlitesPassThrough() {
        SQLException mine = new SQLException("mine");

        assertThat((Throwable) SqlErrors.translate(mine)).isSameAs(mine);
        assertThat(SqlErrors.breaksConnection(mine)).isFalse();
    }

    @Test
    void connectionIsNotUsedAgainAfterTheFileWasUnreadable() {
        assertThat(SqlErrors.breaksConnection(new SQLiteException("x", SQLiteErrorCode.SQLITE_IOERR_READ)))
                .isTrue();
        assertThat(SqlErrors.breaksConnection(new SQLiteException("x", SQLiteErrorCode.SQLITE_CORRUPT)))
                .isTrue();
        assertThat(SqlErrors.breaksConnection(new SQLiteException("x", SQLiteErrorCode.SQLITE_CONSTRAINT_CHECK)))
                .isFalse();
    }

    private static void expect(SQLiteErrorCode code, Class<? extends SQLException> type, String state) {
        SQLiteException cause = new SQLiteException("message", code);
        SQLException e = SqlErrors.translate(cause);

        assertThat((Throwable) e).as("%s", code).isInstanceOf(type).hasCause(cause);
        assertThat(e.getSQLState()).as("%s", code).isEqualTo(state);
        assertThat(e.getErrorCode()).as("%s", code).isEqualTo(code.code & 0xff);
        assertThat(e.getMessage()).contains("message");
    }

    private SQLException fail(String sql) throws Exception {
        try (LocalDatabase database = new LocalDatabase(Files.createTempDirectory(directory, "database"))) {
            database.run("CREATE TABLE IF NOT EXISTS t(a INTEGER PRIMARY KEY, b TEXT NOT NULL UNIQUE, c CHECK (c > 0),"
                    + " d REFERENCES t(a)); CREATE TABLE w(a PRIMARY KEY) WITHOUT ROWID;"
                    + "INSERT INTO t VALUES (1, 'x', 1, 1), (0, 'zero', 1, 1);"
                    + "CREATE TRIGGER keep BEFORE DELETE ON t BEGIN SELECT RAISE(ABORT, 'a constraint of mine'); END");
            try (TrackedConnection connection = database.connect();
                    Statement statement = connection.createStatement()) {
                return catchThrowableOfType(SQLException.class, () -> statement.execute(sql));
            }
        }
    }
}
