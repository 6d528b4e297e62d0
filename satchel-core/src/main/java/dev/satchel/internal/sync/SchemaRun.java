package dev.satchel.internal.sync;

import dev.satchel.DatabaseId;
import dev.satchel.MigrationFailedException;
import dev.satchel.SchemaMigration;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLIntegrityConstraintViolationException;
import java.sql.SQLTransientException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;

/** Runs a migration on a connection: in one transaction, whole or not at all. */
final class SchemaRun {
    private SchemaRun() {}

    /**
     * Brings a database to the target. If it fails, closing the connection rolls back.
     *
     * @param id for messages
     * @param connection in auto-commit mode; it is left in a transaction or out of one, and is to be closed
     * @return the {@code user_version} it had
     */
    static int migrate(DatabaseId id, Connection connection, SchemaMigration schema) throws SQLException {
        int found = userVersion(connection);
        int target = schema.targetVersion();
        if (found >= target) {
            return found;
        }
        boolean enforced = schema.enforcesForeignKeys(found);
        if (!enforced) {
            execute(connection, "PRAGMA foreign_keys = OFF"); // Has no effect inside a transaction.
        }
        connection.setAutoCommit(false);
        int from = userVersion(connection);
        if (from < target) {
            Map<String, Integer> broken = enforced ? Map.of() : brokenReferences(connection);
            try {
                schema.migrate(connection, from);
                if (!enforced) {
                    requireNoMore(broken, brokenReferences(connection));
                }
            } catch (SQLTransientException e) {
                throw e;
            } catch (SQLException e) {
                throw failed(id, from, target, e);
            }
            execute(connection, "PRAGMA user_version = " + target);
            connection.commit();
        }
        return from;
    }

    private static SQLException failed(DatabaseId id, int from, int to, SQLException cause) {
        MigrationFailedException told = new MigrationFailedException(
                "database " + id + ": migrating its schema from version " + from + " to " + to
                        + " failed, and left it as it was: " + cause.getMessage(),
                cause);
        return new SQLException(told.getMessage(), cause.getSQLState(), cause.getErrorCode(), told);
    }

    static int userVersion(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("PRAGMA user_version")) {
            return result.next() ? result.getInt(1) : 0;
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** How many rows refer to nothing, by the tables at both ends. */
    private static Map<String, Integer> brokenReferences(Connection connection) throws SQLException {
        Map<String, Integer> broken = new LinkedHashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("PRAGMA foreign_key_check")) {
            while (rows.next()) {
                broken.merge("table " + rows.getString(1) + " to " + rows.getString(3), 1, Integer::sum);
            }
        }
        return broken;
    }

    private static void requireNoMore(Map<String, Integer> before, Map<String, Integer> after) throws SQLException {
        for (Map.Entry<String, Integer> each : after.entrySet()) {
            int more = each.getValue() - before.getOrDefault(each.getKey(), 0);
            if (more > 0) {
                throw new SQLIntegrityConstraintViolationException(
                        "the migration, which runs with foreign keys off, leaves " + more
                                + " more references to missing rows from " + each.getKey(),
                        "23503");
            }
        }
    }
}
