package dev.satchel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.store.DirectoryObjectStore;
import dev.satchel.store.ObjectStore;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SchemaScriptsTest {
    private static final DatabaseId ID = DatabaseId.of("alice");
    private static final String NOTES = "CREATE TABLE note(id INTEGER PRIMARY KEY, text TEXT);\n";

    @TempDir
    private Path directory;

    private ObjectStore store;
    private int nodes;

    @BeforeEach
    void openStore() {
        store = new DirectoryObjectStore(directory.resolve("bucket"), false);
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    private static SchemaScripts.Builder notes() {
        return SchemaScripts.builder().script("V1__notes.sql", NOTES);
    }

    /** What a query finds in the first column, after statements, on a new node with a schema. */
    private List<String> on(SchemaMigration schema, String query, String... before) throws SQLException {
        try (Satchel node = Satchel.builder(store, directory.resolve("node" + nodes++))
                        .schema(schema)
                        .build();
                Session session = node.open(ID)) {
            List<String> found = new ArrayList<>();
            try (Connection connection = session.connection();
                    Statement statement = connection.createStatement()) {
                for (String sql : before) {
                    statement.execute(sql);
                }
                try (ResultSet rows = statement.executeQuery(query)) {
                    while (rows.next()) {
                        found.add(rows.getString(1));
                    }
                }
            }
            session.complete();
            return found;
        }
    }

    // order and names

    @Test
    void stepsRunInTheOrderOfTheirVersionsAndAreCounted() throws SQLException {
        SchemaScripts schema = SchemaScripts.builder()
                .script("V20260101120000__d.sql", "INSERT INTO ran VALUES ('2026')")
                .script("V10__c.sql", "INSERT INTO ran VALUES ('10')")
                .script("V2_1__b.sql", "INSERT INTO ran VALUES ('2.1')")
                .java("2.1.1", "in Java", connection -> {
                    try (Statement statement = connection.createStatement()) {
                        statement.execute("INSERT INTO ran VALUES ('2.1.1')");
                    }
                })
                .script("V2__a.sql", "CREATE TABLE ran(version TEXT); INSERT INTO ran VALUES ('2')")
                .build();

        assertThat(on(schema, "SELECT version FROM ran ORDER BY rowid"))
                .containsExactly("2", "2.1", "2.1.1", "10", "2026");
        assertThat(schema.targetVersion()).isEqualTo(5);
        assertThat(schema.nameOf(2)).isEqualTo("V2_1__b.sql");
        assertThat(on(schema, "PRAGMA user_version")).containsExactly("5");
        assertThat(on(schema, "SELECT version || ' ' || description FROM satchel_schema ORDER BY user_version"))
                .containsExactly("2 a", "2.1 b", "2.1.1 in Java", "10 c", "20260101120000 d");
    }

    @Test
    void onlyWhatADatabaseLacksIsApplied() throws SQLException {
        on(notes().build(), "SELECT 1", "INSERT INTO note(text) VALUES ('kept')");
        SchemaScripts two = notes().script("V2__done.sql", "ALTER TABLE note ADD COLUMN done INTEGER DEFAULT 0")
                .build();

        assertThat(on(two, "SELECT text || done FROM note")).containsExactly("kept0");
    }

    @Test
    void triggersCommentsAndStringsDoNotBreakAScriptInTheWrongPlace() throws SQLException {
        SchemaScripts schema = notes().script("V2__trigger.sql", """
                        -- a comment; with a semicolon
                        CREATE TRIGGER t AFTER INSERT ON note BEGIN
                            UPDATE note SET text = text || ';' WHERE id = new.id;
                            UPDATE note SET text = text || '!' WHERE id = new.id;
                        END;
                        /* another; one */
                        INSERT INTO note(text) VALUES ('a;b')
                        """).build();

        assertThat(on(schema, "SELECT text FROM note")).containsExactly("a;b;!");
    }

    @ParameterizedTest
    @CsvSource({
        "R__views.sql, repeatable",
        "U1__undo.sql, undo",
        "v1__small.sql, V2_1__",
        "V1_notes.sql, two underscores",
        "V1__.sql, a description",
        "Vx__notes.sql, a version",
        "V99999999999999999999__notes.sql, too large"
    })
    void otherNamesAreRefusedWithTheRightOne(String name, String says) {
        assertThatThrownBy(() -> SchemaScripts.builder().script(name, NOTES))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(says);
    }

    @Test
    void aVersionIsThereOnceAndAScriptAtLeast() {
        assertThatThrownBy(() -> notes().script("V1.0__again.sql", NOTES))
                .hasMessageContaining("V1__notes.sql")
                .hasMessageContaining("V1.0__again.sql");
        assertThatThrownBy(() -> SchemaScripts.builder().build()).hasMessageContaining("V1__");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "BEGIN",
                "COMMIT",
                "ROLLBACK",
                "SAVEPOINT s",
                "VACUUM",
                "PRAGMA user_version = 7",
                "ATTACH 'x' AS y",
                "PRAGMA journal_mode = DELETE"
            })
    void whatCannotBeInAMigrationIsRefusedWithItsLine(String sql) {
        assertThatThrownBy(() -> notes().script("V2__x.sql", "SELECT 1;\n\n" + sql + ";\n"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("V2__x.sql, line 3: ");
    }

    // where scripts are

    @Test
    void scriptsComeFromAFolder() throws IOException {
        Path folder = Files.createDirectories(directory.resolve("scripts/later"));
        Files.writeString(folder.resolve("V2__b.sql"), "SELECT 1;");
        Files.writeString(directory.resolve("scripts/V1__a.sql"), NOTES);
        Files.writeString(directory.resolve("scripts/README.md"), "not a script");

        SchemaScripts schema =
                SchemaScripts.builder().folder(directory.resolve("scripts")).build();

        assertThat(schema.targetVersion()).isEqualTo(2);
        assertThatThrownBy(() -> SchemaScripts.builder().folder(directory.resolve("nowhere")))
                .hasMessageContaining("nowhere");
    }

    @Test
    void scriptsComeFromTheClassPathInAJarOrNot() throws IOException {
        Path folder = Files.createDirectories(directory.resolve("classes/db/scripts"));
        Files.writeString(folder.resolve("V1__a.sql"), NOTES);
        Path jar = directory.resolve("more.jar");
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file)) {
            out.putNextEntry(new JarEntry("db/scripts/"));
            out.putNextEntry(new JarEntry("db/scripts/V2__b.sql"));
            out.write("SELECT 1".getBytes(StandardCharsets.UTF_8));
            out.putNextEntry(new JarEntry("db/other/V3__c.sql"));
        }
        URL[] path = {directory.resolve("classes").toUri().toURL(), jar.toUri().toURL()};
        try (URLClassLoader loader = new URLClassLoader(path, null)) {
            SchemaScripts schema =
                    SchemaScripts.builder().classPath(loader, "db/scripts").build();

            assertThat(schema.targetVersion()).isEqualTo(2);
            assertThatThrownBy(() -> SchemaScripts.builder().classPath(loader, "db/nowhere"))
                    .hasMessageContaining("db/nowhere");
        }
    }

    // failures

    @Test
    void failedScriptIsToldWithItsStatementAndLeavesEverythingAsItWas() throws SQLException {
        on(notes().build(), "SELECT 1", "INSERT INTO note(text) VALUES ('kept')");
        SchemaScripts broken = notes().script("V2__ok.sql", "DELETE FROM note;")
                .script("V3__broken.sql", "UPDATE note SET text = 'x';\n\nINSERT INTO nowhere VALUES (1);\n")
                .build();

        assertThatThrownBy(() -> on(broken, "SELECT 1"))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("database alice")
                .hasMessageContaining("V3__broken.sql, statement 2 on line 3: ")
                .hasMessageContaining("nowhere")
                .hasCauseInstanceOf(MigrationFailedException.class);

        assertThat(on(notes().build(), "SELECT text FROM note")).containsExactly("kept");
    }

    @Test
    void scriptThatWasChangedAfterItWasAppliedIsTold() throws SQLException {
        on(notes().build(), "SELECT 1", "INSERT INTO note(text) VALUES ('kept')");
        SchemaScripts edited = SchemaScripts.builder()
                .script("V1__notes.sql", NOTES.replace("text TEXT", "text TEXT NOT NULL"))
                .script("V2__more.sql", "CREATE TABLE more(a)")
                .build();

        assertThatThrownBy(() -> on(edited, "SELECT 1"))
                .hasMessageContaining("V1__notes.sql was changed after it had been applied")
                .hasMessageContaining("new script");
    }

    @Test
    void lineEndsAndAByteOrderMarkAreNoChange() throws SQLException {
        on(notes().build(), "SELECT 1", "INSERT INTO note(text) VALUES ('kept')");
        SchemaScripts windows = SchemaScripts.builder()
                .script("V1__notes.sql", "\uFEFF" + NOTES.replace("\n", "\r\n"))
                .script("V2__more.sql", "CREATE TABLE more(a)")
                .build();

        assertThat(on(windows, "PRAGMA user_version")).containsExactly("2");
    }

    @Test
    void stepInJavaHasNoChecksumAndIsFollowedByOthers() throws SQLException {
        SchemaScripts.Builder two = notes().java("2", "in Java", connection -> {});
        on(two.build(), "SELECT 1", "INSERT INTO note(text) VALUES ('kept')");
        SchemaScripts three = two.script("V3__more.sql", "CREATE TABLE more(a)").build();

        assertThat(on(three, "SELECT user_version || coalesce(checksum, '-') LIKE '2-' FROM satchel_schema"))
                .containsExactly("0", "1", "0");
    }

    @Test
    void scriptPutBeforeAnAppliedOneIsTold() throws SQLException {
        SchemaScripts.Builder two = notes().script("V2__more.sql", "CREATE TABLE more(a)");
        on(two.build(), "SELECT 1", "INSERT INTO note(text) VALUES ('kept')");
        SchemaScripts between =
                two.script("V1_5__between.sql", "CREATE TABLE between_them(a)").build();

        assertThatThrownBy(() -> on(between, "SELECT 1")).hasMessageContaining("V1_5__between.sql");
    }

    @Test
    void databaseThatHadItsVersionBeforeThereWereScriptsGoesOnFromThere() throws SQLException {
        SchemaMigration handMade = new SchemaMigration() {
            @Override
            public int targetVersion() {
                return 1;
            }

            @Override
            public void migrate(Connection connection, int from) throws SQLException {
                try (Statement statement = connection.createStatement()) {
                    statement.execute(NOTES);
                }
            }
        };
        on(handMade, "SELECT 1", "INSERT INTO note(text) VALUES ('kept')");
        SchemaScripts two =
                notes().script("V2__more.sql", "CREATE TABLE more(a)").build();

        assertThat(on(two, "SELECT user_version FROM satchel_schema")).containsExactly("1", "2");
    }

    // foreign keys

    private static final String FAMILY = """
            CREATE TABLE parent(id INTEGER PRIMARY KEY, name TEXT);
            CREATE TABLE child(id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parent ON DELETE CASCADE);
            """;

    private void family() throws SQLException {
        on(
                SchemaScripts.builder().script("V1__family.sql", FAMILY).build(),
                "SELECT 1",
                "INSERT INTO parent VALUES (1, 'a')",
                "INSERT INTO child VALUES (1, 1)");
    }

    @Test
    void tableThatOthersReferToIsMadeAnewWithForeignKeysOff() throws SQLException {
        family();
        SchemaScripts anew = SchemaScripts.builder()
                .script("V1__family.sql", FAMILY)
                .script("V2__anew.sql", """
                        PRAGMA foreign_keys = OFF;
                        CREATE TABLE parent_new(id INTEGER PRIMARY KEY, name TEXT NOT NULL);
                        INSERT INTO parent_new SELECT * FROM parent;
                        DROP TABLE parent;
                        ALTER TABLE parent_new RENAME TO parent;
                        PRAGMA foreign_keys = ON;
                        """)
                .build();

        assertThat(on(anew, "SELECT count(*) FROM child")).containsExactly("1");
        assertThat(on(anew, "PRAGMA foreign_keys")).containsExactly("1");
    }

    @Test
    void referencesThatAMigrationBreaksWithForeignKeysOffAreTold() throws SQLException {
        family();
        SchemaScripts careless = SchemaScripts.builder()
                .script("V1__family.sql", FAMILY)
                .script("V2__careless.sql", "PRAGMA foreign_keys = OFF; DELETE FROM parent;")
                .build();

        assertThatThrownBy(() -> on(careless, "SELECT 1")).hasMessageContaining("table child to parent");
    }
}
