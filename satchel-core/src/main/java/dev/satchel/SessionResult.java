package dev.satchel;

import java.util.Objects;
import java.util.Optional;

/**
 * How a session ended.
 *
 * @param version what its answer reflects; a bookmark for the next request
 * @param status {@code SYNCED}, {@code PENDING}, or {@code CONFLICT} when a newer version of another machine was overwritten
 * @param committed whether the session itself committed anything
 * @param conflict what was overwritten, if status is {@code CONFLICT}
 */
public record SessionResult(Version version, SyncStatus status, boolean committed, Optional<Conflict> conflict) {
    /** Checks for nulls. */
    public SessionResult {
        Objects.requireNonNull(version, "version");
        Objects.requireNonNull(status, "status");
        Objects.requireNonNull(conflict, "conflict");
    }
}
