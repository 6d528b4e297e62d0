package dev.satchel.internal.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.ConflictException;
import dev.satchel.ConflictPolicy;
import dev.satchel.DatabaseId;
import dev.satchel.Durability;
import dev.satchel.Freshness;
import dev.satchel.SatchelConfig;
import dev.satchel.SatchelException;
import dev.satchel.Session;
import dev.satchel.SessionResult;
import dev.satchel.SyncStatus;
import dev.satchel.Version;
import dev.satchel.testkit.FaultyObjectStore.Fault;
import dev.satchel.testkit.FaultyObjectStore.Pause;
import dev.satchel.testkit.Operation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sessions that are answered when their change is on the local disk; the upload follows by itself. */
class DeferredTest {
    private static final DatabaseId ID = DatabaseId.of("alice");
    private static final String COMMITS = ".*ltx/0000.*";

    @RegisterExtension
    private final Nodes nodes = new Nodes();

    private TestNode node;

    @BeforeEach
    void aDatabase() {
        node = nodes.start("a");
        node.run(ID, Sql.CREATE, Sql.note("base"));
        node.requests().reset();
    }

    private List<Path> spool() {
        Path folder = node.folder().resolve("alice/database.spool");
        if (!Files.exists(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".commit"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private Pause holdUpload() {
        return node.faults().on(COMMITS, Operation.PUT).pauseBefore();
    }

    private void storeIs(Fault fault) {
        node.faults().on(".*").always().inject(fault);
    }

    @Test
    void figuresTellForHowLongTheOldestChangeWaits() {
        Pause upload = holdUpload();
        node.runDeferred(ID, Sql.note("first"));
        upload.awaitReached();
        nodes.skip(Duration.ofSeconds(7));
        node.runDeferred(ID, Sql.note("second"));

        assertThat(node.engine().unsavedFor()).isGreaterThanOrEqualTo(Duration.ofSeconds(7));
        upload.release();
        node.awaitStatus(ID, SyncStatus.SYNCED);
        assertThat(node.engine().unsavedFor()).isZero();

        // The base, the first, and the second behind it, whose time begins with itself.
        List<Duration> lags = node.figures().lags;
        assertThat(lags).hasSize(3);
        assertThat(lags.get(0)).isLessThan(lags.get(1));
        assertThat(lags.get(1)).isGreaterThanOrEqualTo(Duration.ofSeconds(7));
        assertThat(lags.get(2)).isLessThan(lags.get(1));
        assertThat(node.figures().opened).hasValue(node.figures().sessions.size());
    }

    @Test
    void answerSaysPendingWhileTheStoreHasNothingAndTheDiskHas() {
        Pause upload = holdUpload();

        SessionResult result = node.runDeferred(ID, Sql.note("pending"));

        assertThat(result.status()).isEqualTo(SyncStatus.PENDING);
        assertThat(result.committed()).isTrue();
        assertThat(node.status(ID)).isEqualTo(SyncStatus.PENDING);
        assertThat(nodes.versions(ID)).containsExactly(1L);
        assertThat(spool()).hasSize(1);
        upload.release();
    }

    @Test
    void uploadFollowsByItselfAndEmptiesTheDisk() {
        node.runDeferred(ID, Sql.note("pending"));

        Await.until("the change is in the store", () -> nodes.head(ID) == 2);
        node.awaitStatus(ID, SyncStatus.SYNCED);
        assertThat(nodes.storedNotes(ID)).containsExactly("base", "pending");
        Await.until("nothing is kept locally", () -> spool().isEmpty());
    }

    @Test
    void manyRapidWritesAreAnsweredAtOnceAndShareFewUploads() {
        Pause upload = holdUpload();
        for (int i = 0; i < 20; i++) {
            assertThat(node.runDeferred(ID, Sql.note("note " + i)).status()).isEqualTo(SyncStatus.PENDING);
        }
        assertThat(spool()).hasSizeLessThanOrEqualTo(2);
        upload.release();

        node.awaitStatus(ID, SyncStatus.SYNCED);
        assertThat(node.commitsSent()).isLessThanOrEqualTo(3);
        assertThat(nodes.storedNotes(ID)).hasSize(21).endsWith("note 19");
    }

    @Test
    void sessionThatWroteNothingIsSynced() {
        SessionResult result = node.runDeferred(ID, "SELECT * FROM note");

        assertThat(result.status()).isEqualTo(SyncStatus.SYNCED);
        assertThat(result.committed()).isFalse();
        assertThat(node.requests().count()).isZero();
    }

    @Test
    void readerOfAPendingChangeIsPendingToo() {
        Pause upload = holdUpload();
        node.runDeferred(ID, Sql.note("pending"));

        SessionResult reader = node.runDeferred(ID, "SELECT * FROM note");

        assertThat(reader.status()).isEqualTo(SyncStatus.PENDING);
        assertThat(reader.committed()).isFalse();
        upload.release();
    }

    @Test
    void durableReaderWaitsForThePendingChangeItSaw() {
        Pause upload = holdUpload();
        node.runDeferred(ID, Sql.note("pending"));
        upload.awaitReached();

        CompletableFuture<List<String>> reader = nodes.async(() -> node.localNotes(ID));
        nodes.awaitAllAtTheStore();
        assertThat(reader).isNotDone();
        upload.release();

        assertThat(Await.get(reader)).containsExactly("base", "pending");
        assertThat(nodes.head(ID)).isEqualTo(2);
    }

    @Test
    void durableWriterTakesPendingChangesAlong() {
        storeIs(Fault.NOT_SENT);
        node.runDeferred(ID, Sql.note("pending 1"));
        node.runDeferred(ID, Sql.note("pending 2"));
        node.faults().clear();

        SessionResult result = node.run(ID, Sql.note("durable"));

        assertThat(result.status()).isEqualTo(SyncStatus.SYNCED);
        assertThat(nodes.storedNotes(ID)).containsExactly("base", "pending 1", "pending 2", "durable");
        assertThat(node.status(ID)).isEqualTo(SyncStatus.SYNCED);
        Await.until("nothing is kept locally", () -> spool().isEmpty());
    }

    @ParameterizedTest
    @EnumSource(names = {"FAIL_BEFORE", "FAIL_AFTER", "NOT_SENT", "THROTTLED", "DENIED", "LATE"})
    void pendingChangesAreNeverCalledFailedNorForgottenHoweverTheStoreFails(Fault fault) {
        storeIs(fault);
        for (int i = 1; i <= 5; i++) {
            assertThat(node.runDeferred(ID, Sql.note("pending " + i)).status()).isEqualTo(SyncStatus.PENDING);
            nodes.skip(Duration.ofMinutes(1));
            node.lookAround();
            assertThat(node.status(ID)).isEqualTo(SyncStatus.PENDING);
            assertThat(spool()).isNotEmpty();
        }
        int sent = node.commitsSent();
        node.awaitBackground("the upload is tried again", () -> {
            nodes.skip(Duration.ofMinutes(1));
            return node.commitsSent() > sent + 3;
        });
        assertThat(node.status(ID)).isEqualTo(SyncStatus.PENDING);
        assertThat(spool()).isNotEmpty();

        node.faults().clear();
        node.awaitUploaded(ID);
        assertThat(nodes.storedNotes(ID)).hasSize(6);
        node.faults().releaseLate();
        assertThat(node.notes(ID)).hasSize(6);
    }

    @Test
    void uploadsThatFailPauseLongerAndLonger() {
        storeIs(Fault.NOT_SENT);
        node.runDeferred(ID, Sql.note("pending"));
        Await.until("the first upload has failed", () -> node.commitsSent() > 0);
        node.awaitBackground("five uploads have failed", () -> {
            nodes.skip(Duration.ofSeconds(31));
            return node.commitsSent() >= 5;
        });
        int sent = node.commitsSent();

        for (int i = 0; i < 20; i++) {
            node.lookAround();
            node.openDeferred(ID).close();
        }

        assertThat(node.commitsSent()).isLessThanOrEqualTo(sent + 1);
    }

    @Test
    void workGoesOnWithoutTheStore() {
        storeIs(Fault.NOT_SENT);
        node.runDeferred(ID, Sql.note("one"));
        node.requests().reset();
        for (Freshness freshness :
                List.of(Freshness.latest(), Freshness.local(), Freshness.within(Duration.ofSeconds(1)))) {
            try (Session session = node.engine().open(ID, freshness, Durability.DEFERRED)) {
                assertThat(Sql.notes(session)).startsWith("base", "one");
                Sql.run(session, Sql.note("more"));
                assertThat(session.complete().status()).isEqualTo(SyncStatus.PENDING);
            }
        }

        assertThat(node.requests().count(Operation.GET)).isZero();
        assertThat(spool()).isNotEmpty();
    }

    @Test
    void bookmarkOfANewerVersionIsNotMetByPendingChangesOnAnOlderOne() {
        for (Freshness freshness : List.of(Freshness.local(), Freshness.within(Duration.ofDays(1)))) {
            node.notes(ID);
            SessionResult bookmark = nodes.start("other" + nodes.nextSeed()).run(ID, Sql.note("other"));
            storeIs(Fault.NOT_SENT);
            node.runDeferred(ID, Sql.note("pending"));
            node.faults().clear();

            Freshness bookmarked = freshness.andAtLeast(bookmark.version());
            try (Session session = node.engine().open(ID, bookmarked, Durability.DEFERRED)) {
                assertThat(session.version().number())
                        .isGreaterThanOrEqualTo(bookmark.version().number());
            }
        }
    }

    @Test
    void bookmarkThatIsReachedNeedsNoStoreWhileChangesArePending() {
        storeIs(Fault.NOT_SENT);
        SessionResult pending = node.runDeferred(ID, Sql.note("pending"));

        try (Session session = node.engine().open(ID, Freshness.atLeast(pending.version()), Durability.DEFERRED)) {
            assertThat(Sql.notes(session)).containsExactly("base", "pending");
        }
    }

    @Test
    void orderlyEndUploadsWhatIsPending() {
        storeIs(Fault.NOT_SENT);
        node.runDeferred(ID, Sql.note("pending"));
        node.faults().clear();

        node.close();

        assertThat(nodes.storedNotes(ID)).containsExactly("base", "pending");
        assertThat(spool()).isEmpty();
    }

    @Test
    void pendingChangesThatLoseUnderRejectAreKeptAside() {
        TestNode strict = nodes.start("strict", SatchelConfig.defaults().withConflictPolicy(ConflictPolicy.REJECT));
        strict.notes(ID);
        node.run(ID, Sql.note("other"));
        strict.runDeferred(ID, Sql.note("pending"));

        strict.awaitStatus(ID, SyncStatus.CONFLICT);

        assertThat(strict.notes(ID)).containsExactly("base", "other");
        assertThat(nodes.keys("alice/database.conflicts/")).hasSize(1);
        assertThat(strict.figures().conflicts).hasValue(1);
    }

    @Test
    void changeThatWasRefusedBeforeItsAnswerIsNotCalledPendingNorSynced() {
        TestNode strict = nodes.start("strict", SatchelConfig.defaults().withConflictPolicy(ConflictPolicy.REJECT));
        strict.notes(ID);
        Session slow = strict.openDeferred(ID);
        Sql.run(slow, Sql.note("slow"));
        node.run(ID, Sql.note("other"));
        Pause keeping =
                strict.faults().on(".*conflicts.*", Operation.PUT).nth(1).pauseAfter();
        CompletableFuture<SessionResult> fast = nodes.async(() -> strict.runLocal(ID, Sql.note("fast")));
        keeping.awaitReached();
        keeping.release();

        SessionResult result = null;
        try {
            result = slow.complete();
        } catch (ConflictException e) {
            assertThat(nodes.keptNotes(e.conflict())).contains("slow");
        }
        assertThatThrownBy(() -> Await.get(fast)).isInstanceOf(ConflictException.class);
        if (result != null) {
            assertThat(result.status()).isEqualTo(SyncStatus.PENDING);
        }
        strict.awaitStatus(ID, SyncStatus.CONFLICT);
        assertThat(strict.notes(ID)).containsExactly("base", "other");
        assertThat(nodes.keys("alice/database.conflicts/")).isNotEmpty();
    }

    @Test
    void deferredCreationIsUploadedLater() {
        DatabaseId fresh = DatabaseId.of("bob");
        node.openDeferred(fresh).close();
        storeIs(Fault.NOT_SENT);
        assertThat(node.runDeferred(fresh, Sql.CREATE, Sql.note("first")).status())
                .isEqualTo(SyncStatus.PENDING);
        node.faults().clear();

        node.awaitUploaded(fresh);

        assertThat(nodes.storedNotes(fresh)).containsExactly("first");
        assertThat(node.engine().status(fresh).orElseThrow().version()).isEqualTo(Version.of(1));
    }

    @Test
    void concurrentDeferredWritersAllArrive() {
        List<CompletableFuture<SessionResult>> writers = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            String text = "note " + i;
            writers.add(nodes.async(() -> node.runDeferred(ID, Sql.note(text))));
        }
        for (CompletableFuture<SessionResult> writer : writers) {
            assertThat(Await.get(writer).committed()).isTrue();
        }

        node.awaitStatus(ID, SyncStatus.SYNCED);
        assertThat(nodes.storedNotes(ID)).hasSize(31);
        Await.until("nothing is kept locally", () -> spool().isEmpty());
    }

    /** The durable session is told that nothing was saved, and what it had committed is taken back, while the other ends. */
    @Test
    void whatWasAnsweredAsPendingIsNotTakenBackWithANeighboursChange() {
        TestNode impatient = nodes.start(
                "impatient", SatchelConfig.defaults().withTimeouts(Duration.ofMillis(50), Duration.ofSeconds(30)));
        for (int i = 0; i < 20; i++) {
            DatabaseId id = DatabaseId.of("user" + i);
            impatient.run(id, Sql.CREATE);
            Session deferred = impatient.openDeferred(id);
            Sql.run(deferred, Sql.note("deferred"));
            Session durable = impatient.openLocal(id);
            Sql.run(durable, Sql.note("durable"));
            impatient.faults().on(COMMITS, Operation.PUT).always().inject(Fault.NOT_SENT);
            CompletableFuture<SessionResult> neighbour = nodes.async(durable::complete);
            Await.until("the neighbour gives up", () -> isGivingUp());

            SyncStatus told;
            try (deferred) {
                told = deferred.complete().status();
            } catch (SatchelException e) {
                told = e.status();
            }
            assertThatThrownBy(() -> Await.get(neighbour)).isInstanceOf(SatchelException.class);
            impatient.faults().clear();
            impatient.run(id, Sql.note("later"));

            impatient.awaitUploaded(id);
            if (told != SyncStatus.UNKNOWN) {
                assertThat(nodes.storedNotes(id).contains("deferred"))
                        .as("told " + told + " of " + id)
                        .isEqualTo(told == SyncStatus.PENDING);
            }
        }
    }

    private static boolean isGivingUp() {
        return Thread.getAllStackTraces().values().stream()
                .flatMap(Stream::of)
                .anyMatch(frame -> frame.getMethodName().equals("takeBack"));
    }

    @Test
    void whatTheDiskDoesNotTakeIsAnsweredWhenTheStoreHasIt() throws IOException {
        refuseToSpool();

        SessionResult result = node.runDeferred(ID, Sql.note("new"));

        assertThat(result.status()).isEqualTo(SyncStatus.SYNCED);
        assertThat(nodes.storedNotes(ID)).containsExactly("base", "new");
    }

    @Test
    void whatNeitherTheDiskNorTheStoreTakesIsNotCalledFailedAndSavedAfterwards() throws IOException {
        TestNode impatient = nodes.start(
                "impatient", SatchelConfig.defaults().withTimeouts(Duration.ofMillis(50), Duration.ofSeconds(30)));
        node = impatient;
        node.notes(ID);
        refuseToSpool();
        storeIs(Fault.NOT_SENT);

        SyncStatus told;
        try {
            told = node.runDeferred(ID, Sql.note("new")).status();
        } catch (SatchelException e) {
            told = e.status();
        }
        assertThat(told).isEqualTo(SyncStatus.FAILED);
        node.faults().clear();
        node.run(ID, Sql.note("later"));

        assertThat(nodes.storedNotes(ID)).containsExactly("base", "later");
    }

    /** The name of the file that is about to be written is taken. */
    private void refuseToSpool() throws IOException {
        Path taken = node.folder()
                .resolve("alice/database.spool/0000000000000002-0000000000000001-0000000000000000.commit.new");
        Files.createDirectories(taken.resolve("in the way"));
    }
}
