package dev.satchel.internal.replica;

import dev.satchel.CorruptException;
import dev.satchel.DatabaseId;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** SQLite's own opinion of a database that was put together from the store. About 0.5 ms per megabyte. */
public final class QuickCheck {
    private QuickCheck() {}

    /**
     * Runs {@code PRAGMA quick_check} on a file that nobody else has open.
     *
     * @throws CorruptException if SQLite finds fault with it
     */
    public static void requireSound(DatabaseId id, DatabaseFile file) {
        if (file.baseline().isEmpty()) {
            return;
        }
        String url = PhysicalConnection.url(file.path(), true) + "&immutable=1";
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("PRAGMA quick_check(1)")) {
            String verdict = result.next() ? result.getString(1) : "no answer";
            if (!verdict.equals("ok")) {
                throw new CorruptException(
                        CorruptException.Kind.CONTENT,
                        "database " + id + " version " + file.baseline().version() + " is damaged in the store: "
                                + verdict + "; restore an earlier version",
                        null);
            }
        } catch (SQLException e) {
            throw new CorruptException(
                    CorruptException.Kind.CONTENT,
                    "database " + id + " version " + file.baseline().version() + " cannot be read by SQLite: "
                            + e.getMessage() + "; restore an earlier version",
                    e);
        }
    }
}
