package dev.satchel;

import java.util.Objects;

/**
 * What this machine knows of a database, without asking the store.
 *
 * @param database which
 * @param version of the local copy; 0 while what an earlier process left pending has not been looked at
 * @param status {@code SYNCED}, or {@code PENDING} while changes wait to be uploaded, or {@code FAILED} while a commit's outcome is unknown, or
 *     {@code CONFLICT} when changes of this machine were refused and no session of the database has begun and ended well since
 * @param sizeBytes of the database at that version
 */
public record DatabaseStatus(DatabaseId database, Version version, SyncStatus status, long sizeBytes) {
    /** Checks for nulls. */
    public DatabaseStatus {
        Objects.requireNonNull(database, "database");
        Objects.requireNonNull(version, "version");
        Objects.requireNonNull(status, "status");
    }
}
