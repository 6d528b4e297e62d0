package dev.satchel.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.Satchel;
import dev.satchel.Session;
import dev.satchel.SessionResult;
import dev.satchel.testkit.InMemoryObjectStore;
import dev.satchel.testkit.Operation;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** The examples of the rules write-tracked-connection, write-batched and write-detect-operations do what the pages say. */
class WriteRulesTest extends Examples {
    private final InMemoryObjectStore bucket = new InMemoryObjectStore();

    @Test
    void onlyTrackedConnectionsArePublished() throws SQLException {
        Path userData = newFolder();
        try (Satchel satchel = Satchel.builder(bucket, userData).build()) {
            execute(satchel, "create table clip (name)");
            addTracked(satchel);
        }

        addBehindTheBack(userData);

        try (Satchel restarted = Satchel.builder(bucket, userData).build()) {
            assertThat(query(restarted, "select name from clip")).containsExactly("opening");
        }
    }

    private static void addBehindTheBack(Path userData) throws SQLException {
        // snippet: write-tracked-connection-wrong
        String url = "jdbc:sqlite:" + userData.resolve("alice/database.sqlite");
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute("insert into clip values ('ending')"); // the file is no longer a known version
        }
        // end
    }

    private static void addTracked(Satchel satchel) throws SQLException {
        // snippet: write-tracked-connection-right
        try (Session session = satchel.open(ALICE);
                Connection connection = session.connection();
                Statement statement = connection.createStatement()) {
            statement.execute("insert into clip values ('opening')");
        }
        // end
    }

    @Test
    void oneSessionIsOneUpload() throws SQLException {
        Satchel satchel = node(bucket);
        execute(satchel, "create table clip (name)");
        bucket.requests().reset();

        oneByOne(satchel, List.of("a", "b", "c"));

        assertThat(bucket.requests().count(Operation.PUT)).isEqualTo(3);

        bucket.requests().reset();
        together(satchel, List.of("d", "e", "f"));

        assertThat(bucket.requests().count(Operation.PUT)).isEqualTo(1);
        assertThat(query(satchel, "select name from clip")).containsExactly("a", "b", "c", "d", "e", "f");
    }

    private static void oneByOne(Satchel satchel, List<String> names) throws SQLException {
        // snippet: write-batched-wrong
        for (String name : names) {
            satchel.write(ALICE, session -> insert(session, List.of(name))); // one upload each
        }
        // end
    }

    private static void together(Satchel satchel, List<String> names) throws SQLException {
        // snippet: write-batched-right
        satchel.write(ALICE, session -> insert(session, names)); // one upload
        // end
    }

    // snippet: write-batched-insert
    private static int insert(Session session, List<String> names) throws SQLException {
        try (Connection connection = session.connection();
                PreparedStatement insert = connection.prepareStatement("insert into clip values (?)")) {
            connection.setAutoCommit(false);
            for (String name : names) {
                insert.setString(1, name);
                insert.addBatch();
            }
            insert.executeBatch();
            connection.commit();
        }
        return names.size();
    }
    // end

    @Test
    void changesAreNoticedWhateverTheStatementLooksLike() throws SQLException {
        Satchel satchel = node(bucket);
        execute(satchel, "create table clip (name)");
        String hidden = "with n(name) as (values ('opening')) insert into clip select name from n returning name";

        assertThat(looksLikeAWrite(hidden)).isFalse();
        assertThat(run(satchel, hidden).committed()).isTrue();
        assertThat(looksLikeAWrite("update clip set name = 'x' where name = 'no such clip'"))
                .isTrue();
        assertThat(run(satchel, "update clip set name = 'x' where name = 'no such clip'")
                        .committed())
                .isFalse();
        assertThat(query(node(bucket), "select name from clip")).containsExactly("opening");
    }

    // snippet: write-detect-operations-wrong
    private static boolean looksLikeAWrite(String sql) {
        String text = sql.strip().toLowerCase(Locale.ROOT);
        return text.startsWith("insert") || text.startsWith("update") || text.startsWith("delete");
    }
    // end

    private static SessionResult run(Satchel satchel, String sql) throws SQLException {
        // snippet: write-detect-operations-right
        try (Session session = satchel.open(ALICE)) {
            execute(session, sql);
            return session.complete(); // committed() says whether anything changed
        }
        // end
    }
}
