package dev.satchel.internal.log;

import java.time.Instant;

/**
 * A commit object or a snapshot in a listing.
 *
 * @param version which
 * @param size bytes
 * @param lastModified by the store's clock
 */
public record CommitEntry(long version, long size, Instant lastModified) {
    /** Whether it has no bytes: a deletion, or what one has erased. */
    public boolean isEmpty() {
        return size == 0;
    }
}
