package dev.satchel.internal.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.satchel.BusyException;
import dev.satchel.Conflict;
import dev.satchel.ConflictException;
import dev.satchel.ConflictPolicy;
import dev.satchel.DatabaseId;
import dev.satchel.OutcomeUnknownException;
import dev.satchel.SatchelConfig;
import dev.satchel.Session;
import dev.satchel.SessionResult;
import dev.satchel.SyncStatus;
import dev.satchel.Version;
import dev.satchel.testkit.FaultyObjectStore.Fault;
import dev.satchel.testkit.FaultyObjectStore.Pause;
import dev.satchel.testkit.Operation;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Two nodes commit on one base, and the later one is refused: it is told, its changes are kept, and it goes on. */
class RejectTest {
    private static final DatabaseId ID = DatabaseId.of("alice");

    @RegisterExtension
    private final Nodes nodes = new Nodes();

    private final Logs logs = Logs.record();
    private TestNode early;
    private TestNode late;

    @BeforeEach
    void twoNodesOnOneBase() {
        SatchelConfig config = SatchelConfig.defaults().withConflictPolicy(ConflictPolicy.REJECT);
        early = nodes.start("early", config);
        late = nodes.start("late", config);
        early.run(ID, Sql.CREATE, Sql.note("base"));
        late.notes(ID);
    }

    @AfterEach
    void stopRecording() {
        logs.close();
    }

    private ConflictException refused() {
        return catchThrowableOfType(ConflictException.class, () -> late.runLocal(ID, Sql.note("late")));
    }

    @Test
    void laterSessionFailsWithBothVersionsAndTheKeyOfWhatWasKept() {
        early.run(ID, Sql.note("early"));
        ConflictException failure = refused();

        Conflict conflict = failure.conflict();
        assertThat(conflict.policy()).isEqualTo(ConflictPolicy.REJECT);
        assertThat(conflict.base()).isEqualTo(Version.of(1));
        assertThat(conflict.head()).isEqualTo(Version.of(2));
        assertThat(conflict.ourWriter()).isEqualTo(late.engine().writer());
        assertThat(conflict.theirWriter()).isEqualTo(early.engine().writer());
        assertThat(nodes.keptNotes(conflict)).containsExactly("base", "late");
        assertThat(failure).hasMessageContainingAll("version 1", "is 2", conflict.keptAs(), ID.toString());
        assertThat(failure.isRetryable()).isTrue();
    }

    @Test
    void loserChangesNoVersionInTheStore() {
        early.run(ID, Sql.note("early"));
        String second = nodes.log(ID).keys().commit(2);
        byte[] before = nodes.bytes(second);

        Conflict conflict = refused().conflict();

        assertThat(nodes.bytes(second)).isEqualTo(before);
        assertThat(nodes.versions(ID)).containsExactly(1L, 2L);
        assertThat(nodes.storedNotes(ID)).containsExactly("base", "early");
        assertThat(nodes.keys("alice/database.conflicts/")).containsExactly(conflict.keptAs());
    }

    /** What an attempt had kept that could not be decided is not deleted: the next attempt keeps it under the same key. */
    @Test
    void recordIsNotTakenByALateDeletionOfAnEarlierAttempt() {
        TestNode node = nodes.start(
                "held",
                SatchelConfig.defaults()
                        .withConflictPolicy(ConflictPolicy.REJECT)
                        .withTimeouts(Duration.ofSeconds(10), Duration.ofMillis(50)));
        node.notes(ID);
        Session reader = node.openLocal(ID);
        Sql.notes(reader);
        early.run(ID, Sql.note("early"));
        node.faults().on(".*conflicts/.*", Operation.DELETE).always().inject(Fault.LATE);
        assertThatThrownBy(() -> node.runLocal(ID, Sql.note("late"))).isInstanceOf(OutcomeUnknownException.class);

        reader.close();
        node.awaitBackground("it is decided", () -> node.status(ID) == SyncStatus.CONFLICT);
        node.faults().clear();
        node.faults().releaseLate();

        assertThat(nodes.keys("alice/database.conflicts/")).hasSize(1);
    }

    @Test
    void nextRequestIsHealthyAgain() {
        early.run(ID, Sql.note("early"));
        refused();

        assertThat(late.status(ID)).isEqualTo(SyncStatus.CONFLICT);
        assertThat(late.localNotes(ID)).containsExactly("base", "early");
        assertThat(late.status(ID)).isEqualTo(SyncStatus.SYNCED);
        SessionResult result = late.runLocal(ID, Sql.note("late again"));
        assertThat(result.status()).isEqualTo(SyncStatus.SYNCED);
        assertThat(result.version()).isEqualTo(Version.of(3));
        assertThat(nodes.storedNotes(ID)).containsExactly("base", "early", "late again");
    }

    @Test
    void oneWarningTellsOfTheRefusal() {
        early.run(ID, Sql.note("early"));
        Conflict conflict = refused().conflict();

        assertThat(logs.warnings())
                .singleElement()
                .asString()
                .contains(
                        "policy=REJECT",
                        "base=1",
                        "head=2",
                        "our_commit=" + conflict.ourCommit(),
                        "their_commit=" + conflict.theirCommit(),
                        "kept_as=" + conflict.keptAs(),
                        "kept_bytes=" + conflict.keptBytes());
        assertThat(late.figures().conflicts).hasValue(1);
        assertThat(late.figures().sessions).endsWith(SyncStatus.CONFLICT);
    }

    @Test
    void refusedSessionGivesTheSameAnswerAgainAndClosesQuietly() {
        early.run(ID, Sql.note("early"));
        Session session = late.openLocal(ID);
        Sql.run(session, Sql.note("late"));

        ConflictException first = catchThrowableOfType(ConflictException.class, session::complete);
        assertThatThrownBy(session::complete).isSameAs(first);
        session.close();
        session.close();
    }

    @Test
    void closeReportsTheRefusalIfNobodyAskedBefore() {
        early.run(ID, Sql.note("early"));
        Session session = late.openLocal(ID);
        Sql.run(session, Sql.note("late"));

        assertThatThrownBy(session::close).isInstanceOf(ConflictException.class);
        session.close();
    }

    @Test
    void everySessionOfTheRefusedBatchIsToldAndKeptOnce() {
        early.run(ID, Sql.note("early"));
        Pause pause = late.faults().on(".*ltx/0000.*", Operation.PUT).pauseBefore();
        CompletableFuture<SessionResult> first = nodes.async(() -> late.runLocal(ID, Sql.note("late 1")));
        pause.awaitReached();
        CompletableFuture<SessionResult> second = nodes.async(() -> late.runLocal(ID, Sql.note("late 2")));
        CompletableFuture<?> reader = nodes.async(() -> late.localNotes(ID));
        nodes.awaitAllAtTheStore();
        pause.release();

        ConflictException one = catchThrowableOfType(ConflictException.class, () -> Await.get(first));
        ConflictException two = catchThrowableOfType(ConflictException.class, () -> Await.get(second));
        assertThatThrownBy(() -> Await.get(reader)).isInstanceOf(BusyException.class);
        assertThat(two.conflict()).isEqualTo(one.conflict());
        assertThat(nodes.keptNotes(two.conflict())).containsExactly("base", "late 1", "late 2");
        assertThat(nodes.storedNotes(ID)).containsExactly("base", "early");
        assertThat(logs.warnings()).hasSize(1);
    }

    @Test
    void commitOfASessionThatIsStillOpenIsRefusedAndKeptToo() {
        early.run(ID, Sql.note("early"));
        Session open = late.openLocal(ID);
        Sql.run(open, Sql.note("open 1"));
        Pause asking = late.faults().on(".*ltx/0000.*", Operation.GET).pauseBefore();
        CompletableFuture<SessionResult> first = nodes.async(() -> late.runLocal(ID, Sql.note("late")));
        asking.awaitReached();
        Sql.run(open, Sql.note("open 2"));
        asking.release();

        ConflictException of = catchThrowableOfType(ConflictException.class, open::complete);
        assertThatThrownBy(() -> Await.get(first)).isInstanceOf(ConflictException.class);

        assertThat(nodes.keptNotes(of.conflict())).containsExactly("base", "open 1", "late", "open 2");
        assertThat(late.localNotes(ID)).containsExactly("base", "early");
    }

    @Test
    void bothMayCreateTheDatabase() {
        DatabaseId fresh = DatabaseId.of("bob");
        try (Session session = late.open(fresh)) {
            Sql.run(session, Sql.CREATE, Sql.note("late"));
            early.run(fresh, Sql.CREATE, Sql.note("early"));

            ConflictException failure = catchThrowableOfType(ConflictException.class, session::complete);

            assertThat(failure.conflict().base()).isEqualTo(Version.NONE);
            assertThat(nodes.keptNotes(failure.conflict())).containsExactly("late");
        }
        assertThat(late.localNotes(fresh)).containsExactly("early");
        assertThat(late.run(fresh, Sql.note("late again")).version()).isEqualTo(Version.of(2));
    }

    @Test
    void copyFollowsADatabaseThatHasGrown() {
        early.run(ID, "INSERT INTO note(text) VALUES (hex(randomblob(100000)))");

        refused();

        assertThat(late.localNotes(ID)).hasSize(2).startsWith("base");
        late.runLocal(ID, Sql.note("late"));
        assertThat(early.notes(ID)).hasSize(3);
    }

    @Test
    void copyFollowsADatabaseThatHasShrunk() {
        early.run(ID, "INSERT INTO note(id, text) VALUES (100, hex(randomblob(100000)))");
        late.notes(ID);
        early.run(ID, "DELETE FROM note WHERE id = 100", "VACUUM");

        Conflict conflict = refused().conflict();

        assertThat(nodes.keptNotes(conflict)).hasSize(3);
        assertThat(late.localNotes(ID)).containsExactly("base");
        late.runLocal(ID, Sql.note("late"));
        assertThat(early.notes(ID)).containsExactly("base", "late");
    }

    @Test
    void refusedSchemaIsTakenBackTogetherWithItsRows() {
        early.run(ID, Sql.note("early"));
        try (Session session = late.openLocal(ID)) {
            Sql.run(session, "CREATE TABLE extra(a)", "INSERT INTO extra VALUES (1)", "ALTER TABLE note ADD COLUMN b");
            assertThatThrownBy(session::complete).isInstanceOf(ConflictException.class);
        }

        try (Session session = late.openLocal(ID)) {
            assertThat(Sql.query(session, "SELECT name FROM sqlite_master")).containsExactly("note");
            assertThat(Sql.query(session, "SELECT count(*) FROM pragma_table_info('note')"))
                    .containsExactly("2");
            Sql.run(session, "CREATE TABLE extra(b)");
        }
        assertThat(early.notes(ID)).containsExactly("base", "early");
    }

    @Test
    void severalVersionsMayHaveBeenMissed() {
        for (int i = 1; i <= 8; i++) {
            early.run(ID, Sql.note("early " + i));
        }

        Conflict conflict = refused().conflict();

        assertThat(conflict.head()).isEqualTo(Version.of(9));
        assertThat(late.localNotes(ID)).hasSize(9);
    }

    @Test
    void otherDatabaseOfTheUserIsNotAffected() {
        DatabaseId second = DatabaseId.of("alice", "second");
        late.run(second, Sql.CREATE);
        early.run(ID, Sql.note("early"));
        Session loser = late.openLocal(ID);
        Sql.run(loser, Sql.note("late"));

        assertThat(late.runLocal(second, Sql.note("x")).status()).isEqualTo(SyncStatus.SYNCED);
        assertThatThrownBy(loser::complete).isInstanceOf(ConflictException.class);
        assertThat(late.runLocal(second, Sql.note("y")).status()).isEqualTo(SyncStatus.SYNCED);
        assertThat(nodes.storedNotes(second)).containsExactly("x", "y");
    }

    @Test
    void threeNodesTwoOfWhichAreRefused() {
        TestNode third = nodes.start("third", SatchelConfig.defaults().withConflictPolicy(ConflictPolicy.REJECT));
        third.notes(ID);
        early.run(ID, Sql.note("early"));

        refused();
        assertThatThrownBy(() -> third.runLocal(ID, Sql.note("third"))).isInstanceOf(ConflictException.class);

        assertThat(third.runLocal(ID, Sql.note("third")).version()).isEqualTo(Version.of(3));
        assertThat(late.notes(ID)).containsExactly("base", "early", "third");
        assertThat(nodes.keys("alice/database.conflicts/")).hasSize(2);
    }
}
