package dev.satchel.benchmarks;

import dev.satchel.Session;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** The reads of a page: one row by its key, and a list. Each returns something that depends on all it read. */
final class SampleReads {
    private SampleReads() {}

    static int project(Session session) throws SQLException {
        try (Connection connection = session.connection()) {
            return project(connection, 1);
        }
    }

    static int project(Connection connection, int project) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(SampleDatabase.SELECT_PROJECT)) {
            return project(select, project);
        }
    }

    static int project(PreparedStatement select, int project) throws SQLException {
        select.setInt(1, project);
        try (ResultSet rows = select.executeQuery()) {
            if (!rows.next()) {
                throw new IllegalStateException("no project " + project);
            }
            return rows.getInt(1)
                    + rows.getString(2).length()
                    + rows.getString(5).length();
        }
    }

    static int clips(Connection connection, int game) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(SampleDatabase.SELECT_CLIPS)) {
            select.setInt(1, game);
            int sum = 0;
            try (ResultSet rows = select.executeQuery()) {
                while (rows.next()) {
                    sum += rows.getInt("id") + rows.getString("filename").length() + rows.getInt("rating");
                    sum += (int) rows.getDouble("end_time");
                }
            }
            return sum;
        }
    }
}
