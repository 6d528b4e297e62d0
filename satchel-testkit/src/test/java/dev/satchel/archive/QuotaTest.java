package dev.satchel.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.DatabaseId;
import dev.satchel.QuotaExceededException;
import dev.satchel.Satchel;
import dev.satchel.SatchelConfig;
import dev.satchel.SizeThresholds;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A database that is full takes no more, and can always be emptied. */
class QuotaTest {
    private static final DatabaseId ANN = DatabaseId.of("ann");
    private static final SizeThresholds SIZES = SizeThresholds.DEFAULTS.withQuota(200 * 1024);

    @RegisterExtension
    private final ArchiveNodes nodes = new ArchiveNodes();

    /** What makes a delete write more than it frees. */
    enum Schema {
        FULL_TEXT_OF_ANOTHER_TABLE(
                "CREATE VIRTUAL TABLE f USING fts5(t, content='p', content_rowid='id')",
                "CREATE TRIGGER i AFTER INSERT ON p BEGIN INSERT INTO f(rowid, t) VALUES (new.id, new.t); END",
                "CREATE TRIGGER d AFTER DELETE ON p BEGIN INSERT INTO f(f, rowid, t) VALUES ('delete', old.id, old.t);"
                        + " END"),
        FULL_TEXT(
                "CREATE VIRTUAL TABLE f USING fts5(t)",
                "CREATE TRIGGER i AFTER INSERT ON p BEGIN INSERT INTO f(rowid, t) VALUES (new.id, new.t); END",
                "CREATE TRIGGER d AFTER DELETE ON p BEGIN DELETE FROM f WHERE rowid = old.id; END"),
        AUDIT_LOG(
                "CREATE TABLE log(t TEXT)",
                "CREATE TRIGGER d AFTER DELETE ON p BEGIN INSERT INTO log VALUES"
                        + " (json_object('deleted', old.id, 't', old.t)); END"),
        KEYS_THAT_ARE_GONE(
                "CREATE TABLE gone(t TEXT PRIMARY KEY) WITHOUT ROWID",
                "CREATE TRIGGER d AFTER DELETE ON p BEGIN INSERT INTO gone VALUES (old.t || old.id); END");

        private final List<String> statements;

        Schema(String... statements) {
            this.statements = List.of(statements);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aFullDatabaseIsEmptiedRowByRow(Schema schema) throws SQLException {
        Satchel full = full(schema);
        List<Integer> keys = keys(full);
        Collections.shuffle(keys, new Random(1));

        delete(full, keys, true);

        assertThat(keys(full)).isEmpty();
        assertThat(ArchiveNodes.query(full, ANN, "PRAGMA integrity_check")).containsExactly("ok");
    }

    @ParameterizedTest
    @EnumSource
    void aFullDatabaseIsEmptiedInTransactions(Schema schema) throws SQLException {
        Satchel full = full(schema);
        List<Integer> keys = keys(full);
        Collections.shuffle(keys, new Random(1));

        for (int i = 0; i < keys.size(); i += 50) {
            delete(full, keys.subList(i, Math.min(i + 50, keys.size())), false);
        }

        assertThat(keys(full)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void aFullDatabaseIsThinnedOutByOneStatement(Schema schema) throws SQLException {
        Satchel full = full(schema);

        ArchiveNodes.run(full, ANN, "WITH some AS (SELECT id FROM p WHERE id % 5 = 0) DELETE FROM p WHERE id IN some");

        assertThat(keys(full)).isNotEmpty().noneMatch(key -> key % 5 == 0);
    }

    @Test
    void aTableOfAFullDatabaseIsDropped() throws SQLException {
        Satchel full = full(Schema.FULL_TEXT);

        ArchiveNodes.run(full, ANN, "ALTER TABLE p DROP COLUMN u", "DROP TABLE f", "DROP TABLE p");

        ArchiveNodes.run(full, ANN, "CREATE TABLE q(t)", "INSERT INTO q VALUES (zeroblob(100000))");
    }

    @Test
    void theRoomIsForDeletesAlone() throws SQLException {
        Satchel full = full(Schema.AUDIT_LOG);
        full.<@Nullable Void, SQLException>write(ANN, session -> {
            try (Connection connection = session.connection();
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                Statement savepoint = connection.createStatement();
                savepoint.execute("SAVEPOINT before");
                statement.execute("DELETE FROM p WHERE id % 5 = 0");
                long larger = pages(connection);
                assertThat(larger).isGreaterThan(SIZES.quotaBytes() / 4096);
                refuses(statement, "INSERT INTO p(t) VALUES (zeroblob(100000))");
                connection.rollback();

                refuses(statement, "INSERT INTO p(t) VALUES (zeroblob(20000))");
                connection.rollback();

                statement.execute("SAVEPOINT before");
                statement.execute("DELETE FROM p WHERE id % 5 = 0");
                refuses(statement, "INSERT INTO log VALUES (zeroblob(100000))");
                connection.rollback();
                connection.setAutoCommit(true);
                statement.execute("DELETE FROM p WHERE id % 5 = 0");
                refuses(statement, "INSERT INTO log VALUES (zeroblob(100000))");
                assertThat(pages(connection)).isEqualTo(larger);
                return null;
            }
        });
        assertThatThrownBy(() -> ArchiveNodes.run(full, ANN, "INSERT INTO log VALUES (zeroblob(100000))"))
                .hasCauseInstanceOf(QuotaExceededException.class);
    }

    @Test
    void whatASavepointTakesBackMakesNoRoom() throws SQLException {
        Satchel full = full(Schema.AUDIT_LOG);
        full.<@Nullable Void, SQLException>write(ANN, session -> {
            try (Connection connection = session.connection();
                    Statement statement = connection.createStatement()) {
                connection.setAutoCommit(false);
                statement.execute("SAVEPOINT before");
                statement.execute("DELETE FROM p WHERE id % 5 = 0");
                statement.execute("UPDATE p SET u = 1 WHERE id = 1");
                statement.execute("ROLLBACK TO before");
                refuses(statement, "INSERT INTO log VALUES (zeroblob(20000))");
                return null;
            }
        });
    }

    /** Otherwise a log of deletes would grow for ever, by rows that come and go. */
    @Test
    void theRoomForDeletesHasAnEnd() throws SQLException {
        Satchel full = full(Schema.AUDIT_LOG);
        ArchiveNodes.run(
                full,
                ANN,
                "DROP TRIGGER d",
                "CREATE TRIGGER d AFTER DELETE ON p BEGIN INSERT INTO log VALUES (randomblob(16000)); END");

        assertThatThrownBy(() -> delete(full, keys(full).subList(0, 100), true))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("at most 204800 bytes")
                .hasMessageContaining("writeWithoutQuota")
                .hasCauseInstanceOf(QuotaExceededException.class);

        assertThat(Long.parseLong(
                        ArchiveNodes.query(full, ANN, "PRAGMA page_count").get(0)))
                .isBetween(100L, SIZES.ceilingBytes() / 4096);
        full.<@Nullable Void, SQLException>writeWithoutQuota(ANN, session -> {
            try (Connection connection = session.connection()) {
                Ledger.execute(connection, "DELETE FROM p");
                return null;
            }
        });
        assertThat(keys(full)).isEmpty();
    }

    private static void refuses(Statement statement, String sql) {
        assertThatThrownBy(() -> statement.execute(sql))
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("53100"))
                .hasCauseInstanceOf(QuotaExceededException.class);
    }

    private static long pages(Connection connection) throws SQLException {
        return Long.parseLong(
                ArchiveNodes.query(connection, "PRAGMA page_count").get(0));
    }

    private static List<Integer> keys(Satchel node) throws SQLException {
        return new ArrayList<>(ArchiveNodes.query(node, ANN, "SELECT id FROM p").stream()
                .map(Integer::valueOf)
                .toList());
    }

    private static void delete(Satchel node, List<Integer> keys, boolean autoCommit) throws SQLException {
        node.<@Nullable Void, SQLException>write(ANN, session -> {
            try (Connection connection = session.connection();
                    PreparedStatement statement = connection.prepareStatement("DELETE FROM p WHERE id = ?")) {
                connection.setAutoCommit(autoCommit);
                for (int key : keys) {
                    statement.setInt(1, key);
                    statement.executeUpdate();
                }
                if (!autoCommit) {
                    connection.commit();
                }
                return null;
            }
        });
    }

    /** A node whose database takes no more rows. */
    private Satchel full(Schema schema) throws SQLException {
        Satchel node = nodes.start(
                nodes.store(),
                builder -> builder.config(SatchelConfig.defaults().withSizes(SIZES)));
        ArchiveNodes.run(node, ANN, "CREATE TABLE p(id INTEGER PRIMARY KEY AUTOINCREMENT, t TEXT, u TEXT)");
        ArchiveNodes.run(node, ANN, schema.statements.toArray(String[]::new));
        for (int rows : List.of(256, 16, 1)) {
            boolean fits = true;
            while (fits) {
                try {
                    ArchiveNodes.run(
                            node,
                            ANN,
                            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " + rows
                                    + ") INSERT INTO p(t) SELECT hex(randomblob(20)) || ' ' || hex(randomblob(10))"
                                    + " || ' ' || hex(randomblob(10)) FROM n");
                } catch (SQLException e) {
                    assertThat(e.getCause()).isInstanceOf(QuotaExceededException.class);
                    fits = false;
                }
            }
        }
        return node;
    }
}
