package dev.satchel.internal.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.Bucket;
import dev.satchel.CorruptException;
import dev.satchel.DatabaseAt;
import dev.satchel.DatabaseId;
import dev.satchel.HistoryInfo;
import dev.satchel.NotFoundException;
import dev.satchel.Session;
import dev.satchel.Version;
import dev.satchel.internal.log.DatabaseKeys;
import dev.satchel.litestream.LitestreamRestore;
import dev.satchel.store.ObjectBody;
import dev.satchel.store.ObjectInfo;
import dev.satchel.store.PutCondition;
import dev.satchel.testkit.CountingObjectStore;
import dev.satchel.testkit.Operation;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Snapshots bound what it takes to restore a version. */
class SnapshotTest {
    private static final DatabaseId ALICE = DatabaseId.of("alice");
    private static final DatabaseKeys KEYS = new DatabaseKeys(ALICE);
    private static final int EVERY = SnapshotWriter.EVERY_VERSIONS;

    @RegisterExtension
    private final Nodes nodes = new Nodes();

    /** Every version has one note more than the one before. */
    private static void commit(TestNode node, int versions) {
        try (Session session = node.open(ALICE)) {
            Sql.run(session, Sql.CREATE);
            for (int i = 0; i < versions; i++) {
                Sql.run(session, Sql.note("x"));
                session.flush();
            }
        }
    }

    private void awaitSnapshot(TestNode node, long version) {
        Await.until("a snapshot at version " + version, () -> {
            node.lookAround();
            return nodes.store().head(KEYS.snapshot(version)).isPresent();
        });
    }

    private static int notes(DatabaseAt state) throws SQLException {
        try (Connection connection = state.connection()) {
            return Integer.parseInt(
                    Sql.query(connection, "SELECT count(*) FROM note").get(0));
        }
    }

    /** What shortening the log would leave. */
    private void forgetCommitsUpTo(long version) {
        for (long old = 1; old <= version; old++) {
            nodes.store().delete(KEYS.commit(old));
        }
        nodes.store().delete(KEYS.image());
    }

    @Test
    void nodeThatMadeTheHeadWritesOneEverySoManyVersions() {
        TestNode node = nodes.start("a");
        commit(node, EVERY - 1);
        node.lookAround();
        commit(node, 1);
        awaitSnapshot(node, EVERY);
        commit(node, EVERY - 1);
        node.lookAround();
        commit(node, 1);
        awaitSnapshot(node, 2L * EVERY);

        assertThat(nodes.keys(KEYS.snapshots())).containsExactly(KEYS.snapshot(EVERY), KEYS.snapshot(2L * EVERY));
        ObjectInfo info = nodes.store().head(KEYS.snapshot(EVERY)).orElseThrow();
        ObjectInfo commit = nodes.store().head(KEYS.commit(EVERY)).orElseThrow();
        assertThat(info.metadata())
                .containsEntry("db-version", Integer.toString(EVERY))
                .containsEntry("litestream-timestamp", commit.metadata().get("litestream-timestamp"))
                .containsEntry("satchel-commit", commit.metadata().get("satchel-commit"));
    }

    @Test
    void nodeThatOnlyReadsWritesNone() {
        commit(nodes.start("a"), EVERY);
        TestNode reader = nodes.start("b");
        reader.notes(ALICE);
        reader.requests().reset();

        reader.lookAround();
        reader.close();

        assertThat(reader.requests().entries())
                .noneMatch(request -> request.key().contains(".ltx/0009/"));
    }

    @Test
    void restoringTakesTheSnapshotBelowAndTheCommitsAfterIt() throws SQLException {
        TestNode node = nodes.start("a");
        commit(node, EVERY);
        awaitSnapshot(node, EVERY);
        commit(node, 5);
        node.close();
        CountingObjectStore counted = new CountingObjectStore(nodes.store());

        try (Bucket bucket = Bucket.of(counted);
                DatabaseAt state = bucket.openAt(ALICE, Version.of(EVERY + 3))) {
            assertThat(notes(state)).isEqualTo(EVERY + 3);
        }
        assertThat(counted.requests().count(Operation.GET)).isEqualTo(1 + 3);
    }

    @Test
    void snapshotStandsInForCommitsThatAreGone() throws SQLException, IOException {
        TestNode node = nodes.start("a");
        commit(node, EVERY);
        awaitSnapshot(node, EVERY);
        nodes.skip(Duration.ofMinutes(1));
        commit(node, 5);
        node.close();
        Bucket bucket = Bucket.of(nodes.store());
        Instant made = bucket.log(ALICE, 6).get(5).timestamp();
        forgetCommitsUpTo(EVERY);

        assertThat(bucket.history(ALICE))
                .isEqualTo(new HistoryInfo(
                        Optional.of(Version.of(EVERY)),
                        Version.of(EVERY + 5),
                        Optional.empty(),
                        List.of(Version.of(EVERY))));
        for (int version = EVERY; version <= EVERY + 5; version++) {
            try (DatabaseAt state = bucket.openAt(ALICE, Version.of(version))) {
                assertThat(notes(state)).isEqualTo(version);
            }
        }
        assertThat(bucket.versionAt(ALICE, made.plusSeconds(1))).isEqualTo(Version.of(EVERY));
        assertThatThrownBy(() -> bucket.openAt(ALICE, Version.of(EVERY - 1))).isInstanceOf(NotFoundException.class);
        assertThatThrownBy(() -> bucket.versionAt(ALICE, made.minusSeconds(1)))
                .isInstanceOf(NotFoundException.class)
                .hasMessageContaining("the oldest is version " + EVERY);
        assertThat(nodes.start("b").notes(ALICE)).hasSize(EVERY + 5);
        Path restored = nodes.folder("litestream.sqlite");
        LitestreamRestore litestream = new LitestreamRestore(nodes.store(), "alice/database.ltx");
        assertThat(litestream.transaction(EVERY + 3, restored)).isEqualTo(1 + 3);
        assertThat(Nodes.queryFile(restored, "SELECT count(*) FROM note")).containsExactly(EVERY + 3 + "");
        assertThatThrownBy(() -> litestream.transaction(EVERY - 1, restored))
                .hasMessageContaining("transaction not available");
        assertThat(litestream.latest(restored)).isEqualTo(1 + 5);
        assertThat(Nodes.queryFile(restored, "SELECT count(*) FROM note")).containsExactly(EVERY + 5 + "");
    }

    @Test
    void damagedSnapshotIsPassedOverWhileTheCommitsAreThere() throws SQLException {
        TestNode node = nodes.start("a");
        commit(node, EVERY);
        awaitSnapshot(node, EVERY);
        commit(node, 1);
        node.close();
        nodes.storeIsDamaged();
        String key = KEYS.snapshot(EVERY);
        ObjectInfo info = nodes.store().head(key).orElseThrow();
        byte[] bytes = nodes.bytes(key);
        bytes[bytes.length / 2] ^= 1;
        nodes.store().put(key, ObjectBody.of(bytes), info.metadata(), PutCondition.none());
        nodes.store().delete(KEYS.image());

        Bucket bucket = Bucket.of(nodes.store());
        try (DatabaseAt state = bucket.openAt(ALICE, Version.of(EVERY))) {
            assertThat(notes(state)).isEqualTo(EVERY);
        }
        forgetCommitsUpTo(EVERY);
        assertThatThrownBy(() -> bucket.openAt(ALICE, Version.of(EVERY)))
                .isInstanceOf(CorruptException.class)
                .hasMessageContaining(key);
    }
}
