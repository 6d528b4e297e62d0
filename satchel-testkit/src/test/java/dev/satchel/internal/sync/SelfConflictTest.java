package dev.satchel.internal.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.ConflictPolicy;
import dev.satchel.DatabaseId;
import dev.satchel.SatchelConfig;
import dev.satchel.Session;
import dev.satchel.SessionResult;
import dev.satchel.SyncStatus;
import dev.satchel.testkit.FaultyObjectStore.Fault;
import dev.satchel.testkit.FaultyObjectStore.Pause;
import dev.satchel.testkit.Operation;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A process never conflicts with itself, in whatever order its sessions commit, end and are uploaded. */
class SelfConflictTest {
    private static final DatabaseId ID = DatabaseId.of("alice");
    private static final String COMMITS = ".*ltx/0000.*";

    @RegisterExtension
    private final Nodes nodes = new Nodes();

    private final Logs logs = Logs.record();
    private TestNode node;

    @BeforeEach
    void aDatabaseUnderTheStrictPolicy() {
        node = nodes.start("a", SatchelConfig.defaults().withConflictPolicy(ConflictPolicy.REJECT));
        node.run(ID, Sql.CREATE);
        node.requests().reset();
    }

    @AfterEach
    void noConflictWasSeen() {
        logs.close();
        assertThat(logs.warnings()).isEmpty();
        assertThat(node.figures().conflicts).hasValue(0);
        assertThat(nodes.keys("alice/database.conflicts/")).isEmpty();
        assertThat(nodes.storedNotes(ID)).contains("r1", "r2");
        assertThat(node.commitsSent()).isBetween(1, 3);
    }

    /** Two sessions take the steps open, commit, complete: every order of the six. */
    static List<String> orders() {
        return IntStream.range(0, 1 << 6)
                .filter(bits -> Integer.bitCount(bits) == 3)
                .mapToObj(bits -> IntStream.range(0, 6)
                        .mapToObj(i -> (bits >> i & 1) == 0 ? "1" : "2")
                        .reduce("", String::concat))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("orders")
    void anyOrderOfStepsOfTwoSessions(String order) {
        Session[] sessions = new Session[3];
        int[] steps = new int[3];
        for (char c : order.toCharArray()) {
            int which = c - '0';
            switch (steps[which]++) {
                case 0 -> sessions[which] = node.openLocal(ID);
                case 1 -> Sql.run(sessions[which], Sql.note("r" + which));
                default -> assertThat(sessions[which].complete().status()).isEqualTo(SyncStatus.SYNCED);
            }
        }
    }

    /** Where the first upload is held while the second session does all it has to do. */
    enum Held {
        BEFORE_ITS_EFFECT,
        AFTER_ITS_EFFECT
    }

    private Pause hold(Held held) {
        var upload = node.faults().on(COMMITS, Operation.PUT);
        return held == Held.BEFORE_ITS_EFFECT ? upload.pauseBefore() : upload.pauseAfter();
    }

    @ParameterizedTest
    @EnumSource
    void secondSessionCommitsWhileTheFirstIsUploaded(Held held) {
        Pause upload = hold(held);
        CompletableFuture<SessionResult> first = nodes.async(() -> node.runLocal(ID, Sql.note("r1")));
        upload.awaitReached();
        CompletableFuture<SessionResult> second = nodes.async(() -> node.runLocal(ID, Sql.note("r2")));
        nodes.awaitAllAtTheStore();
        upload.release();

        assertThat(Await.get(first).status()).isEqualTo(SyncStatus.SYNCED);
        assertThat(Await.get(second).status()).isEqualTo(SyncStatus.SYNCED);
        assertThat(nodes.versions(ID)).containsExactly(1L, 2L, 3L);
    }

    @ParameterizedTest
    @EnumSource
    void newestVersionIsAskedForWhileTheFirstIsUploaded(Held held) {
        Pause upload = hold(held);
        CompletableFuture<SessionResult> first = nodes.async(() -> node.runLocal(ID, Sql.note("r1")));
        upload.awaitReached();
        CompletableFuture<SessionResult> second = nodes.async(() -> node.run(ID, Sql.note("r2")));
        nodes.awaitAllAtTheStore();
        upload.release();

        assertThat(Await.get(first).status()).isEqualTo(SyncStatus.SYNCED);
        assertThat(Await.get(second).status()).isEqualTo(SyncStatus.SYNCED);
    }

    @ParameterizedTest
    @EnumSource
    void pendingSessionCommitsWhileTheFirstIsUploaded(Held held) {
        Pause upload = hold(held);
        CompletableFuture<SessionResult> first = nodes.async(() -> node.runDeferred(ID, Sql.note("r1")));
        upload.awaitReached();
        assertThat(Await.get(first).status()).isEqualTo(SyncStatus.PENDING);
        assertThat(node.runDeferred(ID, Sql.note("r2")).status()).isEqualTo(SyncStatus.PENDING);
        upload.release();

        node.awaitStatus(ID, SyncStatus.SYNCED);
    }

    @ParameterizedTest
    @EnumSource(names = {"FAIL_BEFORE", "FAIL_AFTER", "THROTTLED", "NOT_SENT"})
    void uploadThatFailsOnceIsSentAgainWithTheSecondSessionBehindIt(Fault fault) {
        node.faults().on(COMMITS, Operation.PUT).inject(fault);
        Pause again = node.faults().on(COMMITS, Operation.PUT).nth(2).pauseBefore();
        CompletableFuture<SessionResult> first = nodes.async(() -> node.runLocal(ID, Sql.note("r1")));
        again.awaitReached();
        CompletableFuture<SessionResult> second = nodes.async(() -> node.runLocal(ID, Sql.note("r2")));
        nodes.awaitAllAtTheStore();
        again.release();

        assertThat(Await.get(first).status()).isEqualTo(SyncStatus.SYNCED);
        assertThat(Await.get(second).status()).isEqualTo(SyncStatus.SYNCED);
    }

    @Test
    void sessionOpenedBeforeAnUploadAndCommittedAfterIt() {
        try (Session open = node.openLocal(ID)) {
            Sql.notes(open);
            node.runLocal(ID, Sql.note("r1"));
            Sql.run(open, Sql.note("r2"));
            assertThat(open.complete().status()).isEqualTo(SyncStatus.SYNCED);
        }
    }

    @Test
    void copyThatIsClosedAndOpenedAgain() {
        node.runLocal(ID, Sql.note("r1"));
        nodes.skip(Duration.ofHours(1));
        node.awaitBackground("the copy is closed", () -> node.engine().openDatabases() == 0);

        assertThat(node.runLocal(ID, Sql.note("r2")).status()).isEqualTo(SyncStatus.SYNCED);
    }
}
