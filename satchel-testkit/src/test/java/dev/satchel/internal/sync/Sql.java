package dev.satchel.internal.sync;

import dev.satchel.Session;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** Statements through a session's connections, for tests. */
public final class Sql {
    public static final String CREATE = "CREATE TABLE IF NOT EXISTS note(id INTEGER PRIMARY KEY, text TEXT)";

    private Sql() {}

    /** Adds a row. */
    public static String note(String text) {
        return "INSERT INTO note(text) VALUES ('" + text + "')";
    }

    /** Runs statements on one connection in auto-commit mode. */
    public static void run(Session session, String... statements) {
        try (Connection connection = session.connection();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The first column of all rows. */
    public static List<String> query(Session session, String sql) {
        try (Connection connection = session.connection()) {
            return query(connection, sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    public static List<String> query(Connection connection, String sql) {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<String> found = new ArrayList<>();
            while (rows.next()) {
                found.add(rows.getString(1));
            }
            return found;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** All notes in order; none if there is no table yet. */
    public static List<String> notes(Session session) {
        return query(session, "SELECT count(*) FROM sqlite_master WHERE name = 'note'")
                        .get(0)
                        .equals("0")
                ? List.of()
                : query(session, "SELECT text FROM note ORDER BY id");
    }
}
