package dev.satchel;

import java.time.Duration;

/**
 * Where the engine reports figures. Every method may be called from any thread, returns quickly and does not throw. No
 * method is ever given a user or database id: figures are about the whole node.
 */
public interface SatchelMetrics {
    /** How a refresh or publish ended. */
    enum Outcome {
        /** It did what it should. */
        OK,
        /** There was nothing to do. */
        UNCHANGED,
        /** Another machine had committed. */
        CONFLICT,
        /** The store could not be asked, or refused. */
        ERROR,
        /** The store did not answer: saved or not, nobody knows yet. */
        UNKNOWN
    }

    /** Why a database was evicted. */
    enum Eviction {
        /** Closed to make room for another: {@code maxOpenDatabases}. */
        ROOM,
        /** Closed because nobody used it: {@code closeIdle}. */
        IDLE,
        /** The copy of a closed database was removed from the disk: {@code maxLocalBytes}. */
        DISK
    }

    /** Reports nothing. */
    SatchelMetrics NONE = new SatchelMetrics() {};

    /** The local copy was compared with the store. */
    default void refreshed(Outcome outcome, Duration elapsed) {}

    /** A commit object was sent. */
    default void published(Outcome outcome, long bytes, Duration elapsed) {}

    /**
     * A commit object is in the store and counts.
     *
     * @param lag since the oldest change in it was committed on this machine
     */
    default void saved(Duration lag) {}

    /** A session was opened; {@link #sessionEnded} follows when it ends. */
    default void sessionOpened() {}

    /** A session ended with this status. */
    default void sessionEnded(SyncStatus status) {}

    /** Two machines had committed on the same base. */
    default void conflicted(ConflictPolicy policy) {}

    /** A database was loaded from the store because this machine had no usable copy. */
    default void loaded(long bytes, Duration elapsed) {}

    /** An image was written to the store. */
    default void imageWritten(long bytes, Duration elapsed) {}

    /** An open database was closed, or a closed one's copy removed. */
    default void evicted(Eviction cause) {}

    /** Something damaged was found, whether or not there was a way around it. */
    default void corruptionFound(CorruptException.Kind kind) {}

    /** A session has made a database larger than a threshold. */
    default void grown(SizeThresholds.Level level) {}
}
