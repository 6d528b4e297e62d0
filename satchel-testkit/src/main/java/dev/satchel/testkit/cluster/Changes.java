package dev.satchel.testkit.cluster;

import dev.satchel.SchemaMigration;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** The tables of a user: a row for each change, and a count that is kept in the same transactions. */
final class Changes {
    private static final int BODY = 300;

    private Changes() {}

    static SchemaMigration schema() {
        return new SchemaMigration() {
            @Override
            public int targetVersion() {
                return 1;
            }

            @Override
            public void migrate(Connection connection, int from) throws SQLException {
                try (Statement statement = connection.createStatement()) {
                    statement.executeUpdate("CREATE TABLE change (key TEXT PRIMARY KEY, body BLOB NOT NULL)");
                    statement.executeUpdate("CREATE TABLE total (n INTEGER NOT NULL)");
                    statement.executeUpdate("INSERT INTO total VALUES (0)");
                }
            }
        };
    }

    /** Adds a row, unless it is there already: a request that is made again must not count twice. */
    static void add(Connection connection, String key) throws SQLException {
        connection.setAutoCommit(false);
        try (PreparedStatement insert = connection.prepareStatement(
                        "INSERT INTO change VALUES (?, randomblob(" + BODY + ")) ON CONFLICT DO NOTHING");
                Statement statement = connection.createStatement()) {
            insert.setString(1, key);
            if (insert.executeUpdate() == 1) {
                statement.executeUpdate("UPDATE total SET n = n + 1");
            }
        }
        connection.commit();
    }

    /**
     * All keys, of one moment.
     *
     * @throws IllegalStateException if half a transaction shows
     */
    static List<String> all(Connection connection) throws SQLException {
        List<String> keys = new ArrayList<>();
        long total = 0;
        try (Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery("SELECT total.n, change.key FROM total LEFT JOIN change")) {
            while (found.next()) {
                total = found.getLong(1);
                String key = found.getString(2);
                if (key != null) {
                    keys.add(key);
                }
            }
        }
        if (total != keys.size()) {
            throw new IllegalStateException("there are " + keys.size() + " rows, and transactions made " + total);
        }
        return keys;
    }
}
