package dev.satchel.testkit.torture;

import dev.satchel.SchemaMigration;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Random;
import java.util.Set;

/**
 * The tables of a tortured database: a row for each change, and a count of them that is kept in the same transactions. Whatever
 * tears a transaction or a page apart shows.
 */
final class Rows {
    private static final int LONG_BODY = 20_000;
    private static final int SHORT_BODY = 300;

    private Rows() {}

    /** The content was not what transactions had made. */
    static final class TornException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        TornException(String message) {
            super(message);
        }
    }

    static SchemaMigration schema(Runnable inBetween) {
        return new SchemaMigration() {
            @Override
            public int targetVersion() {
                return 1;
            }

            @Override
            public void migrate(Connection connection, int from) throws SQLException {
                try (Statement statement = connection.createStatement()) {
                    statement.executeUpdate("CREATE TABLE change (key TEXT PRIMARY KEY, body BLOB NOT NULL)");
                    inBetween.run();
                    statement.executeUpdate("CREATE TABLE total (n INTEGER NOT NULL)");
                    statement.executeUpdate("INSERT INTO total VALUES (0)");
                }
            }
        };
    }

    /** What a key's row has beside it: always the same, of some length. */
    private static byte[] body(String key) {
        Random random = new Random(key.hashCode());
        byte[] head = key.getBytes(StandardCharsets.UTF_8);
        byte[] body = new byte[head.length + random.nextInt(random.nextInt(15) == 0 ? LONG_BODY : SHORT_BODY)];
        random.nextBytes(body);
        System.arraycopy(head, 0, body, 0, head.length);
        return body;
    }

    /** Adds a row, in one transaction; its size is the key's own. */
    static void add(Connection connection, String key) throws SQLException {
        byte[] body = body(key);
        connection.setAutoCommit(false);
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO change VALUES (?, ?)");
                Statement statement = connection.createStatement()) {
            statement.executeUpdate("UPDATE total SET n = n + 1");
            insert.setString(1, key);
            insert.setBytes(2, body);
            insert.executeUpdate();
            if (body.length % 40 == 0) {
                statement.executeUpdate("UPDATE change SET body = substr(body, 1, length(CAST(key AS BLOB)))");
            }
        }
        connection.commit();
    }

    /**
     * All keys, in one snapshot; empty if there are no tables yet.
     *
     * @throws TornException if the rows are not what transactions had made
     */
    static Set<String> all(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            try (ResultSet table = statement.executeQuery("SELECT 1 FROM sqlite_schema WHERE name = 'total'")) {
                if (!table.next()) {
                    return Set.of();
                }
            }
            return all(statement);
        }
    }

    /** Bodies are cut to their keys now and then. */
    private static boolean isOf(String key, byte[] found) {
        byte[] body = body(key);
        return Arrays.equals(found, body) || Arrays.equals(found, key.getBytes(StandardCharsets.UTF_8));
    }

    private static Set<String> all(Statement statement) throws SQLException {
        Set<String> keys = new LinkedHashSet<>();
        long total = -1;
        try (ResultSet found = statement.executeQuery(
                "SELECT total.n, change.key, change.body FROM total LEFT JOIN change ORDER BY change.key")) {
            while (found.next()) {
                total = found.getLong(1);
                String key = found.getString(2);
                if (key == null) {
                    continue;
                }
                if (!isOf(key, found.getBytes(3))) {
                    throw new TornException("the body of row " + key + " is not its own");
                }
                keys.add(key);
            }
        }
        if (total != keys.size()) {
            throw new TornException("there are " + keys.size() + " rows, and transactions made " + total);
        }
        return keys;
    }
}
