package dev.satchel.examples.reels;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReelsSchemaTest {
    private Connection old;
    private Connection fresh;

    @BeforeEach
    void open() throws SQLException {
        old = DriverManager.getConnection("jdbc:sqlite::memory:");
        fresh = DriverManager.getConnection("jdbc:sqlite::memory:");
    }

    @AfterEach
    void close() throws SQLException {
        old.close();
        fresh.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4})
    void upgradeFromEveryVersionGivesTheSchemaOfANewDatabase(int from) throws SQLException {
        new ReelsSchema(from).migrate(old, 0);
        new ReelsSchema().migrate(old, from);
        new ReelsSchema().migrate(fresh, 0);

        assertThat(schema(old)).isEqualTo(schema(fresh)).hasSizeGreaterThan(3);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void upgradeKeepsWhatThereIs(int from) throws SQLException {
        new ReelsSchema(from).migrate(old, 0);
        try (Statement statement = old.createStatement()) {
            statement.executeUpdate("INSERT INTO projects (name, created_at, updated_at) VALUES ('Größte Tore', 1, 2)");
            statement.executeUpdate(
                    "INSERT INTO working_clips (project_id, position, name, source, crop, in_ms, out_ms, created_at,"
                            + " updated_at) VALUES (1, 1, 'Kopfball', '{}', '{}', 5, 900, 3, 4)");
        }

        new ReelsSchema().migrate(old, from);

        try (Statement statement = old.createStatement();
                ResultSet row = statement.executeQuery("SELECT p.name, c.name, c.in_ms, c.out_ms, c.segments"
                        + " FROM projects p JOIN working_clips c ON c.project_id = p.id")) {
            assertThat(row.next()).isTrue();
            assertThat(row.getString(1)).isEqualTo("Größte Tore");
            assertThat(row.getString(2)).isEqualTo("Kopfball");
            assertThat(row.getInt(3)).isEqualTo(5);
            assertThat(row.getInt(4)).isEqualTo(900);
            assertThat(row.getBytes(5)).isNull();
        }
    }

    private static List<String> schema(Connection connection) throws SQLException {
        List<String> schema = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema ORDER BY 1")) {
            while (row.next()) {
                schema.add(row.getString(1));
            }
        }
        return schema;
    }
}
