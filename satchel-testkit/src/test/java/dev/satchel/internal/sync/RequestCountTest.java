package dev.satchel.internal.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.DatabaseId;
import dev.satchel.Durability;
import dev.satchel.Freshness;
import dev.satchel.Session;
import dev.satchel.SessionResult;
import dev.satchel.SyncStatus;
import dev.satchel.Version;
import dev.satchel.testkit.FaultyObjectStore.Pause;
import dev.satchel.testkit.Operation;
import dev.satchel.testkit.RequestLog.Entry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a session asks of the store: latency and money. */
class RequestCountTest {
    private static final DatabaseId ID = DatabaseId.of("alice");

    @RegisterExtension
    private final Nodes nodes = new Nodes();

    private TestNode node;

    @BeforeEach
    void aDatabaseThatIsInUse() {
        node = nodes.start("a");
        node.run(ID, Sql.CREATE, Sql.note("first"));
        node.requests().reset();
    }

    private List<Operation> operations() {
        return node.requests().entries().stream().map(Entry::operation).toList();
    }

    @Test
    void writeCostsOnePut() {
        node.engine().write(ID, session -> {
            Sql.run(session, Sql.note("second"), Sql.note("third"));
            return null;
        });

        assertThat(operations()).containsExactly(Operation.PUT);
        assertThat(nodes.storedNotes(ID)).containsExactly("first", "second", "third");
    }

    @Test
    void readOfTheNewestVersionCostsOneGet() {
        List<String> notes = node.engine().read(ID, Sql::notes);

        assertThat(notes).containsExactly("first");
        assertThat(operations()).containsExactly(Operation.GET);
    }

    @Test
    void writingSessionOnTheNewestVersionCostsOneGetAndOnePut() {
        node.run(ID, Sql.note("second"));

        assertThat(operations()).containsExactly(Operation.GET, Operation.PUT);
    }

    @Test
    void writingSessionOnWhatIsHereCostsOnePut() {
        node.runLocal(ID, Sql.note("second"));

        assertThat(operations()).containsExactly(Operation.PUT);
    }

    @Test
    void writingSessionOnARecentCopyCostsOnePut() {
        try (Session session = node.engine().open(ID, Freshness.within(Duration.ofMinutes(1)), Durability.DURABLE)) {
            Sql.run(session, Sql.note("second"));
        }

        assertThat(operations()).containsExactly(Operation.PUT);
    }

    @Test
    void writingSessionWithABookmarkThatIsHereCostsOnePut() {
        try (Session session = node.engine().open(ID, Freshness.atLeast(Version.of(1)), Durability.DURABLE)) {
            Sql.run(session, Sql.note("second"));
        }

        assertThat(operations()).containsExactly(Operation.PUT);
    }

    @Test
    void readsOfWhatIsHereAskNobody() {
        node.localNotes(ID);
        try (Session session = node.engine().open(ID, Freshness.atLeast(Version.of(1)), Durability.DURABLE)) {
            Sql.notes(session);
        }
        try (Session session = node.engine().open(ID, Freshness.within(Duration.ofMinutes(1)), Durability.DURABLE)) {
            Sql.notes(session);
        }

        assertThat(operations()).isEmpty();
    }

    @Test
    void copyThatIsOlderThanAskedIsCompared() {
        nodes.skip(Duration.ofMinutes(2));

        try (Session session = node.engine().open(ID, Freshness.within(Duration.ofMinutes(1)), Durability.DURABLE)) {
            Sql.notes(session);
        }

        assertThat(operations()).containsExactly(Operation.GET);
    }

    @Test
    void bookmarkOfANewerVersionIsFetchedAndConfirmed() {
        TestNode other = nodes.start("b");
        other.run(ID, Sql.note("second"));

        try (Session session = node.engine().open(ID, Freshness.atLeast(Version.of(2)), Durability.DURABLE)) {
            assertThat(Sql.notes(session)).containsExactly("first", "second");
        }

        assertThat(operations()).containsExactly(Operation.GET, Operation.GET);
    }

    @Test
    void recentCopyIsEnoughForABookmarkThatIsHereAndNotForANewerOne() {
        nodes.start("b").run(ID, Sql.note("second"));
        Freshness recent = Freshness.within(Duration.ofMinutes(1));

        try (Session session = node.engine().open(ID, recent.andAtLeast(Version.of(1)), Durability.DURABLE)) {
            assertThat(Sql.notes(session)).containsExactly("first");
        }
        assertThat(operations()).isEmpty();
        try (Session session = node.engine().open(ID, recent.andAtLeast(Version.of(2)), Durability.DURABLE)) {
            assertThat(Sql.notes(session)).containsExactly("first", "second");
        }
        assertThat(operations()).containsExactly(Operation.GET, Operation.GET);

        nodes.skip(Duration.ofMinutes(2));
        node.requests().reset();
        try (Session session = node.engine().open(ID, recent.andAtLeast(Version.of(2)), Durability.DURABLE)) {
            Sql.notes(session);
        }
        assertThat(operations()).as("the bookmark is here, and the copy is old").containsExactly(Operation.GET);
    }

    /** As one that somebody made up, or of a database that was deleted since. */
    @Test
    void bookmarkThatIsNewerThanTheNewestVersionCostsOneGetAndServesTheNewest() {
        for (int i = 0; i < 2; i++) {
            node.requests().reset();
            try (Session session =
                    node.engine().open(ID, Freshness.atLeast(Version.of(1_000_000)), Durability.DURABLE)) {
                assertThat(Sql.notes(session)).containsExactly("first");
                assertThat(session.version()).isEqualTo(Version.of(1));
            }
            assertThat(operations()).containsExactly(Operation.GET);
        }
    }

    @Test
    void sessionWithoutAConnectionCostsNoMoreThanItsFreshness() {
        node.openLocal(ID).close();
        assertThat(operations()).isEmpty();

        node.open(ID).close();
        assertThat(operations()).containsExactly(Operation.GET);
    }

    @Test
    void functionThatWritesNothingIsConfirmedByOneGet() {
        node.engine().write(ID, Sql::notes);

        assertThat(operations()).containsExactly(Operation.GET);
    }

    @Test
    void flushAndCompletePublishOnlyWhatIsNew() {
        try (Session session = node.openLocal(ID)) {
            Sql.run(session, Sql.note("second"));
            assertThat(session.flush().version()).isEqualTo(Version.of(2));
            assertThat(session.flush().version()).isEqualTo(Version.of(2));
            Sql.run(session, Sql.note("third"));
            assertThat(session.complete().version()).isEqualTo(Version.of(3));
            assertThat(session.complete().version()).isEqualTo(Version.of(3));
        }

        assertThat(operations()).containsExactly(Operation.PUT, Operation.PUT);
    }

    @Test
    void coldStartOfANewDatabaseLooksForImageAndLogOnce() {
        DatabaseId other = DatabaseId.of("bob");

        node.run(other, Sql.CREATE);

        assertThat(operations()).containsExactly(Operation.GET, Operation.LIST, Operation.PUT);
    }

    @Test
    void coldStartOfAnExistingDatabaseReadsImageLogAndCommits() {
        TestNode cold = nodes.start("cold");

        assertThat(cold.notes(ID)).containsExactly("first");

        assertThat(cold.requests().entries().stream().map(Entry::operation))
                .containsExactly(Operation.GET, Operation.LIST, Operation.GET);
    }

    @Test
    void newerVersionsAreFetchedSideBySideAfterAFew() {
        TestNode other = nodes.start("b");
        for (int i = 0; i < 10; i++) {
            other.run(ID, Sql.note("more " + i));
        }

        assertThat(node.notes(ID)).hasSize(11);

        assertThat(node.requests().count(Operation.LIST)).isEqualTo(1);
        assertThat(node.requests().count(Operation.GET)).isEqualTo(10);
        assertThat(node.requests().count()).isEqualTo(11);
    }

    @Test
    void copyBeyondTheVerifyWindowIsComparedWithTheImageToo() {
        nodes.skip(Duration.ofMinutes(11));

        node.notes(ID);
        node.notes(ID);

        assertThat(operations()).containsExactly(Operation.GET, Operation.HEAD, Operation.GET);
    }

    @Test
    void writeBeyondTheVerifyWindowComparesFirst() {
        nodes.skip(Duration.ofMinutes(11));

        node.engine().write(ID, session -> {
            Sql.run(session, Sql.note("second"));
            return null;
        });

        assertThat(operations()).containsExactly(Operation.GET, Operation.HEAD, Operation.PUT);
    }

    @Test
    void readersThatArriveDuringARefreshShareTheNextOne() {
        Pause first = node.faults().on(".*", Operation.GET).pauseBefore();
        CompletableFuture<List<String>> leader = nodes.async(() -> node.notes(ID));
        first.awaitReached();

        List<CompletableFuture<List<String>>> readers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            readers.add(nodes.async(() -> node.notes(ID)));
        }
        nodes.awaitAllAtTheStore();
        first.release();

        assertThat(Await.get(leader)).containsExactly("first");
        for (CompletableFuture<List<String>> reader : readers) {
            assertThat(Await.get(reader)).containsExactly("first");
        }
        assertThat(operations()).containsExactly(Operation.GET, Operation.GET);
    }

    @Test
    void writersThatCommitDuringAnUploadShareTheNextOne() {
        Pause first = node.faults().on(".*", Operation.PUT).pauseBefore();
        CompletableFuture<SessionResult> leader = nodes.async(() -> node.runLocal(ID, Sql.note("leader")));
        first.awaitReached();

        List<CompletableFuture<SessionResult>> writers = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            String text = "writer " + i;
            writers.add(nodes.async(() -> node.runLocal(ID, Sql.note(text))));
        }
        nodes.awaitAllAtTheStore();
        first.release();

        assertThat(Await.get(leader).status()).isEqualTo(SyncStatus.SYNCED);
        for (CompletableFuture<SessionResult> writer : writers) {
            SessionResult result = Await.get(writer);
            assertThat(result.version()).isEqualTo(Version.of(3));
            assertThat(result.status()).isEqualTo(SyncStatus.SYNCED);
            assertThat(result.committed()).isTrue();
        }
        assertThat(operations()).containsExactly(Operation.PUT, Operation.PUT);
        assertThat(nodes.storedNotes(ID)).hasSize(14);
    }

    @Test
    void readerWaitsForTheUploadOfWhatItSaw() {
        Pause upload = node.faults().on(".*", Operation.PUT).pauseBefore();
        CompletableFuture<SessionResult> writer = nodes.async(() -> node.runLocal(ID, Sql.note("second")));
        upload.awaitReached();

        CompletableFuture<List<String>> reader = nodes.async(() -> node.localNotes(ID));
        nodes.awaitAllAtTheStore();
        assertThat(reader).isNotDone();
        upload.release();

        assertThat(Await.get(reader)).containsExactly("first", "second");
        Await.get(writer);
        assertThat(operations()).containsExactly(Operation.PUT);
    }

    @Test
    void databasesDoNotWaitForEachOther() {
        DatabaseId other = DatabaseId.of("bob");
        node.run(other, Sql.CREATE);
        Pause upload = node.faults().on("alice/.*", Operation.PUT).pauseBefore();
        CompletableFuture<SessionResult> writer = nodes.async(() -> node.runLocal(ID, Sql.note("second")));
        upload.awaitReached();

        assertThat(node.run(other, Sql.note("of bob")).status()).isEqualTo(SyncStatus.SYNCED);

        assertThat(writer).isNotDone();
        upload.release();
        Await.get(writer);
    }
}
