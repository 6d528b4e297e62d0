package dev.satchel.internal.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.satchel.BusyException;
import dev.satchel.ConflictException;
import dev.satchel.ConflictPolicy;
import dev.satchel.DatabaseId;
import dev.satchel.OutcomeUnknownException;
import dev.satchel.SatchelConfig;
import dev.satchel.Session;
import dev.satchel.SessionResult;
import dev.satchel.SessionWork;
import dev.satchel.SyncStatus;
import dev.satchel.Version;
import dev.satchel.testkit.FaultyObjectStore.Fault;
import dev.satchel.testkit.FaultyObjectStore.Pause;
import dev.satchel.testkit.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Work given as a function: it is run again on the newer version when another node was faster, and nothing is lost. */
class RepeatableWriteTest {
    private static final DatabaseId ID = DatabaseId.of("alice");
    private static final String COMMITS = ".*ltx/0000.*";

    @RegisterExtension
    private final Nodes nodes = new Nodes();

    private final Logs logs = Logs.record();
    private TestNode early;
    private TestNode late;

    private void twoNodesOnOneBase(ConflictPolicy policy) {
        SatchelConfig config = SatchelConfig.defaults().withConflictPolicy(policy);
        early = nodes.start("early", config);
        late = nodes.start("late", config);
        early.run(ID, Sql.CREATE, Sql.note("base"));
        late.notes(ID);
        late.requests().reset();
    }

    @AfterEach
    void stopRecording() {
        logs.close();
    }

    private static SessionWork<List<String>, RuntimeException> note(String text) {
        return session -> {
            Sql.run(session, Sql.note(text));
            return Sql.notes(session);
        };
    }

    @ParameterizedTest
    @EnumSource
    void workRunsAgainOnTheNewerVersion(ConflictPolicy policy) {
        twoNodesOnOneBase(policy);
        early.run(ID, Sql.note("early"));
        AtomicInteger runs = new AtomicInteger();

        List<String> seen = late.engine().write(ID, session -> {
            runs.incrementAndGet();
            return note("late").run(session);
        });

        assertThat(seen).containsExactly("base", "early", "late");
        assertThat(runs).hasValue(2);
        assertThat(nodes.storedNotes(ID)).containsExactly("base", "early", "late");
        assertThat(nodes.head(ID)).isEqualTo(3);
    }

    @ParameterizedTest
    @EnumSource
    void raceThatWasLostIsNoConflict(ConflictPolicy policy) {
        twoNodesOnOneBase(policy);
        early.run(ID, Sql.note("early"));

        late.engine().write(ID, note("late"));

        assertThat(logs.warnings()).isEmpty();
        assertThat(late.figures().conflicts).hasValue(0);
        assertThat(nodes.keys("alice/database.conflicts/")).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void twoNodesCountTogetherWithoutLosingOne(ConflictPolicy policy) {
        twoNodesOnOneBase(policy);
        early.run(ID, "CREATE TABLE counter(n)", "INSERT INTO counter VALUES (0)");
        List<CompletableFuture<Void>> counting = new ArrayList<>();
        for (TestNode node : List.of(early, late, early, late)) {
            counting.add(nodes.async(() -> {
                for (int i = 0; i < 6; i++) {
                    retryIfBusy(() -> node.engine().write(ID, session -> {
                        Sql.run(session, "UPDATE counter SET n = n + 1");
                        return null;
                    }));
                }
                return null;
            }));
        }
        counting.forEach(Await::get);

        assertThat(nodes.query(ID, nodes.head(ID), "SELECT n FROM counter")).containsExactly("24");
        assertThat(nodes.keys("alice/database.conflicts/")).isEmpty();
    }

    private static void retryIfBusy(Runnable work) {
        while (true) {
            try {
                work.run();
                return;
            } catch (BusyException e) {
                // Ten times in a row another was faster: nothing of it was saved.
            }
        }
    }

    @Test
    void givesUpWhenOthersAreAlwaysFasterAndLeavesNothing() {
        twoNodesOnOneBase(ConflictPolicy.LAST_WRITE_WINS);
        AtomicInteger runs = new AtomicInteger();

        assertThatThrownBy(() -> late.engine().write(ID, session -> {
                    Sql.run(session, Sql.note("late"));
                    early.run(ID, Sql.note("early " + runs.incrementAndGet()));
                    return null;
                }))
                .isInstanceOf(BusyException.class)
                .hasMessageContaining("10 times");

        assertThat(runs).hasValue(10);
        assertThat(nodes.storedNotes(ID)).hasSize(11).doesNotContain("late");
        assertThat(late.notes(ID)).hasSize(11).doesNotContain("late");
    }

    @Test
    void whatTheWorkThrowsComesThroughAndIsNotRepeated() {
        twoNodesOnOneBase(ConflictPolicy.LAST_WRITE_WINS);
        AtomicInteger runs = new AtomicInteger();
        IllegalStateException failure = new IllegalStateException("no");

        assertThatThrownBy(() -> late.engine().write(ID, session -> {
                    runs.incrementAndGet();
                    Sql.run(session, "BEGIN", Sql.note("late"));
                    throw failure;
                }))
                .isSameAs(failure);

        assertThat(runs).hasValue(1);
        assertThat(late.puts()).isZero();
        assertThat(late.localNotes(ID)).containsExactly("base");
    }

    @Test
    void failureOnAnOldVersionIsNotBelieved() {
        twoNodesOnOneBase(ConflictPolicy.LAST_WRITE_WINS);
        early.run(ID, "CREATE TABLE fresh(a)");
        AtomicInteger runs = new AtomicInteger();

        late.engine().write(ID, session -> {
            runs.incrementAndGet();
            if (Sql.query(session, "SELECT 1 FROM sqlite_master WHERE name = 'fresh'")
                    .isEmpty()) {
                throw new IllegalStateException("no such table");
            }
            Sql.run(session, "INSERT INTO fresh VALUES (1)");
            return null;
        });

        assertThat(runs).hasValue(2);
        assertThat(nodes.query(ID, nodes.head(ID), "SELECT a FROM fresh")).containsExactly("1");
    }

    @Test
    void failureAfterACommitOnAnOldVersionIsNotBelieved() {
        twoNodesOnOneBase(ConflictPolicy.LAST_WRITE_WINS);
        early.run(ID, "CREATE TABLE fresh(a)");

        late.engine().write(ID, session -> {
            Sql.run(session, Sql.note("late"));
            if (Sql.query(session, "SELECT 1 FROM sqlite_master WHERE name = 'fresh'")
                    .isEmpty()) {
                throw new IllegalStateException("no such table");
            }
            return null;
        });

        assertThat(nodes.storedNotes(ID)).containsExactly("base", "late");
    }

    @Test
    void readThatDecidedNotToWriteIsRepeatedOnTheNewerVersion() {
        twoNodesOnOneBase(ConflictPolicy.LAST_WRITE_WINS);
        early.run(ID, Sql.note("early"));

        List<String> notes = late.engine().write(ID, Sql::notes);

        assertThat(notes).containsExactly("base", "early");
    }

    @Test
    void ownCommitThatLandedUnseenIsNotRunAgain() {
        twoNodesOnOneBase(ConflictPolicy.LAST_WRITE_WINS);
        late.faults().on(COMMITS, Operation.PUT).inject(Fault.FAIL_AFTER);
        AtomicInteger runs = new AtomicInteger();

        late.engine().write(ID, session -> {
            runs.incrementAndGet();
            return note("late").run(session);
        });

        assertThat(runs).hasValue(1);
        assertThat(nodes.storedNotes(ID)).containsExactly("base", "late");
        assertThat(nodes.head(ID)).isEqualTo(2);
    }

    /** To run it again would do the first transaction twice. */
    @ParameterizedTest
    @EnumSource
    void workOfWhichAPartIsSavedIsNotRunAgain(ConflictPolicy policy) {
        twoNodesOnOneBase(policy);
        AtomicInteger runs = new AtomicInteger();

        assertThatThrownBy(() -> late.engine().write(ID, session -> {
                    runs.incrementAndGet();
                    Sql.run(session, Sql.note("first"));
                    late.runLocal(ID, Sql.note("a request")); // which uploads what is there
                    early.run(ID, Sql.note("early"));
                    Sql.run(session, Sql.note("second"));
                    return runs;
                }))
                .isInstanceOf(OutcomeUnknownException.class)
                .hasMessageContaining("first transactions of this session are saved");

        assertThat(runs).hasValue(1);
        assertThat(nodes.storedNotes(ID)).containsExactly("base", "first", "a request", "early");
    }

    @ParameterizedTest
    @EnumSource
    void workThatHasFlushedIsNotRunAgain(ConflictPolicy policy) {
        twoNodesOnOneBase(policy);
        AtomicInteger runs = new AtomicInteger();

        assertThatThrownBy(() -> late.engine().write(ID, session -> {
                    runs.incrementAndGet();
                    Sql.run(session, Sql.note("first"));
                    session.flush();
                    Sql.notes(session);
                    early.run(ID, Sql.note("early"));
                    Sql.run(session, Sql.note("second"));
                    return runs;
                }))
                .isInstanceOf(OutcomeUnknownException.class);

        assertThat(runs).hasValue(1);
        assertThat(nodes.storedNotes(ID)).containsExactly("base", "first", "early");
    }

    /** Brings a plain session and a function into one upload that another node's commit comes before. */
    private List<CompletableFuture<?>> mixedBatchThatLoses() {
        Pause first = late.faults().on(COMMITS, Operation.PUT).nth(1).pauseAfter();
        Pause second = late.faults().on(COMMITS, Operation.PUT).nth(2).pauseBefore();
        CompletableFuture<SessionResult> opening = nodes.async(() -> late.runLocal(ID, Sql.note("opening")));
        first.awaitReached();
        CompletableFuture<SessionResult> plain = nodes.async(() -> late.runLocal(ID, Sql.note("plain")));
        CompletableFuture<List<String>> function =
                nodes.async(() -> late.engine().write(ID, note("function")));
        nodes.awaitAllAtTheStore();
        first.release();
        second.awaitReached();
        early.run(ID, Sql.note("early"));
        second.release();
        Await.get(opening);
        return List.of(plain, function);
    }

    @Test
    void plainSessionAndFunctionThatLoseTogetherOverwriteTogether() {
        twoNodesOnOneBase(ConflictPolicy.LAST_WRITE_WINS);

        List<CompletableFuture<?>> both = mixedBatchThatLoses();

        assertThat(((SessionResult) Await.get(both.get(0))).status()).isEqualTo(SyncStatus.CONFLICT);
        Await.get(both.get(1));
        assertThat(nodes.storedNotes(ID)).containsExactlyInAnyOrder("base", "opening", "plain", "function");
        assertThat(logs.warnings()).hasSize(1);
    }

    @Test
    void plainSessionIsRefusedAndTheFunctionThatLostWithItRunsAgain() {
        twoNodesOnOneBase(ConflictPolicy.REJECT);

        List<CompletableFuture<?>> both = mixedBatchThatLoses();

        ConflictException refused = catchThrowableOfType(ConflictException.class, () -> Await.get(both.get(0)));
        Await.get(both.get(1));
        assertThat(nodes.storedNotes(ID)).containsExactly("base", "opening", "early", "function");
        assertThat(nodes.keptNotes(refused.conflict())).contains("plain");
    }

    @Test
    void readerOfCommitsThatWereTakenBackIsTold() {
        twoNodesOnOneBase(ConflictPolicy.LAST_WRITE_WINS);
        Pause sending = late.faults().on(COMMITS, Operation.PUT).pauseBefore();
        CompletableFuture<List<String>> function =
                nodes.async(() -> late.engine().write(ID, note("function")));
        sending.awaitReached();
        Session reader = late.openLocal(ID);
        assertThat(Sql.notes(reader)).containsExactly("base", "function");
        early.run(ID, Sql.note("early"));
        sending.release();

        assertThatThrownBy(reader::complete).isInstanceOf(BusyException.class);
        assertThat(Await.get(function)).containsExactly("base", "early", "function");
    }

    @Test
    void plainCommitOnTopOfALostFunctionOverwritesInsteadOfVanishing() {
        twoNodesOnOneBase(ConflictPolicy.LAST_WRITE_WINS);
        early.run(ID, Sql.note("early"));
        Session plain = late.openLocal(ID);
        Sql.notes(plain);
        Pause asking = late.faults().on(COMMITS, Operation.GET).pauseBefore();
        CompletableFuture<List<String>> function =
                nodes.async(() -> late.engine().write(ID, note("function")));
        asking.awaitReached();
        Sql.run(plain, Sql.note("plain"));
        asking.release();

        SessionResult result = plain.complete();

        assertThat(result.status()).isIn(SyncStatus.CONFLICT, SyncStatus.SYNCED);
        Await.get(function);
        assertThat(nodes.storedNotes(ID)).contains("base", "plain", "function");
        assertThat(logs.warnings()).hasSize(1);
    }

    @Test
    void pendingCommitOnTopOfALostFunctionIsNotForgotten() {
        twoNodesOnOneBase(ConflictPolicy.LAST_WRITE_WINS);
        early.run(ID, Sql.note("early"));
        Session pending = late.openDeferred(ID);
        Sql.notes(pending);
        Pause asking = late.faults().on(COMMITS, Operation.GET).pauseBefore();
        CompletableFuture<List<String>> function =
                nodes.async(() -> late.engine().write(ID, note("function")));
        asking.awaitReached();
        Sql.run(pending, Sql.note("pending"));
        asking.release();

        assertThat(pending.complete().committed()).isTrue();

        Await.get(function);
        late.awaitStatus(ID, SyncStatus.SYNCED);
        assertThat(nodes.storedNotes(ID)).contains("pending", "function");
    }

    @Test
    void writeOfAnUnknownDatabaseCreatesIt() {
        twoNodesOnOneBase(ConflictPolicy.REJECT);
        DatabaseId fresh = DatabaseId.of("bob");

        late.engine().write(fresh, session -> {
            Sql.run(session, Sql.CREATE, Sql.note("first"));
            return null;
        });

        assertThat(nodes.storedNotes(fresh)).containsExactly("first");
        assertThat(late.engine().status(fresh).orElseThrow().version()).isEqualTo(Version.of(1));
    }
}
