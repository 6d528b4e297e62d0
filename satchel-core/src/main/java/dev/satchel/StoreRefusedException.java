package dev.satchel;

import org.jspecify.annotations.Nullable;

/** The store refused for good: credentials, permissions, limits. The session's changes were not saved and have been rolled back. */
public final class StoreRefusedException extends SatchelException {
    private static final long serialVersionUID = 1L;

    /** What was attempted, what was found, what to do. */
    public StoreRefusedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean isRetryable() {
        return false;
    }
}
