package dev.satchel.archive;

import java.time.Instant;
import java.util.Objects;

/**
 * A batch in a tier, without its rows.
 *
 * @param id which
 * @param rule the rule that it was made by
 * @param created when, in milliseconds, by the clock of the node that made it
 * @param rows how many rows it has, of all tables
 * @param bytes the size of its {@link ArchiveBatch#encoded() encoded form}
 * @param digest the SHA-256 of its content, 64 hexadecimal digits
 */
public record BatchInfo(BatchId id, String rule, Instant created, int rows, long bytes, String digest) {
    /** Checks for nulls. */
    public BatchInfo {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(rule, "rule");
        Objects.requireNonNull(created, "created");
        Objects.requireNonNull(digest, "digest");
    }
}
