package dev.satchel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.DatabaseId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that take something out of the store for good: delete, retain. */
class RemovalCommandTest {
    private static final DatabaseId ALICE = DatabaseId.of("alice");

    @TempDir
    private Path directory;

    private CommandLineRun run(String... args) {
        return CommandLineRun.in(directory, args);
    }

    // delete

    @Test
    void deletesADatabaseAndTellsWhatWasErased() throws SQLException {
        Fixtures.versions(directory, ALICE, 3);

        CommandLineRun run = run("delete", "alice", "--yes");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).startsWith("deleted alice at version 4:");
        assertThat(run.table())
                .contains(List.of("commits", "3"), List.of("snapshots", "0"), List.of("image", "1"))
                .anySatisfy(row -> assertThat(String.join(" ", row)).startsWith("in all 4, "));
        assertThat(run("pull", "alice", "f.sqlite").exitCode()).isEqualTo(3);
        assertThat(run("restore", "alice", "--version", "2", "--yes")).satisfies(restore -> {
            assertThat(restore.exitCode()).isEqualTo(3);
            assertThat(restore.err()).contains("deleted at version 4");
        });
    }

    @Test
    void deletionIsAskedFor() throws SQLException {
        Fixtures.versions(directory, ALICE, 2);

        for (CommandLineRun run : List.of(run("delete", "alice"), run("delete", "alice", "--json"))) {
            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.err())
                    .contains("nothing was done", "alice, version 2 of", "cannot be brought back", "--yes");
        }
        assertThat(run("pull", "alice", "f.sqlite").exitCode()).isZero();
    }

    @Test
    void dryRunDeletesNothing() throws SQLException {
        Fixtures.versions(directory, ALICE, 2);

        assertThat(run("delete", "alice", "--dry-run")).satisfies(run -> {
            assertThat(run.exitCode()).isZero();
            assertThat(run.out()).contains("would be deleted for good as version 3", "nothing was done");
        });
        assertThat(run("delete", "alice", "--dry-run", "--json").out())
                .contains("\"dryRun\":true", "\"version\":2", "\"deleted\":false");
        assertThat(run("pull", "alice", "f.sqlite").exitCode()).isZero();
    }

    @Test
    void deletingAgainFindsNothingLeft() throws SQLException {
        Fixtures.versions(directory, ALICE, 2);
        assertThat(run("delete", "alice", "--yes", "--json").out())
                .contains("\"version\":3", "\"resumed\":false", "\"commits\":2", "\"objects\":3");

        assertThat(run("delete", "alice")).satisfies(run -> {
            assertThat(run.exitCode()).isZero();
            assertThat(run.out()).contains("was deleted already, at version 3", "nothing left");
        });
        assertThat(run("delete", "alice", "--json").out()).contains("\"resumed\":true", "\"objects\":0");
        assertThat(run("delete", "alice", "--dry-run").out()).contains("was deleted at version 3");
        assertThat(run("delete", "bob", "--yes").exitCode()).isEqualTo(3);
    }

    @Test
    void historyMarksWhatWasDeletedAndErased() throws SQLException {
        Fixtures.versions(directory, ALICE, 2);
        run("delete", "alice", "--yes");

        assertThat(run("history", "alice").table().subList(1, 4))
                .extracting(row -> row.get(3))
                .containsExactly("deleted", "erased", "erased");
        assertThat(run("history", "alice").out()).contains("nothing can be restored: version 3 is the deletion");
        Fixtures.versions(directory, ALICE, 2);
        assertThat(run("history", "alice").out()).contains("restorable: every version from 4 to 5");
        assertThat(run("history", "alice", "--json").out())
                .contains("\"mark\":\"deleted\"", "\"mark\":\"erased\"", "\"oldest\":4");
    }

    @Test
    void deletesOneOfSeveralDatabasesAndNamesTheOthers() throws SQLException {
        Fixtures.versions(directory, ALICE, 1);
        Fixtures.versions(directory, DatabaseId.of("alice", "notes"), 1);

        assertThat(run("delete", "alice", "--yes").out()).contains("alice has other databases: notes");
        assertThat(run("pull", "alice", "f.sqlite", "--name", "notes").exitCode())
                .isZero();
    }

    // retain

    @Test
    void retainsWhatIsYoungerThanTheRetention() throws SQLException {
        Fixtures.versions(directory, ALICE, 3);
        Fixtures.versions(directory, DatabaseId.of("bob"), 1);

        assertThat(run("retain", "--all", "--yes").out())
                .isEqualTo("removed 0 objects (0 B) older than 30 days, of 2 databases\n");
        assertThat(run("retain", "alice", "--keep", "72h", "--dry-run").out())
                .contains("would remove 0 objects", "3 days", "1 database");
        assertThat(run("retain", "alice", "--dry-run", "--json").out())
                .contains("\"retentionHours\":720", "\"dryRun\":true", "\"user\":\"alice\"", "\"commits\":0");
    }

    @Test
    void retentionLeavesDamagedDatabasesAloneAndGoesOn() throws SQLException, IOException {
        Fixtures.versions(directory, ALICE, 1);
        Fixtures.versions(directory, DatabaseId.of("carol"), 1);
        Files.writeString(
                Files.createDirectory(directory.resolve("data/bucket/bob")).resolve("database.sqlite"), "mine");

        assertThat(run("retain", "--all", "--keep", "24h", "--yes")).satisfies(run -> {
            assertThat(run.exitCode()).isEqualTo(6);
            assertThat(run.out()).isEqualTo("removed 0 objects (0 B) older than 24 hours, of 2 databases\n");
            assertThat(run.err()).contains("left alone", "bob/database.sqlite");
        });
    }

    @Test
    void retentionIsAskedFor() throws SQLException {
        Fixtures.versions(directory, ALICE, 1);

        assertThat(run("retain", "alice")).satisfies(run -> {
            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.err()).contains("nothing was done", "older than 30 days", "alice", "--yes");
        });
        assertThat(run("retain", "bob", "--yes").exitCode()).isEqualTo(3);
    }

    @Test
    void wrongRetentionIsWrongUsage() {
        for (String[] wrong : List.of(
                new String[] {"retain"},
                new String[] {"retain", "alice", "--all"},
                new String[] {"retain", "alice", "--keep", "1h"},
                new String[] {"retain", "alice", "--keep", "a month"})) {
            assertThat(run(wrong).exitCode()).isEqualTo(2);
        }
        assertThat(run("retain", "alice", "--keep", "1h").err()).contains("24h or more");
    }
}
