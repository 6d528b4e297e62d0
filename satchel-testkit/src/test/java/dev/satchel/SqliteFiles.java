package dev.satchel;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** Plain SQLite files, as other programs make and read them. */
final class SqliteFiles {
    private SqliteFiles() {}

    /** Runs statements on a file, which is made if need be. */
    static Path run(Path file, String... statements) throws SQLException {
        try (Connection connection = open(file)) {
            run(connection, statements);
        }
        return file;
    }

    static void run(Connection connection, String... statements) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** The first column of the first row, as text. */
    static String query(Path file, String sql) throws SQLException {
        try (Connection connection = open(file);
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            return result.next() ? result.getString(1) : "no row";
        }
    }

    static Connection open(Path file) throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + file);
    }

    /** A database with a table {@code t(a)} of so many rows of about a kilobyte. */
    static Path notes(Path file, int rows) throws SQLException {
        return run(
                file,
                "CREATE TABLE t(a TEXT)",
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " + rows
                        + ") INSERT INTO t SELECT i || '-' || hex(zeroblob(512)) FROM n");
    }
}
