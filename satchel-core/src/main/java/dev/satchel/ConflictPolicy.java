package dev.satchel;

/** What happens to a commit when another machine has committed on the same base. */
public enum ConflictPolicy {
    /** Our whole state becomes the next version; the overwritten one is kept, a warning is logged. The default. */
    LAST_WRITE_WINS,
    /** Theirs stays; our changes are kept as a conflict object, and the session fails with {@link ConflictException}. */
    REJECT
}
