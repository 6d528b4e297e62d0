package dev.satchel;

import java.util.Objects;

/**
 * What retention removed of a database, or would remove.
 *
 * @param database which
 * @param commits how many commit objects
 * @param snapshots how many snapshots
 * @param conflicts how many conflict records
 * @param bytes the size of all of them
 * @param dryRun whether nothing was removed, and this is what would be
 */
public record RetentionReport(
        DatabaseId database, int commits, int snapshots, int conflicts, long bytes, boolean dryRun) {
    /** Checks for nulls. */
    public RetentionReport {
        Objects.requireNonNull(database, "database");
    }

    /** How many objects in all. */
    public int objects() {
        return commits + snapshots + conflicts;
    }
}
