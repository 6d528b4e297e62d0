package dev.satchel.internal.sync;

import dev.satchel.ClosedException;
import dev.satchel.DatabaseId;
import dev.satchel.OutcomeUnknownException;
import dev.satchel.StoreRefusedException;
import dev.satchel.UnavailableException;
import dev.satchel.store.StoreException;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The remote steps of one database, taken one at a time by a thread that waits for one. The others wait until a step has
 * given them what they need, or take the next one; so any number of sessions that wait share one request.
 *
 * <p>A step is one attempt. What may be tried again is tried again here, with growing pauses, for as long as somebody has the
 * patience. Thread-safe; the lock is not held during a step.
 */
final class RemoteSteps {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
    /** A session that waits tries again this soon at the latest; what is only pending has more patience. */
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

    private static final Duration LONGEST_BACKGROUND_PAUSE = Duration.ofSeconds(30);

    private final Node node;
    private final DatabaseId id;
    private final Runnable step;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean leading;
    private boolean closed;
    private int failures;
    private long notBefore;
    private long backgroundNotBefore;

    RemoteSteps(Node node, DatabaseId id, Runnable step) {
        this.node = node;
        this.id = id;
        this.step = step;
    }

    /** What to do when the time is up. */
    interface TimeUp {
        /**
         * May throw something better than "unavailable", or meet the need.
         *
         * @param alone whether no step is running, nor will be before this returns
         */
        void run(boolean alone);
    }

    /** Takes or awaits steps until a need is met, at most for the store time-out. */
    void await(BooleanSupplier satisfied, TimeUp timeUp) {
        long deadline = now() + node.config().storeTimeout().toNanos();
        RuntimeException last = null;
        lock.lock();
        try {
            while (!satisfied.getAsBoolean()) {
                if (closed) {
                    throw new ClosedException("Satchel has been closed", last);
                }
                long remaining = deadline - now();
                if (remaining <= 0) {
                    giveUp(timeUp);
                    if (satisfied.getAsBoolean()) {
                        return;
                    }
                    throw unavailable(last);
                }
                long pause = failures == 0 ? 0 : notBefore - now();
                if (leading || pause > 0) {
                    node.pause().await(changed, leading ? remaining : Math.min(pause, remaining));
                } else {
                    last = lead();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new OutcomeUnknownException("database " + id + ": interrupted while waiting for the store", e);
        } finally {
            lock.unlock();
        }
    }

    /** Takes one step; {@code lock} is held on entry and exit, not during the step. Returns a failure worth a retry. */
    private @Nullable RuntimeException lead() {
        RuntimeException failure = alone(step);
        if (failure == null) {
            failures = 0;
            return null;
        }
        notBefore = now() + pause(longestPause());
        backgroundNotBefore = now() + pause(LONGEST_BACKGROUND_PAUSE);
        failures++;
        if (!(failure instanceof StoreException store)) {
            throw failure;
        }
        if (!store.reason().isRetryable()) {
            throw refused(store);
        }
        return failure;
    }

    private void giveUp(TimeUp timeUp) {
        boolean alone = !leading;
        RuntimeException failure;
        if (alone) {
            failure = alone(() -> timeUp.run(true));
        } else {
            failure = unlocked(() -> timeUp.run(false));
        }
        if (failure != null) {
            throw failure;
        }
    }

    private @Nullable RuntimeException alone(Runnable work) {
        leading = true;
        try {
            return unlocked(work);
        } finally {
            leading = false;
            changed.signalAll();
        }
    }

    private @Nullable RuntimeException unlocked(Runnable work) {
        lock.unlock();
        try {
            work.run();
            return null;
        } catch (RuntimeException e) {
            return e;
        } finally {
            lock.lock();
        }
    }

    /** A session with little patience gets to ask, too. */
    private Duration longestPause() {
        Duration patience = node.config().storeTimeout().dividedBy(4);
        return patience.compareTo(LONGEST_PAUSE) < 0 ? patience : LONGEST_PAUSE;
    }

    private long pause(Duration atMost) {
        long longest = Math.min(atMost.toNanos(), FIRST_PAUSE.toNanos() << Math.min(failures, 20));
        return node.random().nextLong(longest / 2, longest + 1);
    }

    /** Takes one step if nobody else does and the last failure is long enough ago. For background threads. */
    void takeOne() {
        lock.lock();
        try {
            if (!leading && !closed && (failures == 0 || backgroundNotBefore - now() <= 0)) {
                RuntimeException failure = lead();
                if (failure != null) {
                    throw failure;
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Whether a step is being taken now. */
    boolean isLeading() {
        lock.lock();
        try {
            return leading;
        } finally {
            lock.unlock();
        }
    }

    /** No steps any more; false if one is being taken, or the last condition does not hold. */
    boolean closeIf(BooleanSupplier condition) {
        lock.lock();
        try {
            if (leading || !condition.getAsBoolean()) {
                return false;
            }
            close();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** No steps any more; whoever waits for one fails. */
    void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** As {@link #close}, and waits for the step that is being taken: until then it may open files. */
    void closeAndAwait() {
        lock.lock();
        try {
            close();
            while (leading) {
                changed.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    private RuntimeException unavailable(@Nullable RuntimeException last) {
        return new UnavailableException(
                "database " + id + ": the store at " + node.store().location() + " did not answer within "
                        + node.config().storeTimeout().toMillis() + " ms"
                        + (last == null ? "" : ": " + last.getMessage()) + "; nothing was changed, try again",
                last);
    }

    /** The store refused for good. */
    RuntimeException refused(StoreException cause) {
        return new StoreRefusedException(
                "database " + id + ": the store at " + node.store().location() + " refused: " + cause.getMessage()
                        + "; check its credentials and permissions (satchel doctor)",
                cause);
    }

    private long now() {
        return node.nanoTime().getAsLong();
    }
}
