package dev.satchel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.store.DirectoryObjectStore;
import dev.satchel.store.ObjectStore;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A bucket beside nodes that use it, in a plain folder. */
class BucketInFolderTest {
    private static final DatabaseId ALICE = DatabaseId.of("alice");

    @TempDir
    private Path folder;

    @Test
    void nodeSeesWhatIsPushedAndThePullSeesWhatTheNodeWrites() throws SQLException {
        Path file = SqliteFiles.notes(folder.resolve("a.sqlite"), 2);
        try (ObjectStore store = new DirectoryObjectStore(folder.resolve("bucket"), false);
                Bucket bucket = Bucket.of(store);
                Satchel node = Satchel.builder(store, folder.resolve("local"))
                        .node("node")
                        .build()) {
            bucket.push(ALICE, file);
            assertThat(count(node)).isEqualTo(2);

            node.write(ALICE, session -> insert(session, "by the node"));
            SqliteFiles.run(file, "INSERT INTO t VALUES (1), (2), (3)");
            bucket.push(ALICE, file);

            assertThat(count(node)).isEqualTo(5);
            assertThat(bucket.log(ALICE, 10))
                    .extracting(info -> info.version().number())
                    .containsExactly(3L, 2L, 1L);
            assertThat(bucket.log(ALICE, 10).get(1).writer()).startsWith("node-");
            bucket.pull(ALICE, Version.of(2), folder.resolve("second.sqlite"));
            assertThat(SqliteFiles.query(
                            folder.resolve("second.sqlite"), "SELECT a FROM t ORDER BY rowid DESC LIMIT 1"))
                    .isEqualTo("by the node");
            assertThat(SqliteFiles.query(folder.resolve("second.sqlite"), "PRAGMA integrity_check"))
                    .isEqualTo("ok");
        }
    }

    private static int count(Satchel node) throws SQLException {
        return node.read(ALICE, session -> {
            try (Connection connection = session.connection();
                    Statement statement = connection.createStatement();
                    var result = statement.executeQuery("SELECT count(*) FROM t")) {
                result.next();
                return result.getInt(1);
            }
        });
    }

    private static int insert(Session session, String text) throws SQLException {
        try (Connection connection = session.connection();
                Statement statement = connection.createStatement()) {
            return statement.executeUpdate("INSERT INTO t VALUES ('" + text + "')");
        }
    }
}
