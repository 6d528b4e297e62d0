package dev.satchel.internal.replica;

import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One writer at a time per database, queued in Java in order of arrival: a wait inside SQLite would block a carrier thread and
 * end in SQLITE_BUSY. Thread-safe.
 */
final class WriteLease {
    private final Semaphore permit = new Semaphore(1, true);
    private final String database;
    private volatile @Nullable Thread holder;

    WriteLease(String database) {
        this.database = database;
    }

    /**
     * Waits for the lease; the caller does not hold it through the same connection.
     *
     * @throws java.sql.SQLTransientException if that took too long
     * @throws SQLFeatureNotSupportedException at once if the calling thread holds it through another one
     */
    void acquire(Duration timeout) throws SQLException {
        Thread current = holder;
        if (current != null && current.equals(Thread.currentThread())) {
            // Not a transient failure: it fails each time until the program is changed.
            throw new SQLFeatureNotSupportedException(
                    "database " + database
                            + ": this thread already has a writing transaction open on another connection, and would wait for"
                            + " itself; use that connection (in Spring REQUIRED or NESTED instead of REQUIRES_NEW), write after"
                            + " that transaction has ended, or make it read-only if it only reads",
                    "0A000");
        }
        try {
            if (!permit.tryAcquire(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new SQLTransientConnectionException(
                        "database " + database + ": another writing transaction has been open for"
                                + " more than " + timeout.toMillis() + " ms"
                                + (current == null ? "" : ", by thread " + current.getName())
                                + "; keep transactions short, and make no remote calls inside them");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SQLTransientConnectionException("interrupted while waiting to write to database " + database, e);
        }
        holder = Thread.currentThread();
    }

    /** Whether nobody holds it; what whoever held it before has done is known then. */
    boolean isFree() {
        return permit.availablePermits() > 0;
    }

    /** Gives it back. */
    void release() {
        holder = null;
        permit.release();
    }
}
