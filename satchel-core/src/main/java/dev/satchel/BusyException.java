package dev.satchel;

import org.jspecify.annotations.Nullable;

/** Something local was waited for too long: a long-running session, another transaction, a free place. Nothing was changed. */
public final class BusyException extends SatchelException {
    private static final long serialVersionUID = 1L;

    /** What was attempted, what was found, what to do. */
    public BusyException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean isRetryable() {
        return true;
    }
}
