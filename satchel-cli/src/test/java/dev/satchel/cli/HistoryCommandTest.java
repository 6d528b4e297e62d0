package dev.satchel.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.Bucket;
import dev.satchel.DatabaseId;
import dev.satchel.store.DirectoryObjectStore;
import dev.satchel.store.ObjectStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands that look back: history, restore, conflicts. */
class HistoryCommandTest {
    private static final DatabaseId ALICE = DatabaseId.of("alice");

    @TempDir
    private Path directory;

    private CommandLineRun run(String... args) {
        return CommandLineRun.in(directory, args);
    }

    private ObjectStore store() {
        return new DirectoryObjectStore(directory.resolve("data/bucket"), false);
    }

    private String rowsOfHead() throws SQLException {
        run("pull", "alice", "head.sqlite", "--force");
        return Fixtures.query(directory.resolve("head.sqlite"), "SELECT count(*) FROM t");
    }

    // history and restore

    @Test
    void historyIsTheLog() throws SQLException {
        Fixtures.versions(directory, ALICE, 3);

        assertThat(run("history", "alice")).isEqualTo(run("log", "alice"));
        assertThat(run("history", "alice").table())
                .extracting(row -> row.get(0))
                .startsWith("VERSION", "3", "2", "1");
    }

    @Test
    void historySaysHowFarBackItReaches() throws SQLException {
        Fixtures.versions(directory, ALICE, 3);

        assertThat(run("history", "alice", "-n", "1").out())
                .contains("restorable: every version from 1 to 3; image at 3");
        assertThat(run("history", "alice", "--json").out()).contains("\"oldest\":1,\"image\":3,\"snapshots\":[]");
    }

    @Test
    void historyTakesTheNameOfADatabase() throws SQLException {
        Fixtures.versions(directory, DatabaseId.of("alice", "notes"), 1);

        assertThat(run("history", "alice", "--name", "notes").out()).contains("restorable: version 1");
    }

    @Test
    void historyShowsTheVersionsBesideADamagedOne() throws SQLException, IOException {
        Fixtures.versions(directory, ALICE, 3);
        damageCommit(2);

        CommandLineRun run = run("history", "alice");

        assertThat(run.exitCode()).isEqualTo(6);
        assertThat(run.table()).extracting(row -> row.get(0)).startsWith("VERSION", "3", "2", "1");
        assertThat(run.table().get(2)).contains("damaged", "-");
        assertThat(run.err()).contains("damaged: version 2;");
        assertThat(run("history", "alice", "--json").out()).contains("\"mark\":\"damaged\"");
        assertThat(run("history", "alice", "-n", "1").exitCode()).isZero();
        assertThat(run("restore", "alice", "--version", "1", "--yes").exitCode())
                .isZero();
    }

    @Test
    void damagedNewestVersionThatTheImageHasIsAVersionLikeOthers() throws SQLException, IOException {
        Fixtures.versions(directory, ALICE, 3);
        damageCommit(3);

        assertThat(run("history", "alice").exitCode()).isZero();
        assertThat(run("restore", "alice", "--version", "1", "--yes").exitCode())
                .isZero();
        assertThat(rowsOfHead()).isEqualTo("1");
        assertThat(run("delete", "alice", "--yes").exitCode()).isZero();
    }

    @Test
    void damagedNewestVersionThatNothingElseHasIsToldAsSuch() throws SQLException, IOException {
        Fixtures.versions(directory, ALICE, 3);
        damageCommit(3);
        Files.delete(directory.resolve("data/bucket/alice/database.sqlite"));

        assertThat(run("history", "alice").exitCode()).isEqualTo(6);
        assertThat(run("restore", "alice", "--version", "1", "--yes")).satisfies(run -> {
            assertThat(run.exitCode()).isEqualTo(6);
            assertThat(run.err()).contains("0000000000000003.ltx");
        });
        assertThat(run("delete", "alice", "--dry-run").out()).contains("version 3", "(damaged)");
        assertThat(run("delete", "alice", "--yes").out()).startsWith("deleted alice at version 4:");
        assertThat(run("pull", "alice", "f.sqlite").exitCode()).isEqualTo(3);
    }

    @Test
    void whatIsDamagedEverywhereCanBeDeleted() throws SQLException, IOException {
        Fixtures.versions(directory, ALICE, 3);
        damageCommit(3);
        damage("database.sqlite");

        assertThat(run("delete", "alice", "--yes").out()).startsWith("deleted alice at version 4:");
        assertThat(run("pull", "alice", "f.sqlite").exitCode()).isEqualTo(3);
    }

    private void damageCommit(int version) throws IOException {
        String number = "000000000000000" + version;
        damage("database.ltx/0000/" + number + "-" + number + ".ltx");
    }

    private void damage(String object) throws IOException {
        Path file = directory.resolve("data/bucket/alice").resolve(object);
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
    }

    @Test
    void dryRunTellsWhatWouldHappenAndDoesNothing() throws SQLException {
        Fixtures.versions(directory, ALICE, 3);

        assertThat(run("restore", "alice", "--version", "1", "--dry-run")).satisfies(run -> {
            assertThat(run.exitCode()).isZero();
            assertThat(run.out())
                    .contains("would restore version 1 of 2", "(8.0 KB, sound) of alice as version 4")
                    .contains("replacing version 3", "nothing was done");
        });
        assertThat(run("restore", "alice", "--version", "2", "--dry-run", "--json")
                        .out())
                .contains("\"dryRun\":true", "\"wanted\":{\"version\":2", "\"head\":{\"version\":3", "\"wouldBe\":4");
        assertThat(run("restore", "alice", "--version", "3", "--dry-run").out()).contains("nothing to restore");
        assertThat(run("restore", "alice", "--version", "9", "--dry-run").exitCode())
                .isEqualTo(3);
        assertThat(rowsOfHead()).isEqualTo("3");
    }

    @Test
    void restoresWhatWasThereSomeTimeAgo() throws SQLException {
        Fixtures.versions(directory, ALICE, 2);

        assertThat(run("restore", "alice", "--at", "0s ago", "--yes").out()).contains("nothing to restore: version 2");
        assertThat(run("restore", "alice", "--at", "2 hours ago", "--yes").err())
                .contains("the oldest is version 1");
    }

    @Test
    void restoresAVersionAndTakesItBack() throws SQLException {
        Fixtures.versions(directory, ALICE, 3);

        CommandLineRun restored = run("restore", "alice", "--version", "1", "--yes");

        assertThat(restored.exitCode()).isZero();
        assertThat(restored.out())
                .contains("restored version 1 of alice as version 4", "version 3 is what it replaced");
        assertThat(rowsOfHead()).isEqualTo("1");
        assertThat(run("restore", "alice", "--version", "3", "--yes").exitCode())
                .isZero();
        assertThat(rowsOfHead()).isEqualTo("3");
    }

    @Test
    void restoresWhatWasTheNewestAtATime() throws SQLException {
        Fixtures.versions(directory, ALICE, 3);
        Instant second;
        try (ObjectStore store = store();
                Bucket bucket = Bucket.of(store)) {
            second = bucket.log(ALICE, 2).get(1).timestamp();
        }

        CommandLineRun restored = run("restore", "alice", "--at", second + "", "--yes", "--json");

        assertThat(restored.exitCode()).isZero();
        assertThat(restored.out()).contains("\"version\":4", "\"restored\":2", "\"changed\":true");
        assertThat(rowsOfHead()).isEqualTo("2");
        assertThat(run("restore", "alice", "--at", "2001-01-01T00:00:00Z", "--yes"))
                .satisfies(run -> {
                    assertThat(run.exitCode()).isEqualTo(3);
                    assertThat(run.err()).contains("the oldest is version 1");
                });
    }

    @Test
    void restoreIsAskedFor() throws SQLException {
        Fixtures.versions(directory, ALICE, 3);

        for (CommandLineRun run : List.of(
                run("restore", "alice", "--version", "1"), run("restore", "alice", "--version", "1", "--json"))) {
            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.err()).contains("nothing was done", "Version 1 of alice becomes version 4", "--yes");
        }
        assertThat(rowsOfHead()).isEqualTo("3");
    }

    @Test
    void restoringTheNewestVersionChangesNothing() throws SQLException {
        Fixtures.versions(directory, ALICE, 2);

        assertThat(run("restore", "alice", "--version", "2").out()).contains("nothing to restore");
    }

    @Test
    void restoreOfWhatIsNotThereIsNotFound() throws SQLException {
        Fixtures.versions(directory, ALICE, 2);

        assertThat(run("restore", "alice", "--version", "9", "--yes").exitCode())
                .isEqualTo(3);
        assertThat(run("restore", "bob", "--version", "1", "--yes").exitCode()).isEqualTo(3);
        for (String[] wrong : List.of(
                new String[] {"restore", "alice"},
                new String[] {"restore", "alice", "--version", "0"},
                new String[] {"restore", "alice", "--at", "yesterday"},
                new String[] {"restore", "alice", "--version", "1", "--at", "2026-01-01T00:00:00Z"})) {
            assertThat(run(wrong).exitCode()).isEqualTo(2);
        }
    }

    private static Instant time(String text, ZoneId zone) {
        return Times.parse(text, zone, Instant.parse("2026-06-15T12:00:00Z"));
    }

    @Test
    void timeWithoutAFractionIsTheEndOfItsSecond() {
        ZoneId berlin = ZoneId.of("Europe/Berlin");

        assertThat(time("2026-05-31T12:00:00Z", ZoneOffset.UTC)).isEqualTo("2026-05-31T12:00:00.999Z");
        assertThat(time("2026-05-31T12:00:00.000Z", ZoneOffset.UTC)).isEqualTo("2026-05-31T12:00:00Z");
        assertThat(time("2026-05-31 12:00:00", berlin)).isEqualTo("2026-05-31T10:00:00.999Z");
        assertThat(time("2026-05-31T12:00+02:00", ZoneOffset.UTC)).isEqualTo("2026-05-31T10:00:00.999Z");
        Instant shown = Instant.parse("2026-05-31T12:00:00.123Z");
        assertThat(time(Times.of(shown, berlin), berlin)).isAfterOrEqualTo(shown);
    }

    @Test
    void timeMayNameItsZone() {
        assertThat(time("2026-05-31 12:00 Europe/Berlin", ZoneOffset.UTC)).isEqualTo("2026-05-31T10:00:00.999Z");
        assertThat(time("2026-05-31T12:00:00 UTC", ZoneId.of("Asia/Tokyo"))).isEqualTo("2026-05-31T12:00:00.999Z");
    }

    @ParameterizedTest
    @CsvSource({
        "90s ago, 2026-06-15T11:58:30Z",
        "5 min ago, 2026-06-15T11:55:00Z",
        "2h ago, 2026-06-15T10:00:00Z",
        "2 Hours ago, 2026-06-15T10:00:00Z",
        "1 day ago, 2026-06-14T12:00:00Z",
        "3 weeks ago, 2026-05-25T12:00:00Z"
    })
    void timeMayBeSoLongAgo(String text, Instant expected) {
        assertThat(time(text, ZoneOffset.UTC)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "noon",
                "yesterday",
                "2h",
                "2 parsecs ago",
                "2026-05-31",
                "2026-02-30 12:00",
                "2026-05-31 12:00 Mars/Base"
            })
    void whatIsNoTimeIsToldWithHowToWriteOne(String text) {
        assertThatThrownBy(() -> time(text, ZoneOffset.UTC))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not a time: \"" + text)
                .hasMessageContaining("2h ago");
    }

    // conflicts

    private String conflict() throws SQLException {
        try (ObjectStore store = store()) {
            return Fixtures.conflict(store, directory, ALICE);
        }
    }

    @Test
    void listsConflicts() throws SQLException {
        String id = conflict();

        List<List<String>> table = run("conflicts", "alice").table();
        assertThat(table).hasSize(2);
        assertThat(table.get(1)).contains("reject", "1", "3", id);
        assertThat(run("conflicts", "alice", "--json").out())
                .contains("\"conflicts\":[{\"id\":\"" + id, "\"policy\":\"reject\"", "\"base\":1", "\"head\":3");
    }

    @Test
    void databaseWithoutConflictsHasNone() throws SQLException {
        Fixtures.versions(directory, ALICE, 1);

        assertThat(run("conflicts", "alice").out()).contains("no conflicts of alice");
        assertThat(run("conflicts", "alice", "--json").out()).contains("\"conflicts\":[]");
        assertThat(run("conflicts", "bob").exitCode()).isEqualTo(3);
    }

    @Test
    void showsAConflictBesideTheNewestVersion() throws SQLException {
        String id = conflict();

        assertThat(run("conflicts", "alice", "--show", id).table()).endsWith(List.of("t", "2", "3"));
        assertThat(run("conflicts", "alice", "--show", id.substring(0, 20), "--json")
                        .out())
                .contains("\"tables\":[{\"name\":\"t\",\"rowsKept\":2,\"rowsNow\":3}]");
        assertThat(run("conflicts", "alice", "--show", "nonsense").exitCode()).isEqualTo(3);
    }

    @Test
    void exportsAConflict() throws SQLException {
        String id = conflict();

        assertThat(run("conflicts", "alice", "--export", id, "lost.sqlite").exitCode())
                .isZero();
        assertThat(Fixtures.query(directory.resolve("lost.sqlite"), "SELECT count(*) FROM t"))
                .isEqualTo("2");
        assertThat(run("conflicts", "alice", "--export", id, "lost.sqlite").err())
                .contains("exists already");
        assertThat(run("conflicts", "alice", "--export", id).exitCode()).isEqualTo(2);
    }

    @Test
    void dropsAConflictWhenSaidSo() throws SQLException {
        String id = conflict();

        assertThat(run("conflicts", "alice", "--drop", id).exitCode()).isEqualTo(1);
        assertThat(run("conflicts", "alice").out()).contains(id);
        assertThat(run("conflicts", "alice", "--drop", id, "--yes").out()).contains("dropped");
        assertThat(run("conflicts", "alice").out()).contains("no conflicts");
        assertThat(rowsOfHead()).isEqualTo("3");
    }
}
