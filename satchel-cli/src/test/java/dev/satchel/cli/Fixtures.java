package dev.satchel.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.Bucket;
import dev.satchel.ConflictException;
import dev.satchel.ConflictPolicy;
import dev.satchel.ConflictRecord;
import dev.satchel.DatabaseId;
import dev.satchel.Durability;
import dev.satchel.Freshness;
import dev.satchel.Satchel;
import dev.satchel.SatchelConfig;
import dev.satchel.Session;
import dev.satchel.store.DirectoryObjectStore;
import dev.satchel.store.ObjectStore;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** SQLite files and buckets for the command to work on. */
final class Fixtures {
    private Fixtures() {}

    /** Runs statements on a SQLite file, which is made if need be. */
    static Path sqlite(Path file, String... statements) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
        return file;
    }

    static String query(Path file, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            return result.getString(1);
        }
    }

    /** Puts so many versions of a database into the bucket in {@code data/bucket}; version N has N rows. */
    static void versions(Path directory, DatabaseId id, int count) throws SQLException {
        Path file = sqlite(
                directory.resolve("fixture-" + id.encodedName() + ".sqlite"),
                "DROP TABLE IF EXISTS t",
                "CREATE TABLE t(a)");
        try (ObjectStore store = new DirectoryObjectStore(directory.resolve("data/bucket"), false);
                Bucket bucket = Bucket.builder(store).node("fixture").build()) {
            for (int version = 1; version <= count; version++) {
                bucket.push(id, sqlite(file, "INSERT INTO t VALUES (" + version + ")"));
            }
        }
    }

    /** Makes a conflict; the record's id. One row was common, the side that lost has two, the newest version, 3, has three. */
    static String conflict(ObjectStore store, Path directory, DatabaseId id) throws SQLException {
        SatchelConfig reject = SatchelConfig.defaults().withConflictPolicy(ConflictPolicy.REJECT);
        try (Bucket bucket = Bucket.of(store);
                Satchel winner =
                        Satchel.builder(store, directory.resolve("a")).node("a").build();
                Satchel loser = Satchel.builder(store, directory.resolve("b"))
                        .node("b")
                        .config(reject)
                        .build()) {
            insert(winner, id, Freshness.latest());
            loser.open(id).close();
            insert(winner, id, Freshness.latest());
            insert(winner, id, Freshness.latest());
            assertThatThrownBy(() -> insert(loser, id, Freshness.local())).isInstanceOf(ConflictException.class);
            List<ConflictRecord> records = bucket.conflicts(id);
            assertThat(records).hasSize(1);
            assertThat(records.get(0).winnerCommitId())
                    .isEqualTo(bucket.head(id).commitId());
            return records.get(0).id();
        }
    }

    private static void insert(Satchel node, DatabaseId id, Freshness freshness) throws SQLException {
        try (Session session = node.open(id, freshness, Durability.DURABLE)) {
            try (Connection connection = session.connection();
                    Statement statement = connection.createStatement()) {
                statement.execute("CREATE TABLE IF NOT EXISTS t(a)");
                statement.execute("INSERT INTO t VALUES (1)");
            }
            session.complete();
        }
    }
}
