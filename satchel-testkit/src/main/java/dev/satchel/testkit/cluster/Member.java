package dev.satchel.testkit.cluster;

import dev.satchel.NodeId;
import dev.satchel.testkit.process.JavaProcess;
import java.io.IOException;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** One node process, from its start to its end. Thread-safe. */
final class Member {
    private static final long START_SECONDS = 120;

    private final NodeArguments arguments;
    private final JavaProcess process;
    private final Announcements announcements;
    private final AtomicLong answers = new AtomicLong();
    private final AtomicLong storeRequests = new AtomicLong();
    private volatile boolean killed;
    private volatile boolean leaving;
    private volatile boolean takesRequests;

    private Member(NodeArguments arguments, JavaProcess process, Announcements announcements) {
        this.arguments = arguments;
        this.process = process;
        this.announcements = announcements;
    }

    static Member start(Class<?> program, NodeArguments arguments, Map<String, String> environment) throws IOException {
        Announcements announcements = new Announcements();
        JavaProcess process =
                JavaProcess.start(program, arguments.toArguments(), arguments.folder(), environment, announcements);
        return new Member(arguments, process, announcements);
    }

    private static final class Announcements implements JavaProcess.Listener {
        private final CompletableFuture<URI> ready = new CompletableFuture<>();
        private final CompletableFuture<DrainReport> drained = new CompletableFuture<>();

        @Override
        public boolean hears(String line) {
            if (line.startsWith(ClusterNode.READY)) {
                ready.complete(URI.create("http://127.0.0.1:" + line.substring(ClusterNode.READY.length())));
                return true;
            }
            if (line.startsWith(ClusterNode.DRAINED)) {
                drained.complete(DrainReport.ofLine(line.substring(ClusterNode.DRAINED.length())));
                return true;
            }
            return false;
        }

        @Override
        public void hearsTheEnd() {
            IOException ended = new IOException("the process has ended");
            ready.completeExceptionally(ended);
            drained.completeExceptionally(ended);
        }
    }

    NodeArguments arguments() {
        return arguments;
    }

    NodeId id() {
        return NodeId.of(arguments.name());
    }

    /** Waits until it listens; false if it ends before it does. */
    boolean awaitReady() throws InterruptedException {
        return await(announcements.ready) != null;
    }

    /** Where it listens. */
    URI address() {
        return announcements.ready.join();
    }

    private static <T> @Nullable T await(CompletableFuture<T> future) throws InterruptedException {
        try {
            return future.get(START_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            return null;
        }
    }

    void kill() throws InterruptedException {
        killed = true;
        takesRequests = false;
        process.kill();
    }

    /** SIGTERM: it serves a moment longer, and is found not to be ready. */
    void beginToLeave() {
        leaving = true;
        process.terminate();
    }

    /** What it says at its end; null if it says nothing. */
    @Nullable
    DrainReport awaitDrained() throws InterruptedException {
        DrainReport report = await(announcements.drained);
        takesRequests = false;
        return process.awaitEnd() ? report : null;
    }

    boolean isKilled() {
        return killed;
    }

    boolean isLeaving() {
        return leaving;
    }

    boolean endedByItself() {
        return process.endedByItself();
    }

    String lastWords() {
        return process.lastWords();
    }

    void tellThreads() throws InterruptedException {
        process.tellThreads();
    }

    boolean takesRequests() {
        return takesRequests;
    }

    void takesRequests(boolean ready) {
        takesRequests = ready && !killed;
    }

    /** It has answered, and said how many store requests it has made so far. */
    void answered(long requests) {
        answers.incrementAndGet();
        storeRequests.accumulateAndGet(requests, Math::max);
    }

    long answers() {
        return answers.get();
    }

    long storeRequests() {
        return storeRequests.get();
    }
}
