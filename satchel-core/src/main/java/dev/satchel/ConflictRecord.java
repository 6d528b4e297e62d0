package dev.satchel;

import java.time.Instant;
import java.util.Objects;

/**
 * The changes of a side that did not win when two machines committed on the same base, as the store keeps them.
 *
 * @param database where
 * @param id names the record within its database; valid in file names
 * @param key the object that keeps the changes
 * @param policy how it was decided: under {@link ConflictPolicy#LAST_WRITE_WINS} these are the changes that were overwritten,
 *     which also are a version of their own; under {@link ConflictPolicy#REJECT} those that were refused, which are nowhere
 *     else
 * @param base the version both sides began from
 * @param head the newest version when it was decided
 * @param writer who had made the changes
 * @param commitId the commit that the changes were, or would have been
 * @param winner the other side
 * @param winnerCommitId the commit that won
 * @param changedAt when the changes were committed, by the clock of the machine that did
 * @param keptAt when the record was written, by the store's clock
 * @param bytes size of the object
 */
public record ConflictRecord(
        DatabaseId database,
        String id,
        String key,
        ConflictPolicy policy,
        Version base,
        Version head,
        String writer,
        String commitId,
        String winner,
        String winnerCommitId,
        Instant changedAt,
        Instant keptAt,
        long bytes) {
    /** Checks for nulls. */
    public ConflictRecord {
        Objects.requireNonNull(database, "database");
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(policy, "policy");
        Objects.requireNonNull(base, "base");
        Objects.requireNonNull(head, "head");
    }
}
