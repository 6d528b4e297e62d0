package dev.satchel;

import org.jspecify.annotations.Nullable;

/** The database or version does not exist in the store. */
public final class NotFoundException extends SatchelException {
    private static final long serialVersionUID = 1L;

    /** What was attempted, what was found, what to do. */
    public NotFoundException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean isRetryable() {
        return false;
    }
}
