package dev.satchel;

import java.util.Objects;

/**
 * The database was deleted while a session was at it: what the session committed is not there, even if it was saved for a moment
 * before the deletion, and no conflict record is kept of
 * it. A new session finds an empty database, and the first commit begins a new life of it; whether that is wanted, the
 * application has to say.
 */
public final class DeletedException extends SatchelException {
    private static final long serialVersionUID = 1L;

    private final transient Version version;

    /** Names the database and the version of the deletion. */
    public DeletedException(DatabaseId database, Version version) {
        super(
                "database " + database + " was deleted at version " + version
                        + "; nothing that this session changed is left; open a new session to begin with an empty database",
                null);
        this.version = Objects.requireNonNull(version, "version");
    }

    /** The version of the deletion. */
    public Version version() {
        return version;
    }

    @Override
    public boolean isRetryable() {
        return false;
    }
}
