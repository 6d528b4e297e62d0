package dev.satchel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.DatabaseId;
import dev.satchel.Satchel;
import dev.satchel.Session;
import dev.satchel.cloudflare.DurableObjectsArchive;
import dev.satchel.cloudflare.DurableObjectsConfig;
import dev.satchel.store.DirectoryObjectStore;
import dev.satchel.store.ObjectStore;
import dev.satchel.testkit.cloudflare.LocalDurableObjects;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands about the archive, with one in Cloudflare's local Durable Objects. */
class ArchiveInDurableObjectsIT {
    @TempDir
    private Path directory;

    @Test
    void archivesPullsAndDeletesThereToo() throws Exception {
        try (ObjectStore store = new DirectoryObjectStore(directory.resolve("data/bucket"), false);
                Satchel node = Satchel.builder(store, directory.resolve("node")).build();
                Session session = node.open(DatabaseId.of("alice"));
                Connection connection = session.connection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE projects(id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT)");
            statement.execute("INSERT INTO projects(title) VALUES ('old'), ('new')");
        }
        try (LocalDurableObjects cloudflare = LocalDurableObjects.start(directory.resolve("objects"))) {
            Map<String, String> environment = Map.of(
                    ArchiveTierOption.VARIABLE, cloudflare.url().toString(), ArchiveTierOption.KEY, cloudflare.key());

            CommandLineRun archived = run(
                    environment,
                    "archive",
                    "run",
                    "alice",
                    "--rule",
                    "old",
                    "--table",
                    "projects",
                    "--where",
                    "id = 1");

            assertThat(archived.out()).as(archived.err()).contains("archived 1 rows in 1 batches");
            assertThat(run(environment, "archive", "query", "alice", "SELECT title FROM projects")
                            .table())
                    .contains(List.of("old"));
            assertThat(run(environment, "pull", "alice", "live.sqlite", "--with-archive", "archived.sqlite")
                            .exitCode())
                    .isZero();
            assertThat(Fixtures.query(directory.resolve("archived.sqlite"), "SELECT title FROM projects"))
                    .isEqualTo("old");
            assertThat(run(Map.of(), "delete", "alice", "--yes").err()).contains("1 batch in \"durable-objects\"");
            assertThat(run(environment, "delete", "alice", "--yes").exitCode()).isZero();
            try (DurableObjectsArchive tier =
                    DurableObjectsArchive.connect(DurableObjectsConfig.of(cloudflare.url(), cloudflare.key()))) {
                assertThat(tier.list(DatabaseId.of("alice"), Optional.empty(), 10))
                        .isEmpty();
            }
        }
    }

    private CommandLineRun run(Map<String, String> environment, String... args) {
        return CommandLineRun.in(directory, environment, args);
    }
}
