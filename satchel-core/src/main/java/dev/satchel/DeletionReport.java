package dev.satchel;

import java.util.Objects;

/**
 * What the deletion of a database took out of the store. Keys of commits and snapshots stay until retention removes them, without
 * content.
 *
 * @param database which
 * @param version of the deletion; a new life of the database begins with the version after it
 * @param resumed whether the database had been deleted before, and only the rest was erased now; all counts are 0 if there was
 *     none
 * @param commits how many commit objects were emptied
 * @param snapshots how many snapshots were emptied
 * @param conflicts how many conflict records were removed
 * @param images 1 if there was an image, which was replaced by a mark; else 0
 * @param bytes the size of all of them
 */
public record DeletionReport(
        DatabaseId database,
        Version version,
        boolean resumed,
        int commits,
        int snapshots,
        int conflicts,
        int images,
        long bytes) {
    /** Checks for nulls. */
    public DeletionReport {
        Objects.requireNonNull(database, "database");
        Objects.requireNonNull(version, "version");
    }
}
