package dev.satchel.internal.log;

import dev.satchel.DatabaseId;

/**
 * Where a version was looked for, there is a deletion of the database, or what one has erased. Caught within the engine: the
 * state that was being continued has ended.
 */
public final class DeletionFound extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final long deletion;

    /**
     * Names the deletion.
     *
     * @param deletion its version
     */
    public DeletionFound(DatabaseId id, long deletion) {
        super("database " + id + " was deleted at version " + deletion);
        this.deletion = deletion;
    }

    /** The version of the deletion. */
    public long deletion() {
        return deletion;
    }
}
