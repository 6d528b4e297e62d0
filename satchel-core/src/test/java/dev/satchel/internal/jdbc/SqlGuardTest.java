package dev.satchel.internal.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.internal.replica.SessionSetting;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SqlGuardTest {
    private final SqlGuard guard = new SqlGuard();

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '^',
            value = {
                "SELECT 1~READ",
                "^  -- hello\n /* x */ select * from t^~READ",
                "VALUES (1), (2)~READ",
                "(SELECT 1)~WRITE",
                "WITH x AS (SELECT 1) SELECT * FROM x~READ",
                "WITH x AS (VALUES (1)) VALUES (2)~READ",
                "WITH RECURSIVE x(a, b) AS (SELECT 1, 2 UNION ALL SELECT a + 1, b FROM x LIMIT 5), y AS (SELECT 1) SELECT 1~READ",
                "WITH x AS MATERIALIZED (SELECT 1), y AS NOT MATERIALIZED (SELECT 2) SELECT 1~READ",
                "WITH x AS (SELECT 'INSERT' UNION SELECT ')') INSERT INTO t SELECT * FROM x~WRITE",
                "WITH x AS (SELECT 1) DELETE FROM t~WRITE",
                "WITH x AS (SELECT 1) UPDATE t SET a = 1~WRITE",
                "WITH x AS (SELECT 1) REPLACE INTO t VALUES (1)~WRITE",
                "WITH replace AS (SELECT 1) SELECT * FROM replace~READ",
                "WITH \"insert\" AS (SELECT 1) SELECT * FROM \"insert\"~READ",
                "WITH recursive AS (SELECT 1) SELECT * FROM recursive~READ",
                "WITH recursive (a) AS (SELECT 1) DELETE FROM t~WRITE",
                "WITH nonsense~WRITE",
                "INSERT INTO t VALUES (1)~WRITE",
                "replace into t values (1)~WRITE",
                "UPDATE t SET a = 1~WRITE",
                "DELETE FROM t~WRITE",
                "CREATE TABLE t(a)~SCHEMA",
                "CREATE VIRTUAL TABLE t USING fts5(a)~SCHEMA",
                "DROP TABLE t~SCHEMA",
                "ALTER TABLE t ADD COLUMN b~SCHEMA",
                "ANALYZE~SCHEMA",
                "REINDEX~SCHEMA",
                "EXPLAIN DELETE FROM t~READ",
                "EXPLAIN QUERY PLAN DELETE FROM t~READ",
                "EXPLAIN PRAGMA journal_mode=DELETE~READ",
                "EXPLAIN ATTACH 'x' AS y~READ",
                "BEGIN~BEGIN",
                "begin deferred transaction~BEGIN",
                "BEGIN TRANSACTION name~BEGIN",
                "COMMIT~COMMIT",
                "END TRANSACTION~COMMIT",
                "ROLLBACK~ROLLBACK",
                "ROLLBACK TRANSACTION~ROLLBACK",
                "ROLLBACK TO s~ROLLBACK_TO",
                "ROLLBACK TRANSACTION TO SAVEPOINT s~ROLLBACK_TO",
                "SAVEPOINT s~SAVEPOINT",
                "RELEASE SAVEPOINT s~RELEASE",
                "VACUUM~VACUUM",
                "VACUUM main~VACUUM",
                "PRAGMA journal_mode~READ",
                "PRAGMA main.journal_mode~READ",
                "PRAGMA table_info(t)~READ",
                "PRAGMA main.table_xinfo('t')~READ",
                "PRAGMA index_list = t~READ",
                "PRAGMA integrity_check(5)~READ",
                "PRAGMA quick_check~READ",
                "PRAGMA foreign_key_check~READ",
                "PRAGMA user_version~READ",
                "PRAGMA user_version = 5~SCHEMA",
                "PRAGMA user_version(5)~SCHEMA",
                "PRAGMA application_id = -1~SCHEMA",
                "PRAGMA optimize~SCHEMA",
                "PRAGMA incremental_vacuum(10)~SCHEMA",
                "PRAGMA foreign_keys~READ",
                "PRAGMA foreign_keys = ON~SETTING",
                "PRAGMA \"foreign_keys\" = ON~SETTING",
                "PRAGMA shrink_memory~LOCAL",
                "SELECT optimize(docs) FROM docs~WRITE",
                "NONSENSE~WRITE"
            })
    void tellsWhatAStatementDoes(String sql, StatementKind expected) {
        assertThat(only(sql).kind()).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '^',
            value = {
                "ATTACH 'x.db' AS x~outside of the user's replica",
                "attach database 'x.db' as x~session of its own",
                "/* c */ DETACH x~Leave the statement out",
                "VACUUM INTO 'copy.db'~Export a version",
                "VACUUM main INTO 'copy.db'~Export a version",
                "backup to 'copy.db'~Export a version",
                "BACKUP main TO copy.db~Export a version",
                "restore from 'copy.db'~Restore a version",
                "SELECT load_extension('x')~native code",
                "SELECT \"LOAD_EXTENSION\" ('x')~native code",
                "INSERT INTO t SELECT [load_extension]('x')~native code",
                "CREATE VIEW v AS SELECT load_extension('x')~native code",
                "PRAGMA journal_mode=DELETE~WAL mode",
                "PRAGMA main.journal_mode(DELETE)~WAL mode",
                "pragma 'journal_mode' = wal~WAL mode",
                "PRAGMA \"journal_mode\" = wal~WAL mode",
                "PRAGMA wal_checkpoint~write-ahead log",
                "PRAGMA wal_checkpoint(TRUNCATE)~write-ahead log",
                "PRAGMA wal_autocheckpoint=1000~write-ahead log",
                "PRAGMA journal_size_limit=1~write-ahead log",
                "PRAGMA locking_mode=EXCLUSIVE~several connections",
                "PRAGMA writable_schema=ON~CREATE, ALTER and DROP",
                "PRAGMA mmap_size=1000000~remote changes",
                "PRAGMA page_size=512~one size",
                "PRAGMA query_only=0~setReadOnly(true)",
                "PRAGMA synchronous=OFF~publishing",
                "PRAGMA schema_version=3~user_version",
                "PRAGMA busy_timeout=1~waiting for writers",
                "PRAGMA cache_size=-9999~memory",
                "PRAGMA temp_store=FILE~every connection of the engine",
                "PRAGMA temp_store_directory='/tmp'~every database of the process",
                "PRAGMA data_store_directory='/tmp'~every database of the process",
                "PRAGMA hard_heap_limit=1~every database of the process",
                "PRAGMA auto_vacuum=FULL~when a database is made",
                "PRAGMA encoding='UTF-16'~when a database is made",
                "PRAGMA read_uncommitted=1~serializable",
                "PRAGMA trusted_schema=1~known to be harmless",
                "PRAGMA no_such_pragma~known to be harmless",
                "PRAGMA no_such_pragma=1~known to be harmless",
                "BEGIN CONCURRENT~cannot be followed by 'CONCURRENT'",
                "COMMIT NOW~cannot be followed by 'NOW'"
            })
    void refusesWhatWouldBreakTheEngineAndSaysWhy(String sql, String reason) {
        SqlStatement statement = only(sql);

        assertThat(statement.kind()).isEqualTo(StatementKind.REFUSED);
        assertThatThrownBy(statement::requireAllowed)
                .isInstanceOf(RefusedStatementException.class)
                .hasMessageContaining(reason)
                .extracting(e -> ((RefusedStatementException) e).getSQLState())
                .isEqualTo("0A000");
    }

    @ParameterizedTest
    @EnumSource(SessionSetting.class)
    void letsSessionsChangeTheirSettings(SessionSetting setting) {
        SqlStatement statement = only("PRAGMA " + setting.name().toLowerCase(Locale.ROOT) + "=1");

        assertThat(statement.kind()).isEqualTo(StatementKind.SETTING);
        assertThat(statement.setting()).isEqualTo(setting);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT 'ATTACH x'",
                "SELECT \"load_extension\" FROM t",
                "SELECT load_extension FROM t",
                "SELECT 1 /* PRAGMA journal_mode=DELETE */",
                "INSERT INTO t VALUES ('load_extension(1)')",
                "CREATE TABLE attach_log(pragma_text)",
                "SELECT * FROM pragma_journal_mode"
            })
    void isNotFooledByWordsThatOnlyLookDangerous(String sql) throws Exception {
        only(sql).requireAllowed();
    }

    @Test
    void cutsTriggersAtTheirOwnEnd() {
        String trigger =
                "CREATE TEMP TRIGGER x AFTER UPDATE ON t BEGIN SELECT CASE 1 WHEN 1 THEN 2 END; DELETE FROM u; END";

        assertThat(guard.check("SELECT 1;" + trigger + "; SELECT 2").statements())
                .extracting(SqlStatement::sql)
                .containsExactly("SELECT 1", trigger, "SELECT 2");
        assertThat(guard.check(trigger + " ; ATTACH 'x' AS y").statements())
                .extracting(SqlStatement::kind)
                .containsExactly(StatementKind.SCHEMA, StatementKind.REFUSED);
        assertThat(guard.check("EXPLAIN " + trigger + "; SELECT 2").statements())
                .hasSize(2);
    }

    @Test
    void stripsSemicolonsAndCommentsAroundStatements() {
        assertThat(guard.check(";; -- a\n SELECT 1 -- b\n ; /* c */ SELECT ';' ; ")
                        .statements())
                .extracting(SqlStatement::sql)
                .containsExactly("SELECT 1", "SELECT ';'");
        assertThat(guard.check(" ;; -- nothing").statements()).isEmpty();
    }

    @Test
    void refusesTextThatSqliteWouldReadDifferently() {
        assertThat(only("SELECT 1; \0 ATTACH 'x' AS y").kind()).isEqualTo(StatementKind.REFUSED);
        assertThat(only("SELECT '\uD83D'").kind()).isEqualTo(StatementKind.REFUSED);
        assertThat(only("SELECT '\uDE00\uD83D'").kind()).isEqualTo(StatementKind.REFUSED);
        assertThat(only("SELECT '😀'").kind()).isEqualTo(StatementKind.READ);
    }

    @Test
    void knowsInsertsReturningAndTemporaryObjects() {
        assertThat(only("WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x").insert())
                .isTrue();
        assertThat(only("UPDATE t SET a = 1").insert()).isFalse();
        assertThat(only("INSERT INTO t VALUES (1) RETURNING a").returning()).isTrue();
        assertThat(only("INSERT INTO t VALUES ('RETURNING')").returning()).isFalse();
        for (String sql : List.of(
                "CREATE TEMP TABLE t(a)",
                "create temporary view v as select 1",
                "CREATE TABLE temp.t(a)",
                "CREATE TABLE \"TEMP\".t(a)",
                "CREATE VIRTUAL TABLE [temp].t USING fts5(a)")) {
            assertThat(only(sql).temporary()).as(sql).isTrue();
        }
        assertThat(only("CREATE TABLE t(a)").temporary()).isFalse();
    }

    @Test
    void remembersTextsButOnlySoMany() {
        SqlScript first = guard.check("SELECT 1");
        assertThat(first.seenAgain()).isFalse();
        assertThat(guard.check("SELECT 1")).isSameAs(first);
        assertThat(first.seenAgain()).isTrue();

        for (int i = 0; i < 600; i++) {
            guard.check("SELECT 1 -- " + i);
        }
        assertThat(guard.check("SELECT 1")).isSameAs(first);
        for (int i = 0; i < 2_000; i++) {
            guard.check("SELECT 2 -- " + i);
        }
        assertThat(guard.check("SELECT 1")).isNotSameAs(first);
        String huge = "SELECT '" + "x".repeat(100_000) + "'";
        assertThat(guard.check(huge)).isNotSameAs(guard.check(huge));
    }

    private SqlStatement only(String sql) {
        List<SqlStatement> statements = guard.check(sql).statements();
        assertThat(statements).hasSize(1);
        return statements.get(0);
    }
}
