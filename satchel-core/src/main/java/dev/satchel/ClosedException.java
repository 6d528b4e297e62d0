package dev.satchel;

import org.jspecify.annotations.Nullable;

/** The session or the whole of Satchel has been closed. */
public final class ClosedException extends SatchelException {
    private static final long serialVersionUID = 1L;

    /** What was attempted, what was found, what to do. */
    public ClosedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean isRetryable() {
        return false;
    }
}
