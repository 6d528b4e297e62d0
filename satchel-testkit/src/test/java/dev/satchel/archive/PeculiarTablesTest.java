package dev.satchel.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.DatabaseId;
import dev.satchel.Satchel;
import dev.satchel.testkit.InMemoryArchiveTier;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Whatever SQLite allows in a table, its rows are archived whole or stay. */
class PeculiarTablesTest {
    private static final DatabaseId ANN = DatabaseId.of("ann");

    @RegisterExtension
    private final ArchiveNodes nodes = new ArchiveNodes();

    private final InMemoryArchiveTier tier = new InMemoryArchiveTier();
    private Satchel node;

    @BeforeEach
    void start() {
        node = nodes.start();
    }

    private void run(String... statements) throws SQLException {
        ArchiveNodes.run(node, ANN, statements);
    }

    private List<String> query(String sql) throws SQLException {
        return ArchiveNodes.query(node, ANN, sql);
    }

    private Archive archive(ArchiveRule rule) {
        return nodes.archive(node).tier(tier).rule(rule).build();
    }

    private Archive archive(String table, String condition) {
        return archive(ArchiveRule.builder("rule", table).where(condition).build());
    }

    private static List<String> archived(Archive archive, String sql) throws SQLException {
        try (ArchivedRows rows = archive.open(ANN);
                Connection connection = rows.connection()) {
            return ArchiveNodes.query(connection, sql);
        }
    }

    // triggers

    @Test
    void aRowThatATriggerKeepsIsNotArchived() throws SQLException {
        run(
                "CREATE TABLE p(id INTEGER PRIMARY KEY AUTOINCREMENT, t TEXT, deleted INTEGER DEFAULT 0)",
                "CREATE TRIGGER soft BEFORE DELETE ON p WHEN old.t = 'precious'"
                        + " BEGIN UPDATE p SET deleted = 1 WHERE id = old.id; SELECT RAISE(IGNORE); END",
                "INSERT INTO p(id, t) VALUES (1, 'a'), (2, 'precious'), (3, 'c')");
        Archive archive = archive("p", "1");

        ArchiveReport report = archive.run(ANN);

        assertThat(report.archived()).extracting(ArchivedEntry::keys).containsExactly(List.of("1"), List.of("3"));
        assertThat(report.left())
                .containsExactly(new LeftBehind("rule", List.of("2"), LeftBehind.Reason.NOT_DELETED, "p"));
        assertThat(query("SELECT * FROM p")).containsExactly("2|precious|0");
        assertThat(archived(archive, "SELECT id FROM p ORDER BY id")).containsExactly("1", "3");
    }

    // keys

    /** Not the row id, and not even NOT NULL: https://sqlite.org/lang_createtable.html#rowid. */
    @Test
    void aDescendingIntegerKeyIsNoRowId() throws SQLException {
        run(
                "CREATE TABLE p(id INTEGER PRIMARY KEY AUTOINCREMENT)",
                "CREATE TABLE c(id INTEGER PRIMARY KEY DESC, p INTEGER REFERENCES p, v TEXT)",
                "INSERT INTO p VALUES (1)",
                "INSERT INTO c VALUES (NULL, 1, 'a'), (NULL, 1, 'b'), (7, 1, 'c')");
        Archive archive = archive("p", "1");

        archive.run(ANN);

        assertThat(query("SELECT * FROM p")).isEmpty();
        assertThat(query("SELECT * FROM c")).isEmpty();
        archive.restore(ANN, archive.list(ANN).get(0).batch());
        assertThat(query("SELECT coalesce(id, 'none'), v FROM c ORDER BY v"))
                .containsExactly("none|a", "none|b", "7|c");
    }
}
