package dev.satchel.testkit.process;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A child process that runs a program of this JVM's class path, from its start to its death. The program is expected to end with its
 * standard input, whose other end is held here, so that it never outlives this process. Thread-safe.
 */
public final class JavaProcess {
    private static final long STOP_SECONDS = 60;
    private static final int LAST_WORDS = 2000;

    private final Process process;
    private final Path log;
    private volatile boolean dying;

    private JavaProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /** Hears what a child says on its standard output. Called on a thread of the child's own. */
    public interface Listener {
        /** A line; returns whether it was meant for the listener. What was not goes into the log. */
        boolean hears(String line);

        /** The output has ended: the process is dead or about to be. */
        void hearsTheEnd();
    }

    /**
     * Starts a program with this JVM's Java and class path. What it logs is appended to a file beside its folder.
     *
     * @param program its {@code main} is called
     * @param folder where it may work; made if it is not there
     * @param environment variables that it has besides those of this process
     */
    public static JavaProcess start(
            Class<?> program, List<String> arguments, Path folder, Map<String, String> environment, Listener listener)
            throws IOException {
        Path temporary = Files.createDirectories(folder.resolve(".tmp"));
        Path log = folder.resolveSibling(folder.getFileName() + ".log");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx192m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-Djava.io.tmpdir=" + temporary, // A killed process leaves its native library there.
                "-Dorg.slf4j.simpleLogger.showDateTime=true",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                "-cp",
                System.getProperty("java.class.path"),
                program.getName()));
        command.addAll(arguments);
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(environment);
        JavaProcess child = new JavaProcess(builder.start(), log);
        Thread thread = new Thread(() -> child.listen(listener), "listener-" + folder.getFileName());
        thread.setDaemon(true);
        thread.start();
        return child;
    }

    private void listen(Listener listener) {
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (!listener.hears(line)) {
                    Files.writeString(log, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
                }
            }
        } catch (IOException e) {
            // It was killed.
        } finally {
            listener.hearsTheEnd();
        }
    }

    /** Whether it lives and nobody has decided otherwise. */
    public boolean isWell() {
        return !dying && process.isAlive();
    }

    /** Whether it has ended although nobody wanted it to. */
    public boolean endedByItself() {
        return !dying && !process.isAlive();
    }

    /** SIGKILL, and waits for the end. */
    public void kill() throws InterruptedException {
        dying = true;
        process.toHandle().destroyForcibly(); // Process would close the output, and what was announced last be lost.
        process.waitFor();
    }

    /** SIGTERM. */
    public void terminate() {
        dying = true;
        process.toHandle().destroy();
    }

    /** Waits for the end after {@link #terminate}, a minute at most; false if it does not come. */
    public boolean awaitEnd() throws InterruptedException {
        return process.waitFor(STOP_SECONDS, TimeUnit.SECONDS);
    }

    /** SIGSTOP now, SIGCONT after a while, by a child that does it whatever becomes of us. */
    public void pause(double seconds) throws InterruptedException {
        try {
            Process pausing = new ProcessBuilder(
                            "sh",
                            "-c",
                            "kill -STOP $0 && sleep $1; kill -CONT $0",
                            Long.toString(process.pid()),
                            Double.toString(seconds))
                    .redirectError(ProcessBuilder.Redirect.to(new File("/dev/null")))
                    .start();
            pausing.waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException("there is no sh to pause processes with", e);
        }
    }

    /** Has it write the stacks of its threads into its log. */
    public void tellThreads() throws InterruptedException {
        try {
            new ProcessBuilder("kill", "-QUIT", Long.toString(process.pid()))
                    .start()
                    .waitFor();
        } catch (IOException e) {
            // It remains a riddle.
        }
    }

    /** The end of what it has logged. */
    public String lastWords() {
        try {
            String text = Files.readString(log);
            return text.substring(Math.max(0, text.length() - LAST_WORDS));
        } catch (IOException e) {
            return "(nothing)";
        }
    }
}
