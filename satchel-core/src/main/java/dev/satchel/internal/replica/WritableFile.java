package dev.satchel.internal.replica;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import org.sqlite.JDBC;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteLimits;

/** A connection that changes a private copy of a database, with the settings that sessions have. Stateless. */
public final class WritableFile {
    private WritableFile() {}

    /**
     * Opens a file that nobody else has open, and which need not outlive a power failure. Closing it leaves nothing beside the file.
     *
     * @throws SQLException if SQLite cannot open it
     */
    public static Connection open(Path file) throws SQLException {
        SQLiteConnection connection =
                JDBC.createConnection("jdbc:sqlite:" + SqliteUri.of(file) + "?mode=rw", new Properties());
        try (Statement statement = connection.createStatement()) {
            connection.setLimit(SQLiteLimits.SQLITE_LIMIT_ATTACHED, 0);
            for (String setting : new String[] {"synchronous=OFF", "temp_store=MEMORY", "foreign_keys=ON"}) {
                statement.execute("PRAGMA " + setting);
            }
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }
}
