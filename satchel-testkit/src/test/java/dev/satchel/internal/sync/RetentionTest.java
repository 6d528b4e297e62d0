package dev.satchel.internal.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.Bucket;
import dev.satchel.ConflictException;
import dev.satchel.ConflictPolicy;
import dev.satchel.ConflictRecord;
import dev.satchel.DatabaseAt;
import dev.satchel.DatabaseId;
import dev.satchel.NotFoundException;
import dev.satchel.RetentionReport;
import dev.satchel.SatchelConfig;
import dev.satchel.Session;
import dev.satchel.SyncStatus;
import dev.satchel.Version;
import dev.satchel.internal.log.DatabaseKeys;
import dev.satchel.litestream.LitestreamRestore;
import dev.satchel.store.ByteRange;
import dev.satchel.store.ObjectBody;
import dev.satchel.store.ObjectInfo;
import dev.satchel.store.PutCondition;
import dev.satchel.store.StoredObject;
import dev.satchel.testkit.FaultyObjectStore.Fault;
import dev.satchel.testkit.FaultyObjectStore.Pause;
import dev.satchel.testkit.ForwardingObjectStore;
import dev.satchel.testkit.Operation;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is older than the retention goes; everything younger can be restored. */
class RetentionTest {
    private static final DatabaseId ALICE = DatabaseId.of("alice");
    private static final DatabaseKeys KEYS = new DatabaseKeys(ALICE);
    private static final int EVERY = SnapshotWriter.EVERY_VERSIONS;
    private static final Duration MONTH = Duration.ofDays(30);

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

    /** A node commits up to a snapshot, trims what it may, and ends. */
    private void commitToSnapshot(long version, Consumer<TestNode> preparation) {
        TestNode node = nodes.start("until-" + version);
        preparation.accept(node);
        commit(node, (int) (version - nodes.head(ALICE)));
        node.awaitBackground(
                "a snapshot at " + version,
                () -> nodes.store().head(KEYS.snapshot(version)).isPresent());
        node.close();
    }

    private void commitToSnapshot(long version) {
        commitToSnapshot(version, node -> {});
    }

    /** A node commits and ends. */
    private void commitAndClose(int versions) {
        TestNode node = nodes.start("with-" + versions);
        commit(node, versions);
        node.close();
    }

    private RetentionReport trim(boolean dryRun) {
        try (Bucket bucket = Bucket.of(nodes.store())) {
            return bucket.trim(ALICE, MONTH, dryRun);
        }
    }

    private int notesAt(long version) throws Exception {
        try (Bucket bucket = Bucket.of(nodes.store());
                DatabaseAt state = bucket.openAt(ALICE, Version.of(version));
                Connection connection = state.connection()) {
            return Integer.parseInt(
                    Sql.query(connection, "SELECT count(*) FROM note").get(0));
        }
    }

    private static List<Long> range(long first, long last) {
        return LongStream.rangeClosed(first, last).boxed().toList();
    }

    @Test
    void nodeTrimsWithASnapshotWhatIsOlderThanTheRetention() throws Exception {
        commitToSnapshot(EVERY);
        commitAndClose(10);
        nodes.skip(MONTH.plusDays(1));
        commitToSnapshot(2L * EVERY);

        assertThat(nodes.versions(ALICE)).isEqualTo(range(EVERY + 1, 2L * EVERY));
        // Version EVERY + 10 was the head when the retention began: it and all that followed can be restored.
        assertThat(notesAt(EVERY + 10)).isEqualTo(EVERY + 10);
        assertThat(notesAt(EVERY + 11)).isEqualTo(EVERY + 11);
        assertThat(notesAt(EVERY)).isEqualTo(EVERY);
        assertThatThrownBy(() -> notesAt(EVERY - 1)).isInstanceOf(NotFoundException.class);
        assertThat(nodes.start("b").notes(ALICE)).hasSize(2 * EVERY);
        Path restored = nodes.folder("litestream.sqlite");
        new LitestreamRestore(nodes.store(), "alice/database.ltx").transaction(EVERY + 10, restored);
        assertThat(Nodes.queryFile(restored, "SELECT count(*) FROM note")).containsExactly(EVERY + 10 + "");
    }

    @Test
    void youngHistoryStaysWhole() {
        commitToSnapshot(EVERY);
        nodes.skip(MONTH.minusDays(1));
        commitToSnapshot(2L * EVERY);

        assertThat(trim(false).objects()).isZero();
        assertThat(nodes.versions(ALICE)).isEqualTo(range(1, 2L * EVERY));
    }

    @Test
    void nothingGoesThatNoSnapshotOrImageCovers() {
        commitAndClose(20);
        nodes.skip(MONTH.multipliedBy(2));
        commitAndClose(1);

        assertThat(trim(false).objects()).isZero();

        commitToSnapshot(EVERY);
        nodes.skip(MONTH.multipliedBy(2));
        commitAndClose(1);
        nodes.store().delete(KEYS.image());
        assertThat(trim(false).objects()).as("without an image").isZero();
    }

    @Test
    void damagedSnapshotCoversNothing() {
        commitToSnapshot(EVERY);
        nodes.skip(MONTH.multipliedBy(2));
        commitAndClose(1);
        String key = KEYS.snapshot(EVERY);
        ObjectInfo info = nodes.store().head(key).orElseThrow();
        byte[] bytes = nodes.bytes(key);
        bytes[bytes.length / 2] ^= 1;
        nodes.store().put(key, ObjectBody.of(bytes), info.metadata(), PutCondition.none());

        assertThat(trim(false).objects()).isZero();
        assertThat(nodes.versions(ALICE)).isEqualTo(range(1, EVERY + 1));
    }

    @Test
    void dryRunTellsAndRemovesNothing() {
        commitToSnapshot(EVERY);
        nodes.skip(MONTH.multipliedBy(2));
        commitAndClose(1);

        RetentionReport told = trim(true);
        assertThat(told.commits()).isEqualTo(EVERY);
        assertThat(told.dryRun()).isTrue();
        assertThat(nodes.versions(ALICE)).hasSize(EVERY + 1);
        RetentionReport done = trim(false);
        assertThat(done.commits()).isEqualTo(told.commits());
        assertThat(done.bytes()).isEqualTo(told.bytes());
        assertThat(nodes.versions(ALICE)).containsExactly(EVERY + 1L);
    }

    @Test
    void newestCommitStaysEvenUnderASnapshotOfItsOwn() {
        commitToSnapshot(EVERY);
        nodes.skip(MONTH.multipliedBy(2));
        // Something young in the listing, so that all else is old.
        nodes.store().put(KEYS.conflict(1, "ab"), ObjectBody.of(new byte[1]), java.util.Map.of(), PutCondition.none());

        trim(false);

        assertThat(nodes.versions(ALICE)).containsExactly((long) EVERY);
        assertThat(nodes.start("b").notes(ALICE)).hasSize(EVERY);
        nodes.storeIsDamaged();
    }

    @Test
    void trimmingThatBreaksOffLeavesNoHole() {
        commitToSnapshot(EVERY);
        nodes.skip(MONTH.plusDays(1));
        commitToSnapshot(
                2L * EVERY,
                node -> node.faults().on(".*", Operation.DELETE).nth(100).inject(Fault.DENIED));

        assertThat(nodes.versions(ALICE)).isEqualTo(range(100, 2L * EVERY));
        assertThat(nodes.start("b").notes(ALICE)).hasSize(2 * EVERY);
        assertThat(trim(false).commits()).isEqualTo(EVERY - 99);
    }

    @Test
    void nodeThatSleptFindsOutAndItsCommitTakesNoReclaimedSlot() {
        SatchelConfig reject = SatchelConfig.defaults().withConflictPolicy(ConflictPolicy.REJECT);
        commitAndClose(10);
        TestNode slept = nodes.start("b", reject);
        slept.notes(ALICE);
        commitToSnapshot(EVERY);
        nodes.skip(MONTH.plusDays(1));
        commitToSnapshot(2L * EVERY);

        assertThatThrownBy(() -> slept.runLocal(ALICE, Sql.note("late"))).hasMessageContaining("changed elsewhere");

        assertThat(nodes.versions(ALICE)).isEqualTo(range(EVERY + 1, 2L * EVERY));
        assertThat(slept.notes(ALICE)).hasSize(2 * EVERY);
    }

    /** The first one's commit lands in a reclaimed slot, and cannot be settled as long as somebody reads. */
    @Test
    void allThatIsPendingOnANodeThatSleptIsKept() throws Exception {
        SatchelConfig reject = SatchelConfig.defaults()
                .withConflictPolicy(ConflictPolicy.REJECT)
                .withTimeouts(Duration.ofSeconds(10), Duration.ofMillis(1));
        commitAndClose(10);
        TestNode slept =
                nodes.node("b").config(reject).backgroundOnCallersThread().start();
        slept.notes(ALICE);
        commitToSnapshot(EVERY);
        nodes.skip(MONTH.plusDays(1));
        commitToSnapshot(2L * EVERY);
        try (Session reader = slept.openLocal(ALICE)) {
            assertThat(Sql.notes(reader)).hasSize(10);
            slept.runDeferred(ALICE, Sql.note("pending 1"));
            slept.runDeferred(ALICE, Sql.note("pending 2"));
        }

        slept.awaitStatus(ALICE, SyncStatus.CONFLICT);

        try (Bucket bucket = Bucket.of(nodes.store())) {
            List<ConflictRecord> kept = bucket.conflicts(ALICE);
            assertThat(kept).hasSize(1);
            try (DatabaseAt ours = bucket.openConflict(ALICE, kept.get(0).id());
                    Connection connection = ours.connection()) {
                assertThat(Sql.query(connection, "SELECT text FROM note WHERE text LIKE 'pending%' ORDER BY id"))
                        .containsExactly("pending 1", "pending 2");
            }
        }
    }

    /** It had been put into a reclaimed slot, and was not removed any more. */
    @ParameterizedTest
    @EnumSource(ConflictPolicy.class)
    void whatIsPendingOnANodeThatSleptAndThenDiedIsKept(ConflictPolicy policy) throws Exception {
        SatchelConfig config = SatchelConfig.defaults().withConflictPolicy(policy);
        commitAndClose(10);
        TestNode slept = nodes.start("b", config);
        slept.notes(ALICE);
        Pause upload = slept.faults().on(".*ltx/0000.*", Operation.PUT).pauseBefore();
        slept.runDeferred(ALICE, Sql.note("pending"));
        upload.awaitReached();
        commitToSnapshot(EVERY);
        nodes.skip(MONTH.plusDays(1));
        commitToSnapshot(2L * EVERY);
        Pause look = slept.faults().on(".*[.]sqlite", Operation.HEAD).pauseBefore();
        upload.release();
        look.awaitReached();
        Path folder = slept.crash();
        look.release();
        assertThat(nodes.versions(ALICE)).startsWith(11L);

        TestNode restarted =
                nodes.node("restarted").folder(folder).config(config).start();

        restarted.awaitBackground(
                "recovered", () -> !nodes.keys(KEYS.conflicts()).isEmpty());
        assertThat(restarted.notes(ALICE)).hasSize(2 * EVERY).doesNotContain("pending");
        try (Bucket bucket = Bucket.of(nodes.store())) {
            assertThat(bucket.conflicts(ALICE)).hasSize(1);
        }
        assertThat(nodes.versions(ALICE)).isEqualTo(range(EVERY + 1, 2L * EVERY));
    }

    /** By then the store does not have the version any more that our side began from. */
    @ParameterizedTest
    @EnumSource(ConflictPolicy.class)
    void whatANodeThatSleptLostOrOverwroteCanBeOpened(ConflictPolicy policy) throws Exception {
        commitAndClose(10);
        TestNode slept = nodes.start("b", SatchelConfig.defaults().withConflictPolicy(policy));
        slept.notes(ALICE);
        commitToSnapshot(EVERY);
        nodes.skip(MONTH.plusDays(1));
        commitToSnapshot(2L * EVERY);
        try (Session session = slept.openLocal(ALICE)) {
            Sql.run(session, Sql.note("late"));
            if (policy == ConflictPolicy.REJECT) {
                assertThatThrownBy(session::complete).isInstanceOf(ConflictException.class);
            } else {
                assertThat(session.complete().status()).isEqualTo(SyncStatus.CONFLICT);
            }
        }

        try (Bucket bucket = Bucket.of(nodes.store());
                DatabaseAt kept = bucket.openConflict(
                        ALICE, bucket.conflicts(ALICE).get(0).id());
                Connection connection = kept.connection()) {
            assertThat(Sql.query(connection, "SELECT count(*) FROM note WHERE text = 'late'"))
                    .containsExactly(policy == ConflictPolicy.REJECT ? "1" : "0");
            assertThat(Sql.query(connection, "SELECT count(*) FROM note"))
                    .containsExactly(policy == ConflictPolicy.REJECT ? "11" : Integer.toString(2 * EVERY));
        }
    }

    @Test
    void conflictRecordsGoWithTheRetention() {
        SatchelConfig reject = SatchelConfig.defaults().withConflictPolicy(ConflictPolicy.REJECT);
        TestNode a = nodes.start("a");
        commit(a, 1);
        TestNode b = nodes.start("b", reject);
        b.notes(ALICE);
        commit(a, 1);
        assertThatThrownBy(() -> b.runLocal(ALICE, Sql.note("late"))).hasMessageContaining("changed elsewhere");
        assertThat(nodes.keys(KEYS.conflicts())).hasSize(1);
        nodes.skip(MONTH.minusDays(1));
        commit(a, 1);
        assertThat(trim(false).conflicts()).isZero();
        nodes.skip(Duration.ofDays(2));
        commit(a, 1);

        assertThat(trim(false).conflicts()).isEqualTo(1);
        assertThat(nodes.keys(KEYS.conflicts())).isEmpty();
    }

    @Test
    void erasedKeysGoWithTheRetentionToo() throws Exception {
        TestNode a = nodes.start("a");
        commit(a, 5);
        a.engine().delete(ALICE);
        commit(a, 3);
        a.close();
        nodes.skip(MONTH.plusDays(1));
        TestNode b = nodes.start("b");
        commit(b, 2);
        b.close();

        trim(false);

        assertThat(nodes.versions(ALICE)).isEqualTo(range(6, 11));
        assertThat(nodes.start("c").notes(ALICE)).hasSize(5);
        nodes.keys(KEYS.snapshots()).forEach(nodes.store()::delete);
        assertThat(notesAt(8)).as("from the deletion on, without a snapshot").isEqualTo(2);
    }

    /** Its put was on the way while the commits it belongs to, erased before, were removed. */
    @ParameterizedTest
    @ValueSource(longs = {1, 3})
    void lateCommitOfAnErasedLifeHidesNothingAndIsRemoved(long version) throws Exception {
        TestNode a = nodes.start("a");
        commit(a, 5);
        StoredObject erased = nodes.store().get(KEYS.commit(version)).orElseThrow();
        ObjectBody late = ObjectBody.of(erased.readAll());
        a.engine().delete(ALICE);
        commit(a, 3);
        nodes.skip(MONTH.plusDays(1));
        commit(a, 2);
        a.awaitBackground(
                "an image of the newest version",
                () -> "11"
                        .equals(nodes.store()
                                .head(KEYS.image())
                                .orElseThrow()
                                .metadata()
                                .get("db-version")));
        trim(false);
        nodes.store().put(KEYS.commit(version), late, erased.info().metadata(), PutCondition.ifAbsent());
        nodes.keys(KEYS.snapshots()).forEach(nodes.store()::delete);

        assertThat(notesAt(8)).isEqualTo(2);
        assertThat(nodes.start("b").notes(ALICE)).hasSize(5);

        trim(false);

        assertThat(nodes.versions(ALICE)).isEqualTo(range(6, 11));
        assertThat(notesAt(8)).isEqualTo(2);
    }

    /** Its marks are as old as the moment they were put. */
    @Test
    void deletionThatWasFinishedLateLeavesNoHole() {
        TestNode a = nodes.start("a");
        commit(a, 5);
        a.engine().delete(ALICE);
        commit(a, 3);
        nodes.skip(MONTH.plusDays(1));
        Map<String, String> mark =
                nodes.store().head(KEYS.commit(2)).orElseThrow().metadata();
        nodes.store().put(KEYS.commit(2), ObjectBody.of(new byte[0]), mark, PutCondition.none());
        commit(a, 2);

        trim(false);

        assertThat(nodes.versions(ALICE)).isEqualTo(range(2, 11));
        nodes.skip(MONTH.plusDays(1));
        commit(a, 1);
        trim(false);
        assertThat(nodes.versions(ALICE).get(0)).isGreaterThanOrEqualTo(6);
        assertThat(nodes.start("b").notes(ALICE)).hasSize(6);
    }

    @Test
    void shorterThanADayIsRefused() {
        assertThatThrownBy(() -> SatchelConfig.defaults().withRetention(Duration.ofHours(23)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("24 hours");
    }

    /** The image may move, and commits with it, between the two questions of a node that has been away. */
    @Test
    void nodeThatComparesWhileCommitsAreRemovedFindsTheHead() {
        AtomicReference<Runnable> afterNext = new AtomicReference<>(() -> {});
        TestNode a = nodes.start("a");
        TestNode b = nodes.node("b")
                .over(new ForwardingObjectStore(nodes.store()) {
                    @Override
                    public Optional<StoredObject> get(String key, ByteRange range) {
                        Optional<StoredObject> answer = super.get(key, range);
                        afterNext.getAndSet(() -> {}).run();
                        return answer;
                    }

                    @Override
                    public Optional<ObjectInfo> head(String key) {
                        Optional<ObjectInfo> answer = super.head(key);
                        afterNext.getAndSet(() -> {}).run();
                        return answer;
                    }
                })
                .start();
        a.run(ALICE, Sql.CREATE, Sql.note("1"));
        assertThat(b.notes(ALICE)).containsExactly("1");
        a.run(ALICE, Sql.note("2"));
        a.run(ALICE, Sql.note("3"));
        nodes.skip(Duration.ofHours(1));
        afterNext.set(() -> {
            a.awaitBackground("an image", () -> nodes.store().head(KEYS.image()).isPresent());
            nodes.store().delete(KEYS.commit(1));
            nodes.store().delete(KEYS.commit(2));
        });

        assertThat(b.notes(ALICE)).containsExactly("1", "2", "3");
    }
}
