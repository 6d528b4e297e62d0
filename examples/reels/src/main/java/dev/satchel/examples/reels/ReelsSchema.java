package dev.satchel.examples.reels;

import dev.satchel.SchemaMigration;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/**
 * The schema of a library: one script for each {@code user_version}, run in order from what a database has to what the
 * application needs. A script that was ever released is never edited; a change is a new script. Immutable.
 */
final class ReelsSchema implements SchemaMigration {
    private static final List<String> SCRIPTS =
            List.of("1-library.sql", "2-segments.sql", "3-clip-order.sql", "4-completed.sql");

    private final int target;

    /** Up to the newest script. */
    ReelsSchema() {
        this(SCRIPTS.size());
    }

    /** Up to the script {@code target}, as an older release of the application would. */
    ReelsSchema(int target) {
        this.target = target;
    }

    @Override
    public int targetVersion() {
        return target;
    }

    @Override
    public void migrate(Connection connection, int from) throws SQLException {
        for (String script : SCRIPTS.subList(from, target)) {
            try (Statement statement = connection.createStatement()) {
                for (String sql : read(script).split(";\\s*\\R", -1)) {
                    if (!sql.isBlank()) {
                        statement.executeUpdate(sql);
                    }
                }
            }
        }
    }

    private static String read(String script) {
        try (InputStream in = ReelsSchema.class.getResourceAsStream("/schema/" + script)) {
            if (in == null) {
                throw new IllegalStateException("schema script is missing: " + script);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("schema script cannot be read: " + script, e);
        }
    }
}
