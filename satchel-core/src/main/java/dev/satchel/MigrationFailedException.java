package dev.satchel;

import org.jspecify.annotations.Nullable;

/** A schema migration failed. The database is as it was; the cause says what was wrong. */
public final class MigrationFailedException extends SatchelException {
    private static final long serialVersionUID = 1L;

    /** Which database, what failed, what to do. */
    public MigrationFailedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean isRetryable() {
        return false;
    }
}
