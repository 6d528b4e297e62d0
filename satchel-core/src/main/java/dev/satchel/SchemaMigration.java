package dev.satchel;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * Brings a database's schema to what the application needs, when it is first used on this machine. {@link SchemaScripts} makes one
 * of SQL scripts.
 *
 * <p>A migration is a version of its own, before the session that came first goes on: what the database was is the version
 * before, and can be restored. Where several nodes migrate at once, one of them makes that version and the others take it over. A
 * new user's schema alone is not worth a version: it is uploaded with the first real change.
 *
 * <p>A database whose {@code user_version} is above {@link #targetVersion()} was migrated by a newer application: it can be read
 * here, and writing fails with {@link NewerSchemaException}.
 */
public interface SchemaMigration {
    /** The {@code PRAGMA user_version} the application needs, 1 or more. */
    int targetVersion();

    /**
     * Migrates inside one transaction that the caller begins, commits and rolls back; the caller also sets the new
     * {@code user_version}. May run more than once for the same database, on several machines.
     *
     * @param from the database's {@code user_version}; 0 for a new database
     * @throws SQLException if it cannot; the session's connection fails with one whose cause is a {@link MigrationFailedException}
     */
    void migrate(Connection connection, int from) throws SQLException;

    /**
     * Whether foreign keys are enforced, and cascade, while {@link #migrate} runs; the default. Without, a table that others refer
     * to can be dropped and made anew, and the migration fails if more rows refer to nothing afterwards than before.
     *
     * @param from the database's {@code user_version}
     */
    default boolean enforcesForeignKeys(int from) {
        return true;
    }

    /**
     * Looks whether what has been applied to a database is what this would have applied; does nothing by default. {@link
     * Bucket#migrate} calls it for databases that need no migration.
     *
     * @param at the database's {@code user_version}, not above {@link #targetVersion()}
     * @throws SQLException that says what differs
     */
    default void verify(Connection connection, int at) throws SQLException {}
}
