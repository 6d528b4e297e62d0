package dev.satchel.internal.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.Bucket;
import dev.satchel.ConflictPolicy;
import dev.satchel.CorruptException;
import dev.satchel.DatabaseId;
import dev.satchel.DeletedException;
import dev.satchel.DeletionReport;
import dev.satchel.NotFoundException;
import dev.satchel.OutcomeUnknownException;
import dev.satchel.SatchelConfig;
import dev.satchel.Session;
import dev.satchel.SessionResult;
import dev.satchel.StoreRefusedException;
import dev.satchel.SyncStatus;
import dev.satchel.UnavailableException;
import dev.satchel.Version;
import dev.satchel.VersionEvent;
import dev.satchel.internal.log.DatabaseKeys;
import dev.satchel.litestream.LitestreamRestore;
import dev.satchel.store.ObjectBody;
import dev.satchel.store.ObjectInfo;
import dev.satchel.store.PutCondition;
import dev.satchel.store.PutResult;
import dev.satchel.store.StoredObject;
import dev.satchel.testkit.FaultyObjectStore;
import dev.satchel.testkit.FaultyObjectStore.Fault;
import dev.satchel.testkit.Operation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A deleted database is gone, stays gone, and may begin again. */
class DeletionTest {
    private static final DatabaseId ALICE = DatabaseId.of("alice");
    private static final DatabaseKeys KEYS = new DatabaseKeys(ALICE);
    private static final String SECRET = "a-secret-of-alice";

    @RegisterExtension
    private final Nodes nodes = new Nodes();

    private TestNode withSecret(String name) {
        TestNode node = nodes.start(name);
        node.run(ALICE, Sql.CREATE, Sql.note(SECRET));
        return node;
    }

    private static SatchelConfig policy(ConflictPolicy policy) {
        return SatchelConfig.defaults().withConflictPolicy(policy);
    }

    /** No object holds a page with the secret, and Satchel's compression does not hide it: notes are short and come once. */
    private void requireErased() {
        for (String key : nodes.keys()) {
            try (StoredObject object = nodes.store().get(key).orElseThrow()) {
                assertThat(new String(object.readAll(), StandardCharsets.ISO_8859_1))
                        .as(key)
                        .doesNotContain(SECRET);
            }
        }
    }

    @Test
    void deletionIsTheNextVersionAndEmptiesWhatWasBefore() {
        TestNode node = withSecret("a");
        node.run(ALICE, Sql.note("more"));

        DeletionReport report = node.engine().delete(ALICE);

        assertThat(report.version()).isEqualTo(Version.of(3));
        assertThat(report.resumed()).isFalse();
        assertThat(report.commits()).isEqualTo(2);
        assertThat(report.bytes()).isPositive();
        assertThat(nodes.versions(ALICE)).containsExactly(1L, 2L, 3L);
        requireErased();
        assertThat(node.notes(ALICE)).isEmpty();
        assertThat(nodes.start("b").notes(ALICE)).isEmpty();
        assertThat(nodes.versions(ALICE)).as("a read begins no new life").containsExactly(1L, 2L, 3L);
    }

    @Test
    void imageAndSnapshotsAndConflictRecordsAreErasedToo() {
        TestNode a = nodes.start("a", policy(ConflictPolicy.REJECT));
        a.run(ALICE, Sql.CREATE, Sql.note(SECRET));
        TestNode b = nodes.start("b", policy(ConflictPolicy.REJECT));
        b.notes(ALICE);
        a.run(ALICE, Sql.note("winner"));
        assertThatThrownBy(() -> b.runLocal(ALICE, Sql.note(SECRET + " again"))).hasMessageContaining("elsewhere");
        try (Session session = a.open(ALICE)) {
            for (int i = 0; i < SnapshotWriter.EVERY_VERSIONS; i++) {
                Sql.run(session, Sql.note("x"));
                session.flush();
            }
        }
        a.awaitBackground("a snapshot", () -> !nodes.keys(KEYS.snapshots()).isEmpty());
        a.awaitBackground("an image", () -> nodes.store().head(KEYS.image()).isPresent());
        assertThat(nodes.keys(KEYS.conflicts())).hasSize(1);

        DeletionReport report = a.engine().delete(ALICE);

        assertThat(report.snapshots()).isEqualTo(1);
        assertThat(report.conflicts()).isEqualTo(1);
        assertThat(report.images()).isEqualTo(1);
        assertThat(nodes.keys(KEYS.conflicts())).isEmpty();
        requireErased();
    }

    @Test
    void newLifeBeginsCleanAtTheNextVersion() throws IOException {
        TestNode a = withSecret("a");
        a.engine().delete(ALICE);

        a.run(ALICE, Sql.CREATE, Sql.note("new"));
        a.run(ALICE, Sql.note("life"));

        assertThat(nodes.versions(ALICE)).containsExactly(1L, 2L, 3L, 4L);
        assertThat(nodes.start("b").notes(ALICE)).containsExactly("new", "life");
        assertThat(nodes.query(ALICE, 3, "SELECT text FROM note")).containsExactly("new");
        Bucket bucket = Bucket.of(nodes.store());
        assertThatThrownBy(() -> bucket.openAt(ALICE, Version.of(1)))
                .isInstanceOf(NotFoundException.class)
                .hasMessageContaining("erased when the database was deleted at version 2");
        assertThatThrownBy(() -> bucket.openAt(ALICE, Version.of(2)))
                .isInstanceOf(NotFoundException.class)
                .hasMessageContaining("version 2 is its deletion");
        // A snapshot lets litestream begin where there is something to begin with.
        a.awaitBackground(
                "a snapshot of the new life", () -> nodes.keys(KEYS.snapshots()).size() == 1);
        Path restored = nodes.folder("litestream.sqlite");
        new LitestreamRestore(nodes.store(), "alice/database.ltx").latest(restored);
        assertThat(Nodes.queryFile(restored, "SELECT text FROM note")).containsExactly("new", "life");
    }

    @Test
    void newLifeSurvivesImagesAndRestartsAndASecondDeletion() {
        TestNode a = withSecret("a");
        a.engine().delete(ALICE);
        a.run(ALICE, Sql.CREATE, Sql.note("second " + SECRET));
        a.close();
        assertThat(nodes.store().head(KEYS.image()).orElseThrow().metadata()).containsEntry("db-version", "3");

        TestNode again = nodes.node("a2").folder(a.folder()).start();
        assertThat(again.notes(ALICE)).containsExactly("second " + SECRET);
        assertThat(again.engine().delete(ALICE).version()).isEqualTo(Version.of(4));
        requireErased();
        again.run(ALICE, Sql.CREATE, Sql.note("third"));

        assertThat(nodes.start("b").notes(ALICE)).containsExactly("third");
        assertThat(nodes.query(ALICE, 5, "SELECT text FROM note")).containsExactly("third");
        assertThatThrownBy(() -> nodes.query(ALICE, 3, "SELECT text FROM note")).isInstanceOf(NotFoundException.class);
    }

    @Test
    void versionOfALaterLifeIsFoundThroughTheDeletionsBeforeIt() {
        TestNode a = withSecret("a");
        a.engine().delete(ALICE);
        a.run(ALICE, Sql.CREATE, Sql.note("second"));
        a.engine().delete(ALICE);
        a.run(ALICE, Sql.CREATE, Sql.note("third"));
        nodes.store().delete(KEYS.image());

        assertThat(nodes.query(ALICE, 5, "SELECT text FROM note")).containsExactly("third");
    }

    @ParameterizedTest
    @EnumSource(ConflictPolicy.class)
    void sessionOfAStaleNodeIsToldAndNothingOfItIsKept(ConflictPolicy policy) {
        TestNode a = withSecret("a");
        TestNode b = nodes.start("b", policy(policy));
        b.notes(ALICE);
        a.engine().delete(ALICE);

        assertThatThrownBy(() -> b.runLocal(ALICE, Sql.note(SECRET + " of b")))
                .isInstanceOf(DeletedException.class)
                .hasMessageContaining("deleted at version 2");

        requireErased();
        assertThat(nodes.keys(KEYS.conflicts())).isEmpty();
        assertThat(b.notes(ALICE)).isEmpty();
        assertThat(b.events()).extracting(VersionEvent::kind).contains(VersionEvent.Kind.DELETED);
        assertThat(nodes.versions(ALICE)).containsExactly(1L, 2L);
    }

    /** It was deleted later, with all that was saved. */
    @ParameterizedTest
    @EnumSource(ConflictPolicy.class)
    void sessionWhoseChangesWereSavedBeforeTheDeletionIsNotToldThatTheyWereNot(ConflictPolicy policy) {
        TestNode a = withSecret("a");
        TestNode b = nodes.start("b", policy(policy));
        try (Session session = b.open(ALICE)) {
            Sql.run(session, Sql.note("saved"));
            b.runLocal(ALICE, Sql.note("saved by another session, with the one before"));
            a.engine().delete(ALICE);
            Session last = b.openLocal(ALICE);
            Sql.run(last, Sql.note("too late"));
            assertThat(Sql.notes(session)).contains("saved", "too late");
            CompletableFuture<SessionResult> refused = nodes.async(last::complete);

            assertThatThrownBy(session::complete)
                    .isInstanceOf(OutcomeUnknownException.class)
                    .hasMessageContaining("what this session committed is saved");

            assertThatThrownBy(() -> Await.get(refused)).isInstanceOf(DeletedException.class);
        }
    }

    @ParameterizedTest
    @EnumSource(ConflictPolicy.class)
    void sessionThatLostInTheMiddleOfTheOldLifeIsToldToo(ConflictPolicy policy) {
        TestNode a = withSecret("a");
        TestNode b = nodes.start("b", policy(policy));
        b.notes(ALICE);
        a.run(ALICE, Sql.note("newer"));
        a.engine().delete(ALICE);
        a.run(ALICE, Sql.CREATE, Sql.note("new life"));

        assertThatThrownBy(() -> b.runLocal(ALICE, Sql.note(SECRET + " of b"))).isInstanceOf(DeletedException.class);

        requireErased();
        assertThat(b.notes(ALICE)).containsExactly("new life");
    }

    @Test
    void functionOfAStaleNodeRunsAgainOnWhatThereIsNow() throws SQLException {
        TestNode a = withSecret("a");
        TestNode b = nodes.start("b");
        b.notes(ALICE);
        a.engine().delete(ALICE);
        a.run(ALICE, Sql.CREATE, Sql.note("new life"));
        List<List<String>> seen = new ArrayList<>();

        b.engine().<Boolean, SQLException>write(ALICE, session -> {
            seen.add(Sql.notes(session));
            Sql.run(session, Sql.note("by b"));
            return true;
        });

        assertThat(seen).containsExactly(List.of(SECRET), List.of("new life"));
        assertThat(b.notes(ALICE)).containsExactly("new life", "by b");
    }

    @ParameterizedTest
    @EnumSource(ConflictPolicy.class)
    void pendingChangesOfARunningNodeAreDropped(ConflictPolicy policy) {
        TestNode a = withSecret("a");
        TestNode b = nodes.start("b", policy(policy));
        b.notes(ALICE);
        b.faults().on(".*").always().inject(Fault.NOT_SENT);
        assertThat(b.runDeferred(ALICE, Sql.note(SECRET + " pending")).status()).isEqualTo(SyncStatus.PENDING);
        a.engine().delete(ALICE);

        b.faults().clear();
        b.awaitUploaded(ALICE);

        requireErased();
        assertThat(b.notes(ALICE)).isEmpty();
        assertThat(nodes.versions(ALICE)).containsExactly(1L, 2L);
    }

    @ParameterizedTest
    @EnumSource(ConflictPolicy.class)
    void pendingChangesOfAnEarlierProcessAreDropped(ConflictPolicy policy) {
        TestNode a = withSecret("a");
        TestNode b = nodes.start("b", policy(policy));
        b.notes(ALICE);
        b.faults().on(".*").always().inject(Fault.NOT_SENT);
        b.runDeferred(ALICE, Sql.note(SECRET + " pending"));
        Path files = b.crash();
        a.run(ALICE, Sql.note("newer"));
        a.engine().delete(ALICE);
        a.run(ALICE, Sql.CREATE, Sql.note("new life"));

        TestNode restarted =
                nodes.node("b2").folder(files).config(policy(policy)).start();
        restarted.awaitUploaded(ALICE);

        requireErased();
        assertThat(restarted.notes(ALICE)).containsExactly("new life");
        assertThat(restarted.events()).extracting(VersionEvent::kind).contains(VersionEvent.Kind.DELETED);
    }

    @Test
    void lateRequestsTakeNoSlotAndBringNothingBack() {
        TestNode a = withSecret("a");
        a.run(ALICE, Sql.note("more"));
        a.close();
        List<String> keys = nodes.keys();
        ObjectInfo image = nodes.store().head(KEYS.image()).orElseThrow();
        byte[] bytes = nodes.bytes(KEYS.image());
        Bucket.of(nodes.store()).delete(ALICE);

        for (String key : keys) {
            PutResult late = nodes.store()
                    .put(
                            key,
                            ObjectBody.of(bytes),
                            image.metadata(),
                            key.equals(KEYS.image()) ? PutCondition.ifMatch(image.etag()) : PutCondition.ifAbsent());
            assertThat(late).as(key).isInstanceOf(PutResult.PreconditionFailed.class);
        }
        requireErased();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9})
    void deletionThatBreaksOffIsFinishedByTheNextCall(int request) {
        TestNode a = withSecret("a");
        a.run(ALICE, Sql.note("more"));
        a.close();
        TestNode b = nodes.start("b");
        b.notes(ALICE);
        b.requests().reset();
        b.faults().on(".*").nth(request).inject(Fault.DENIED);
        Optional<DeletionReport> report;
        try {
            report = Optional.of(b.engine().delete(ALICE));
        } catch (RuntimeException e) {
            report = Optional.empty();
        }
        b.faults().clear();

        if (report.isEmpty()) {
            DeletionReport second = b.engine().delete(ALICE);
            assertThat(second.version()).isEqualTo(Version.of(3));
        }
        requireErased();
        DeletionReport third = b.engine().delete(ALICE);
        assertThat(third.resumed()).isTrue();
        assertThat(third.commits() + third.images() + third.bytes()).isZero();
        assertThat(nodes.versions(ALICE)).containsExactly(1L, 2L, 3L);
    }

    @Test
    void deletionThatBrokeOffIsFinishedByTheNextNodeThatOpensTheDatabase() {
        TestNode a = withSecret("a");
        a.close();
        TestNode b = nodes.start("b");
        b.faults().on(".*/" + "0".repeat(15) + "1-.*", Operation.PUT).always().inject(Fault.DENIED);
        assertThatThrownBy(() -> b.engine().delete(ALICE)).isInstanceOf(StoreRefusedException.class);
        b.crash();
        assertThat(nodes.versions(ALICE)).containsExactly(1L, 2L);

        TestNode c = nodes.start("c");
        assertThat(c.notes(ALICE)).isEmpty();
        c.awaitBackground(
                "the rest is erased",
                () -> nodes.store().head(KEYS.image()).orElseThrow().metadata().containsKey("satchel-life"));

        requireErased();
    }

    @Test
    void deletionOfWhatIsNotThereSaysSo() {
        assertThatThrownBy(() -> nodes.start("a").engine().delete(ALICE))
                .isInstanceOf(NotFoundException.class)
                .hasMessageContaining("nothing to delete");
    }

    @Test
    void deletionWithoutTheStoreIsNotReported() {
        TestNode a = withSecret("a");
        a.faults().on(".*").always().inject(Fault.NOT_SENT);

        assertThatThrownBy(() -> a.engine().delete(ALICE)).isInstanceOf(UnavailableException.class);

        a.faults().clear();
        assertThat(a.notes(ALICE)).containsExactly(SECRET);
    }

    @ParameterizedTest
    @EnumSource(ConflictPolicy.class)
    void nodeThatSleptFarBeyondTheWindowFindsTheDeletionWhereNothingCameAfterIt(ConflictPolicy policy) {
        TestNode a = withSecret("a");
        TestNode b = nodes.start("b", policy(policy));
        b.notes(ALICE);
        a.engine().delete(ALICE);
        a.close();
        // As if retention had left the image alone.
        nodes.store().delete(KEYS.commit(1));
        nodes.store().delete(KEYS.commit(2));
        nodes.skip(Duration.ofDays(40));

        assertThatThrownBy(() -> b.runLocal(ALICE, Sql.note(SECRET + " of b"))).isInstanceOf(DeletedException.class);

        requireErased();
        assertThat(b.notes(ALICE)).isEmpty();
    }

    @Test
    void damageInANewLifeIsToldAsSuch() throws IOException {
        TestNode a = withSecret("a");
        a.engine().delete(ALICE);
        a.run(ALICE, Sql.CREATE, Sql.note("new life"));
        a.run(ALICE, Sql.note("newer"));
        nodes.storeIsDamaged();
        ObjectInfo commit = nodes.store().head(KEYS.commit(3)).orElseThrow();
        nodes.store()
                .put(
                        commit.key(),
                        ObjectBody.of(new byte[(int) commit.size()]),
                        commit.metadata(),
                        PutCondition.none());

        try (Bucket bucket = Bucket.of(nodes.store())) {
            assertThatThrownBy(() -> bucket.openAt(ALICE, Version.of(4)))
                    .isInstanceOf(CorruptException.class)
                    .hasMessageContaining(commit.key());
        }
    }

    /** It was a version, and is one again for a moment: but not the newest. */
    @Test
    void commitThatIsPutAgainAfterTheDeletionAndTheRetentionIsNotTakenForTheHead() throws Exception {
        TestNode a = nodes.start("a");
        assertThat(a.notes(ALICE)).isEmpty();
        a.faults().on(".*").always().inject(Fault.FAIL_AFTER);
        assertThatThrownBy(() -> a.runLocal(ALICE, Sql.CREATE, Sql.note("old life")))
                .isInstanceOf(OutcomeUnknownException.class);
        TestNode b = nodes.start("b");
        assertThat(b.notes(ALICE)).containsExactly("old life");
        b.engine().delete(ALICE);
        nodes.skip(Duration.ofDays(40));
        b.run(ALICE, Sql.CREATE, Sql.note("new life"));
        b.run(ALICE, Sql.note("newest"));
        try (Bucket bucket = Bucket.of(nodes.store())) {
            bucket.trim(ALICE, Duration.ofDays(30), false);
        }
        assertThat(nodes.versions(ALICE)).startsWith(2L);
        a.faults().clear();

        assertThatThrownBy(() -> a.runLocal(ALICE, Sql.note("late"))).isInstanceOf(DeletedException.class);

        assertThat(a.notes(ALICE)).containsExactly("new life", "newest");
    }

    @Test
    void nodeThatSleptFarBeyondTheWindowDoesNotBringTheOldLifeBack() {
        TestNode a = withSecret("a");
        TestNode b = nodes.start("b");
        b.notes(ALICE);
        a.engine().delete(ALICE);
        a.run(ALICE, Sql.CREATE, Sql.note("new life"));
        a.close();
        // What retention leaves one day: the image, and the newest commit.
        nodes.store().delete(KEYS.commit(1));
        nodes.store().delete(KEYS.commit(2));
        nodes.skip(Duration.ofDays(40));

        assertThatThrownBy(() -> b.runLocal(ALICE, Sql.note(SECRET + " of b"))).isInstanceOf(DeletedException.class);

        requireErased();
        assertThat(b.notes(ALICE)).containsExactly("new life");
    }

    @Test
    void snapshotThatComesTooLateIsErasedAgain() {
        TestNode a = withSecret("a");
        try (Session session = a.open(ALICE)) {
            for (int i = 0; i < SnapshotWriter.EVERY_VERSIONS; i++) {
                Sql.run(session, Sql.note("x"));
                session.flush();
            }
        }
        FaultyObjectStore.Pause pause =
                a.faults().on(".*/0009/.*", Operation.PUT).pauseBefore();
        a.awaitBackground("a snapshot is on its way", pause::isReached);
        try (Bucket bucket = Bucket.of(nodes.store())) {
            bucket.delete(ALICE);
        }
        pause.release();

        Await.until(
                "the snapshot is empty",
                () -> nodes.keys(KEYS.snapshots()).stream()
                        .anyMatch(key -> nodes.store().head(key).orElseThrow().size() == 0));
        requireErased();
    }

    @ParameterizedTest
    @EnumSource(ConflictPolicy.class)
    void conflictRecordThatComesTooLateIsRemovedAgain(ConflictPolicy policy) throws Exception {
        TestNode a = withSecret("a");
        TestNode b = nodes.start("b", policy(policy));
        b.notes(ALICE);
        a.run(ALICE, Sql.note("newer"));
        FaultyObjectStore.Pause pause =
                b.faults().on(".*conflicts/.*", Operation.PUT).pauseBefore();
        CompletableFuture<?> losing = nodes.async(() -> b.runLocal(ALICE, Sql.note(SECRET + " of b")));
        pause.awaitReached();
        a.engine().delete(ALICE);
        pause.release();

        assertThatThrownBy(losing::get).hasCauseInstanceOf(DeletedException.class);
        assertThat(nodes.keys(KEYS.conflicts())).isEmpty();
        requireErased();
    }
}
