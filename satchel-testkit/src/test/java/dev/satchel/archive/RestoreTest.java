package dev.satchel.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.ArchiveException;
import dev.satchel.DatabaseId;
import dev.satchel.Satchel;
import dev.satchel.testkit.InMemoryArchiveTier;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What comes back is what left, and costs no other row, whatever constraints and triggers the tables have. */
class RestoreTest {
    private static final DatabaseId ANN = DatabaseId.of("ann");

    @RegisterExtension
    private final ArchiveNodes nodes = new ArchiveNodes();

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

    /** Archives the row 1 of table p. */
    private Archive archived() throws SQLException {
        Archive archive = nodes.archive(node)
                .tier(new InMemoryArchiveTier())
                .rule(ArchiveRule.builder("one", "p").where("id = 1").build())
                .build();
        assertThat(archive.run(ANN).archived()).hasSize(1);
        return archive;
    }

    private static void restore(Archive archive) throws SQLException {
        archive.restore(ANN, archive.list(ANN).get(0).batch());
    }

    private void refuses(Archive archive, ArchiveException.Kind kind, String... told) throws SQLException {
        List<String> before = query("SELECT * FROM p");
        assertThatThrownBy(() -> restore(archive))
                .isInstanceOfSatisfying(
                        ArchiveException.class, e -> assertThat(e.kind()).isEqualTo(kind))
                .hasMessageContainingAll(told);
        assertThat(query("SELECT * FROM p")).isEqualTo(before);
        assertThat(archive.list(ANN)).hasSize(1);
    }

    // other rows

    @Test
    void aConstraintThatReplacesTakesNoOtherRow() throws SQLException {
        run(
                "CREATE TABLE p(id INTEGER PRIMARY KEY AUTOINCREMENT, t TEXT UNIQUE ON CONFLICT REPLACE)",
                "INSERT INTO p VALUES (1, 'a')");
        Archive archive = archived();
        run("INSERT INTO p VALUES (7, 'a')");

        refuses(archive, ArchiveException.Kind.KEY_IN_USE, "table p", "id = 1");
    }

    @Test
    void aConstraintThatIgnoresDropsNoRow() throws SQLException {
        run(
                "CREATE TABLE p(id INTEGER PRIMARY KEY AUTOINCREMENT, t TEXT UNIQUE ON CONFLICT IGNORE)",
                "INSERT INTO p VALUES (1, 'a')");
        Archive archive = archived();
        run("INSERT INTO p VALUES (7, 'a')");

        refuses(archive, ArchiveException.Kind.KEY_IN_USE, "table p", "id = 1");
    }

    @Test
    void aTriggerThatRefusesTheRowSilentlyDropsNoRow() throws SQLException {
        run(
                "CREATE TABLE p(id INTEGER PRIMARY KEY AUTOINCREMENT, t TEXT)",
                "INSERT INTO p VALUES (1, 'a')",
                "CREATE TRIGGER most BEFORE INSERT ON p WHEN (SELECT count(*) FROM p) >= 1"
                        + " BEGIN SELECT RAISE(IGNORE); END");
        Archive archive = archived();
        run("INSERT INTO p VALUES (7, 'a')");

        refuses(archive, ArchiveException.Kind.SCHEMA_DIFFERS, "table p", "id = 1", "trigger");
    }

    @Test
    void aTriggerThatDeletesTheRowAgainDropsNoRow() throws SQLException {
        run("CREATE TABLE p(id INTEGER PRIMARY KEY AUTOINCREMENT, t TEXT)", "INSERT INTO p VALUES (1, 'a'), (2, 'b')");
        Archive archive = archived();
        run("CREATE TRIGGER gone AFTER INSERT ON p BEGIN DELETE FROM p WHERE id = new.id; END");

        refuses(archive, ArchiveException.Kind.SCHEMA_DIFFERS, "table p", "id = 1", "trigger");
    }

    @Test
    void whatATriggerDoesOnAConflictOfItsOwnIsLeftToIt() throws SQLException {
        run(
                "CREATE TABLE p(id INTEGER PRIMARY KEY AUTOINCREMENT, t TEXT)",
                "CREATE TABLE words(word TEXT PRIMARY KEY)",
                "CREATE TRIGGER word AFTER INSERT ON p BEGIN INSERT OR IGNORE INTO words VALUES (new.t); END",
                "INSERT INTO p VALUES (1, 'a')");
        Archive archive = archived();

        restore(archive);

        assertThat(query("SELECT * FROM p")).containsExactly("1|a");
    }

    // its own values

    @Test
    void aColumnThatATriggerTouchesIsPutBack() throws SQLException {
        run(
                "CREATE TABLE p(id INTEGER PRIMARY KEY AUTOINCREMENT, t TEXT, updated TEXT)",
                "CREATE TABLE c(id INTEGER PRIMARY KEY AUTOINCREMENT, p INTEGER REFERENCES p)",
                "INSERT INTO p VALUES (1, 'a', '2020-01-01')",
                "INSERT INTO c VALUES (1, 1), (2, 1)",
                "CREATE TRIGGER touch AFTER INSERT ON c BEGIN UPDATE p SET updated = 'now' WHERE id = new.p; END");
        Archive archive = archived();

        restore(archive);

        assertThat(query("SELECT * FROM p")).containsExactly("1|a|2020-01-01");
        assertThat(query("SELECT * FROM c")).containsExactly("1|1", "2|1");
    }

    @Test
    void aColumnThatATriggerSetsAtEveryUpdateDoesNotKeepTheRowInTheArchive() throws SQLException {
        run(
                "CREATE TABLE p(id INTEGER PRIMARY KEY AUTOINCREMENT, t TEXT, updated TEXT)",
                "INSERT INTO p VALUES (1, 'a', '2020-01-01')",
                "CREATE TRIGGER made AFTER INSERT ON p BEGIN UPDATE p SET t = 'b' WHERE id = new.id; END",
                "CREATE TRIGGER touch AFTER UPDATE ON p BEGIN UPDATE p SET updated = 'now' WHERE id = new.id; END");
        Archive archive = archived();

        restore(archive);

        assertThat(query("SELECT * FROM p")).containsExactly("1|a|now");
    }

    @Test
    void aColumnWhoseTypeHoldsTheValueNoMoreRefusesTheRestore() throws SQLException {
        run("CREATE TABLE p(id INTEGER PRIMARY KEY AUTOINCREMENT, t TEXT)", "INSERT INTO p VALUES (1, '007')");
        Archive archive = archived();
        run("DROP TABLE p", "CREATE TABLE p(id INTEGER PRIMARY KEY AUTOINCREMENT, t INTEGER)");

        refuses(archive, ArchiveException.Kind.SCHEMA_DIFFERS, "table p", "id = 1", "column t");
    }

    @Test
    void rowsOfATableWithoutAKeyComeBackOnceEach() throws SQLException {
        run(
                "CREATE TABLE p(id INTEGER PRIMARY KEY AUTOINCREMENT)",
                "CREATE TABLE c(p INTEGER REFERENCES p, v)",
                "CREATE TABLE k(a TEXT, b BLOB, p INTEGER REFERENCES p, PRIMARY KEY (a, b)) WITHOUT ROWID",
                "INSERT INTO p VALUES (1)",
                "INSERT INTO c VALUES (1, 'same'), (1, 'same'), (1, NULL), (1, 1.5), (1, ''), (1, x'')",
                "INSERT INTO k VALUES ('a', x'00', 1), ('', x'', 1), ('x', 'y', 1)");
        List<String> rows = query("SELECT typeof(v), v FROM c ORDER BY 1, 2 NULLS FIRST");
        List<String> keyed = query("SELECT typeof(a), a, typeof(b), hex(b) FROM k");
        Archive archive = archived();

        restore(archive);

        assertThat(query("SELECT typeof(v), v FROM c ORDER BY 1, 2 NULLS FIRST"))
                .isEqualTo(rows);
        assertThat(query("SELECT typeof(a), a, typeof(b), hex(b) FROM k")).isEqualTo(keyed);
    }
}
