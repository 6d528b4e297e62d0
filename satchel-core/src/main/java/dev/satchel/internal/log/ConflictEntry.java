package dev.satchel.internal.log;

import java.time.Instant;

/**
 * A conflict object without its pages.
 *
 * @param id what stands in its key
 * @param key its key
 * @param provenance of the changes it keeps
 * @param facts how it was decided
 * @param size bytes
 * @param lastModified by the store's clock
 */
public record ConflictEntry(
        String id, String key, Provenance provenance, ConflictFacts facts, long size, Instant lastModified) {}
