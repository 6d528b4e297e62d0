package dev.satchel.testkit.exploration;

import dev.satchel.testkit.Operation;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One node's side of the schedule. The node's thread runs from one request to the next and waits there; whoever chooses waits
 * meanwhile. So at any time one thread runs.
 */
final class Turn {
    private static final int PATIENCE_SECONDS = 60;

    /** This schedule is not gone through to its end. */
    static final class CutShort extends Error {
        private static final long serialVersionUID = 1L;

        CutShort() {
            super("cut short", null, false, false);
        }
    }

    /** What a node waits with: a request, or the beginning of a unit of work. */
    record Request(@Nullable Operation operation, String key) {}

    private final Semaphore go = new Semaphore(0);
    private final Semaphore stopped = new Semaphore(0);
    private volatile boolean scheduled = true;
    private volatile @Nullable Request waiting;
    private volatile Outcome chosen = Outcome.ANSWERED;
    private volatile boolean cutShort;
    private volatile boolean ended;

    // ---- the node's thread ------------------------------------------------------------------------------------------

    /** Waits to be begun. */
    void begin() {
        go.acquireUninterruptibly();
    }

    /** Waits until a request, or the beginning of a unit of work, is chosen. */
    Outcome await(@Nullable Operation operation, String key) {
        if (!scheduled) {
            return Outcome.ANSWERED;
        }
        if (cutShort) {
            throw new CutShort();
        }
        waiting = new Request(operation, key);
        stopped.release();
        go.acquireUninterruptibly();
        waiting = null;
        if (cutShort) {
            throw new CutShort();
        }
        return chosen;
    }

    /** There will be no further request. */
    void end() {
        ended = true;
        stopped.release();
    }

    // ---- whoever chooses --------------------------------------------------------------------------------------------

    /** The request that waits; null if the node has ended. */
    @Nullable
    Request waiting() {
        return waiting;
    }

    /** Lets the node run to its next request, or its end. */
    void go(Outcome outcome) {
        chosen = outcome;
        go.release();
        try {
            if (!stopped.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException("a node neither asks nor ends");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** Ends the node at its next request. */
    void cutShort() {
        cutShort = true;
        while (!ended) {
            go(Outcome.ANSWERED);
        }
    }

    /** From now on requests are answered at once. */
    void free() {
        scheduled = false;
    }
}
