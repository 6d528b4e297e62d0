package dev.satchel.internal.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Named.named;

import dev.satchel.DatabaseId;
import dev.satchel.Session;
import dev.satchel.SessionResult;
import dev.satchel.SyncStatus;
import dev.satchel.Version;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What counts as a change: what SQLite wrote, however it was said. */
class WriteDetectionTest {
    private static final DatabaseId ID = DatabaseId.of("alice");

    @RegisterExtension
    private final Nodes nodes = new Nodes();

    private TestNode node;

    /** Work on a connection. */
    private interface Work {
        void on(Connection connection) throws SQLException;
    }

    @BeforeEach
    void aDatabaseWithAllKindsOfTables() {
        node = nodes.start("a");
        node.run(
                ID,
                Sql.CREATE,
                Sql.note("first"),
                Sql.note("second"),
                "CREATE TABLE word(word TEXT PRIMARY KEY, times INTEGER) WITHOUT ROWID",
                "INSERT INTO word VALUES ('a', 1)",
                "CREATE TABLE audit(what TEXT)",
                "CREATE TRIGGER noted AFTER UPDATE ON note BEGIN INSERT INTO audit VALUES (new.text); END",
                "CREATE VIEW notes AS SELECT * FROM note",
                "CREATE TRIGGER into_view INSTEAD OF INSERT ON notes BEGIN INSERT INTO note(text) VALUES (new.text); END",
                "CREATE VIRTUAL TABLE search USING fts5(body)");
        node.requests().reset();
    }

    private SessionResult session(Work work) throws SQLException {
        try (Session session = node.openLocal(ID)) {
            try (Connection connection = session.connection()) {
                work.on(connection);
            }
            return session.complete();
        }
    }

    private static Named<Work> sql(String... statements) {
        return named(String.join("; ", statements), connection -> {
            try (Statement statement = connection.createStatement()) {
                for (String sql : statements) {
                    statement.execute(sql);
                }
            }
        });
    }

    static Stream<Named<Work>> changes() {
        return Stream.of(
                sql("INSERT INTO note(text) VALUES ('x')"),
                sql("UPDATE note SET text = 'x' WHERE id = 1"),
                sql("DELETE FROM note WHERE id = 1"),
                sql("DELETE FROM note"),
                sql("WITH w(t) AS (SELECT 'x') INSERT INTO note(text) SELECT t FROM w"),
                sql("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9)"
                        + " UPDATE note SET text = (SELECT max(i) FROM n)"),
                sql("REPLACE INTO note(id, text) VALUES (1, 'x')"),
                sql("INSERT INTO word VALUES ('a', 1) ON CONFLICT(word) DO UPDATE SET times = times + 1"),
                sql("INSERT INTO word VALUES ('b', 1)"),
                sql("INSERT INTO notes(text) VALUES ('by way of a view')"),
                sql("INSERT INTO search VALUES ('full text')"),
                sql("  /* SELECT */ -- SELECT\n insert into note(text) values ('comment first')"),
                sql("CREATE TABLE more(a)"),
                sql("CREATE INDEX by_text ON note(text)"),
                sql("ALTER TABLE note ADD COLUMN extra"),
                sql("DROP TABLE audit"),
                sql("PRAGMA user_version = 7"),
                sql("PRAGMA application_id = 7"),
                sql("ANALYZE"),
                sql("VACUUM"),
                sql("BEGIN", "INSERT INTO note(text) VALUES ('x')", "COMMIT"),
                sql("BEGIN IMMEDIATE", "DELETE FROM note", "END"),
                sql("INSERT INTO note(text) VALUES ('a'); SELECT 1; INSERT INTO note(text) VALUES ('b')"),
                sql("SELECT 1; INSERT INTO note(text) VALUES ('behind a query')"),
                sql("CREATE TEMP TABLE t(a)", "INSERT INTO t VALUES (1)", "INSERT INTO note(text) SELECT a FROM t"),
                named("RETURNING through executeQuery", WriteDetectionTest::insertReturning),
                named("RETURNING of which not all rows are read", WriteDetectionTest::insertReturningUnread),
                named("generated keys", WriteDetectionTest::insertForItsKey),
                named("executeBatch of a statement", WriteDetectionTest::batchOfStatement),
                named("executeBatch of a prepared statement", WriteDetectionTest::batchOfPreparedStatement),
                named("transaction over several statements", WriteDetectionTest::transaction),
                named("savepoint rolled back within a transaction that writes", WriteDetectionTest::savepoint));
    }

    private static void insertReturning(Connection connection) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO note(text) VALUES (?) RETURNING id")) {
            insert.setString(1, "x");
            try (ResultSet rows = insert.executeQuery()) {
                assertThat(rows.next()).isTrue();
                assertThat(rows.getInt(1)).isEqualTo(3);
            }
        }
    }

    private static void insertReturningUnread(Connection connection) throws SQLException {
        Statement insert = connection.createStatement();
        insert.executeQuery("INSERT INTO note(text) VALUES ('x'), ('y'), ('z') RETURNING id");
    }

    private static void insertForItsKey(Connection connection) throws SQLException {
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT INTO note(text) VALUES ('x')", Statement.RETURN_GENERATED_KEYS)) {
            insert.executeUpdate();
            try (ResultSet keys = insert.getGeneratedKeys()) {
                assertThat(keys.next()).isTrue();
                assertThat(keys.getInt(1)).isEqualTo(3);
            }
        }
    }

    private static void batchOfStatement(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.addBatch("INSERT INTO note(text) VALUES ('x')");
            statement.addBatch("UPDATE note SET text = 'y'");
            assertThat(statement.executeBatch()).containsExactly(1, 3);
        }
    }

    private static void batchOfPreparedStatement(Connection connection) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO note(text) VALUES (?)")) {
            for (int i = 0; i < 50; i++) {
                insert.setString(1, "note " + i);
                insert.addBatch();
            }
            assertThat(insert.executeBatch()).hasSize(50);
        }
    }

    private static void transaction(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate("INSERT INTO note(text) VALUES ('x')");
            statement.executeUpdate("DELETE FROM word");
        }
        connection.commit();
    }

    private static void savepoint(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate("INSERT INTO note(text) VALUES ('kept')");
            var savepoint = connection.setSavepoint();
            statement.executeUpdate("INSERT INTO note(text) VALUES ('taken back')");
            connection.rollback(savepoint);
        }
        connection.commit();
    }

    @ParameterizedTest
    @MethodSource("changes")
    void changeIsUploadedOnce(Work work) throws SQLException {
        SessionResult result = session(work);

        assertThat(result.committed()).isTrue();
        assertThat(result.status()).isEqualTo(SyncStatus.SYNCED);
        assertThat(result.version()).isEqualTo(Version.of(2));
        assertThat(node.puts()).isEqualTo(1);
        assertThat(nodes.query(ID, 2, "SELECT group_concat(sql) FROM sqlite_master"))
                .isEqualTo(local("SELECT group_concat(sql) FROM sqlite_master"));
        assertThat(nodes.query(ID, 2, "SELECT group_concat(text) FROM note"))
                .isEqualTo(local("SELECT group_concat(text) FROM note"));
    }

    private List<String> local(String sql) {
        try (Session session = node.openLocal(ID)) {
            return Sql.query(session, sql);
        }
    }

    static Stream<Named<Work>> nothings() {
        return Stream.of(
                sql("SELECT * FROM note"),
                sql("SELECT 'INSERT INTO note'"),
                sql("WITH w AS (SELECT 1) SELECT * FROM w"),
                sql("EXPLAIN INSERT INTO note(text) VALUES ('x')"),
                sql("PRAGMA user_version"),
                sql("PRAGMA table_info(note)"),
                sql("PRAGMA foreign_keys = OFF"),
                sql("PRAGMA integrity_check"),
                sql("UPDATE note SET text = 'x' WHERE id = 99"),
                sql("DELETE FROM note WHERE id = 99"),
                sql("INSERT OR IGNORE INTO note(id, text) VALUES (1, 'x')"),
                sql("INSERT INTO word VALUES ('a', 1) ON CONFLICT DO NOTHING"),
                sql("UPDATE word SET times = 1 WHERE word = 'a'"),
                sql("CREATE TABLE IF NOT EXISTS note(id)"),
                sql("DROP TABLE IF EXISTS unknown"),
                sql("BEGIN", "COMMIT"),
                sql("BEGIN IMMEDIATE", "COMMIT"),
                sql("BEGIN", "SELECT * FROM note", "END"),
                sql("BEGIN", "INSERT INTO note(text) VALUES ('x')", "ROLLBACK"),
                sql("CREATE TEMP TABLE t(a)", "INSERT INTO t VALUES (1)", "UPDATE t SET a = 2", "DROP TABLE t"),
                sql("PRAGMA incremental_vacuum(10)"),
                named("rolled back by the connection", WriteDetectionTest::rolledBack),
                named("open transaction at the end of the session", WriteDetectionTest::leftOpen),
                named("failing statement", WriteDetectionTest::failing),
                named("failing batch in a transaction", WriteDetectionTest::failingBatch));
    }

    private static void rolledBack(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate("DELETE FROM note");
            statement.executeUpdate("CREATE TABLE more(a)");
        }
        connection.rollback();
    }

    private static void leftOpen(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate("DELETE FROM note");
        }
    }

    private static void failing(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            assertThatThrownBy(() -> statement.executeUpdate("INSERT INTO note(id) VALUES (3), (1)"))
                    .isInstanceOf(SQLException.class);
        }
    }

    private static void failingBatch(Connection connection) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.addBatch("INSERT INTO note(id) VALUES (3)");
            statement.addBatch("INSERT INTO note(id) VALUES (1)");
            assertThatThrownBy(statement::executeBatch).isInstanceOf(SQLException.class);
        }
        connection.rollback();
    }

    @ParameterizedTest
    @MethodSource("nothings")
    void whatChangesNothingAsksNobody(Work work) throws SQLException {
        SessionResult result = session(work);

        assertThat(result.committed()).isFalse();
        assertThat(result.status()).isEqualTo(SyncStatus.SYNCED);
        assertThat(result.version()).isEqualTo(Version.of(1));
        assertThat(node.requests().count()).isZero();
        assertThat(node.localNotes(ID)).containsExactly("first", "second");
    }

    @Test
    void vacuumedPagesAreGivenBack() throws SQLException {
        session(connection -> {
            try (Statement statement = connection.createStatement()) {
                statement.execute("INSERT INTO note(text) VALUES (randomblob(400000))");
                statement.execute("DELETE FROM note WHERE id > 2");
            }
        });
        long before = node.engine().status(ID).orElseThrow().sizeBytes();

        SessionResult result = session(connection -> {
            try (Statement statement = connection.createStatement()) {
                statement.execute("PRAGMA incremental_vacuum");
            }
        });

        assertThat(result.committed()).isTrue();
        assertThat(result.version()).isEqualTo(Version.of(3));
        assertThat(node.engine().status(ID).orElseThrow().sizeBytes()).isLessThan(before - 390_000);
        assertThat(nodes.start("other").notes(ID)).containsExactly("first", "second");
    }

    @Test
    void rollbackOfOneSessionDoesNotHideTheCommitOfAnother() throws SQLException {
        try (Session writer = node.openLocal(ID);
                Session reader = node.openLocal(ID)) {
            Sql.run(writer, Sql.note("third"));
            Sql.run(reader, "BEGIN", "DELETE FROM note", "ROLLBACK");

            assertThat(reader.complete().committed()).isFalse();
            assertThat(writer.hasCommitted()).isTrue();
            assertThat(writer.complete().committed()).isTrue();
        }

        assertThat(nodes.storedNotes(ID)).containsExactly("first", "second", "third");
        assertThat(node.puts()).isEqualTo(1);
    }

    @Test
    void manyStatementsOnManyConnectionsOfASessionAreOneUpload() throws SQLException {
        try (Session session = node.openLocal(ID)) {
            for (int i = 0; i < 10; i++) {
                Sql.run(session, Sql.note("note " + i), "UPDATE word SET times = times + 1");
            }
        }

        assertThat(node.puts()).isEqualTo(1);
        assertThat(nodes.storedNotes(ID)).hasSize(12);
    }

    @Test
    void pagesWrittenWithTheirOldContentNeedNoVersion() throws SQLException {
        SessionResult result = session(sql("REINDEX").getPayload());

        assertThat(result.status()).isEqualTo(SyncStatus.SYNCED);
        assertThat(node.requests().count()).isZero();
        assertThat(node.status(ID)).isEqualTo(SyncStatus.SYNCED);
        assertThat(node.localNotes(ID)).containsExactly("first", "second");
    }

    @Test
    void concurrentSessionsOfWhichHalfWriteAreTold() {
        List<CompletableFuture<Boolean>> results = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            String text = "note " + i;
            boolean writes = i % 2 == 0;
            results.add(nodes.async(() -> {
                SessionResult result =
                        writes ? node.runLocal(ID, Sql.note(text)) : node.runLocal(ID, "SELECT * FROM note");
                assertThat(result.status()).isEqualTo(SyncStatus.SYNCED);
                return result.committed() == writes;
            }));
        }

        for (CompletableFuture<Boolean> result : results) {
            assertThat(Await.get(result)).isTrue();
        }
        assertThat(nodes.storedNotes(ID)).hasSize(27);
    }
}
