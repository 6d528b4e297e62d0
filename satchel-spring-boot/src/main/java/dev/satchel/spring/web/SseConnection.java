package dev.satchel.spring.web;

import dev.satchel.DatabaseId;
import dev.satchel.Version;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A browser at the other end of an answer of server-sent events. The container reuses the answer's objects once the request is
 * over, so each use of them is under a lock that the notice of the end takes too.
 */
final class SseConnection extends EventConnection implements WriteListener, AsyncListener {
    private static final Logger log = LoggerFactory.getLogger(SseConnection.class);

    private static final int RETRY_SHORTEST_MILLIS = 1_000;
    private static final int RETRY_LONGEST_MILLIS = 10_000;

    private final AsyncContext async;
    private final ServletOutputStream out;
    private final Runnable removal;
    private final ReentrantLock lock = new ReentrantLock();
    private boolean begun;
    private boolean unflushed;

    /** Takes what removes it from where it was put. */
    SseConnection(
            DatabaseId database,
            long openedNanos,
            Executor dispatcher,
            AsyncContext async,
            ServletOutputStream out,
            Consumer<EventConnection> removal) {
        super(database, openedNanos, dispatcher);
        this.async = async;
        this.out = out;
        this.removal = () -> removal.accept(this);
    }

    /** What an answer begins with: how long this browser waits before it connects again, so that not all of them come at once. */
    static byte[] opening(RandomGenerator random) {
        int pause = random.nextInt(RETRY_SHORTEST_MILLIS, RETRY_LONGEST_MILLIS + 1);
        return ("retry: " + pause + "\n\n").getBytes(StandardCharsets.UTF_8);
    }

    @Override
    boolean isReady() {
        lock.lock();
        try {
            if (isGone() || !begun || !out.isReady()) {
                return false;
            }
            if (unflushed) {
                unflushed = false;
                out.flush();
                return out.isReady();
            }
            return true;
        } catch (IOException | RuntimeException e) {
            failed(e);
            return false;
        } finally {
            lock.unlock();
        }
    }

    @Override
    void write(EventMessage message) {
        Version version = message.version();
        String text = (version == null ? "" : "id: " + version + "\n") + "data: " + message.json() + "\n\n";
        lock.lock();
        try {
            if (!isGone()) {
                out.write(text.getBytes(StandardCharsets.UTF_8));
                unflushed = true;
                isReady();
            }
        } catch (IOException | RuntimeException e) {
            failed(e);
        } finally {
            lock.unlock();
        }
    }

    @Override
    void shut(Closing reason) {
        complete();
    }

    private void failed(Exception e) {
        log.debug("event could not be sent", e);
        gone();
        complete();
    }

    private void complete() {
        removal.run();
        try {
            async.complete();
        } catch (RuntimeException e) {
            log.debug("the request was over", e);
        }
    }

    @Override
    public void onWritePossible() {
        onDispatcher(() -> {
            begun = true;
            isReady();
            drain();
        });
    }

    @Override
    public void onError(Throwable failure) {
        log.debug("listener is gone", failure);
        over();
        complete();
    }

    @Override
    public void onComplete(AsyncEvent event) {
        over();
    }

    @Override
    public void onTimeout(AsyncEvent event) {
        over();
    }

    @Override
    public void onError(AsyncEvent event) {
        over();
    }

    @Override
    public void onStartAsync(AsyncEvent event) {}

    private void over() {
        lock.lock();
        try {
            gone();
        } finally {
            lock.unlock();
        }
        removal.run();
    }
}
