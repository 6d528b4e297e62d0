package dev.satchel.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.ArchiveException;
import dev.satchel.Bucket;
import dev.satchel.DatabaseId;
import dev.satchel.Satchel;
import dev.satchel.testkit.InMemoryArchiveTier;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
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

    @Test
    void aKeyNamesOneRowHoweverLongOrAlikeTheKeysAre() throws SQLException {
        String url = "https://example.com/a/very/long/path/that/they/all/have/in/common/";
        run(
                "CREATE TABLE texts(k TEXT PRIMARY KEY) WITHOUT ROWID",
                "INSERT INTO texts VALUES ('" + url + "1'), ('" + url + "2'), ('it''s'), ('7'), ('a, b')",
                "CREATE TABLE blobs(k BLOB PRIMARY KEY) WITHOUT ROWID",
                "INSERT INTO blobs VALUES (x'01ff'), (x'02ff')",
                "CREATE TABLE pairs(a, b, PRIMARY KEY (a, b)) WITHOUT ROWID",
                "INSERT INTO pairs VALUES ('a, b', 'c'), ('a', 'b, c'), (7, 'x'), ('7', 'x')",
                "CREATE TABLE any(k PRIMARY KEY) WITHOUT ROWID",
                "INSERT INTO any VALUES (7), ('7'), (7.5), ('7.5'), (''), (x''), (CAST(x'ff' AS TEXT)), ('NULL')");
        for (String table : List.of("texts", "blobs", "pairs", "any")) {
            Archive archive = archive(table, "1");
            List<ArchivedEntry> plan = archive.plan(ANN).archived();
            for (ArchivedEntry planned : plan) {
                String key = planned.keys().get(0);

                assertThat(archive.run(ANN, "rule", key).archived())
                        .as(table + " " + key)
                        .extracting(ArchivedEntry::keys)
                        .containsExactly(List.of(key));
            }
            assertThat(query("SELECT * FROM " + table)).isEmpty();
        }
    }

    @Test
    void aTextThatLooksLikeANumberIsFoundAsItIs() throws SQLException {
        run("CREATE TABLE t(k TEXT PRIMARY KEY) WITHOUT ROWID", "INSERT INTO t VALUES ('7'), ('it''s, so'), ('b')");
        Archive archive = archive("t", "1");

        archive.run(ANN, "rule", "7");
        archive.run(ANN, "rule", "it's, so");

        assertThat(query("SELECT k FROM t")).containsExactly("b");
        assertThat(archive.list(ANN))
                .extracting(ArchivedEntry::keys)
                .containsExactlyInAnyOrder(List.of("'7'"), List.of("'it''s, so'"));
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

    // types and names

    @Test
    void archivedRowsHaveTheValuesAndKindsThatTheyHad() throws SQLException {
        run(
                "CREATE TABLE p(id INTEGER PRIMARY KEY AUTOINCREMENT, v ANY) STRICT",
                "INSERT INTO p VALUES (1, '007'), (2, '1e3'), (3, 5)");
        Archive archive = archive("p", "1");

        archive.run(ANN);

        assertThat(archived(archive, "SELECT id, typeof(v), v FROM p ORDER BY id"))
                .containsExactly("1|text|007", "2|text|1e3", "3|integer|5");
    }

    @Test
    void aColumnThatHadSeveralTypesChangesNoValue() throws SQLException {
        run("CREATE TABLE p(id INTEGER PRIMARY KEY AUTOINCREMENT, v INTEGER, w)", "INSERT INTO p VALUES (1, 5, 'a')");
        Archive archive = archive("p", "1");
        archive.run(ANN);
        run(
                "DROP TABLE p",
                "CREATE TABLE p(id INTEGER PRIMARY KEY AUTOINCREMENT, v TEXT, w)",
                "INSERT INTO p VALUES (2, '007', 'b')");

        archive.run(ANN);

        assertThat(archived(archive, "SELECT id, typeof(v), v, w FROM p ORDER BY id"))
                .containsExactly("1|integer|5|a", "2|text|007|b");
    }

    @Test
    void columnsMayBeCalledAsThoseOfTheArchive() throws SQLException {
        run(
                "CREATE TABLE p(id INTEGER PRIMARY KEY AUTOINCREMENT, satchel_row TEXT, Satchel_Batch TEXT,"
                        + " satchel_column_satchel_row TEXT)",
                "INSERT INTO p VALUES (1, 'a', 'b', 'c')");
        Archive archive = nodes.archive(node)
                .rule(ArchiveRule.builder("rule", "p").where("1").build())
                .build();

        archive.run(ANN);
        assertThat(
                        archived(
                                archive,
                                "SELECT satchel_column_satchel_row, satchel_column_satchel_batch, satchel_column_satchel_column_satchel_row FROM p"))
                .containsExactly("a|b|c");

        archive.restore(ANN, archive.list(ANN).get(0).batch());
        assertThat(query("SELECT * FROM p")).containsExactly("1|a|b|c");
    }

    /** VACUUM gives row ids that are no column anew, and an index with its content elsewhere finds other rows by then. */
    @Test
    void aDatabaseIsNotWrittenAnewIfRowIdsWouldChange() throws Exception {
        Path file = nodes.folder().resolve("notes.sqlite");
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file)) {
            for (String sql : List.of(
                    "CREATE TABLE n(title TEXT, body TEXT, old INTEGER)",
                    "CREATE VIRTUAL TABLE f USING fts5(title, content='n')",
                    "CREATE TRIGGER i AFTER INSERT ON n BEGIN INSERT INTO f(rowid, title) VALUES (new.rowid, new.title);"
                            + " END",
                    "CREATE TRIGGER d AFTER DELETE ON n BEGIN INSERT INTO f(f, rowid, title)"
                            + " VALUES ('delete', old.rowid, old.title); END",
                    "WITH RECURSIVE k(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM k WHERE i < 60)"
                            + " INSERT INTO n SELECT 'note' || i, hex(zeroblob(3000)), i <= 40 FROM k")) {
                Ledger.execute(connection, sql);
            }
        }
        try (Bucket bucket = Bucket.of(nodes.store())) {
            bucket.push(ANN, file);
        }

        archive(ArchiveRule.builder("rule", "n")
                        .where("old = 1")
                        .rootsPerBatch(40)
                        .build())
                .run(ANN);

        assertThat(query("SELECT n.title FROM f JOIN n ON n.rowid = f.rowid WHERE f MATCH 'note50'"))
                .containsExactly("note50");
    }
}
