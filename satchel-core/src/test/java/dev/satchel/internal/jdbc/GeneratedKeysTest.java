package dev.satchel.internal.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GeneratedKeysTest {
    @TempDir
    Path directory;

    private LocalDatabase database;
    private TrackedConnection connection;

    @BeforeEach
    void open() throws Exception {
        database = new LocalDatabase(directory);
        database.run("CREATE TABLE t(id INTEGER PRIMARY KEY, b TEXT UNIQUE, c TEXT DEFAULT 'c');"
                + "CREATE TABLE named(name TEXT PRIMARY KEY, n) WITHOUT ROWID;"
                + "CREATE VIRTUAL TABLE words USING fts5(w)");
        connection = database.connect();
    }

    @AfterEach
    void close() throws Exception {
        connection.close();
        assertThat(database.writeLeaseIsFree()).isTrue();
        database.close();
    }

    private static List<Object> keys(Statement statement) throws SQLException {
        List<Object> keys = new ArrayList<>();
        try (ResultSet rows = statement.getGeneratedKeys()) {
            while (rows.next()) {
                keys.add(rows.getObject(1));
            }
        }
        return keys;
    }

    @Test
    void givesTheRowId() throws Exception {
        try (PreparedStatement statement =
                connection.prepareStatement("INSERT INTO t(b) VALUES (?)", Statement.RETURN_GENERATED_KEYS)) {
            for (int i = 1; i <= 3; i++) {
                statement.setString(1, "x" + i);
                assertThat(statement.executeUpdate()).isEqualTo(1);
                assertThat(keys(statement)).containsExactly(i);
            }
            try (ResultSet rows = statement.getGeneratedKeys()) {
                rows.next();
                assertThat(rows.getLong("id")).isEqualTo(3);
            }
        }
    }

    @Test
    void givesOneKeyForEachRow() throws Exception {
        try (Statement statement = connection.createStatement()) {
            assertThat(statement.executeUpdate(
                            "INSERT INTO t(b) VALUES ('x'), ('y'), ('z')", Statement.RETURN_GENERATED_KEYS))
                    .isEqualTo(3);
            assertThat(keys(statement)).containsExactly(1, 2, 3);
            assertThat(statement.execute("INSERT INTO t(b) VALUES ('u')", new int[] {1}))
                    .isFalse();
            assertThat(statement.getUpdateCount()).isEqualTo(1);
            assertThat(keys(statement)).containsExactly(4);
        }
    }

    @Test
    void givesNamedColumnsEvenIfTheyAreNotTheRowId() throws Exception {
        try (PreparedStatement statement = connection.prepareStatement(
                "INSERT INTO named VALUES ('a', ?), ('b', 2) -- two", new String[] {"name", "n"})) {
            statement.setInt(1, 1);
            statement.executeUpdate();
            try (ResultSet rows = statement.getGeneratedKeys()) {
                rows.next();
                assertThat(rows.getString("name") + rows.getInt("n")).isEqualTo("a1");
                rows.next();
                assertThat(rows.getString(1) + rows.getInt(2)).isEqualTo("b2");
                assertThat(rows.next()).isFalse();
            }
        }
        assertThatThrownBy(() -> connection.prepareStatement("INSERT INTO t(b) VALUES (1)", new String[] {"missing"}))
                .hasMessageContaining("missing");
    }

    @Test
    void givesTheKeyThatAnUpsertUpdated() throws Exception {
        try (PreparedStatement statement = connection.prepareStatement(
                "INSERT INTO t(b) VALUES (?) ON CONFLICT(b) DO UPDATE SET c = 'again'",
                Statement.RETURN_GENERATED_KEYS)) {
            for (String b : List.of("first", "second", "first")) {
                statement.setString(1, b);
                statement.executeUpdate();
            }
            assertThat(keys(statement)).containsExactly(1);
        }
    }

    @Test
    void givesNothingIfNothingWasInserted() throws Exception {
        database.run("INSERT INTO t(b) VALUES ('x')");
        try (Statement statement = connection.createStatement()) {
            assertThat(keys(statement)).isEmpty();
            statement.executeUpdate("INSERT OR IGNORE INTO t(b) VALUES ('x')", Statement.RETURN_GENERATED_KEYS);
            assertThat(keys(statement)).isEmpty();
            statement.executeUpdate("INSERT OR IGNORE INTO t(b) VALUES ('x')");
            assertThat(keys(statement)).isEmpty();
            statement.executeUpdate("UPDATE t SET b = 'y'", Statement.RETURN_GENERATED_KEYS);
            assertThat(keys(statement)).isEmpty();
            statement.executeUpdate("CREATE TABLE u(a)", Statement.RETURN_GENERATED_KEYS);
            assertThat(keys(statement)).isEmpty();
        }
    }

    @Test
    void tableWithoutRowIdsGivesNothingUnlessColumnsAreNamed() throws Exception {
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate("INSERT INTO t(b) VALUES ('x')");
            statement.executeUpdate("INSERT INTO named VALUES ('a', 1)", Statement.RETURN_GENERATED_KEYS);
            assertThat(keys(statement)).isEmpty();
            statement.executeUpdate("INSERT INTO named VALUES ('b', 1)", new String[] {"name"});
            assertThat(keys(statement)).containsExactly("b");
        }
    }

    @Test
    void virtualTableGivesItsRowId() throws Exception {
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate("INSERT INTO words VALUES ('hello')", Statement.RETURN_GENERATED_KEYS);
            assertThat(keys(statement)).containsExactly(1);
        }
    }

    @Test
    void viewHasNoRowIdToGive() throws Exception {
        database.run("CREATE VIEW v AS SELECT b FROM t;"
                + "CREATE TRIGGER v_insert INSTEAD OF INSERT ON v BEGIN INSERT INTO t(b) VALUES (NEW.b); END");
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate("INSERT INTO v VALUES ('x')", Statement.RETURN_GENERATED_KEYS);
            assertThat(keys(statement)).isEmpty();
        }
        assertThat(database.count("t")).isEqualTo(1);
    }

    @Test
    void returningClauseOfTheCallerIsTheKeysOfAnUpdate() throws Exception {
        try (PreparedStatement statement = connection.prepareStatement(
                "INSERT INTO t(b) VALUES ('x') RETURNING b, id", Statement.RETURN_GENERATED_KEYS)) {
            assertThat(statement.executeUpdate()).isEqualTo(1);
            assertThat(keys(statement)).containsExactly("x");
        }
    }

    @Test
    void withoutBeingAskedGivesTheLastRowIdWhileNothingElseWasWritten() throws Exception {
        try (Statement statement = connection.createStatement();
                Statement other = connection.createStatement()) {
            statement.executeUpdate("INSERT INTO t(b) VALUES ('x'), ('y')");
            other.executeQuery("SELECT 1").close();
            assertThat(keys(statement)).containsExactly(2);

            other.executeUpdate("INSERT INTO words VALUES ('hello')");
            assertThat(keys(statement)).isEmpty();
            statement.executeUpdate("INSERT INTO words VALUES ('again')");
            assertThat(keys(statement)).containsExactly(2);
        }
    }

    @Test
    void keysWereAskedForSoThatLaterWritesDoNotMatter() throws Exception {
        try (Statement statement = connection.createStatement();
                Statement other = connection.createStatement()) {
            statement.executeUpdate("INSERT INTO t(b) VALUES ('x')", Statement.RETURN_GENERATED_KEYS);
            other.executeUpdate("INSERT INTO t(id, b) VALUES (77, 'y')");
            assertThat(keys(statement)).containsExactly(1);
        }
    }

    @Test
    void batchCollectsAllKeys() throws Exception {
        try (PreparedStatement statement =
                connection.prepareStatement("INSERT INTO t(b) VALUES (?)", Statement.RETURN_GENERATED_KEYS)) {
            for (int i = 0; i < 5; i++) {
                statement.setString(1, "x" + i);
                statement.addBatch();
            }
            assertThat(statement.executeBatch()).containsOnly(1).hasSize(5);
            assertThat(keys(statement)).containsExactly(1, 2, 3, 4, 5);
        }
    }

    @Test
    void manyKeysAreGivenBackWhole() throws Exception {
        String rows =
                IntStream.rangeClosed(1, 40_000).mapToObj(i -> "(" + i + ")").collect(Collectors.joining(","));
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate("INSERT INTO t(b) VALUES " + rows, Statement.RETURN_GENERATED_KEYS);
            assertThat(keys(statement)).hasSize(40_000).endsWith(39_999, 40_000);

            statement.executeUpdate("INSERT INTO named(name) VALUES " + rows, new String[] {"name"});
            assertThatThrownBy(statement::getGeneratedKeys).isInstanceOf(SQLFeatureNotSupportedException.class);
        }
    }

    @Test
    void severalIndexesAndUnknownFlagsAreRefused() {
        assertThatThrownBy(() -> connection.prepareStatement("INSERT INTO t(b) VALUES (1)", new int[] {1, 2}))
                .isInstanceOf(SQLFeatureNotSupportedException.class);
        assertThatThrownBy(() -> connection.prepareStatement("INSERT INTO t(b) VALUES (1)", 77))
                .isInstanceOf(SQLException.class);
    }

    @Test
    void keysAreReadInsideTheTransactionOrAfterIt() throws Exception {
        connection.setAutoCommit(false);
        try (PreparedStatement statement =
                connection.prepareStatement("INSERT INTO t(b) VALUES ('x')", Statement.RETURN_GENERATED_KEYS)) {
            statement.executeUpdate();
            assertThat(keys(statement)).containsExactly(1);
            connection.commit();
            assertThat(keys(statement)).containsExactly(1);
            assertThat(database.writeLeaseIsFree()).isTrue();
        }
    }
}
