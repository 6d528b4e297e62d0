package dev.satchel.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.DatabaseId;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The launcher as a process of its own, in a checkout that has only what it looks at, with a Maven that only hands out the jar
 * this build has made.
 */
class LauncherIT {
    private static final long TIMEOUT_SECONDS = 120;
    private static final Path MODULE = Path.of("").toAbsolutePath();
    private static final List<String> MODULES = List.of(
            "satchel-core",
            "satchel-s3",
            "satchel-redis",
            "satchel-testkit",
            "satchel-cli",
            "satchel-spring-boot",
            "satchel-spring-boot-starter",
            "examples/reels");

    @TempDir
    private static Path builtOnce;

    @TempDir
    private Path folder;

    private Path checkout;
    private Path builds;

    private record Run(long pid, int exitCode, String out, String err) {}

    @BeforeEach
    void layOutTheCheckout() throws IOException {
        checkout = Files.createDirectory(folder.resolve("check out"));
        Files.copy(MODULE.resolveSibling("satchel"), checkout.resolve("satchel"));
        Files.writeString(checkout.resolve("pom.xml"), "");
        for (String module : MODULES) {
            Files.createDirectories(checkout.resolve(module).resolve("src/main/java"));
            Files.writeString(checkout.resolve(module).resolve("pom.xml"), "");
        }
        builds = folder.resolve("builds");
        maven("cp '" + jar() + "' satchel-cli/target/launch/satchel-cli-1-all.jar");
    }

    /** A checkout whose first use is over, for tests that change nothing in it. */
    private Path built() throws Exception {
        Path kept = builtOnce.resolve("check out");
        if (!Files.exists(kept)) {
            assertThat(run(checkout.resolve("satchel"), "--version").exitCode()).isZero();
            Files.move(checkout, kept);
        }
        return kept.resolve("satchel");
    }

    private static Path jar() throws IOException {
        try (DirectoryStream<Path> jars = Files.newDirectoryStream(
                Path.of(System.getProperty("satchel.build.directory")), "satchel-cli-*-all.jar")) {
            return jars.iterator().next();
        }
    }

    /** A Maven that writes down how it was called and then does this. */
    private void maven(String work) throws IOException {
        Path bin = Files.createDirectories(folder.resolve("bin"));
        Path script = Files.writeString(
                bin.resolve("mvn"),
                "#!/bin/sh\nset -e\necho \"$@\" >>'" + builds + "'\nmkdir -p satchel-cli/target/launch\n" + work
                        + "\n");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private List<String> builds() throws IOException {
        return Files.exists(builds) ? Files.readAllLines(builds) : List.of();
    }

    private Run run(Path launcher, String... args) throws Exception {
        return run(launcher, Map.of(), args);
    }

    private Run run(Path launcher, Map<String, String> environment, String... args) throws Exception {
        List<String> command = new ArrayList<>(List.of(launcher.toString()));
        command.addAll(List.of(args));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(folder.resolve("out").toFile())
                .redirectError(folder.resolve("err").toFile());
        builder.environment().put("PATH", folder.resolve("bin") + ":" + System.getenv("PATH"));
        builder.environment().remove("SATCHEL_STORE");
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("no end within " + TIMEOUT_SECONDS + " s");
        }
        return new Run(
                process.pid(),
                process.exitValue(),
                Files.readString(folder.resolve("out")),
                Files.readString(folder.resolve("err")));
    }

    @Test
    void buildsOnFirstUseAndOnlyThen() throws Exception {
        Run first = run(checkout.resolve("satchel"));
        Run second = run(checkout.resolve("satchel"), "--help");

        assertThat(first.exitCode()).isZero();
        assertThat(first.err()).contains("building, first use only");
        assertThat(first.out()).contains("Usage: satchel");
        assertThat(second.out()).isEqualTo(first.out());
        assertThat(second.err()).isEmpty();
        assertThat(builds())
                .singleElement()
                .asString()
                .contains("-Dlaunch")
                .contains(
                        "-pl satchel-core,satchel-s3,satchel-redis,satchel-cloudflare,satchel-testkit,satchel-cli package");
        assertThat(folder.resolve("data")).doesNotExist();
    }

    @Test
    void worksOnTheFolderItIsCalledIn() throws Exception {
        Fixtures.versions(folder, DatabaseId.of("zoë"), 1);

        Run users = run(built(), "users", "--json");

        assertThat(users.exitCode()).isZero();
        assertThat(users.out())
                .isEqualTo("{\"store\":\"" + folder.resolve("data/bucket").toUri()
                        + "\",\"users\":[{\"user\":\"zoë\",\"databases\":[\"database\"]}]}\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"C", "POSIX", ""})
    void takesAnyLetterWithoutALocale(String locale) throws Exception {
        Fixtures.versions(folder, DatabaseId.of("zoë"), 1);

        Run log = run(built(), Map.of("LC_ALL", locale, "LANG", ""), "pull", "zoë", "für zoë");

        assertThat(log.exitCode()).as(log.err()).isZero();
        assertThat(folder.resolve("für zoë")).isRegularFile();
    }

    @Test
    void worksThroughSymbolicLinks() throws Exception {
        Path bin = Files.createDirectory(folder.resolve("links"));
        Files.createSymbolicLink(bin.resolve("one"), Path.of("../check out/satchel"));
        Path two = Files.createSymbolicLink(bin.resolve("two"), bin.resolve("one"));

        assertThat(run(two, "--version").out()).startsWith("satchel ");
        assertThat(checkout.resolve("target/launcher")).isDirectory();
    }

    @Test
    void buildsAgainWhenASourceIsNewer() throws Exception {
        run(checkout.resolve("satchel"), "--version");
        Path source = checkout.resolve("satchel-core/src/main/java/New.java");
        Files.writeString(source, "");
        Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(2)));

        assertThat(run(checkout.resolve("satchel"), "--version").err())
                .contains("building, since sources have changed");
        assertThat(builds()).hasSize(2);
    }

    @Test
    void failedBuildSaysWhyAndIsTriedAgain() throws Exception {
        maven("echo 'Downloading things'; echo '[ERROR] no such artifact'; exit 1");

        Run failed = run(checkout.resolve("satchel"), "users");

        assertThat(failed.exitCode()).isEqualTo(1);
        assertThat(failed.out()).isEmpty();
        assertThat(failed.err())
                .contains(
                        "no such artifact",
                        "the build failed",
                        checkout.resolve("target/launcher/build.log").toString())
                .doesNotContain("Downloading");
        maven("cp '" + jar() + "' satchel-cli/target/launch/satchel-cli-1-all.jar");
        assertThat(run(checkout.resolve("satchel"), "--version").exitCode()).isZero();
    }

    @Test
    void lockOfAKilledLauncherIsTakenOver() throws Exception {
        Path lock = Files.createDirectories(checkout.resolve("target/launcher/lock"));
        Files.writeString(lock.resolve("pid"), Long.toString(endedProcess()));

        assertThat(run(checkout.resolve("satchel"), "--version").exitCode()).isZero();
        assertThat(lock).doesNotExist();
    }

    private static long endedProcess() throws Exception {
        Process process = new ProcessBuilder("true").start();
        process.waitFor();
        return process.pid();
    }

    @Test
    void exitCodesComeThrough() throws Exception {
        assertThat(run(built(), "users")).satisfies(run -> {
            assertThat(run.exitCode()).isEqualTo(4);
            assertThat(run.err()).contains("no bucket at");
        });
        assertThat(run(built(), "nonsense").exitCode()).isEqualTo(2);
    }

    @Test
    void needsAJdk() throws Exception {
        Run run = run(checkout.resolve("satchel"), Map.of("SATCHEL_JAVA_HOME", folder.toString()), "--help");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("SATCHEL_JAVA_HOME is not a JDK");
        assertThat(builds()).isEmpty();
    }

    @Test
    void helpOfTheDemoDoesNotBuildTheDemo() throws Exception {
        Run help = run(checkout.resolve("satchel"), "demo", "--help");

        assertThat(help.exitCode()).isZero();
        assertThat(help.out()).contains("Usage: satchel demo");
        assertThat(builds()).singleElement().asString().doesNotContain("reels");
    }

    @Test
    void processThatTheUserSeesBecomesTheDemo() throws Exception {
        maven("mkdir -p examples/reels/target/launch\n"
                + "cp '" + jar() + "' satchel-cli/target/launch/satchel-cli-1-all.jar\n"
                + "cp '" + standIn() + "' examples/reels/target/launch/satchel-example-reels-1-exec.jar");

        Run demo = run(checkout.resolve("satchel"), "demo", "--port", "0", "--data", "my data");

        assertThat(demo.exitCode()).as(demo.err()).isZero();
        assertThat(demo.out().lines())
                .hasSize(4)
                .startsWith("process " + demo.pid())
                .contains(
                        "--satchel.store=" + folder.resolve("my data/bucket"),
                        "--satchel.local-directory=" + folder.resolve("my data/user_data"));
        assertThat(builds()).singleElement().asString().contains("satchel-cli", "examples/reels");
    }

    @Test
    void demoThatCannotStartSaysWhy() throws Exception {
        maven("mkdir -p examples/reels/target/launch\n"
                + "cp '" + jar() + "' satchel-cli/target/launch/satchel-cli-1-all.jar\n"
                + "cp '" + standIn() + "' examples/reels/target/launch/satchel-example-reels-1-exec.jar");

        Run demo = run(checkout.resolve("satchel"), "demo", "--port", "0", "--data", "builds");

        assertThat(demo.exitCode()).isEqualTo(1);
        assertThat(demo.out()).isEmpty();
        assertThat(demo.err()).contains("local files cannot be kept in");
    }

    private Path standIn() throws IOException {
        Path jar = folder.resolve("stand-in.jar");
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, StandInApplication.class.getName());
        String name = StandInApplication.class.getName().replace('.', '/') + ".class";
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest);
                InputStream in = StandInApplication.class.getClassLoader().getResourceAsStream(name)) {
            out.putNextEntry(new JarEntry(name));
            in.transferTo(out);
        }
        return jar;
    }
}
