package dev.satchel;

import org.jspecify.annotations.Nullable;

/** An object or a local file is damaged, or belongs to another database. Nothing of it was served or published; restore it. */
public final class CorruptException extends SatchelException {
    private static final long serialVersionUID = 1L;

    /** What was attempted, what was found, what to do. */
    public CorruptException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean isRetryable() {
        return false;
    }
}
