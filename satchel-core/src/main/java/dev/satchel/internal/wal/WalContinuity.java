package dev.satchel.internal.wal;

/** What became of the position that a reader was asked to go on from. */
public enum WalContinuity {
    /** The log still holds it, or it was {@link WalPosition#START}: what was read comes after it. */
    CONTINUED,

    /**
     * The log has other salts, or is empty or gone: SQLite had checkpointed everything before it began anew. What was read
     * starts at frame 0 of the new generation.
     */
    RESTARTED,

    /**
     * The salts are the same, but the frame the position ends with is missing or another one: the log was cut shorter, as
     * power loss may do or whoever drops commits does. What was read starts at frame 0 and replaces all that was read before.
     */
    CUT
}
