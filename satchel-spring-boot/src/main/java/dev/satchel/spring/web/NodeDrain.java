package dev.satchel.spring.web;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.context.ApplicationContext;
import org.springframework.context.SmartLifecycle;

/**
 * Lets this node leave without anybody noticing. A node that is drained says that it is not ready, sends listening pages and kept-alive
 * connections elsewhere, and goes on serving. When the application ends, it is drained first, for as long as whoever sends requests needs to
 * notice; after that the server finishes what it has begun, and {@link dev.satchel.Satchel} uploads what is owed. Thread-safe.
 */
public final class NodeDrain implements SmartLifecycle {
    private static final Logger log = LoggerFactory.getLogger(NodeDrain.class);

    private final ApplicationContext context;
    private final @Nullable VersionEvents events;
    private final Duration notice;
    private final LongSupplier nanoTime;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile boolean draining;
    private volatile boolean running;
    private long beganNanos;

    /**
     * A node that takes requests.
     *
     * @param events whose pages are sent elsewhere; null if there are none
     * @param notice how long this node goes on serving at its end after it has said that it is not ready
     */
    public NodeDrain(
            ApplicationContext context, @Nullable VersionEvents events, Duration notice, LongSupplier nanoTime) {
        this.context = Objects.requireNonNull(context, "context");
        this.events = events;
        this.notice = Objects.requireNonNull(notice, "notice");
        this.nanoTime = Objects.requireNonNull(nanoTime, "nanoTime");
    }

    /** Says that this node is not ready, and sends its pages elsewhere. Does not block; again is harmless. */
    public void begin() {
        lock.lock();
        try {
            if (draining) {
                return;
            }
            draining = true;
            beganNanos = nanoTime.getAsLong();
            if (events != null) {
                events.turnAway();
            }
            AvailabilityChangeEvent.publish(context, ReadinessState.REFUSING_TRAFFIC);
        } finally {
            lock.unlock();
        }
        log.info("draining: not ready for new requests, serving those that come");
    }

    /** Takes requests again, after all. */
    public void end() {
        lock.lock();
        try {
            if (!draining) {
                return;
            }
            draining = false;
            if (events != null) {
                events.admit();
            }
            AvailabilityChangeEvent.publish(context, ReadinessState.ACCEPTING_TRAFFIC);
        } finally {
            lock.unlock();
        }
        log.info("not draining any more: ready for requests");
    }

    /** Whether this node is about to leave. */
    public boolean isDraining() {
        return draining;
    }

    /** Ready for requests, if it was stopped before. */
    @Override
    public void start() {
        running = true;
        end();
    }

    /** A context that waits for its next use leaves no one. */
    @Override
    public boolean isPauseable() {
        return false;
    }

    /** Comes before the server stops taking requests, and blocks until they had time to go elsewhere. */
    @Override
    public void stop() {
        running = false;
        begin();
        long left = notice.toNanos() - (nanoTime.getAsLong() - beganNanos);
        try {
            TimeUnit.NANOSECONDS.sleep(left); // nothing if it is over
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public int getPhase() {
        return Integer.MAX_VALUE;
    }
}
