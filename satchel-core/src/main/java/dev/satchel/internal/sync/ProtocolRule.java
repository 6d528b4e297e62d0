package dev.satchel.internal.sync;

/**
 * The rules of the protocol that can be switched off one at a time, so that tests can show that each of them is needed and that
 * a breach of it would be noticed. Only {@link Surroundings} can switch one off, which no setting and no public type reaches.
 */
public enum ProtocolRule {
    /** A commit is put only if its slot is free. Else one machine's acknowledged version replaces another's. */
    COMMIT_ONLY_INTO_A_FREE_SLOT,

    /**
     * A slot that is taken by our own commit id is a success: an earlier attempt had arrived. Else a machine conflicts with
     * itself, and says of what is saved that it is not.
     */
    OWN_COMMIT_IN_SLOT_IS_SUCCESS,

    /** While the outcome is unknown, the same bytes are sent again. Else an attempt that arrives late is somebody else's. */
    SAME_BYTES_WHILE_UNKNOWN,

    /** The next slot is used only when this one is known to be ours. Else versions have holes that nobody can read across. */
    NEXT_SLOT_ONLY_WHEN_KNOWN,

    /** While the outcome is unknown, nothing is taken back. Else what was said not to be saved appears later. */
    NOTHING_TAKEN_BACK_WHILE_UNKNOWN,

    /** What was said not to be saved is removed from the local copy as well. Else the next commit saves it. */
    TAKEN_BACK_IS_GONE,

    /** A durable session ends when its own commits are in the store. Else a crash takes what was acknowledged. */
    GATE_WAITS_FOR_OWN_COMMITS,

    /**
     * A durable session ends when what it has read of its neighbours is in the store, too. Else an answer shows what a crash
     * takes back.
     */
    GATE_WAITS_FOR_WHAT_WAS_READ,

    /** "Pending" is said when the commit is on the disk. Else a killed process takes it along. */
    SPOOLED_BEFORE_PENDING,

    /**
     * A commit that contains pending changes is spooled itself before it is sent. Else nobody knows its id after a crash, and it
     * is taken for another machine's.
     */
    SENT_WITH_PENDING_IS_SPOOLED,

    /** The spool gives up no more than what has landed. Else what is pending behind it is lost by the next crash. */
    SPOOL_KEEPS_WHAT_HAS_NOT_LANDED,

    /** What an earlier process left pending is published before anything else. Else newer commits replace it. */
    PENDING_FIRST_AT_START,

    /** The changes of the side that does not win are kept before the conflict is decided. Else they are gone without a trace. */
    LOSER_IS_KEPT,

    /**
     * What is read is checked: digest, identity, chain of checksums, SQLite's own check. Else damage on the way is served, and
     * saved with the next commit.
     */
    CONTENT_IS_CHECKED,

    /** A local copy is trusted only if its pages are those its sidecar names. Else a power failure's damage is served. */
    LOCAL_COPY_FITS_ITS_SIDECAR,

    /** "Could not ask" is never taken for "absent". Else a head is missed, or a database taken for new. */
    COULD_NOT_ASK_IS_NOT_ABSENT,

    /** Newer versions are applied when nobody holds the copy. Else a session sees two versions. */
    APPLYING_WAITS_FOR_HOLDERS,

    /**
     * Work that was begun in the hope of being on the head, and committed nothing, is checked against the head. Else it may
     * answer from an old one.
     */
    HOPEFUL_READ_IS_VERIFIED,

    /** A commit is never stamped earlier than the one before it. Else the clocks decide what was the newest at an instant. */
    TIMESTAMPS_ASCEND,

    /**
     * After the verify window the image is read first. Else the free slot that is found may be one whose number has been used and
     * reclaimed.
     */
    FULL_REFRESH_AFTER_WINDOW,

    /**
     * A commit that landed after the verify window counts only if its slot had not been used before. Else it is acknowledged
     * beside the history.
     */
    LANDED_IN_A_FRESH_SLOT,

    /** The image is replaced only if it is the one that was seen. Else an older one hides versions whose commits are gone. */
    IMAGE_ONLY_OVER_THE_SEEN_ONE
}
