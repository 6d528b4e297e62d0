package dev.satchel;

import java.util.Objects;

/**
 * What became of {@link Bucket#migrate}.
 *
 * @param database which
 * @param state what it is now
 * @param from the {@code user_version} it had
 * @param to the one it has; in a dry run the one it would have
 * @param before the version that was found: where it was migrated, its restore point
 * @param after the newest version now; that of the migration, if there was one
 */
public record MigrationReport(DatabaseId database, State state, int from, int to, Version before, Version after) {
    /** What a database is. */
    public enum State {
        /** It was migrated, and the migration is the newest version; in a dry run, a copy was, and nothing was published. */
        MIGRATED,
        /** There was nothing to migrate. */
        CURRENT,
        /** A newer application has migrated it to a version that this schema does not know; it was left alone. */
        NEWER,
        /** It was deleted, and there is nothing in it; its next life begins with the schema of then. */
        DELETED
    }

    /** Checks for nulls. */
    public MigrationReport {
        Objects.requireNonNull(database, "database");
        Objects.requireNonNull(state, "state");
        Objects.requireNonNull(before, "before");
        Objects.requireNonNull(after, "after");
    }
}
