package dev.satchel.testkit.torture;

import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/** The points at one of which this process is to be killed next. Thread-safe. */
final class KillPoints {
    /** Longer than it takes anybody to kill a process. */
    private static final long PATIENCE_SECONDS = 60;

    private final AtomicReference<Set<KillPoint>> armed = new AtomicReference<>(Set.of());
    private final Consumer<KillPoint> announce;

    /**
     * None is armed.
     *
     * @param announce tells whoever kills that a point has been reached
     */
    KillPoints(Consumer<KillPoint> announce) {
        this.announce = announce;
    }

    /** The next thread that comes to one of these points announces it. */
    void arm(Set<KillPoint> points) {
        armed.set(Set.copyOf(points));
    }

    boolean isArmed(KillPoint point) {
        return armed.get().contains(point);
    }

    /** A thread has come to a point. */
    void reached(KillPoint point) {
        Set<KillPoint> some = armed.get();
        if (!some.contains(point) || !armed.compareAndSet(some, Set.of())) {
            return;
        }
        announce.accept(point);
        if (point.isWaiting()) {
            try {
                if (!new CountDownLatch(1).await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                    throw new IllegalStateException("nobody killed this process at " + point);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
