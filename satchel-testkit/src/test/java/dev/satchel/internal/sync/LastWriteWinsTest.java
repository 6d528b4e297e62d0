package dev.satchel.internal.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.Conflict;
import dev.satchel.ConflictPolicy;
import dev.satchel.DatabaseId;
import dev.satchel.Session;
import dev.satchel.SessionResult;
import dev.satchel.SyncStatus;
import dev.satchel.Version;
import dev.satchel.VersionEvent;
import dev.satchel.internal.log.Provenance;
import dev.satchel.testkit.FaultyObjectStore.Pause;
import dev.satchel.testkit.Operation;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Two nodes commit on one base, and the later one wins: nothing is refused, nothing is lost for good, everything is said. */
class LastWriteWinsTest {
    private static final DatabaseId ID = DatabaseId.of("alice");

    @RegisterExtension
    private final Nodes nodes = new Nodes();

    private final Logs logs = Logs.record();
    private TestNode early;
    private TestNode late;

    @BeforeEach
    void twoNodesOnOneBase() {
        early = nodes.start("early");
        late = nodes.start("late");
        early.run(ID, Sql.CREATE, Sql.note("base"));
        late.notes(ID);
    }

    @AfterEach
    void stopRecording() {
        logs.close();
    }

    private Provenance provenance(long version) {
        return nodes.log(ID).commitProvenance(version).orElseThrow();
    }

    @Test
    void laterCommitBecomesTheNextVersionAndTheOverwrittenOneStaysRestorable() {
        early.run(ID, Sql.note("early"));
        SessionResult result = late.runLocal(ID, Sql.note("late"));

        assertThat(result.version()).isEqualTo(Version.of(3));
        assertThat(nodes.storedNotes(ID)).containsExactly("base", "late");
        assertThat(nodes.query(ID, 2, "SELECT text FROM note ORDER BY id")).containsExactly("base", "early");
        assertThat(early.notes(ID)).containsExactly("base", "late");
    }

    @Test
    void writerIsToldOfTheConflictWithAllFacts() {
        early.run(ID, Sql.note("early"));
        SessionResult result = late.runLocal(ID, Sql.note("late"));

        assertThat(result.status()).isEqualTo(SyncStatus.CONFLICT);
        Conflict conflict = result.conflict().orElseThrow();
        assertThat(conflict.database()).isEqualTo(ID);
        assertThat(conflict.policy()).isEqualTo(ConflictPolicy.LAST_WRITE_WINS);
        assertThat(conflict.base()).isEqualTo(Version.of(1));
        assertThat(conflict.head()).isEqualTo(Version.of(2));
        assertThat(conflict.ourWriter()).isEqualTo(late.engine().writer());
        assertThat(conflict.theirWriter()).isEqualTo(early.engine().writer());
        assertThat(conflict.theirCommit()).isEqualTo(provenance(2).commitId());
        assertThat(nodes.keptNotes(conflict)).containsExactly("base", "early");
        assertThat(nodes.keys("alice/database.conflicts/")).containsExactly(conflict.keptAs());
    }

    @Test
    void conflictNamesTheCommitThatWon() {
        early.run(ID, Sql.note("early"));
        SessionResult result = late.runLocal(ID, Sql.note("late"));

        assertThat(result.conflict().orElseThrow().ourCommit())
                .isEqualTo(provenance(3).commitId());
    }

    @Test
    void oneWarningTellsAllFacts() {
        early.run(ID, Sql.note("early"));
        Conflict conflict = late.runLocal(ID, Sql.note("late")).conflict().orElseThrow();

        assertThat(logs.warnings())
                .singleElement()
                .asString()
                .contains(
                        "conflict",
                        "database=" + ID,
                        "policy=LAST_WRITE_WINS",
                        "base=1",
                        "head=2",
                        "our_writer=" + late.engine().writer(),
                        "their_writer=" + early.engine().writer(),
                        "our_commit=" + conflict.ourCommit(),
                        "their_commit=" + conflict.theirCommit(),
                        "kept_as=" + conflict.keptAs(),
                        "kept_bytes=" + conflict.keptBytes());
        assertThat(late.figures().conflicts).hasValue(1);
        assertThat(late.events().stream().map(VersionEvent::kind)).containsOnlyOnce(VersionEvent.Kind.CONFLICT);
        assertThat(early.figures().conflicts).hasValue(0);
    }

    @Test
    void laterSessionsAreNotToldOfAConflictThatIsOver() {
        early.run(ID, Sql.note("early"));
        late.runLocal(ID, Sql.note("late"));

        SessionResult reader = late.run(ID, "SELECT * FROM note");
        assertThat(reader.status()).isEqualTo(SyncStatus.SYNCED);
        assertThat(reader.conflict()).isEmpty();
        SessionResult writer = late.runLocal(ID, Sql.note("later"));
        assertThat(writer.status()).isEqualTo(SyncStatus.SYNCED);
        assertThat(writer.conflict()).isEmpty();
        assertThat(late.status(ID)).isEqualTo(SyncStatus.SYNCED);
    }

    @Test
    void readerOfTheOverwritingChangeIsNotToldOfAConflict() {
        early.run(ID, Sql.note("early"));
        try (Session writer = late.openLocal(ID);
                Session reader = late.openLocal(ID)) {
            Sql.run(writer, Sql.note("late"));
            assertThat(Sql.notes(reader)).containsExactly("base", "late");

            assertThat(reader.complete().status()).isEqualTo(SyncStatus.SYNCED);
            assertThat(writer.complete().status()).isEqualTo(SyncStatus.CONFLICT);
        }
        assertThat(logs.warnings()).hasSize(1);
    }

    @Test
    void allWritersOfABatchAreToldOfOneConflict() {
        early.run(ID, Sql.note("early"));
        SessionResult firstResult;
        SessionResult secondResult;
        try (Session first = late.openLocal(ID);
                Session second = late.openLocal(ID)) {
            Sql.run(first, Sql.note("late 1"));
            Sql.run(second, Sql.note("late 2"));
            firstResult = first.complete();
            secondResult = second.complete();
        }

        assertThat(firstResult.status()).isEqualTo(SyncStatus.CONFLICT);
        assertThat(secondResult.status()).isEqualTo(SyncStatus.CONFLICT);
        assertThat(secondResult.conflict()).isEqualTo(firstResult.conflict());
        assertThat(logs.warnings()).hasSize(1);
        assertThat(nodes.storedNotes(ID)).containsExactly("base", "late 1", "late 2");
        assertThat(nodes.head(ID)).isEqualTo(3);
    }

    @Test
    void commitsMadeWhileTheConflictIsDecidedAreKeptAndAreNoConflict() {
        early.run(ID, Sql.note("early"));
        Pause keeping = late.faults().on(".*conflicts/.*", Operation.PUT).pauseBefore();
        CompletableFuture<SessionResult> first = nodes.async(() -> late.runLocal(ID, Sql.note("late 1")));
        keeping.awaitReached();

        CompletableFuture<SessionResult> second = nodes.async(() -> late.runLocal(ID, Sql.note("late 2")));
        nodes.awaitAllAtTheStore();
        keeping.release();

        assertThat(Await.get(first).status()).isEqualTo(SyncStatus.CONFLICT);
        assertThat(Await.get(second).status()).isEqualTo(SyncStatus.SYNCED);
        assertThat(nodes.storedNotes(ID)).containsExactly("base", "late 1", "late 2");
        assertThat(logs.warnings()).hasSize(1);
    }

    @Test
    void threeNodesOverwriteEachOtherInTurnAndEachIsKept() {
        TestNode third = nodes.start("third");
        third.notes(ID);
        early.run(ID, Sql.note("early"));
        Conflict second = late.runLocal(ID, Sql.note("late")).conflict().orElseThrow();
        Conflict last = third.runLocal(ID, Sql.note("third")).conflict().orElseThrow();

        assertThat(nodes.storedNotes(ID)).containsExactly("base", "third");
        assertThat(last.base()).isEqualTo(Version.of(1));
        assertThat(last.head()).isEqualTo(Version.of(3));
        assertThat(last.theirWriter()).isEqualTo(late.engine().writer());
        assertThat(nodes.keptNotes(second)).containsExactly("base", "early");
        assertThat(nodes.keptNotes(last)).containsExactly("base", "late");
        assertThat(early.notes(ID)).isEqualTo(late.notes(ID)).isEqualTo(third.notes(ID));
    }

    @Test
    void otherNodeThatIsFasterOnceMoreIsOverwrittenWithOneWarning() {
        early.run(ID, Sql.note("early 1"));
        Pause keeping = late.faults().on(".*conflicts/.*", Operation.PUT).pauseBefore();
        CompletableFuture<SessionResult> writer = nodes.async(() -> late.runLocal(ID, Sql.note("late")));
        keeping.awaitReached();
        early.run(ID, Sql.note("early 2"));
        keeping.release();

        Conflict conflict = Await.get(writer).conflict().orElseThrow();

        assertThat(conflict.base()).isEqualTo(Version.of(1));
        assertThat(conflict.head()).isEqualTo(Version.of(3));
        assertThat(nodes.keptNotes(conflict)).containsExactly("base", "early 1", "early 2");
        assertThat(nodes.storedNotes(ID)).containsExactly("base", "late");
        assertThat(nodes.head(ID)).isEqualTo(4);
        assertThat(logs.warnings()).singleElement().asString().contains("head=3");
    }

    @Test
    void severalVersionsAreOverwrittenAtOnce() {
        for (int i = 1; i <= 8; i++) {
            early.run(ID, Sql.note("early " + i));
        }
        SessionResult result = late.runLocal(ID, Sql.note("late"));

        assertThat(result.version()).isEqualTo(Version.of(10));
        assertThat(nodes.storedNotes(ID)).containsExactly("base", "late");
        assertThat(nodes.keptNotes(result.conflict().orElseThrow())).hasSize(9);
    }

    @Test
    void bothMayCreateTheDatabase() {
        DatabaseId fresh = DatabaseId.of("bob");
        try (Session session = late.open(fresh)) {
            Sql.run(session, Sql.CREATE, Sql.note("late"));
            early.run(fresh, Sql.CREATE, Sql.note("early"), Sql.note("too"));

            SessionResult result = session.complete();

            assertThat(result.status()).isEqualTo(SyncStatus.CONFLICT);
            assertThat(result.conflict().orElseThrow().base()).isEqualTo(Version.NONE);
            assertThat(nodes.keptNotes(result.conflict().orElseThrow())).containsExactly("early", "too");
        }
        assertThat(nodes.head(fresh)).isEqualTo(2);
        assertThat(nodes.storedNotes(fresh)).containsExactly("late");
        assertThat(early.notes(fresh)).containsExactly("late");
    }

    @Test
    void overwritesADatabaseThatHasGrown() {
        early.run(ID, "INSERT INTO note(text) VALUES (hex(randomblob(100000)))", Sql.note("early"));

        SessionResult result = late.runLocal(ID, Sql.note("late"));

        assertThat(result.status()).isEqualTo(SyncStatus.CONFLICT);
        assertThat(nodes.storedNotes(ID)).containsExactly("base", "late");
        assertThat(nodes.keptNotes(result.conflict().orElseThrow())).hasSize(3);
        assertThat(early.notes(ID)).containsExactly("base", "late");
        assertThat(late.runLocal(ID, Sql.note("more")).status()).isEqualTo(SyncStatus.SYNCED);
    }

    @Test
    void overwritesADatabaseThatHasShrunk() {
        early.run(ID, "INSERT INTO note(id, text) VALUES (100, hex(randomblob(100000)))");
        late.notes(ID);
        early.run(ID, "DELETE FROM note WHERE id = 100", "VACUUM");

        SessionResult result = late.runLocal(ID, Sql.note("late"));

        assertThat(result.status()).isEqualTo(SyncStatus.CONFLICT);
        assertThat(nodes.storedNotes(ID)).hasSize(3).contains("base", "late");
        assertThat(nodes.keptNotes(result.conflict().orElseThrow())).containsExactly("base");
        assertThat(early.notes(ID)).hasSize(3);
    }

    @Test
    void ownChangeMayGrowAndShrinkTheDatabase() {
        early.run(ID, "INSERT INTO note(id, text) VALUES (100, hex(randomblob(100000)))");
        late.notes(ID);
        early.run(ID, Sql.note("early"));
        late.runLocal(ID, "DELETE FROM note WHERE id = 100", "VACUUM");
        assertThat(early.notes(ID)).containsExactly("base");

        late.run(ID, Sql.note("x"));
        early.runLocal(ID, "INSERT INTO note(id, text) VALUES (100, hex(randomblob(200000)))");

        assertThat(late.notes(ID)).hasSize(2);
        assertThat(nodes.storedNotes(ID)).hasSize(2);
    }

    @Test
    void sameStateOnBothSidesIsAConflictThatLosesNothing() {
        early.run(ID, Sql.note("same"));
        late.runLocal(ID, Sql.note("same"));

        assertThat(nodes.storedNotes(ID)).containsExactly("base", "same");
        assertThat(early.notes(ID)).containsExactly("base", "same");
    }

    @Test
    void conflictInOneDatabaseLeavesTheOthersAlone() {
        DatabaseId second = DatabaseId.of("alice", "second");
        late.run(second, Sql.CREATE);
        early.run(ID, Sql.note("early"));
        assertThat(late.runLocal(ID, Sql.note("late")).status()).isEqualTo(SyncStatus.CONFLICT);

        assertThat(late.runLocal(second, Sql.note("x")).status()).isEqualTo(SyncStatus.SYNCED);
        assertThat(nodes.keys("alice/second.conflicts/")).isEmpty();
    }

    @Test
    void conflictIsNotDecidedBeforeTheOverwrittenSideIsKept() {
        early.run(ID, Sql.note("early"));
        Pause keeping = late.faults().on(".*conflicts/.*", Operation.PUT).pauseBefore();
        CompletableFuture<SessionResult> writer = nodes.async(() -> late.runLocal(ID, Sql.note("late")));
        keeping.awaitReached();

        assertThat(nodes.versions(ID)).isEqualTo(List.of(1L, 2L));

        keeping.release();
        Await.get(writer);
        assertThat(nodes.versions(ID)).isEqualTo(List.of(1L, 2L, 3L));
    }
}
