package dev.satchel;

import java.util.Objects;

/** A large database is still being loaded from the store. That goes on by itself; try again when more of it is there. */
public final class LoadingException extends SatchelException {
    private static final long serialVersionUID = 1L;

    private final transient LoadProgress progress;

    /** Still being loaded, so far. */
    public LoadingException(DatabaseId database, LoadProgress progress) {
        super(
                "database " + database + " is being loaded from the store: " + progress.loadedBytes() + " of "
                        + progress.totalBytes() + " bytes are there; it goes on by itself, try again",
                null);
        this.progress = Objects.requireNonNull(progress, "progress");
    }

    /** How far it was. */
    public LoadProgress progress() {
        return progress;
    }

    @Override
    public boolean isRetryable() {
        return true;
    }
}
