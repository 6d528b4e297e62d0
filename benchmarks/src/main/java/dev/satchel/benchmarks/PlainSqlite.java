package dev.satchel.benchmarks;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;

/** The peer: the driver's own connection to a file that no store knows. */
final class PlainSqlite {
    private PlainSqlite() {}

    /**
     * Opens a connection with the settings that Satchel gives its own.
     *
     * @param synchronous OFF as Satchel's, whose durability is the store's; FULL for durability on this disk
     */
    static Connection open(Path file, String synchronous) throws SQLException {
        Connection connection = DriverManager.getConnection("jdbc:sqlite:file:" + file + "?vfs=unix-excl");
        try (Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA journal_mode=WAL");
            statement.execute("PRAGMA synchronous=" + synchronous);
            statement.execute("PRAGMA temp_store=MEMORY");
            statement.execute("PRAGMA foreign_keys=ON");
            statement.execute("PRAGMA cache_size=128");
        }
        return connection;
    }
}
