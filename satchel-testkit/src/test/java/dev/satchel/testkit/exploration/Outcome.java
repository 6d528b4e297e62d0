package dev.satchel.testkit.exploration;

/** What becomes of one request. */
enum Outcome {
    /** It takes effect and is answered. */
    ANSWERED(true),
    /** It takes effect, and the answer is lost. */
    ANSWER_LOST(true),
    /** It takes effect some time after its sender has given it up. */
    LATE(false),
    /** It never takes effect, and nobody says so. */
    LOST(false),
    /** It takes no effect, and the sender knows. */
    NOT_SENT(false),
    /** The store refuses it for good. */
    REFUSED(false),
    /** More time than any window passes before it takes effect and is answered. */
    SLOW(true),
    /** The process dies before it takes effect. */
    DIES_BEFORE(false),
    /** It takes effect, and the process dies. */
    DIES_AFTER(true),
    /** The process dies, and it takes effect some time later. */
    DIES_WHILE(false);

    private final boolean effective;

    Outcome(boolean effective) {
        this.effective = effective;
    }

    /** Whether the request takes effect when this is decided. */
    boolean isEffective() {
        return effective;
    }

    boolean isFault() {
        return this != ANSWERED;
    }

    /** Whether it differs from a request that was not made, or was answered, for a request that only asks. */
    boolean concernsReads() {
        return this == ANSWERED || this == LOST || this == SLOW || this == DIES_BEFORE;
    }
}
