package dev.satchel.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.ArchiveException;
import dev.satchel.DatabaseId;
import dev.satchel.Satchel;
import dev.satchel.testkit.InMemoryArchiveTier;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
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

    // references

    @Test
    void aForeignKeyIsFollowedAsItsParentCompares() throws SQLException {
        run(
                "CREATE TABLE p(name TEXT PRIMARY KEY COLLATE NOCASE)",
                "CREATE TABLE c(id INTEGER PRIMARY KEY AUTOINCREMENT, p TEXT REFERENCES p)",
                "INSERT INTO p VALUES ('ann'), ('bob')",
                "INSERT INTO c VALUES (1, 'ANN'), (2, 'BOB')");
        Archive archive = archive("p", "name = 'ann'");

        archive.run(ANN);

        assertThat(query("SELECT * FROM c")).containsExactly("2|BOB");
        assertThat(query("PRAGMA foreign_key_check")).isEmpty();
        assertThat(archived(archive, "SELECT p FROM c")).containsExactly("ANN");
    }

    @Test
    void aKeptTableRefersAsItsParentCompares() throws SQLException {
        run(
                "CREATE TABLE p(name TEXT PRIMARY KEY COLLATE NOCASE)",
                "CREATE TABLE c(id INTEGER PRIMARY KEY AUTOINCREMENT, p TEXT REFERENCES p)",
                "INSERT INTO p VALUES ('ann')",
                "INSERT INTO c VALUES (1, 'ANN')");
        Archive archive =
                archive(ArchiveRule.builder("rule", "p").where("1").keep("c").build());

        assertThat(archive.run(ANN).left()).extracting(LeftBehind::why).containsExactly(LeftBehind.Reason.REFERRED_TO);
    }

    @Test
    void aForeignKeyMayBeOfAnotherType() throws SQLException {
        run(
                "CREATE TABLE p(id INTEGER PRIMARY KEY AUTOINCREMENT)",
                "CREATE TABLE c(p TEXT REFERENCES p)",
                "INSERT INTO p VALUES (1), (2)",
                "INSERT INTO c VALUES ('1'), ('2')");

        archive("p", "id = 1").run(ANN);

        assertThat(query("SELECT p FROM c")).containsExactly("2");
    }

    @Test
    void aGeneratedColumnMayRefer() throws SQLException {
        run(
                "CREATE TABLE p(id INTEGER PRIMARY KEY AUTOINCREMENT)",
                "CREATE TABLE c(j TEXT, p INTEGER GENERATED ALWAYS AS (json_extract(j, '$.p')) STORED REFERENCES p(id))",
                "INSERT INTO p VALUES (1), (2)",
                "INSERT INTO c(j) VALUES ('{\"p\":1}'), ('{\"p\":2}')");
        Archive archive = archive("p", "id = 1");

        archive.run(ANN);
        assertThat(query("SELECT p FROM c")).containsExactly("2");

        archive.restore(ANN, archive.list(ANN).get(0).batch());
        assertThat(query("SELECT p FROM c ORDER BY 1")).containsExactly("1", "2");
    }

    @Test
    void aForeignKeyThatMeansNoColumnHindersNobody() throws SQLException {
        run(
                "CREATE TABLE p(id INTEGER PRIMARY KEY AUTOINCREMENT)",
                "CREATE TABLE x(a)",
                "CREATE TABLE y(b REFERENCES x)",
                "INSERT INTO p VALUES (1)");

        assertThat(archive("p", "1").run(ANN).archived()).hasSize(1);
    }

    @Test
    void aRowIdThatIsNoColumnIsNothingToReferTo() throws SQLException {
        run(
                "CREATE TABLE n(t TEXT)",
                "CREATE TABLE l(note INTEGER, url TEXT)",
                "INSERT INTO n VALUES ('x')",
                "INSERT INTO l VALUES (1, 'of x')");
        Archive archive = archive(ArchiveRule.builder("rule", "n")
                .where("1")
                .belongs(Reference.of("l", "note", "n", "rowid"))
                .build());

        assertThatThrownBy(() -> archive.run(ANN))
                .isInstanceOf(ArchiveException.class)
                .hasMessageContainingAll("table n", "column rowid", "INTEGER PRIMARY KEY");
    }

    @Test
    void aRowThatGoesWithAnotherIsNoBatchOfItsOwn() throws SQLException {
        run(
                "CREATE TABLE f(id INTEGER PRIMARY KEY AUTOINCREMENT, parent INTEGER REFERENCES f)",
                "INSERT INTO f VALUES (1, NULL), (2, 1), (3, NULL), (4, NULL)");
        Archive archive = archive("f", "id < 4");

        assertThat(archive.plan(ANN).archived())
                .extracting(ArchivedEntry::keys)
                .containsExactly(List.of("1"), List.of("3"));
        assertThat(archive.run(ANN).archived())
                .extracting(ArchivedEntry::keys)
                .containsExactly(List.of("1"), List.of("3"));
        assertThat(tier.ids(ANN)).hasSize(2);
        archive.restore(ANN, archive.list(ANN).get(0).batch());
        assertThat(query("SELECT id FROM f")).containsExactly("1", "2", "4");
    }

    // sizes

    @Test
    void rowsWithFewValuesAreNotTakenForLarge() throws SQLException {
        String columns = IntStream.range(0, 100).mapToObj(i -> ", c" + i).collect(Collectors.joining());
        run(
                "CREATE TABLE p(id INTEGER PRIMARY KEY AUTOINCREMENT)",
                "CREATE TABLE c(p INTEGER REFERENCES p" + columns + ")",
                "INSERT INTO p VALUES (1)",
                "INSERT INTO c(p) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)"
                        + " SELECT 1 FROM n");

        assertThat(archive("p", "1").run(ANN).rows()).isEqualTo(5001);
    }
}
