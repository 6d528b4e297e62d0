package dev.satchel.archive;

import dev.satchel.DatabaseId;
import java.util.List;
import java.util.Objects;

/**
 * What a run of the archiver did, or would do.
 *
 * @param database which
 * @param dryRun whether nothing was changed, and this is what would be archived
 * @param archived the batches that it made, in order
 * @param left what stayed where it is although a rule's condition is true for it
 * @param bytesBefore how large the database was
 * @param bytesAfter how large it is; in a dry run as before
 * @param removed how many batches it removed from the tier, since no version of the database inside the retention has them archived
 */
public record ArchiveReport(
        DatabaseId database,
        boolean dryRun,
        List<ArchivedEntry> archived,
        List<LeftBehind> left,
        long bytesBefore,
        long bytesAfter,
        int removed) {
    /** Copies the lists. */
    public ArchiveReport {
        Objects.requireNonNull(database, "database");
        archived = List.copyOf(archived);
        left = List.copyOf(left);
    }

    /** How many rows were archived, of all tables. */
    public int rows() {
        return archived.stream().mapToInt(ArchivedEntry::rows).sum();
    }

    /** How many bytes their batches have. */
    public long archivedBytes() {
        return archived.stream().mapToLong(ArchivedEntry::bytes).sum();
    }
}
