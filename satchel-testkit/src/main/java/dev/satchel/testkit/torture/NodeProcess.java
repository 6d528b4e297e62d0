package dev.satchel.testkit.torture;

import dev.satchel.testkit.process.JavaProcess;
import java.io.IOException;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A node process, from its start to its death. Thread-safe. */
final class NodeProcess {
    private static final long START_SECONDS = 60;

    private final NodeSettings settings;
    private final JavaProcess process;
    private final Announcements announcements;

    private NodeProcess(NodeSettings settings, JavaProcess process, Announcements announcements) {
        this.settings = settings;
        this.process = process;
        this.announcements = announcements;
    }

    /**
     * Starts one with this JVM's Java and class path.
     *
     * @param environment where the store's credentials are, if it needs any
     */
    static NodeProcess start(NodeSettings settings, Map<String, String> environment) throws IOException {
        Announcements announcements = new Announcements();
        JavaProcess process = JavaProcess.start(
                TortureNode.class, settings.toArguments(), settings.folder(), environment, announcements);
        return new NodeProcess(settings, process, announcements);
    }

    private static final class Announcements implements JavaProcess.Listener {
        private final CompletableFuture<URI> ready = new CompletableFuture<>();
        private final CompletableFuture<KillPoint> reached = new CompletableFuture<>();

        @Override
        public boolean hears(String line) {
            if (line.startsWith(TortureNode.READY)) {
                ready.complete(URI.create("http://127.0.0.1:" + line.substring(TortureNode.READY.length())));
                return true;
            }
            if (line.startsWith(TortureNode.REACHED)) {
                reached.complete(KillPoint.valueOf(line.substring(TortureNode.REACHED.length())));
                return true;
            }
            return false;
        }

        @Override
        public void hearsTheEnd() {
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
        return await(announcements.ready, START_SECONDS * 1000);
    }

    /** The point that it has come to; null if it does not within the time, or ends. */
    @Nullable
    KillPoint awaitReached(long millis) throws InterruptedException {
        return await(announcements.reached, millis);
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
        return process.isWell();
    }

    /** Whether it has ended although nobody wanted it to. */
    boolean endedByItself() {
        return process.endedByItself();
    }

    /** SIGKILL, and waits for the end. */
    void kill() throws InterruptedException {
        process.kill();
    }

    /** SIGTERM. */
    void terminate() {
        process.terminate();
    }

    /** Waits for the end after {@link #terminate}; false if it does not come. */
    boolean awaitEnd() throws InterruptedException {
        return process.awaitEnd();
    }

    /** SIGSTOP now, SIGCONT after a while. */
    void pause(double seconds) throws InterruptedException {
        process.pause(seconds);
    }

    /** Has it write the stacks of its threads into its log. */
    void tellThreads() throws InterruptedException {
        process.tellThreads();
    }

    /** The end of what it has logged. */
    String lastWords() {
        return process.lastWords();
    }
}
