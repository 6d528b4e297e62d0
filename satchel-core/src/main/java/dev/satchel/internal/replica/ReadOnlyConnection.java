package dev.satchel.internal.replica;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Properties;
import org.sqlite.JDBC;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteLimits;

/** SQLite's own connection to a whole file that nobody changes any more. */
public final class ReadOnlyConnection {
    private ReadOnlyConnection() {}

    /**
     * Opens a file that has no WAL; nothing is made beside it.
     *
     * @throws SQLException if SQLite cannot open it
     */
    public static Connection open(Path file) throws SQLException {
        SQLiteConnection connection =
                JDBC.createConnection("jdbc:sqlite:" + SqliteUri.of(file) + "?mode=ro&immutable=1", new Properties());
        connection.setLimit(SQLiteLimits.SQLITE_LIMIT_ATTACHED, 0);
        return connection;
    }
}
