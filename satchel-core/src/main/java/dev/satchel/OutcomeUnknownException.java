package dev.satchel;

import org.jspecify.annotations.Nullable;

/** The store did not answer in time: the session's changes may or may not be saved. Read before writing again; the database settles it first. */
public final class OutcomeUnknownException extends SatchelException {
    private static final long serialVersionUID = 1L;

    /** What was attempted, what was found, what to do. */
    public OutcomeUnknownException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public SyncStatus status() {
        return SyncStatus.UNKNOWN;
    }

    @Override
    public boolean isRetryable() {
        return true;
    }
}
