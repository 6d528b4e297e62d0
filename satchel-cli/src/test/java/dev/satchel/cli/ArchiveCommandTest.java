package dev.satchel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.DatabaseId;
import dev.satchel.Satchel;
import dev.satchel.Session;
import dev.satchel.store.DirectoryObjectStore;
import dev.satchel.store.ObjectStore;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands about what takes space: archive, size. */
class ArchiveCommandTest {
    private static final String[] OLD = {
        "archive", "run", "alice", "--rule", "old", "--table", "projects", "--where", "id < 3", "--label", "title"
    };
    private static final Pattern BATCH = Pattern.compile("\"batch\":\"([0-9a-f]{32})\"");

    @TempDir
    private Path directory;

    private CommandLineRun run(String... args) {
        return CommandLineRun.in(directory, args);
    }

    @BeforeEach
    void createProjects() throws SQLException {
        try (ObjectStore store = new DirectoryObjectStore(directory.resolve("data/bucket"), false);
                Satchel node = Satchel.builder(store, directory.resolve("node")).build();
                Session session = node.open(DatabaseId.of("alice"));
                Connection connection = session.connection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE projects(id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT)");
            statement.execute("CREATE TABLE clips(project INTEGER REFERENCES projects, data BLOB)");
            statement.execute("CREATE INDEX clips_by_project ON clips(project)");
            for (int id = 1; id <= 4; id++) {
                statement.execute("INSERT INTO projects VALUES (" + id + ", 'project " + id + "')");
                statement.execute("INSERT INTO clips VALUES (" + id + ", randomblob(20000)), (" + id + ", x'00ff')");
            }
        }
    }

    @Test
    void archivesListsAsksAndRestores() {
        CommandLineRun archived = run(OLD);

        assertThat(archived.exitCode()).as(archived.err()).isZero();
        assertThat(archived.out()).contains("project 1", "project 2", "archived 6 rows in 2 batches");
        assertThat(run("archive", "list", "alice").table()).hasSize(3);
        assertThat(run("archive", "query", "alice", "SELECT id, title FROM projects ORDER BY id")
                        .table())
                .containsExactly(List.of("id", "title"), List.of("1", "project 1"), List.of("2", "project 2"));
        assertThat(run("archive", "query", "alice", "SELECT data FROM clips WHERE length(data) = 2", "--json")
                        .out())
                .contains("{\"rows\":[{\"data\":\"x'00ff'\"},{\"data\":\"x'00ff'\"}]}");
        assertThat(run("users").out()).isEqualToIgnoringNewLines("alice  database (with an archive)");

        Matcher batch = BATCH.matcher(run("archive", "list", "alice", "--json").out());
        assertThat(batch.find()).isTrue();
        CommandLineRun restored = run("archive", "restore", "alice", batch.group(1));

        assertThat(restored.out()).contains("restored 3 rows");
        assertThat(run("archive", "list", "alice").table()).hasSize(2);
        assertThat(run("archive", "restore", "alice", batch.group(1)).exitCode())
                .isEqualTo(3);
        assertThat(run("delete", "alice", "--yes").exitCode()).isZero();
        assertThat(run("archive", "list", "alice").exitCode()).isEqualTo(0);
    }

    @Test
    void whatAVersionHasArchivedIsPulledIntoAFileOfItsOwn() throws SQLException {
        run(OLD);
        String[] pull = {"pull", "alice", "live.sqlite", "--with-archive", "archived.sqlite"};

        CommandLineRun pulled = run(pull);

        assertThat(pulled.exitCode()).as(pulled.err()).isZero();
        assertThat(pulled.out()).contains("and what it has archived, 2 batches, into archived.sqlite");
        assertThat(Fixtures.query(directory.resolve("live.sqlite"), "SELECT group_concat(id) FROM projects"))
                .isEqualTo("3,4");
        Path archived = directory.resolve("archived.sqlite");
        assertThat(Fixtures.query(archived, "SELECT group_concat(id) FROM (SELECT id FROM projects ORDER BY id)"))
                .isEqualTo("1,2");
        assertThat(Fixtures.query(archived, "SELECT count(*) FROM clips")).isEqualTo("4");
        assertThat(run(pull).exitCode()).isEqualTo(1);
        assertThat(run("pull", "alice", "a.sqlite", "--with-archive", "a.sqlite")
                        .exitCode())
                .isEqualTo(2);

        assertThat(run("pull", "alice", "live.sqlite", "--version", "1", "--with-archive", "archived.sqlite", "--force")
                        .out())
                .contains("0 batches");
        assertThat(Fixtures.query(archived, "SELECT count(*) FROM sqlite_schema"))
                .as("the version before had archived nothing")
                .isEqualTo("0");
    }

    @Test
    void deletionThatWouldLeaveAnArchiveElsewhereIsRefused() throws SQLException {
        run(OLD);
        try (ObjectStore store = new DirectoryObjectStore(directory.resolve("data/bucket"), false);
                Satchel node = Satchel.builder(store, directory.resolve("node")).build();
                Session session = node.open(DatabaseId.of("alice"));
                Connection connection = session.connection();
                Statement statement = connection.createStatement()) {
            statement.execute("UPDATE satchel_archive SET tier = 'durable-objects'");
        }

        CommandLineRun refused = run("delete", "alice", "--yes");

        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err()).contains("2 batches in \"durable-objects\"", "--archive-tier", "--leave-archive");
        assertThat(run("delete", "alice", "--yes", "--archive-tier", "https://worker.example")
                        .exitCode())
                .as("without a key")
                .isEqualTo(2);
        assertThat(run("delete", "alice", "--yes", "--leave-archive").exitCode())
                .isZero();
    }

    @Test
    void aDryRunArchivesNothing() {
        String[] args = Stream.concat(Arrays.stream(OLD), Stream.of("--dry-run", "--json"))
                .toArray(String[]::new);

        assertThat(run(args).out()).contains("\"dryRun\":true", "\"batches\":2", "\"rows\":6");
        assertThat(run("archive", "list", "alice").out()).contains("has archived nothing");
    }

    @Test
    void wrongUsageSaysWhatIsRight() {
        assertThat(run("archive", "run", "alice", "--rule", "A b", "--table", "t", "--where", "1"))
                .satisfies(run -> {
                    assertThat(run.exitCode()).isEqualTo(2);
                    assertThat(run.err()).contains("lower-case words");
                });
        assertThat(run("archive", "run", "alice", "--rule", "a", "--table", "t", "--where", "1", "--older-than", "x")
                        .exitCode())
                .isEqualTo(2);
        assertThat(run("archive", "restore", "alice", "x").exitCode()).isEqualTo(2);
        assertThat(run("archive", "list", "bob").exitCode()).isEqualTo(3);
        assertThat(run("archive", "run", "alice", "--rule", "a", "--table", "nothing", "--where", "1")
                        .err())
                .contains("no table nothing");
        assertThat(run("archive", "query", "alice", "SELECT * FROM nothing").err())
                .contains("the query failed");
    }

    @Test
    void theSizeIsToldByTableAndIndex() {
        CommandLineRun size = run("size", "alice");

        assertThat(size.exitCode()).as(size.err()).isZero();
        assertThat(size.out())
                .contains("clips_by_project (index of clips)", "compaction would free 0 B", "archived: nothing");
        assertThat(size.table().get(3).get(0)).isEqualTo("clips");
        assertThat(run("size", "alice", "--json").out()).contains("\"level\":\"normal\"", "\"name\":\"clips\"");
        run(OLD);
        assertThat(run("size", "alice").out()).contains("archived: 6 rows in 2 batches");
        assertThat(run("size", "bob").exitCode()).isEqualTo(3);
    }
}
