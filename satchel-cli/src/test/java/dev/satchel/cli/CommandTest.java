package dev.satchel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.DatabaseId;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class CommandTest {
    private static final DatabaseId ALICE = DatabaseId.of("alice");

    @TempDir
    private Path directory;

    private CommandLineRun run(String... args) {
        return CommandLineRun.in(directory, args);
    }

    // help and usage

    @Test
    void withoutArgumentsItShowsHelp() {
        CommandLineRun run = run();

        assertThat(run.exitCode()).isZero();
        assertThat(run.out())
                .contains("Usage: satchel", "demo", "users", "history, log", "pull", "push", "doctor", "Exit codes");
        assertThat(run.err()).isEmpty();
        assertThat(run("--help")).isEqualTo(run);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "demo",
                "users",
                "history",
                "pull",
                "push",
                "restore",
                "conflicts",
                "delete",
                "retain",
                "migrate",
                "doctor"
            })
    void everyVerbHasHelp(String verb) {
        CommandLineRun run = run(verb, "--help");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("Usage: satchel " + verb, "--store");
        assertThat(run(verb, "-h")).isEqualTo(run);
        assertThat(run("help", verb)).isEqualTo(run);
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void examplesAreFormatsAndFitOnALine() {
        CommandLine command = RootCommand.commandLine(
                new Surroundings(Map.of(), directory, ZoneOffset.UTC, false, InstantSource.system()));

        for (CommandLine verb : command.getSubcommands().values()) {
            for (String example : verb.getCommandSpec().usageMessage().footer()) {
                assertThat(String.format(Locale.ROOT, example)).hasSizeLessThanOrEqualTo(80);
            }
        }
    }

    @Test
    void tellsItsVersion() {
        assertThat(run("--version").out()).matches("satchel \\d+\\.\\d+\\.\\d+\\S*\\s+");
    }

    @Test
    void wrongUsageIsOneLineAndExitCodeTwo() {
        assertThat(run("usres")).satisfies(run -> {
            assertThat(run.exitCode()).isEqualTo(2);
            assertThat(run.err().lines()).singleElement().asString().contains("did you mean", "users");
        });
        assertThat(run("pull", "alice").err()).contains("FILE").contains("satchel pull --help");
        assertThat(run("users", "--limit", "0").exitCode()).isEqualTo(2);
        assertThat(run("users", "--limit", "many").exitCode()).isEqualTo(2);
        assertThat(run("push", "alice", "f", "--force", "--if-version", "1").exitCode())
                .isEqualTo(2);
        assertThat(run("pull", "alice", "f", "--version", "0").exitCode()).isEqualTo(2);
        assertThat(run("users", "--store", "gopher://x").err()).contains("gopher");
        assertThat(run("users", "--store", "r2://bucket?secret=x").exitCode()).isEqualTo(2);
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void errorsAreJsonIfAsked() {
        for (CommandLineRun run : List.of(run("users", "--json"), run("--json", "users"))) {
            assertThat(run.exitCode()).isEqualTo(4);
            assertThat(run.out()).isEmpty();
            assertThat(run.err()).startsWith("{\"error\":{\"kind\":\"no-bucket\",\"message\":\"no bucket at ");
        }
        assertThat(run("--json", "nonsense").err()).contains("\"kind\":\"usage\"", "\"exitCode\":2");
    }

    @Test
    void stackTracesAreShownToDebuggersOnly() {
        assertThat(run("users").err()).doesNotContain("\tat ");
        assertThat(run("users", "--debug").err()).contains("\tat dev.satchel.cli");
    }

    // which store

    @ParameterizedTest
    @ValueSource(strings = {"users", "log alice", "pull alice f.sqlite", "doctor"})
    void lookingForABucketMakesNone(String command) {
        CommandLineRun run = run(command.split(" "));

        assertThat(run.exitCode()).isEqualTo(command.equals("doctor") ? 1 : 4);
        assertThat(run.out() + run.err()).contains("no bucket at " + directory.resolve("data/bucket"));
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void folderThatIsNoBucketIsLeftAlone() throws IOException {
        Path folder = Files.createDirectory(directory.resolve("photos"));

        assertThat(run("users", "--store", "photos").err()).contains("nothing was ever stored in it");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void storeIsTheOptionElseTheVariableElseTheDefault() throws SQLException {
        Fixtures.versions(directory, ALICE, 1);
        Path elsewhere = directory.resolve("elsewhere");
        Map<String, String> environment =
                Map.of("SATCHEL_STORE", directory.resolve("data/bucket").toUri().toString());

        assertThat(run("users").out()).isEqualTo("alice\n");
        assertThat(CommandLineRun.in(Path.of("/"), environment, "users").out()).isEqualTo("alice\n");
        assertThat(CommandLineRun.in(directory, environment, "users", "--store", elsewhere.toString())
                        .exitCode())
                .isEqualTo(4);
        assertThat(CommandLineRun.in(directory, Map.of("SATCHEL_STORE", ""), "users")
                        .out())
                .isEqualTo("alice\n");
    }

    @Test
    void unreachableStoreIsExitCodeFour() {
        Map<String, String> keys = Map.of("AWS_ACCESS_KEY_ID", "k", "AWS_SECRET_ACCESS_KEY", "s");

        CommandLineRun run = CommandLineRun.in(
                directory, keys, "log", "alice", "--store", "s3://bucket?region=auto&endpoint=http://127.0.0.1:1");

        assertThat(run.exitCode()).isEqualTo(4);
        assertThat(run.err().lines()).singleElement().asString().contains("s3://bucket", "could not be asked");
    }

    // users

    @Test
    void listsUsers() throws SQLException {
        Fixtures.versions(directory, ALICE, 1);
        Fixtures.versions(directory, DatabaseId.of("bob", "notes"), 1);
        Fixtures.versions(directory, DatabaseId.of("Zoë"), 1);

        assertThat(run("users").out().lines()).containsExactlyInAnyOrder("alice", "bob  notes", "Zoë");
        assertThat(run("users", "--after", "alice", "--limit", "1").out()).isEqualTo("bob  notes\n");
        assertThat(run("users", "--json", "--after", "alice").out())
                .isEqualTo("{\"store\":\"" + directory.resolve("data/bucket").toUri()
                        + "\",\"users\":[{\"user\":\"bob\",\"databases\":[\"notes\"]}]}\n");
    }

    @Test
    void emptyBucketIsNoError() throws IOException {
        Files.createDirectories(directory.resolve("data/bucket/.satchel"));

        assertThat(run("users")).satisfies(run -> {
            assertThat(run.exitCode()).isZero();
            assertThat(run.out()).isEmpty();
            assertThat(run.err()).contains("no users in ");
        });
        assertThat(run("users", "--json").out()).endsWith(",\"users\":[]}\n");
    }

    // log

    @Test
    void showsVersionsNewestFirst() throws SQLException {
        Fixtures.versions(directory, ALICE, 3);

        List<List<String>> table = run("log", "alice").table();

        assertThat(table.get(0)).containsExactly("VERSION", "TIME", "SENT", "SIZE", "WRITER", "COMMIT");
        assertThat(table.subList(1, 4)).extracting(row -> row.get(0)).containsExactly("3", "2", "1");
        assertThat(table.get(1).get(3)).isEqualTo("8.0 KB");
        assertThat(table.get(1).get(4)).startsWith("fixture-");
    }

    @Test
    void logIsLimitedAndSaysSo() throws SQLException {
        Fixtures.versions(directory, ALICE, 3);

        CommandLineRun limited = run("log", "alice", "--limit", "2");

        assertThat(limited.table()).extracting(row -> row.get(0)).startsWith("VERSION", "3", "2", "");
        assertThat(limited.err()).contains("there are more");
        assertThat(run("log", "alice", "--limit", "3").err()).isEmpty();
        assertThat(run("log", "alice", "--limit", "1", "--json").out()).contains("\"more\":true");
        assertThat(run("log", "alice", "--limit", "1", "--all", "--json").out())
                .contains("\"version\":3", "\"version\":1", "\"more\":false", "\"commitBytes\":");
    }

    @Test
    void unknownUserIsExitCodeThree() throws SQLException {
        Fixtures.versions(directory, DatabaseId.of("alice", "notes"), 1);

        assertThat(run("log", "bob")).satisfies(run -> {
            assertThat(run.exitCode()).isEqualTo(3);
            assertThat(run.err().lines()).singleElement().asString().contains("\"bob\"", "satchel users");
        });
        assertThat(run("log", "Alice").err()).contains("told apart by case");
        assertThat(run("log", "alice").err()).contains("only notes");
        assertThat(run("log", "alice", "--database", "notes").exitCode()).isZero();
        assertThat(run("pull", "bob", "f.sqlite").exitCode()).isEqualTo(3);
        assertThat(directory.resolve("f.sqlite")).doesNotExist();
    }

    @Test
    void foreignObjectInTheImagesPlaceIsNoDatabase() throws SQLException, IOException {
        Fixtures.versions(directory, ALICE, 1);
        Files.writeString(
                Files.createDirectory(directory.resolve("data/bucket/bob")).resolve("database.sqlite"), "mine");

        assertThat(run("log", "bob")).satisfies(run -> {
            assertThat(run.exitCode()).isEqualTo(3);
            assertThat(run.err())
                    .contains("has no version", "Satchel did not write")
                    .doesNotContain(", only database");
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"../x", "a/../b", "..", ".", "", "a\u0000b"})
    void hostileUserIsWrongUsage(String user) throws SQLException {
        Fixtures.versions(directory, ALICE, 1);

        for (String[] args : List.of(
                new String[] {"log", user}, new String[] {"pull", user, "f"}, new String[] {"push", user, "f"})) {
            CommandLineRun run = run(args);
            assertThat(run.exitCode()).isEqualTo(2);
            assertThat(run.err()).contains("user id");
        }
    }

    @Test
    void endlessUserIsWrongUsage() {
        assertThat(run("log", "x".repeat(300))).satisfies(run -> {
            assertThat(run.exitCode()).isEqualTo(2);
            assertThat(run.err()).contains("too long").hasSizeLessThan(300);
        });
    }

    // pull and push

    @Test
    void pullsTheNewestOrAnOlderVersion() throws SQLException {
        Fixtures.versions(directory, ALICE, 3);

        assertThat(run("pull", "alice", "new.sqlite").out())
                .isEqualTo("pulled version 3 of alice into new.sqlite (8.0 KB)\n");
        assertThat(run("pull", "alice", "old.sqlite", "--version", "2").exitCode())
                .isZero();

        assertThat(Fixtures.query(directory.resolve("new.sqlite"), "SELECT count(*) FROM t"))
                .isEqualTo("3");
        assertThat(Fixtures.query(directory.resolve("old.sqlite"), "SELECT count(*) FROM t"))
                .isEqualTo("2");
        assertThat(Fixtures.query(directory.resolve("old.sqlite"), "PRAGMA integrity_check"))
                .isEqualTo("ok");
        assertThat(run("pull", "alice", "x.sqlite", "--version", "9")).satisfies(run -> {
            assertThat(run.exitCode()).isEqualTo(3);
            assertThat(run.err()).contains("version 9");
        });
    }

    @Test
    void pullReplacesAFileOnlyByForce() throws SQLException, IOException {
        Fixtures.versions(directory, ALICE, 1);
        Path file = Files.writeString(directory.resolve("mine.sqlite"), "precious");

        assertThat(run("pull", "alice", "mine.sqlite")).satisfies(run -> {
            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.err()).contains("--force");
        });
        assertThat(file).hasContent("precious");
        assertThat(run("pull", "alice", "mine.sqlite", "--force", "--json").out())
                .startsWith("{\"user\":\"alice\",\"database\":\"database\",\"version\":1,")
                .endsWith(",\"file\":\"" + file + "\"}\n");
        assertThat(Fixtures.query(file, "SELECT count(*) FROM t")).isEqualTo("1");
    }

    @Test
    void pullIntoAFolderIsRefusedWithWhatToDo() throws SQLException, IOException {
        Fixtures.versions(directory, ALICE, 1);
        Files.createDirectory(directory.resolve("folder"));

        for (CommandLineRun run : List.of(run("pull", "alice", "folder"), run("pull", "alice", "folder", "--force"))) {
            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.err()).contains("it is a folder; name a file in it").doesNotContain("--force");
        }
    }

    @Test
    void pushMakesTheBucketAndTheFirstVersion() throws SQLException {
        Fixtures.sqlite(directory.resolve("a.sqlite"), "CREATE TABLE t(a)");

        assertThat(run("push", "alice", "a.sqlite").out()).startsWith("pushed a.sqlite as version 1 of alice (sent ");
        assertThat(run("push", "alice", "a.sqlite").out())
                .isEqualTo("nothing to push: version 1 of alice has this content already\n");
        assertThat(run("push", "alice", "a.sqlite", "--json").out()).contains("\"version\":1", "\"changed\":false");
        assertThat(run("push", "bob", "a.sqlite", "--database", "notes").out()).contains("bob's notes");
    }

    @Test
    void pushKeepsToTheVersionItIsBasedOn() throws SQLException {
        Fixtures.versions(directory, ALICE, 2);
        Fixtures.sqlite(directory.resolve("a.sqlite"), "CREATE TABLE t(a)");

        assertThat(run("push", "alice", "a.sqlite", "--if-version", "1")).satisfies(run -> {
            assertThat(run.exitCode()).isEqualTo(5);
            assertThat(run.err()).contains("version 1", "newest is 2");
        });
        assertThat(run("push", "alice", "a.sqlite", "--if-version", "2").exitCode())
                .isZero();
    }

    @Test
    void pushRefusesWhatIsNoDatabase() throws IOException, SQLException {
        Fixtures.versions(directory, ALICE, 1);
        Files.writeString(directory.resolve("text"), "x".repeat(5000));
        Fixtures.sqlite(directory.resolve("b.sqlite"), "PRAGMA page_size=512", "CREATE TABLE t(a)");

        assertThat(run("push", "alice", "text").err()).contains("not a SQLite database");
        assertThat(run("push", "alice", "absent").err()).contains("no file");
        assertThat(run("push", "alice", "b.sqlite")).satisfies(run -> {
            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.err()).contains("VACUUM INTO");
        });
    }

    @Test
    void damagedObjectIsExitCodeSix() throws SQLException, IOException {
        Fixtures.versions(directory, ALICE, 1);
        Path bucket = directory.resolve("data/bucket/alice");
        Path commit = bucket.resolve("database.ltx/0000/0000000000000001-0000000000000001.ltx");
        // One copy of a version stands in for the other; here both are damaged.
        for (Path object : List.of(bucket.resolve("database.sqlite"), commit)) {
            byte[] bytes = Files.readAllBytes(object);
            bytes[bytes.length / 2] ^= 1;
            Files.write(object, bytes);
        }

        assertThat(run("pull", "alice", "f.sqlite")).satisfies(run -> {
            assertThat(run.exitCode()).isEqualTo(6);
            assertThat(run.err()).contains("alice/database.");
        });
        assertThat(directory.resolve("f.sqlite")).doesNotExist();
    }

    // doctor

    @Test
    void doctorFindsAHealthyStoreHealthy() throws SQLException {
        Fixtures.versions(directory, ALICE, 1);

        CommandLineRun run = run("doctor");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("✓  SQLite", "✓  store: refuse a put if absent", "All is well.");
        assertThat(run("doctor", "--json").out()).contains("\"ok\":true", "\"name\":\"Java\"");
    }

    @Test
    void doctorSaysWhatToDo() throws SQLException, IOException {
        Fixtures.versions(directory, ALICE, 1);
        Files.writeString(directory.resolve("file"), "");

        CommandLineRun run = run("doctor", "--data", "file");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).contains("✗  local folder", "→ Name another with --data.", "One thing is wrong.");
    }

    @Test
    void doctorCertifiesAnEmptyFolderButNoOther() throws IOException {
        Files.createDirectories(directory.resolve("data/bucket"));
        Files.writeString(Files.createDirectory(directory.resolve("photos")).resolve("cat.jpg"), "");

        CommandLineRun run = run("doctor", "--certify");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out())
                .contains("✓  one winner of concurrent puts if absent", "required", "recommended")
                .contains("·  writes of one key", "Satchel can use this store.")
                .doesNotContain("SQLite");
        assertThat(run("users").err()).contains("no users in");
        assertThat(run("doctor", "--certify", "--store", "photos").exitCode()).isEqualTo(4);
        assertThat(run("users", "--store", "photos/cat.jpg").err()).contains("which is a file");
    }

    @Test
    void certificationOfAStoreThatDoesNotAnswerFails() {
        Map<String, String> keys = Map.of("AWS_ACCESS_KEY_ID", "any", "AWS_SECRET_ACCESS_KEY", "any");
        String nobody = "s3://bucket?endpoint=http://127.0.0.1:1";

        CommandLineRun told = CommandLineRun.in(directory, keys, "doctor", "--certify", "--store", nobody);
        CommandLineRun json = CommandLineRun.in(directory, keys, "doctor", "--certify", "--json", "--store", nobody);

        assertThat(told.exitCode()).isEqualTo(1);
        assertThat(told.out()).contains("✗  put an object", "→ Check the address", "Satchel cannot use this store.");
        assertThat(json.exitCode()).isEqualTo(1);
        assertThat(json.out()).contains("\"ok\":false", "\"need\":\"required\"", "\"requests\":1");
    }

    // demo

    private CommandLineRun demo(String... args) {
        String[] all = new String[args.length + 1];
        all[0] = "demo";
        System.arraycopy(args, 0, all, 1, args.length);
        return CommandLineRun.in(directory, Map.of("SATCHEL_LAUNCHER", "1"), all);
    }

    @Test
    void demoPlansTheApplication() {
        CommandLineRun run = demo("--port", "0", "--data", "my data");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out().lines())
                .hasSize(4)
                .startsWith("#exec")
                .contains(
                        "--satchel.store=" + directory.resolve("my data/bucket"),
                        "--satchel.local-directory=" + directory.resolve("my data/user_data"))
                .filteredOn(line -> line.startsWith("--server.port="))
                .singleElement()
                .asString()
                .matches("--server.port=[1-9]\\d+");
        assertThat(directory.toFile().list()).containsExactly("my data");
    }

    @Test
    void demoIsStartedByTheLauncherOnly() {
        assertThat(run("demo").err()).contains("./satchel demo");
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void demoRefusesAPortInUse() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CommandLineRun run = demo("--port", Integer.toString(taken.getLocalPort()));

            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.err()).contains("port " + taken.getLocalPort(), "--port");
        }
        assertThat(demo("--port", "70000").exitCode()).isEqualTo(2);
    }

    @Test
    void demoRefusesFoldersItCannotWrite() throws IOException {
        Files.writeString(directory.resolve("file"), "");
        assertThat(demo("--port", "0", "--data", "file")).satisfies(run -> {
            assertThat(run.exitCode()).isEqualTo(1);
            assertThat(run.err()).contains("local files cannot be kept", "--data");
        });
        assertThat(demo("--port", "0", "--store", "file").exitCode()).isEqualTo(4);
    }

    @Test
    void demoRefusesFoldersThatAnotherOneUses() throws IOException {
        Path local = Files.createDirectories(directory.resolve("data/user_data"));
        try (FileChannel other =
                FileChannel.open(local.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            assertThat(other.tryLock()).isNotNull();

            assertThat(demo("--port", "0")).satisfies(run -> {
                assertThat(run.exitCode()).isEqualTo(1);
                assertThat(run.err()).contains("in use by another demo", "--data");
            });
        }
        assertThat(demo("--port", "0").exitCode()).isZero();
    }
}
