package dev.satchel.internal.replica;

import java.sql.SQLException;

/**
 * One borrowed connection to a replica, with the right to ask for the database's single write lease.
 *
 * <p>Confined to the borrower's thread, except that {@link #discard} and {@link #endWrite} may come from another thread
 * (a connection that is aborted). Exactly one of {@link #release} and {@link #discard} ends the lease; later calls of
 * either do nothing, and both end the write lease if it is still held.
 */
public interface ConnectionLease {
    /** The connection, the borrower's alone until the lease ends. */
    PhysicalConnection physical();

    /**
     * Acquires the database's only write lease, waiting in Java and for a bounded time. Does nothing if this lease holds
     * it already: one {@link #endWrite} gives it back however often it was asked for.
     *
     * @throws java.sql.SQLTransientException if the wait took too long
     * @throws java.sql.SQLFeatureNotSupportedException at once if the calling thread holds the write lease through another
     *     connection and would therefore wait for itself
     * @throws SQLException if the lease has ended or the database cannot be written
     */
    void beginWrite() throws SQLException;

    /** Gives the write lease back; called after the transaction has ended in SQLite. Does nothing if it is not held. */
    void endWrite();

    /** Whether this lease holds the write lease. */
    boolean holdsWrite();

    /** Whether the connection can only read. */
    boolean readOnly();

    /**
     * Ends the lease: {@linkplain PhysicalConnection#reset resets} the connection, which has no statement left in use, and puts
     * it back into the pool.
     */
    void release();

    /** Ends the lease: the connection is in an unknown state and has to be closed. */
    void discard();
}
