package dev.satchel;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * How far back a database can be brought, and from what.
 *
 * @param oldest from this version on every version up to {@code newest} can be opened and restored; empty if the newest is the
 *     deletion of the database
 * @param newest the newest version
 * @param image the version of the image; empty if there is none
 * @param snapshots the versions that have a snapshot, the oldest first
 */
public record HistoryInfo(Optional<Version> oldest, Version newest, Optional<Version> image, List<Version> snapshots) {
    /** Checks for nulls and copies the list. */
    public HistoryInfo {
        Objects.requireNonNull(oldest, "oldest");
        Objects.requireNonNull(newest, "newest");
        Objects.requireNonNull(image, "image");
        snapshots = List.copyOf(snapshots);
    }
}
