package dev.satchel;

import org.jspecify.annotations.Nullable;

/** The local disk refused: full, read-only, no permission. What the store holds is unaffected. */
public final class LocalStorageException extends SatchelException {
    private static final long serialVersionUID = 1L;

    /** What was attempted, what was found, what to do. */
    public LocalStorageException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean isRetryable() {
        return true;
    }
}
