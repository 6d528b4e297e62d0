package dev.satchel;

import java.util.Objects;

/** Another machine committed first and the policy is {@link ConflictPolicy#REJECT}. Reload and repeat; our changes are kept. */
public final class ConflictException extends SatchelException {
    private static final long serialVersionUID = 1L;

    private final transient Conflict conflict;

    /** Names base, head and what was kept. */
    public ConflictException(Conflict conflict) {
        super(
                "database " + conflict.database() + " was changed elsewhere: based on version " + conflict.base()
                        + ", the newest is " + conflict.head() + " by " + conflict.theirWriter()
                        + "; the refused changes are kept as " + conflict.keptAs() + "; reload and repeat",
                null);
        this.conflict = Objects.requireNonNull(conflict, "conflict");
    }

    /** Base, head, both writers, and where the refused changes are kept. */
    public Conflict conflict() {
        return conflict;
    }

    @Override
    public SyncStatus status() {
        return SyncStatus.CONFLICT;
    }

    @Override
    public boolean isRetryable() {
        return true;
    }
}
