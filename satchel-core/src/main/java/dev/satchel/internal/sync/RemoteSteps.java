package dev.satchel.internal.sync;

import dev.satchel.ClosedException;
import dev.satchel.DatabaseId;
import dev.satchel.OutcomeUnknownException;
import dev.satchel.StoreRefusedException;
import dev.satchel.UnavailableException;
import dev.satchel.store.StoreException;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
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
    /** However long it takes. */
    static final long UNBOUNDED = Long.MAX_VALUE;

    private final Node node;
    private final DatabaseId id;
    private final Runnable step;
    private final BooleanSupplier cameFurther;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean leading;
    /** Whether the step that is being taken is finished in the background: nobody's time runs meanwhile. */
    private boolean behind;
    /** How many were, and what became of the last one. */
    private long finishedBehind;

    private @Nullable RuntimeException failedBehind;
    /** Whether the last one ended well or came further than those before: if so, nobody's time has run. */
    private boolean worthwhileBehind;

    private boolean closed;
    private int failures;
    private long notBefore;
    private long backgroundNotBefore;

    /**
     * Steps of a database.
     *
     * @param cameFurther whether a step that failed in the background came further than those before
     */
    RemoteSteps(Node node, DatabaseId id, Runnable step, BooleanSupplier cameFurther) {
        this.node = node;
        this.id = id;
        this.step = step;
        this.cameFurther = cameFurther;
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

    /**
     * Takes or awaits steps until a need is met, at most for the store time-out. A step that is finished in the background is
     * awaited however long it takes; if it fails, it is taken again as long as it comes further each time.
     */
    void await(BooleanSupplier satisfied, TimeUp timeUp) {
        await(satisfied, timeUp, UNBOUNDED);
    }

    /**
     * As the other.
     *
     * @param atMost nanoseconds for what is finished in the background
     * @return false if that takes longer
     */
    boolean await(BooleanSupplier satisfied, TimeUp timeUp, long atMost) {
        long patience = node.config().storeTimeout().toNanos();
        long began = now();
        long deadline = began + patience;
        RuntimeException last = null;
        lock.lock();
        try {
            long seen = finishedBehind;
            while (!satisfied.getAsBoolean()) {
                if (closed) {
                    throw new ClosedException("Satchel has been closed", last);
                }
                if (behind) {
                    long left = atMost - (now() - began);
                    if (left <= 0) {
                        return false;
                    }
                    node.pause().await(changed, left);
                    if (behind || worthwhileBehind) {
                        deadline = now() + patience;
                    }
                    continue;
                }
                if (seen != finishedBehind && failedBehind != null) {
                    seen = finishedBehind;
                    last = worthARetry(failedBehind);
                    continue;
                }
                long remaining = deadline - now();
                if (remaining <= 0) {
                    giveUp(timeUp);
                    if (satisfied.getAsBoolean()) {
                        return true;
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
            return true;
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
        if (failure instanceof HandedOver handedOver) {
            finishBehind(handedOver.rest());
            return null;
        }
        count(failure);
        return failure == null ? null : worthARetry(failure);
    }

    private void count(@Nullable RuntimeException failure) {
        if (failure == null) {
            failures = 0;
        } else {
            notBefore = now() + pause(longestPause());
            backgroundNotBefore = now() + pause(LONGEST_BACKGROUND_PAUSE);
            failures++;
        }
    }

    /** Throws what is not. */
    private RuntimeException worthARetry(RuntimeException failure) {
        if (!(failure instanceof StoreException store)) {
            throw failure;
        }
        if (!store.reason().isRetryable()) {
            throw refused(store);
        }
        return failure;
    }

    /** Has the rest of a step done by another thread, which leads until then; {@code lock} is held on entry and exit. */
    private void finishBehind(Runnable rest) {
        leading = true;
        behind = true;
        boolean begun = false;
        lock.unlock();
        try {
            node.large().execute(() -> {
                RuntimeException failure = new IllegalStateException("the background step of database " + id + " died");
                try {
                    rest.run();
                    failure = null;
                } catch (RuntimeException e) {
                    failure = e;
                } finally {
                    finishedBehind(failure);
                }
            });
            begun = true;
        } catch (RejectedExecutionException e) {
            throw new ClosedException("Satchel has been closed", e);
        } finally {
            lock.lock();
            if (!begun) {
                leading = false;
                behind = false;
                changed.signalAll();
            }
        }
    }

    private void finishedBehind(@Nullable RuntimeException failure) {
        lock.lock();
        try {
            count(failure);
            finishedBehind++;
            failedBehind = failure;
            boolean further = cameFurther.getAsBoolean();
            worthwhileBehind = failure == null || further;
            leading = false;
            behind = false;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits for what is being finished in the background. */
    void awaitBehind() {
        awaitUntil(() -> !behind);
    }

    /** Waits for the step that is being taken, whoever takes it. */
    void awaitStep() {
        awaitUntil(() -> !leading);
    }

    private void awaitUntil(BooleanSupplier over) {
        lock.lock();
        try {
            while (!over.getAsBoolean()) {
                changed.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
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
