package dev.satchel;

import org.jspecify.annotations.Nullable;

/** The store cannot be reached. Nothing of the session has been saved; try again later. */
public final class UnavailableException extends SatchelException {
    private static final long serialVersionUID = 1L;

    /** What was attempted, what was found, what to do. */
    public UnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean isRetryable() {
        return true;
    }
}
