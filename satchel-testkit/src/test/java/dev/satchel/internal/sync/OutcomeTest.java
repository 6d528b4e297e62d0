package dev.satchel.internal.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.ConflictPolicy;
import dev.satchel.DatabaseId;
import dev.satchel.OutcomeUnknownException;
import dev.satchel.SatchelConfig;
import dev.satchel.Session;
import dev.satchel.SessionResult;
import dev.satchel.StoreRefusedException;
import dev.satchel.SyncStatus;
import dev.satchel.UnavailableException;
import dev.satchel.Version;
import dev.satchel.testkit.FaultyObjectStore.Fault;
import dev.satchel.testkit.Operation;
import dev.satchel.testkit.RequestLog.Entry;
import dev.satchel.testkit.RequestLog.Outcome;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Saved, not saved, or nobody knows yet: what a session is told, and that it stays true. */
class OutcomeTest {
    private static final DatabaseId ID = DatabaseId.of("alice");
    private static final String COMMITS = ".*ltx/0000.*";
    private static final SatchelConfig IMPATIENT =
            SatchelConfig.defaults().withTimeouts(Duration.ofMillis(150), Duration.ofMillis(150));

    @RegisterExtension
    private final Nodes nodes = new Nodes();

    private final Logs logs = Logs.record();
    private TestNode node;

    @BeforeEach
    void aDatabase() {
        node = started(SatchelConfig.defaults());
    }

    @AfterEach
    void stopRecording() {
        logs.close();
    }

    private TestNode started(SatchelConfig config) {
        TestNode started = nodes.start("node" + nodes.nextSeed(), config);
        started.run(ID, nodes.head(ID) == 0 ? new String[] {Sql.CREATE, Sql.note("base")} : new String[] {"SELECT 1"});
        started.openLocal(ID).close();
        started.requests().reset();
        return started;
    }

    private void fail(TestNode which, Fault fault) {
        which.faults().on(COMMITS, Operation.PUT).always().inject(fault);
    }

    private SessionResult write(TestNode which) {
        return which.runLocal(ID, Sql.note("new"));
    }

    // ---- saved ------------------------------------------------------------------------------------------------------

    @Test
    void lostAnswerIsFoundOutByTheOwnCommitId() {
        node.faults().on(COMMITS, Operation.PUT).inject(Fault.FAIL_AFTER);

        SessionResult result = write(node);

        assertThat(result.status()).isEqualTo(SyncStatus.SYNCED);
        assertThat(result.version()).isEqualTo(Version.of(2));
        assertThat(nodes.versions(ID)).containsExactly(1L, 2L);
        assertThat(node.requests().entries().stream().map(Entry::outcome))
                .containsExactly(Outcome.FAILED, Outcome.PRECONDITION_FAILED, Outcome.OK);
        assertThat(logs.warnings()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = {"FAIL_BEFORE", "NOT_SENT", "THROTTLED"})
    void requestsThatFailAFewTimesAreRepeatedWithTheSameBytes(Fault fault) {
        for (int i = 1; i <= 3; i++) {
            node.faults().on(COMMITS, Operation.PUT).nth(i).inject(fault);
        }

        SessionResult result = write(node);

        assertThat(result.status()).isEqualTo(SyncStatus.SYNCED);
        assertThat(node.requests().entries().stream().map(Entry::key).distinct())
                .containsExactly(nodes.log(ID).keys().commit(2));
        assertThat(node.requests().entries().stream().map(Entry::bytes).distinct())
                .hasSize(1);
        assertThat(nodes.versions(ID)).containsExactly(1L, 2L);
    }

    @Test
    void slotWhoseOwnerCannotBeReadAtOnceIsAskedForAgain() {
        node.faults().on(COMMITS, Operation.PUT).inject(Fault.FAIL_AFTER);
        node.faults().on(COMMITS, Operation.GET).nth(1).inject(Fault.FAIL_BEFORE);
        node.faults().on(COMMITS, Operation.GET).nth(2).inject(Fault.BROKEN_BODY);

        assertThat(write(node).status()).isEqualTo(SyncStatus.SYNCED);

        assertThat(nodes.versions(ID)).containsExactly(1L, 2L);
    }

    @Test
    void lateDuplicatesDoNoHarm() {
        node.faults().on(COMMITS, Operation.PUT).nth(1).inject(Fault.LATE);
        node.faults().on(COMMITS, Operation.PUT).nth(2).inject(Fault.LATE);
        write(node);
        node.runLocal(ID, Sql.note("newer"));
        byte[] second = nodes.bytes(nodes.log(ID).keys().commit(2));

        node.faults().releaseLate();

        assertThat(nodes.bytes(nodes.log(ID).keys().commit(2))).isEqualTo(second);
        assertThat(nodes.storedNotes(ID)).containsExactly("base", "new", "newer");
        assertThat(node.notes(ID)).containsExactly("base", "new", "newer");
    }

    // ---- nobody knows -----------------------------------------------------------------------------------------------

    @ParameterizedTest
    @EnumSource(names = {"FAIL_BEFORE", "THROTTLED", "LATE", "FAIL_AFTER"})
    void silenceToTheEndIsReportedAsUnknown(Fault fault) {
        TestNode impatient = started(IMPATIENT);
        fail(impatient, fault);
        impatient.faults().on(COMMITS, Operation.GET).always().inject(Fault.FAIL_BEFORE);

        assertThatThrownBy(() -> write(impatient))
                .isInstanceOf(OutcomeUnknownException.class)
                .hasMessageContainingAll(ID.toString(), "150 ms");

        assertThat(impatient.status(ID)).isEqualTo(SyncStatus.UNKNOWN);
        assertThat(impatient.figures().sessions).endsWith(SyncStatus.UNKNOWN);
        impatient.faults().clear();
    }

    @Test
    void nextSessionFindsThatItHadLanded() {
        TestNode impatient = started(IMPATIENT);
        impatient.faults().on(COMMITS, Operation.PUT).nth(1).inject(Fault.FAIL_AFTER);
        impatient.faults().on(COMMITS, Operation.GET).always().inject(Fault.FAIL_BEFORE);
        assertThatThrownBy(() -> write(impatient)).isInstanceOf(OutcomeUnknownException.class);
        impatient.faults().clear();

        assertThat(impatient.notes(ID)).containsExactly("base", "new");

        assertThat(impatient.status(ID)).isEqualTo(SyncStatus.SYNCED);
        assertThat(nodes.versions(ID)).containsExactly(1L, 2L);
    }

    @Test
    void nextSessionBringsWhatHadNotLanded() {
        TestNode impatient = started(IMPATIENT);
        fail(impatient, Fault.FAIL_BEFORE);
        assertThatThrownBy(() -> write(impatient)).isInstanceOf(OutcomeUnknownException.class);
        assertThat(nodes.versions(ID)).containsExactly(1L);
        impatient.faults().clear();

        assertThat(impatient.notes(ID)).containsExactly("base", "new");

        assertThat(impatient.status(ID)).isEqualTo(SyncStatus.SYNCED);
        assertThat(nodes.storedNotes(ID)).containsExactly("base", "new");
        assertThat(nodes.versions(ID)).containsExactly(1L, 2L);
    }

    @Test
    void nextSessionFindsWhatArrivedLate() {
        TestNode impatient = started(IMPATIENT);
        fail(impatient, Fault.LATE);
        assertThatThrownBy(() -> write(impatient)).isInstanceOf(OutcomeUnknownException.class);
        impatient.faults().clear();
        impatient.faults().releaseLate();
        assertThat(nodes.versions(ID)).containsExactly(1L, 2L);

        SessionResult next = impatient.run(ID, Sql.note("newer"));

        assertThat(next.version()).isEqualTo(Version.of(3));
        assertThat(next.status()).isEqualTo(SyncStatus.SYNCED);
        assertThat(nodes.storedNotes(ID)).containsExactly("base", "new", "newer");
    }

    @Test
    void doubtIsSettledByItselfInTheBackground() {
        TestNode impatient = started(IMPATIENT);
        fail(impatient, Fault.FAIL_BEFORE);
        assertThatThrownBy(() -> write(impatient)).isInstanceOf(OutcomeUnknownException.class);
        impatient.faults().clear();

        impatient.awaitUploaded(ID);

        assertThat(nodes.storedNotes(ID)).containsExactly("base", "new");
    }

    @Test
    void slotThatAnotherNodeTookMeanwhileIsAConflictUnderLastWriteWins() {
        TestNode impatient = started(IMPATIENT);
        fail(impatient, Fault.LATE);
        assertThatThrownBy(() -> write(impatient)).isInstanceOf(OutcomeUnknownException.class);
        node.run(ID, Sql.note("other"));
        impatient.faults().clear();
        impatient.faults().releaseLate();

        assertThat(impatient.notes(ID)).containsExactly("base", "new");

        assertThat(nodes.versions(ID)).containsExactly(1L, 2L, 3L);
        assertThat(nodes.query(ID, 2, "SELECT text FROM note ORDER BY id")).containsExactly("base", "other");
        assertThat(logs.warnings()).singleElement().asString().startsWith("WARN conflict");
    }

    @Test
    void slotThatAnotherNodeTookMeanwhileIsARefusalUnderReject() {
        TestNode impatient = started(IMPATIENT.withConflictPolicy(ConflictPolicy.REJECT));
        fail(impatient, Fault.LATE);
        assertThatThrownBy(() -> write(impatient)).isInstanceOf(OutcomeUnknownException.class);
        node.run(ID, Sql.note("other"));
        impatient.faults().clear();
        impatient.faults().releaseLate();

        assertThat(impatient.notes(ID)).containsExactly("base", "other");

        assertThat(nodes.versions(ID)).containsExactly(1L, 2L);
        assertThat(nodes.keys("alice/database.conflicts/")).hasSize(1);
        assertThat(logs.warnings()).singleElement().asString().startsWith("WARN conflict");
    }

    @Test
    void readerOfAChangeInDoubtIsNotAnswered() {
        TestNode impatient = started(IMPATIENT);
        fail(impatient, Fault.FAIL_BEFORE);
        assertThatThrownBy(() -> write(impatient)).isInstanceOf(OutcomeUnknownException.class);

        assertThatThrownBy(() -> impatient.localNotes(ID)).isInstanceOf(OutcomeUnknownException.class);

        impatient.faults().clear();
        assertThat(impatient.localNotes(ID)).containsExactly("base", "new");
    }

    @Test
    void nothingElseIsSentWhileASlotIsInDoubt() {
        TestNode impatient = started(IMPATIENT);
        fail(impatient, Fault.FAIL_BEFORE);
        assertThatThrownBy(() -> write(impatient)).isInstanceOf(OutcomeUnknownException.class);
        assertThatThrownBy(() -> impatient.runLocal(ID, Sql.note("newer"))).isInstanceOf(OutcomeUnknownException.class);

        assertThat(impatient.requests().entries().stream().map(Entry::key).distinct())
                .containsExactly(nodes.log(ID).keys().commit(2));
        assertThat(impatient.requests().entries().stream().map(Entry::bytes).distinct())
                .hasSize(1);

        impatient.faults().clear();
        assertThat(impatient.notes(ID)).containsExactly("base", "new", "newer");
        assertThat(nodes.versions(ID)).containsExactly(1L, 2L, 3L);
    }

    @Test
    void refusalAfterADoubtfulAttemptIsStillDoubtful() {
        TestNode impatient = started(IMPATIENT);
        impatient.faults().on(COMMITS, Operation.PUT).nth(1).inject(Fault.FAIL_AFTER);
        impatient.faults().on(COMMITS, Operation.PUT).always().inject(Fault.DENIED);

        assertThatThrownBy(() -> write(impatient)).isInstanceOf(OutcomeUnknownException.class);
        impatient.faults().clear();

        assertThat(impatient.notes(ID)).containsExactly("base", "new");
    }

    @Test
    void loserWhoseRivalCannotBeKeptTakesItsChangeBack() {
        TestNode impatient = started(IMPATIENT);
        node.run(ID, Sql.note("other"));
        impatient.faults().on(".*conflicts/.*", Operation.PUT).always().inject(Fault.FAIL_BEFORE);

        assertThatThrownBy(() -> write(impatient)).isInstanceOf(UnavailableException.class);
        impatient.faults().clear();

        assertThat(impatient.notes(ID)).containsExactly("base", "other");
        assertThat(nodes.versions(ID)).containsExactly(1L, 2L);
        assertThat(logs.warnings()).isEmpty();
    }

    // ---- not saved --------------------------------------------------------------------------------------------------

    @Test
    void changeThatCertainlyNeverLeftIsTakenBackForGood() {
        TestNode impatient = started(IMPATIENT);
        fail(impatient, Fault.NOT_SENT);

        assertThatThrownBy(() -> write(impatient))
                .isInstanceOf(UnavailableException.class)
                .hasMessageContainingAll(ID.toString(), "nothing was saved");

        assertThat(impatient.status(ID)).isEqualTo(SyncStatus.SYNCED);
        assertThat(impatient.localNotes(ID)).containsExactly("base");
        impatient.faults().clear();
        impatient.run(ID, Sql.note("after"));
        assertThat(nodes.storedNotes(ID)).containsExactly("base", "after");
        assertThat(nodes.versions(ID)).containsExactly(1L, 2L);
    }

    @Test
    void everySessionOfABatchThatNeverLeftIsTold() {
        TestNode impatient = started(IMPATIENT);
        fail(impatient, Fault.NOT_SENT);
        try (Session first = impatient.openLocal(ID);
                Session second = impatient.openLocal(ID)) {
            Sql.run(first, Sql.note("one"));
            Sql.run(second, Sql.note("two"));
            var one = nodes.async(first::complete);
            nodes.awaitAllAtTheStore();
            assertThatThrownBy(second::complete)
                    .isInstanceOfAny(UnavailableException.class, OutcomeUnknownException.class);
            assertThatThrownBy(() -> Await.get(one))
                    .isInstanceOfAny(UnavailableException.class, OutcomeUnknownException.class);
        }
        impatient.faults().clear();
        impatient.awaitUploaded(ID);
        assertThat(impatient.notes(ID)).isEqualTo(nodes.storedNotes(ID));
    }

    @Test
    void changeThatCannotBeTakenBackBecauseTheCopyIsInUseIsUnknown() {
        TestNode impatient = started(IMPATIENT);
        fail(impatient, Fault.NOT_SENT);
        try (Session holder = impatient.openLocal(ID)) {
            assertThat(Sql.notes(holder)).containsExactly("base");

            assertThatThrownBy(() -> write(impatient)).isInstanceOf(OutcomeUnknownException.class);
            impatient.faults().clear();
        }

        assertThat(impatient.notes(ID)).containsExactly("base", "new");
        assertThat(nodes.storedNotes(ID)).containsExactly("base", "new");
    }

    @Test
    void refusedChangeIsTakenBackAtOnce() {
        fail(node, Fault.DENIED);

        assertThatThrownBy(() -> write(node))
                .isInstanceOf(StoreRefusedException.class)
                .hasMessageContainingAll(ID.toString(), "403", "credentials");

        assertThat(node.commitsSent()).isEqualTo(1);
        assertThat(node.localNotes(ID)).containsExactly("base");
        node.faults().clear();
        assertThat(node.runLocal(ID, Sql.note("after")).version()).isEqualTo(Version.of(2));
        assertThat(nodes.storedNotes(ID)).containsExactly("base", "after");
    }

    @Test
    void refusedCreationLeavesADatabaseThatDoesNotExist() {
        DatabaseId fresh = DatabaseId.of("bob");
        fail(node, Fault.DENIED);

        assertThatThrownBy(() -> node.run(fresh, Sql.CREATE, Sql.note("x"))).isInstanceOf(StoreRefusedException.class);

        node.faults().clear();
        assertThat(node.notes(fresh)).isEmpty();
        assertThat(node.run(fresh, Sql.CREATE, Sql.note("y")).version()).isEqualTo(Version.of(1));
        assertThat(nodes.storedNotes(fresh)).containsExactly("y");
    }

    @Test
    void takenBackChangesOfManyKindsLeaveTheCopyAsItWas() {
        node.runLocal(ID, "INSERT INTO note(text) VALUES (hex(randomblob(50000)))");
        fail(node, Fault.DENIED);
        for (String sql : new String[] {
            "DELETE FROM note WHERE id = 2; VACUUM",
            "INSERT INTO note(text) VALUES (hex(randomblob(100000)))",
            "DROP TABLE note",
            "CREATE TABLE other(a); INSERT INTO other VALUES (1)",
            "PRAGMA user_version = 9"
        }) {
            assertThatThrownBy(() -> node.runLocal(ID, sql)).isInstanceOf(StoreRefusedException.class);
        }
        node.faults().clear();

        try (Session session = node.openLocal(ID)) {
            assertThat(Sql.notes(session)).hasSize(2);
            assertThat(Sql.query(session, "PRAGMA integrity_check")).containsExactly("ok");
            assertThat(Sql.query(session, "PRAGMA user_version")).containsExactly("0");
            assertThat(Sql.query(session, "SELECT name FROM sqlite_master")).containsExactly("note");
        }
        node.runLocal(ID, Sql.note("after"));
        assertThat(nodes.storedNotes(ID)).hasSize(3);
    }
}
