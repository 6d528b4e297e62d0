package dev.satchel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.Bucket;
import dev.satchel.DatabaseId;
import dev.satchel.Version;
import dev.satchel.store.DirectoryObjectStore;
import dev.satchel.store.ObjectStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The schema of a fleet of a few databases. */
class MigrateCommandTest {
    private static final String ONE = "CREATE TABLE note(id INTEGER PRIMARY KEY, text TEXT NOT NULL);\n";
    private static final String TWO = "ALTER TABLE note ADD COLUMN done INTEGER NOT NULL DEFAULT 0;\n";

    @TempDir
    private Path directory;

    @BeforeEach
    void writeScripts() throws IOException {
        Files.createDirectories(directory.resolve("scripts"));
        Files.writeString(directory.resolve("scripts/V1__notes.sql"), ONE);
        Files.writeString(directory.resolve("scripts/V2__done.sql"), TWO);
    }

    private CommandLineRun run(String... args) {
        return CommandLineRun.in(directory, args);
    }

    private CommandLineRun migrate(String... more) {
        List<String> args =
                new ArrayList<>(List.of("migrate", "--all", "--scripts", "scripts", "--state", "report.jsonl"));
        args.addAll(List.of(more));
        return run(args.toArray(new String[0]));
    }

    private static DatabaseId user(int number) {
        return DatabaseId.of(String.format("user%02d", number));
    }

    /** Users 1 to N at schema version 1, each with a note. */
    private void fleet(int count) throws SQLException {
        for (int i = 1; i <= count; i++) {
            push(user(i), ONE, "INSERT INTO note(text) VALUES ('of " + i + "')", "PRAGMA user_version = 1");
        }
    }

    private void push(DatabaseId id, String... statements) throws SQLException {
        Path file = directory.resolve("push-" + id.encodedName() + id.user().encoded() + ".sqlite");
        Fixtures.sqlite(file, statements);
        try (ObjectStore store = new DirectoryObjectStore(directory.resolve("data/bucket"), false);
                Bucket bucket = Bucket.builder(store).node("fixture").build()) {
            bucket.push(id, file);
        }
    }

    /** What the newest version of a database says to a query. */
    private String ask(DatabaseId id, String sql) throws SQLException, IOException {
        Path file = directory.resolve("asked.sqlite");
        Files.deleteIfExists(file);
        try (ObjectStore store = new DirectoryObjectStore(directory.resolve("data/bucket"), false);
                Bucket bucket = Bucket.of(store)) {
            bucket.pull(id, file);
        }
        return Fixtures.query(file, sql);
    }

    private Version head(DatabaseId id) {
        try (ObjectStore store = new DirectoryObjectStore(directory.resolve("data/bucket"), false);
                Bucket bucket = Bucket.of(store)) {
            return bucket.head(id).version();
        }
    }

    /** The last line of the report for each user. */
    private Map<String, MigrationRecord> report() {
        Map<String, MigrationRecord> found = new TreeMap<>();
        try (MigrationFile file = MigrationFile.open(directory.resolve("report.jsonl"), null)) {
            file.latest().forEach((id, record) -> found.put(id.user().value(), record));
        }
        return found;
    }

    @Test
    void everyDatabaseIsMigratedAndHasALineInTheReport() throws Exception {
        fleet(5);
        push(user(6), ONE, TWO, "PRAGMA user_version = 2");
        push(user(7), ONE, TWO, "PRAGMA user_version = 9");
        push(DatabaseId.of("user08", "other"), "CREATE TABLE other(a)");

        CommandLineRun run = migrate("--yes");

        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        assertThat(run.table())
                .contains(
                        List.of("user03", "1", "migrated", "1 -> 2", "1 -> 2"),
                        List.of("user06", "1", "current", "2", "1"),
                        List.of("user07", "1", "newer", "9", "1"));
        assertThat(run.out())
                .contains(
                        "5 migrated, 1 current, 1 newer of 7 databases, schema version 2 (V2__done.sql)",
                        "report.jsonl");
        assertThat(report()).hasSize(7);
        assertThat(ask(user(3), "SELECT text || done FROM note")).isEqualTo("of 30");
        assertThat(head(user(7))).isEqualTo(Version.of(1));
    }

    @Test
    void itIsAskedForAndNothingIsDoneWithoutAnAnswer() throws SQLException {
        fleet(2);

        CommandLineRun run = migrate("--canary", "1");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .contains("nothing was done: 2 databases in", "schema version 2 (V2__done.sql), canary: 1, wave 1: 1");
        assertThat(directory.resolve("report.jsonl")).doesNotExist();
        assertThat(head(user(1))).isEqualTo(Version.of(1));
    }

    @Test
    void dryRunMigratesCopiesAndPublishesNothing() throws SQLException {
        fleet(2);
        push(user(3), "CREATE TABLE other(a)", "PRAGMA user_version = 1");

        CommandLineRun run = migrate("--dry-run", "--error-budget", "5");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).contains("would be: 2 migrated, 1 failed of 3 databases", "1 database would be below it");
        assertThat(run.out()).contains("V2__done.sql, statement 1 on line 1: ", "nothing was done");
        assertThat(directory.resolve("report.jsonl")).doesNotExist();
        assertThat(head(user(1))).isEqualTo(Version.of(1));
    }

    @Test
    void aSecondRunFindsEverythingDone() throws SQLException {
        fleet(3);
        migrate("--yes");
        push(user(2), "PRAGMA user_version = 2", TWO, "INSERT INTO note(text) VALUES ('later')");

        CommandLineRun again = migrate("--yes");

        assertThat(again.exitCode()).isZero();
        assertThat(again.out()).contains("3 migrated of 3 databases");
        assertThat(head(user(1))).isEqualTo(Version.of(2));
        assertThat(report().get("user02").before()).isEqualTo(1);
    }

    // waves and budget

    @Test
    void canaryComesFirstAndThenWaves() throws SQLException {
        fleet(10);

        CommandLineRun run = migrate("--yes", "--canary", "2", "--waves", "1,30%");

        assertThat(run.exitCode()).isZero();
        assertThat(report().values())
                .extracting(MigrationRecord::wave)
                .containsExactly("canary", "canary", "1", "2", "2", "2", "3", "3", "3", "3");
    }

    @Test
    void pauseStopsAfterAWaveAndTheSameCommandGoesOn() throws SQLException {
        fleet(4);

        CommandLineRun canary = migrate("--yes", "--canary", "1", "--pause");
        assertThat(canary.exitCode()).isEqualTo(1);
        assertThat(canary.err()).contains("canary is done, 0 failed so far; the same command goes on with wave 1");
        assertThat(head(user(2))).isEqualTo(Version.of(1));

        CommandLineRun rest = migrate("--yes", "--canary", "1", "--pause");
        assertThat(rest.exitCode()).isZero();
        assertThat(rest.out()).contains("4 migrated of 4 databases");
    }

    @Test
    void failureBeyondTheBudgetStopsTheRunAndMendingItGoesOn() throws Exception {
        fleet(6);
        push(user(3), "DROP TABLE note");

        CommandLineRun stopped = migrate("--yes", "--parallel", "1");

        assertThat(stopped.exitCode()).isEqualTo(1);
        assertThat(stopped.err()).contains("stopped: 1 failed, and the error budget is 0");
        assertThat(stopped.out()).contains("user03", "no such table: note", "below it");
        assertThat(head(user(6))).isEqualTo(Version.of(1));

        assertThat(migrate("--yes", "--error-budget", "1")).satisfies(tolerant -> {
            assertThat(tolerant.exitCode()).isEqualTo(1);
            assertThat(tolerant.out()).contains("5 migrated, 1 failed of 6 databases", "1 database below it");
        });
        assertThat(ask(user(3), "PRAGMA user_version")).isEqualTo("1");

        push(user(3), ONE);
        assertThat(migrate("--yes").exitCode()).isZero();
        assertThat(report().get("user03").state()).isEqualTo(MigrationRecord.State.MIGRATED);
    }

    @Test
    void editedScriptIsToldForEachDatabaseItWasAppliedTo() throws Exception {
        fleet(1);
        migrate("--yes");
        Files.writeString(directory.resolve("scripts/V2__done.sql"), TWO.replace("0;", "1;"));

        CommandLineRun run = run("migrate", "user01", "--scripts", "scripts", "--yes");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).contains("V2__done.sql was changed after it had been applied");
    }

    // kill and resume

    @Test
    void killedProcessLeavesWholeDatabasesAndTheNextRunKnowsEveryRestorePoint() throws Exception {
        fleet(30);
        Path report = directory.resolve("report.jsonl");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "migrate",
                        "--all",
                        "--scripts",
                        "scripts",
                        "--state",
                        "report.jsonl",
                        "--parallel",
                        "2",
                        "--yes")
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("killed.txt").toFile())
                .start();
        while (process.isAlive() && (!Files.exists(report) || Files.size(report) < 600)) {
            Thread.onSpinWait();
        }
        process.destroyForcibly().waitFor();

        CommandLineRun resumed = migrate("--yes");

        assertThat(resumed.exitCode()).isZero();
        assertThat(resumed.out()).contains("30 migrated of 30 databases");
        assertThat(report()).hasSize(30).allSatisfy((user, record) -> {
            assertThat(record.state()).isEqualTo(MigrationRecord.State.MIGRATED);
            assertThat(record.from()).isEqualTo(1);
            assertThat(record.before()).isEqualTo(1);
            assertThat(record.after()).isEqualTo(2);
        });
        for (int i = 1; i <= 30; i++) {
            assertThat(head(user(i))).isEqualTo(Version.of(2));
        }
    }

    @Test
    void migrationWithoutALineInTheReportIsFoundInTheStore() throws Exception {
        fleet(3);
        migrate("--yes");
        Path report = directory.resolve("report.jsonl");
        List<String> lines = Files.readAllLines(report);
        // The first database's line stays; the second's is cut off in the middle, as by a kill.
        Files.writeString(
                report, lines.get(0) + "\n" + lines.get(1) + "\n" + lines.get(2).substring(0, 20));

        assertThat(migrate("--yes").exitCode()).isZero();

        assertThat(report()).hasSize(3).allSatisfy((user, record) -> {
            assertThat(record.state()).isEqualTo(MigrationRecord.State.MIGRATED);
            assertThat(record.from()).isEqualTo(1);
            assertThat(record.before()).isEqualTo(1);
        });
    }

    @Test
    void reportOfAnotherMigrationIsNotGoneOnWith() throws Exception {
        fleet(1);
        migrate("--yes");
        Files.writeString(directory.resolve("scripts/V3__more.sql"), "CREATE TABLE more(a)");

        assertThat(migrate("--yes")).satisfies(run -> {
            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.err()).contains("report.jsonl is of another migration", "--state");
        });
        assertThat(run("migrate", "--all", "--scripts", "scripts", "--yes").exitCode())
                .isZero();
    }

    // undo

    @Test
    void undoRestoresAWaveExceptWhatWasWrittenSince() throws Exception {
        fleet(4);
        migrate("--yes", "--canary", "2");
        push(user(2), "PRAGMA user_version = 2", TWO, "INSERT INTO note(text) VALUES ('since')");

        assertThat(run("migrate", "--undo", "canary", "--state", "report.jsonl").err())
                .contains("nothing was done: 2 databases");
        CommandLineRun undone = run("migrate", "--undo", "canary", "--state", "report.jsonl", "--yes");

        assertThat(undone.exitCode()).isEqualTo(1);
        assertThat(undone.table()).contains(List.of("user01", "canary", "undone", "2 -> 1", "2 -> 3"));
        assertThat(undone.out())
                .contains(
                        "1 undone, 1 kept of 2 databases",
                        "written since, version 3 is the newest",
                        "satchel restore user02");
        assertThat(ask(user(1), "PRAGMA user_version")).isEqualTo("1");
        assertThat(ask(user(1), "SELECT text FROM note")).isEqualTo("of 1");
        assertThat(ask(user(2), "SELECT count(*) FROM note")).isEqualTo("2");
        assertThat(ask(user(3), "PRAGMA user_version")).isEqualTo("2");

        assertThat(migrate("--yes", "--canary", "2").exitCode()).isZero();
        assertThat(ask(user(1), "PRAGMA user_version")).isEqualTo("2");
        assertThat(run("migrate", "--undo", "all", "--state", "report.jsonl", "--yes")
                        .out())
                .contains("3 undone, 1 kept of 4 databases");
    }

    @Test
    void undoThatWasKilledBeforeItsLineWasWrittenGoesOn() throws Exception {
        fleet(2);
        migrate("--yes");
        byte[] killed = Files.readAllBytes(directory.resolve("report.jsonl"));
        run("migrate", "--undo", "all", "--state", "report.jsonl", "--yes");
        Files.write(directory.resolve("report.jsonl"), killed);

        CommandLineRun again = run("migrate", "--undo", "all", "--state", "report.jsonl", "--yes");

        assertThat(again.out()).contains("2 undone of 2 databases");
        assertThat(again.exitCode()).isZero();
        assertThat(head(user(1))).isEqualTo(Version.of(3));
        assertThat(report().get("user01").state()).isEqualTo(MigrationRecord.State.UNDONE);
    }

    @Test
    void reportIsReadWhereverItsLastLineWasCut() throws Exception {
        fleet(2);
        migrate("--yes");
        byte[] cut = {'{', '"', 'u', 's', 'e', 'r', '"', ':', '"', (byte) 0xC3};
        Files.write(directory.resolve("report.jsonl"), cut, StandardOpenOption.APPEND);

        CommandLineRun again = migrate("--yes");

        assertThat(again.err()).isEmpty();
        assertThat(again.exitCode()).isZero();
        assertThat(report()).hasSize(2);
    }

    @Test
    void undoNeedsTheReportOfAMigration() throws Exception {
        fleet(1);

        assertThat(run("migrate", "--undo", "canary").err()).contains("--undo needs --state");
        assertThat(run("migrate", "--undo", "canary", "--state", "none.jsonl").err())
                .contains("there is no report");
        Files.writeString(directory.resolve("text.jsonl"), "hello\n");
        assertThat(run("migrate", "--undo", "canary", "--state", "text.jsonl").err())
                .contains("is not the report of a migration");
    }

    // usage and JSON

    @Test
    void resultIsJsonIfAsked() throws SQLException {
        fleet(2);

        CommandLineRun run = migrate("--yes", "--json");

        assertThat(run.out())
                .startsWith("{\"store\":")
                .contains("\"target\":2,\"script\":\"V2__done.sql\",\"all\":2,\"below\":0,\"migrated\":2")
                .contains(
                        "\"user\":\"user01\",\"database\":\"database\",\"wave\":\"1\",\"state\":\"migrated\",\"from\":1,"
                                + "\"to\":2,\"before\":1,\"after\":2,\"millis\":");
        assertThat(run.err()).isEmpty();
    }

    @Test
    void wrongUsageSaysWhatIsRight() throws Exception {
        fleet(1);

        assertThat(run("migrate", "--all")).satisfies(run -> {
            assertThat(run.exitCode()).isEqualTo(2);
            assertThat(run.err()).contains("--scripts is missing");
        });
        assertThat(run("migrate", "--scripts", "scripts").exitCode()).isEqualTo(2);
        assertThat(migrate("--waves", "many").err()).contains("--waves: neither a number nor a percentage");
        assertThat(migrate("--error-budget", "101%").exitCode()).isEqualTo(2);
        assertThat(migrate("--parallel", "0").exitCode()).isEqualTo(2);
        assertThat(migrate("--canary", "-1").exitCode()).isEqualTo(2);
        assertThat(run("migrate", "nobody", "--scripts", "scripts").exitCode()).isEqualTo(3);
        Files.writeString(directory.resolve("scripts/V3__bad.sql"), "COMMIT;");
        assertThat(migrate("--yes").err()).contains("--scripts: script V3__bad.sql, line 1: ");
    }
}
