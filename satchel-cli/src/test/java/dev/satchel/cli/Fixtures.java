package dev.satchel.cli;

import dev.satchel.Bucket;
import dev.satchel.DatabaseId;
import dev.satchel.store.DirectoryObjectStore;
import dev.satchel.store.ObjectStore;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** SQLite files and buckets for the command to work on. */
final class Fixtures {
    private Fixtures() {}

    /** Runs statements on a SQLite file, which is made if need be. */
    static Path sqlite(Path file, String... statements) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
        return file;
    }

    static String query(Path file, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            return result.getString(1);
        }
    }

    /** Puts so many versions of a database into the bucket in {@code data/bucket}; version N has N rows. */
    static void versions(Path directory, DatabaseId id, int count) throws SQLException {
        Path file = sqlite(
                directory.resolve("fixture-" + id.encodedName() + ".sqlite"),
                "DROP TABLE IF EXISTS t",
                "CREATE TABLE t(a)");
        try (ObjectStore store = new DirectoryObjectStore(directory.resolve("data/bucket"), false);
                Bucket bucket = Bucket.builder(store).node("fixture").build()) {
            for (int version = 1; version <= count; version++) {
                bucket.push(id, sqlite(file, "INSERT INTO t VALUES (" + version + ")"));
            }
        }
    }
}
