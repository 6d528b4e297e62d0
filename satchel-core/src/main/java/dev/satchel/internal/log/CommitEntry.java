package dev.satchel.internal.log;

import java.time.Instant;

/**
 * A commit object in a listing.
 *
 * @param version which
 * @param size bytes
 * @param lastModified by the store's clock
 */
public record CommitEntry(long version, long size, Instant lastModified) {}
