package dev.satchel;

import java.util.Objects;

/**
 * Two machines committed on the same base; what became of it.
 *
 * @param database where
 * @param policy how it was decided
 * @param base the version both began from
 * @param head the newest version of the other side when it was decided
 * @param ourWriter this machine
 * @param theirWriter who wrote {@code head}
 * @param ourCommit the id of our commit
 * @param theirCommit the id of {@code head}'s commit
 * @param keptAs the key of the object that keeps the changes of the side that did not win
 * @param keptBytes the size of that object; 0 if nothing had to be kept
 */
public record Conflict(
        DatabaseId database,
        ConflictPolicy policy,
        Version base,
        Version head,
        String ourWriter,
        String theirWriter,
        String ourCommit,
        String theirCommit,
        String keptAs,
        long keptBytes) {
    /** Checks for nulls. */
    public Conflict {
        Objects.requireNonNull(database, "database");
        Objects.requireNonNull(policy, "policy");
        Objects.requireNonNull(base, "base");
        Objects.requireNonNull(head, "head");
    }
}
