package dev.satchel;

import java.util.Objects;

/**
 * What became of a file given to {@link Bucket#push(DatabaseId, java.nio.file.Path)}.
 *
 * @param head the newest version, which has the file's content
 * @param changed whether the push made it; false if the newest version had that content already
 */
public record PushResult(VersionInfo head, boolean changed) {
    /** Checks for null. */
    public PushResult {
        Objects.requireNonNull(head, "head");
    }
}
