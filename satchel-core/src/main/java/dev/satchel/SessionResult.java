package dev.satchel;

import java.util.Objects;
import java.util.Optional;

/**
 * How a session ended.
 *
 * @param version the oldest version that has all that the session saw and committed; a bookmark for the next request
 * @param shown the newest version of which the session certainly saw everything: older than {@code version} if other sessions
 *     of the node committed beside it, and what they committed became part of the same version
 * @param status {@code SYNCED}, {@code PENDING}, or {@code CONFLICT} when a newer version of another machine was overwritten
 * @param committed whether the session itself committed anything
 * @param conflict what was overwritten, if status is {@code CONFLICT}
 */
public record SessionResult(
        Version version, Version shown, SyncStatus status, boolean committed, Optional<Conflict> conflict) {
    /** Checks for nulls. */
    public SessionResult {
        Objects.requireNonNull(version, "version");
        Objects.requireNonNull(shown, "shown");
        Objects.requireNonNull(status, "status");
        Objects.requireNonNull(conflict, "conflict");
    }
}
