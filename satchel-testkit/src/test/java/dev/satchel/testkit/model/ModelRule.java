package dev.satchel.testkit.model;

/** The rules of docs/protocol.md that the model can do without, to show what each of them prevents. */
enum ModelRule {
    /** After the verify window, the log is not trusted without the image. */
    FULL_REFRESH_AFTER_WINDOW,
    /** The image is read after the end of the log was found: read before, it may have moved since, and commits with it. */
    IMAGE_READ_AFTER_THE_LOG,
    /** A commit that landed after the verify window is held against the image. */
    LANDED_IN_A_FRESH_SLOT,
    /** If what followed such a commit is gone, too, nobody is told that it is not saved: it may be. */
    GONE_IS_NOT_VOID,
    /** A commit is put only if its slot is free. */
    COMMIT_ONLY_INTO_A_FREE_SLOT,
    /** Our own commit id in the slot is a success. */
    OWN_COMMIT_IN_SLOT_IS_SUCCESS,
    /** While the outcome is unknown, the same commit is put again. */
    SAME_BYTES_WHILE_UNKNOWN,
    /** While the outcome is unknown, nothing else is sent. */
    NEXT_SLOT_ONLY_WHEN_KNOWN,
    /** While the outcome is unknown, nobody is told that nothing was saved. */
    NOTHING_TAKEN_BACK_WHILE_UNKNOWN,
    /** What loses is kept, before it is decided. */
    LOSER_IS_KEPT_FIRST,
    /** What is pending is on the disk. */
    SPOOLED_BEFORE_PENDING,
    /** What an earlier process left pending goes first. */
    PENDING_FIRST_AT_START,
    /** The image is replaced only if it is the one that was seen. */
    IMAGE_ONLY_OVER_THE_SEEN_ONE,
    /** A commit is deleted only if the image is at or beyond it. */
    ONLY_BEHIND_THE_IMAGE,
    /** A commit is deleted only if a snapshot covers it from which every version inside the retention can be put together. */
    ONLY_BEHIND_AN_OLD_SNAPSHOT,
    /** A deletion wins over whatever was based on what it deleted, whatever the policy. */
    DELETION_WINS,
    /** What is erased keeps its key, so that its slot is not free. */
    ERASED_KEYS_STAY
}
