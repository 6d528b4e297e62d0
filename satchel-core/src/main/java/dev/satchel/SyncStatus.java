package dev.satchel;

import java.util.Locale;

/** How the local copy of a database stands to the store, as a session's answer tells it. */
public enum SyncStatus {
    /** Everything the session committed or saw is in the store. */
    SYNCED,
    /** It is on this machine's disk and will be uploaded by itself. */
    PENDING,
    /** It is not in the store. */
    FAILED,
    /** The store did not say whether it has it; that is settled before anything else happens to the database. */
    UNKNOWN,
    /** Another machine had written: under {@code LAST_WRITE_WINS} its version was overwritten, under {@code REJECT} ours was refused. */
    CONFLICT;

    /** The worse of two: synced, pending, failed, unknown, conflict. */
    public SyncStatus worse(SyncStatus other) {
        return compareTo(other) >= 0 ? this : other;
    }

    /** The form in headers and JSON: the name in lower case. */
    public String token() {
        return name().toLowerCase(Locale.ROOT);
    }
}
