package dev.satchel.internal.log;

import java.time.Instant;
import java.util.HexFormat;

/**
 * A conflict object in a listing.
 *
 * @param id which
 * @param size bytes
 * @param lastModified by the store's clock
 */
public record ConflictKey(String id, long size, Instant lastModified) {
    /** The version that the changes were meant to be, or were. */
    public long version() {
        return HexFormat.fromHexDigitsToLong(id, 0, 16);
    }
}
