package dev.satchel.internal.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.DatabaseId;
import dev.satchel.SchemaMigration;
import dev.satchel.Session;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class SchemaMigrationTest {
    private static final DatabaseId ID = DatabaseId.of("alice");

    @RegisterExtension
    final Nodes nodes = new Nodes();

    /** Creates a table, and fails afterwards as often as it is told to. */
    private static final class Migration implements SchemaMigration {
        private int failuresLeft;

        Migration(int failures) {
            failuresLeft = failures;
        }

        @Override
        public int targetVersion() {
            return 1;
        }

        @Override
        public void migrate(Connection connection, int from) throws SQLException {
            try (Statement statement = connection.createStatement()) {
                statement.executeUpdate("CREATE TABLE thing (id INTEGER PRIMARY KEY)");
            }
            if (failuresLeft > 0) {
                failuresLeft--;
                throw new SQLException("the migration fails");
            }
        }
    }

    private static int things(Session session) throws SQLException {
        try (Connection connection = session.connection();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT count(*) FROM thing")) {
            result.next();
            return result.getInt(1);
        }
    }

    @Test
    void connectionAfterAFailedMigrationOfTheSameSessionMigratesFirst() throws SQLException {
        TestNode node = nodes.node("a").schema(new Migration(1)).start();

        try (Session session = node.open(ID)) {
            assertThatThrownBy(session::connection).hasMessageContaining("the migration fails");

            assertThat(things(session)).isZero();
        }
    }

    @Test
    void failedMigrationLeavesNothingAndTheNextSessionMigrates() throws SQLException {
        TestNode node = nodes.node("a").schema(new Migration(1)).start();
        try (Session session = node.open(ID)) {
            assertThatThrownBy(session::connection).hasMessageContaining("the migration fails");
        }

        try (Session session = node.open(ID)) {
            assertThat(things(session)).isZero();
        }
        assertThat(node.puts()).isZero();
    }

    @Test
    void readOfANewUserLeavesNothingInTheStore() throws SQLException {
        TestNode node = nodes.node("a").schema(new Migration(0)).start();

        try (Session session = node.open(ID)) {
            assertThat(things(session)).isZero();
        }

        assertThat(node.puts()).isZero();
    }
}
