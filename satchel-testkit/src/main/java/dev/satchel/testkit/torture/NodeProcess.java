package dev.satchel.testkit.torture;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A node process, from its start to its death. It dies with this process: it holds the other end of the child's standard input.
 * Thread-safe.
 */
final class NodeProcess {
    private static final long START_SECONDS = 60;
    private static final long STOP_SECONDS = 60;

    private final NodeSettings settings;
    private final Process process;
    private final Path log;
    private final CompletableFuture<URI> ready = new CompletableFuture<>();
    private final CompletableFuture<KillPoint> reached = new CompletableFuture<>();
    private volatile boolean dying;

    private NodeProcess(NodeSettings settings, Process process, Path log) {
        this.settings = settings;
        this.process = process;
        this.log = log;
    }

    /**
     * Starts one with this JVM's Java and class path.
     *
     * @param environment where the store's credentials are, if it needs any
     */
    static NodeProcess start(NodeSettings settings, Map<String, String> environment) throws IOException {
        Path temporary = Files.createDirectories(settings.folder().resolve(".tmp"));
        Path log = settings.folder().resolveSibling(settings.folder().getFileName() + ".log");
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
                TortureNode.class.getName()));
        command.addAll(settings.toArguments());
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(environment);
        NodeProcess node = new NodeProcess(settings, builder.start(), log);
        Thread listener = new Thread(node::listen, "torture-listener-" + settings.disk());
        listener.setDaemon(true);
        listener.start();
        return node;
    }

    private void listen() {
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (line.startsWith(TortureNode.READY)) {
                    ready.complete(URI.create("http://127.0.0.1:" + line.substring(TortureNode.READY.length())));
                } else if (line.startsWith(TortureNode.REACHED)) {
                    reached.complete(KillPoint.valueOf(line.substring(TortureNode.REACHED.length())));
                } else {
                    Files.writeString(log, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
                }
            }
        } catch (IOException e) {
            // It was killed.
        } finally {
            IOException ended = new IOException("the process has ended");
            ready.completeExceptionally(ended);
            reached.completeExceptionally(ended);
        }
    }

    NodeSettings settings() {
        return settings;
    }

    /** Where it listens, or null if it ended before it did. */
    @Nullable
    URI awaitReady() throws InterruptedException {
        return await(ready, START_SECONDS * 1000);
    }

    /** The point that it has come to; null if it does not within the time, or ends. */
    @Nullable
    KillPoint awaitReached(long millis) throws InterruptedException {
        return await(reached, millis);
    }

    private static <T> @Nullable T await(CompletableFuture<T> future, long millis) throws InterruptedException {
        try {
            return future.get(millis, TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            return null;
        }
    }

    /** Whether it lives and nobody has decided otherwise. */
    boolean isWell() {
        return !dying && process.isAlive();
    }

    /** Whether it has ended although nobody wanted it to. */
    boolean endedByItself() {
        return !dying && !process.isAlive();
    }

    /** SIGKILL, and waits for the end. */
    void kill() throws InterruptedException {
        dying = true;
        process.toHandle().destroyForcibly(); // Process would close the output, and what was announced last be lost.
        process.waitFor();
    }

    /** SIGTERM. */
    void terminate() {
        dying = true;
        process.toHandle().destroy();
    }

    /** Waits for the end after {@link #terminate}; false if it does not come. */
    boolean awaitEnd() throws InterruptedException {
        return process.waitFor(STOP_SECONDS, TimeUnit.SECONDS);
    }

    /** SIGSTOP now, SIGCONT after a while, by a child that does it whatever becomes of us. */
    void pause(double seconds) throws InterruptedException {
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
    void tellThreads() throws InterruptedException {
        try {
            new ProcessBuilder("kill", "-QUIT", Long.toString(process.pid()))
                    .start()
                    .waitFor();
        } catch (IOException e) {
            // It remains a riddle.
        }
    }

    /** The end of what it has logged. */
    String lastWords() {
        try {
            String text = Files.readString(log);
            return text.substring(Math.max(0, text.length() - 2000));
        } catch (IOException e) {
            return "(nothing)";
        }
    }
}
