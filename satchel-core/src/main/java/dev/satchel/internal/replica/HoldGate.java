package dev.satchel.internal.replica;

import dev.satchel.BusyException;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * Who may use a replica: many sessions, or one that changes it underneath them. Whoever wants to change it is next; sessions
 * that come later queue behind. Not bound to threads: a hold may be given back by another thread than took it. Thread-safe.
 */
public final class HoldGate {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private int holders;
    private int exclusiveWaiters;
    private boolean exclusive;

    /** Waits until the replica may be used. */
    public void acquireShared(String database, Duration timeout) {
        await(
                timeout,
                "a newer version of database " + database + " is being applied; try again",
                this::tryEnterShared);
    }

    /** Gives a shared hold back. */
    public void releaseShared() {
        lock.lock();
        try {
            holders--;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until nobody uses the replica, and keeps others out. */
    public void acquireExclusive(String database, Duration timeout) {
        lock.lock();
        try {
            exclusiveWaiters++;
        } finally {
            lock.unlock();
        }
        try {
            await(
                    timeout,
                    "a newer version of database " + database
                            + " waits for a session that is still open; end sessions soon after their last statement",
                    this::tryEnterExclusive);
        } finally {
            lock.lock();
            try {
                exclusiveWaiters--;
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    /** Takes the replica for oneself if nobody uses it right now. */
    public boolean tryAcquireExclusive() {
        lock.lock();
        try {
            return exclusiveWaiters == 0 && tryEnterExclusive();
        } finally {
            lock.unlock();
        }
    }

    /** Lets the others in again. */
    public void releaseExclusive() {
        lock.lock();
        try {
            exclusive = false;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Whether somebody uses the replica right now, or is about to. */
    public boolean isHeld() {
        lock.lock();
        try {
            return holders > 0 || exclusive;
        } finally {
            lock.unlock();
        }
    }

    private boolean tryEnterShared() {
        if (exclusive || exclusiveWaiters > 0) {
            return false;
        }
        holders++;
        return true;
    }

    private boolean tryEnterExclusive() {
        if (exclusive || holders > 0) {
            return false;
        }
        exclusive = true;
        return true;
    }

    private void await(Duration timeout, String message, BooleanSupplier entry) {
        long nanos = timeout.toNanos();
        lock.lock();
        try {
            while (!entry.getAsBoolean()) {
                if (nanos <= 0) {
                    throw new BusyException(message, null);
                }
                nanos = changed.awaitNanos(nanos);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BusyException("interrupted while waiting: " + message, e);
        } finally {
            lock.unlock();
        }
    }
}
