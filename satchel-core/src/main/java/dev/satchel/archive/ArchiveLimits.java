package dev.satchel.archive;

import dev.satchel.ArchiveException;

/**
 * What a tier takes. The archiver makes batches that fit and leaves what cannot fit where it is; a tier refuses the rest by itself.
 *
 * @param maxBatchBytes the largest {@link ArchiveBatch#encoded() encoded form}
 * @param maxCellBytes the longest TEXT or BLOB
 */
public record ArchiveLimits(long maxBatchBytes, int maxCellBytes) {
    /** The most that any tier may take: a batch is held in memory. */
    public static final ArchiveLimits LARGEST = new ArchiveLimits(64L << 20, 32 << 20);

    /** The least that every tier takes. */
    public static final ArchiveLimits SMALLEST = new ArchiveLimits(4L << 20, 2 << 20);

    /** Refuses limits below 1. */
    public ArchiveLimits {
        if (maxBatchBytes < 1 || maxCellBytes < 1) {
            throw new IllegalArgumentException(
                    "limits must be greater than 0: batch " + maxBatchBytes + ", cell " + maxCellBytes);
        }
    }

    /**
     * Checks a batch, for implementations of {@link ArchiveTier#store}.
     *
     * @throws ArchiveException of kind {@code TOO_LARGE} if it is beyond the limits
     */
    public void check(ArchiveBatch batch) {
        long bytes = batch.bytes();
        if (bytes > maxBatchBytes) {
            throw tooLarge(batch, "has " + bytes + " bytes, and at most " + maxBatchBytes + " are taken");
        }
        int longest = batch.longestCell();
        if (longest > maxCellBytes) {
            throw tooLarge(batch, "has a value of " + longest + " bytes, and at most " + maxCellBytes + " are taken");
        }
    }

    private static ArchiveException tooLarge(ArchiveBatch batch, String what) {
        return new ArchiveException(
                ArchiveException.Kind.TOO_LARGE,
                "database " + batch.database() + ": batch " + batch.id() + " " + what + "; nothing was stored",
                null);
    }
}
