package dev.satchel;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * Brings a database's schema to what the application needs, when it is first used on this machine. Its commits belong to
 * the session that came first. A new user's schema alone is not worth a version: it is uploaded with the first real change.
 */
public interface SchemaMigration {
    /** The {@code PRAGMA user_version} the application needs, 1 or more. */
    int targetVersion();

    /**
     * Migrates inside one transaction that the caller begins, commits and rolls back; the caller also sets the new
     * {@code user_version}.
     *
     * @param from the database's {@code user_version}; 0 for a new database
     */
    void migrate(Connection connection, int from) throws SQLException;
}
