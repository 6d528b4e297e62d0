package dev.satchel;

import java.util.Objects;

/**
 * What became of {@link Bucket#restore(DatabaseId, Version)}.
 *
 * @param restored the older version that was asked for
 * @param head the newest version, which has its content
 * @param changed whether the restore made it; false if the newest version had that content already
 */
public record RestoreResult(Version restored, VersionInfo head, boolean changed) {
    /** Checks for nulls. */
    public RestoreResult {
        Objects.requireNonNull(restored, "restored");
        Objects.requireNonNull(head, "head");
    }
}
