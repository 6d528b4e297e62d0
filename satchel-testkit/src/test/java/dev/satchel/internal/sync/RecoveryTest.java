package dev.satchel.internal.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.Bucket;
import dev.satchel.ConflictPolicy;
import dev.satchel.ConflictRecord;
import dev.satchel.CorruptException;
import dev.satchel.DatabaseAt;
import dev.satchel.DatabaseId;
import dev.satchel.SatchelConfig;
import dev.satchel.SyncStatus;
import dev.satchel.Version;
import dev.satchel.VersionEvent;
import dev.satchel.testkit.FaultyObjectStore;
import dev.satchel.testkit.FaultyObjectStore.Fault;
import dev.satchel.testkit.FaultyObjectStore.Pause;
import dev.satchel.testkit.Operation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A process is killed; another starts on the disk it left. */
class RecoveryTest {
    private static final DatabaseId ID = DatabaseId.of("alice");
    private static final String COMMITS = ".*ltx/0000.*";

    @RegisterExtension
    private final Nodes nodes = new Nodes();

    private final Logs logs = Logs.record();
    private TestNode node;

    @BeforeEach
    void aDatabase() {
        node = nodes.start("a");
        node.run(ID, Sql.CREATE, Sql.note("base"));
    }

    @AfterEach
    void stopRecording() {
        logs.close();
    }

    private TestNode restart(Path folder) {
        return nodes.node("restarted").folder(folder).start();
    }

    private static Path spool(Path folder) {
        return folder.resolve("alice/database.spool");
    }

    private static List<Path> spooled(Path folder) {
        if (!Files.exists(spool(folder))) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(spool(folder))) {
            return files.filter(file -> file.toString().endsWith(".commit"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void awaitRecovered(TestNode restarted) {
        restarted.awaitStatus(ID, SyncStatus.SYNCED);
        assertThat(spool(restarted.folder())).doesNotExist();
    }

    // ---- pending commits --------------------------------------------------------------------------------------------

    @Test
    void owedUploadIsMadeWithoutWaitingForTheUser() {
        node.faults().on(".*").always().inject(Fault.NOT_SENT);
        assertThat(node.runDeferred(ID, Sql.note("pending")).status()).isEqualTo(SyncStatus.PENDING);

        TestNode restarted = restart(node.crash());

        awaitRecovered(restarted);
        assertThat(nodes.storedNotes(ID)).containsExactly("base", "pending");
        assertThat(restarted.events().stream().map(VersionEvent::kind)).contains(VersionEvent.Kind.PUBLISHED);
        assertThat(logs.warnings()).noneMatch(warning -> warning.contains("recovery"));
    }

    @Test
    void databaseIsPendingUntilTheOwedUploadIsMade() {
        node.faults().on(".*").always().inject(Fault.NOT_SENT);
        node.runDeferred(ID, Sql.note("pending"));
        Path folder = node.crash();
        TestNode offline = nodes.node("offline").folder(folder).unreachable().start();

        assertThat(offline.status(ID)).isEqualTo(SyncStatus.PENDING);
        Await.until("the store is asked", () -> offline.requests().count() > 0);
        assertThat(offline.status(ID)).isEqualTo(SyncStatus.PENDING);
        assertThat(spooled(folder)).hasSize(1);
        offline.faults().clear();
        awaitRecovered(offline);
    }

    @Test
    void commitThatHadLandedUnseenIsRecognized() {
        Pause upload = node.faults().on(COMMITS, Operation.PUT).pauseAfter();
        node.runDeferred(ID, Sql.note("pending"));
        upload.awaitReached();
        Path folder = node.crash();
        upload.release();

        TestNode restarted = restart(folder);

        awaitRecovered(restarted);
        assertThat(nodes.versions(ID)).containsExactly(1L, 2L);
        assertThat(restarted.notes(ID)).containsExactly("base", "pending");
        assertThat(logs.warnings()).isEmpty();
    }

    @Test
    void commitUnderWayAndCommitsBehindItAreBothUploaded() {
        Pause upload = node.faults().on(COMMITS, Operation.PUT).pauseBefore();
        node.runDeferred(ID, Sql.note("under way"));
        upload.awaitReached();
        node.runDeferred(ID, Sql.note("behind 1"));
        node.runDeferred(ID, Sql.note("behind 2"));
        Path folder = node.crash();
        node.faults().clear();

        TestNode restarted = restart(folder);

        awaitRecovered(restarted);
        assertThat(nodes.storedNotes(ID)).containsExactly("base", "under way", "behind 1", "behind 2");
        upload.release();
        assertThat(restarted.notes(ID)).hasSize(4);
        assertThat(nodes.storedNotes(ID)).hasSize(4);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void commitsBehindOneThatHadLandedAreUploaded(boolean landed) {
        var put = node.faults().on(COMMITS, Operation.PUT);
        Pause upload = landed ? put.pauseAfter() : put.pauseBefore();
        node.runDeferred(ID, Sql.note("under way"));
        upload.awaitReached();
        node.runDeferred(ID, Sql.note("behind"));
        TestNode restarted = restart(node.crash());

        assertThat(restarted.notes(ID)).containsExactly("base", "under way", "behind");

        awaitRecovered(restarted);
        upload.release();
        assertThat(nodes.storedNotes(ID)).containsExactly("base", "under way", "behind");
    }

    @Test
    void slotTakenByAnotherNodeIsOverwrittenUnderLastWriteWins() {
        TestNode other = nodes.start("other");
        other.notes(ID);
        node.faults().on(".*").always().inject(Fault.NOT_SENT);
        node.runDeferred(ID, Sql.note("pending"));
        Path folder = node.crash();
        other.run(ID, Sql.note("other 1"));
        other.run(ID, Sql.note("other 2"));

        TestNode restarted = restart(folder);

        awaitRecovered(restarted);
        assertThat(nodes.storedNotes(ID)).containsExactly("base", "pending");
        assertThat(nodes.query(ID, 3, "SELECT text FROM note ORDER BY id"))
                .containsExactly("base", "other 1", "other 2");
        assertThat(logs.warnings())
                .filteredOn(line -> line.startsWith("WARN conflict"))
                .singleElement()
                .asString()
                .contains("base=1", "head=3");
        assertThat(nodes.keys("alice/database.conflicts/")).hasSize(1);
    }

    @Test
    void slotTakenByAnotherNodeStaysUnderReject() throws Exception {
        TestNode other = nodes.start("other");
        other.notes(ID);
        Pause upload = node.faults().on(COMMITS, Operation.PUT).pauseBefore();
        node.runDeferred(ID, Sql.note("pending 1"));
        upload.awaitReached();
        node.runDeferred(ID, Sql.note("pending 2"));
        Path folder = node.crash();
        other.run(ID, Sql.note("other"));
        upload.release();

        TestNode restarted = nodes.node("restarted")
                .folder(folder)
                .config(SatchelConfig.defaults().withConflictPolicy(ConflictPolicy.REJECT))
                .start();

        restarted.awaitStatus(ID, SyncStatus.CONFLICT);
        assertThat(spool(folder)).doesNotExist();
        assertThat(nodes.storedNotes(ID)).containsExactly("base", "other");
        try (Bucket bucket = Bucket.of(nodes.store())) {
            List<ConflictRecord> kept = bucket.conflicts(ID);
            assertThat(kept).extracting(ConflictRecord::base).containsExactly(Version.of(1));
            try (DatabaseAt ours = bucket.openConflict(ID, kept.get(0).id());
                    Connection connection = ours.connection()) {
                assertThat(Sql.query(connection, "SELECT text FROM note ORDER BY id"))
                        .containsExactly("base", "pending 1", "pending 2");
            }
        }
        assertThat(restarted.notes(ID)).containsExactly("base", "other");
        assertThat(restarted.run(ID, Sql.note("next")).version()).isEqualTo(Version.of(3));
    }

    @ParameterizedTest
    @EnumSource(ConflictPolicy.class)
    void beginningOfANewLifeIsRecoveredWhereAnotherNodeHasBegunItToo(ConflictPolicy policy) {
        node.engine().delete(ID);
        TestNode other = nodes.start("other");
        other.notes(ID);
        Pause upload = node.faults().on(COMMITS, Operation.PUT).pauseBefore();
        node.runDeferred(ID, Sql.CREATE, Sql.note("pending"));
        upload.awaitReached();
        Path folder = node.crash();
        other.run(ID, Sql.CREATE, Sql.note("other"));
        upload.release();

        TestNode restarted = nodes.node("restarted")
                .folder(folder)
                .config(SatchelConfig.defaults().withConflictPolicy(policy))
                .start();

        restarted.awaitBackground("recovered", () -> !Files.exists(spool(folder)));
        boolean overwrites = policy == ConflictPolicy.LAST_WRITE_WINS;
        assertThat(restarted.notes(ID)).containsExactly(overwrites ? "pending" : "other");
        try (Bucket bucket = Bucket.of(nodes.store())) {
            assertThat(bucket.conflicts(ID)).singleElement().satisfies(kept -> {
                try (DatabaseAt loser = bucket.openConflict(ID, kept.id());
                        Connection connection = loser.connection()) {
                    assertThat(Sql.query(connection, "SELECT text FROM note"))
                            .containsExactly(overwrites ? "other" : "pending");
                }
            });
        }
    }

    /** Where the process that overwrites another node's version is killed. */
    enum Killed {
        BEFORE_THE_OTHER_SIDE_IS_KEPT,
        AFTER_THE_OTHER_SIDE_IS_KEPT,
        BEFORE_THE_OVERWRITING_COMMIT,
        AFTER_THE_OVERWRITING_COMMIT
    }

    private static Pause pauseAt(FaultyObjectStore faults, Killed killed, int commitPut) {
        return switch (killed) {
            case BEFORE_THE_OTHER_SIDE_IS_KEPT ->
                faults.on(".*conflicts.*", Operation.PUT).pauseBefore();
            case AFTER_THE_OTHER_SIDE_IS_KEPT ->
                faults.on(".*conflicts.*", Operation.PUT).pauseAfter();
            case BEFORE_THE_OVERWRITING_COMMIT ->
                faults.on(COMMITS, Operation.PUT).nth(commitPut).pauseBefore();
            case AFTER_THE_OVERWRITING_COMMIT ->
                faults.on(COMMITS, Operation.PUT).nth(commitPut).pauseAfter();
        };
    }

    @ParameterizedTest
    @EnumSource
    void killWhileAPendingChangeOverwritesAnotherNodesLosesNeitherSide(Killed killed) {
        TestNode other = nodes.start("other");
        other.run(ID, Sql.note("other"));
        Pause pause = pauseAt(node.faults(), killed, 2);
        node.runDeferred(ID, Sql.note("pending"));
        pause.awaitReached();
        assertThat(node.runDeferred(ID, Sql.note("behind")).status()).isEqualTo(SyncStatus.PENDING);
        Path folder = node.crash();
        pause.release();

        TestNode restarted = restart(folder);

        awaitRecovered(restarted);
        assertThat(nodes.storedNotes(ID)).containsExactly("base", "pending", "behind");
        assertThat(nodes.query(ID, 2, "SELECT text FROM note ORDER BY id")).containsExactly("base", "other");
        assertThat(restarted.notes(ID)).containsExactly("base", "pending", "behind");
    }

    @ParameterizedTest
    @EnumSource
    void killRightWhenAPendingChangeOverwritesAnotherNodesLosesNeitherSide(Killed killed) {
        TestNode other = nodes.start("other");
        other.run(ID, Sql.note("other 1"));
        other.run(ID, Sql.note("other 2"));
        Pause first = node.faults().on(COMMITS, Operation.PUT).nth(1).pauseBefore();
        node.runDeferred(ID, Sql.note("pending"));
        first.awaitReached();
        node.runDeferred(ID, Sql.note("behind"));
        Pause pause = pauseAt(node.faults(), killed, 1);
        first.release();
        pause.awaitReached();
        Path folder = node.crash();
        pause.release();

        TestNode restarted = restart(folder);

        awaitRecovered(restarted);
        assertThat(nodes.storedNotes(ID)).containsExactly("base", "pending", "behind");
        assertThat(nodes.query(ID, 3, "SELECT text FROM note ORDER BY id"))
                .containsExactly("base", "other 1", "other 2");
    }

    @ParameterizedTest
    @EnumSource
    void killDuringTheRecoveryItselfLosesNeitherSide(Killed killed) {
        TestNode other = nodes.start("other");
        Pause upload = node.faults().on(COMMITS, Operation.PUT).pauseBefore();
        node.runDeferred(ID, Sql.note("pending"));
        upload.awaitReached();
        node.runDeferred(ID, Sql.note("behind"));
        Path folder = node.crash();
        other.run(ID, Sql.note("other"));

        TestNode.Setup setup = nodes.node("second").folder(folder);
        Pause pause = pauseAt(setup.faults(), killed, 2);
        TestNode second = setup.start();
        pause.awaitReached();
        Path again = second.crash();
        pause.release();
        TestNode third = restart(again);

        awaitRecovered(third);
        upload.release();
        assertThat(nodes.storedNotes(ID)).containsExactly("base", "pending", "behind");
        assertThat(nodes.query(ID, 2, "SELECT text FROM note ORDER BY id")).containsExactly("base", "other");
    }

    @Test
    void sessionThatComesFirstSeesWhatWasPending() {
        node.faults().on(".*").always().inject(Fault.NOT_SENT);
        node.runDeferred(ID, Sql.note("pending"));
        TestNode restarted = restart(node.crash());

        assertThat(restarted.notes(ID)).containsExactly("base", "pending");
        assertThat(nodes.storedNotes(ID)).containsExactly("base", "pending");
    }

    @Test
    void markerStaysUntilTheStoreHasTheChange() {
        node.faults().on(".*").always().inject(Fault.NOT_SENT);
        node.runDeferred(ID, Sql.note("pending"));
        Path folder = node.crash();
        TestNode restarted = nodes.node("restarted")
                .folder(folder)
                .config(SatchelConfig.defaults().withTimeouts(Duration.ofMillis(100), Duration.ofSeconds(10)))
                .unreachable()
                .start();

        for (int i = 1; i <= 3; i++) {
            int before = restarted.requests().count();
            restarted.awaitBackground(
                    "the store is asked", () -> restarted.requests().count() > before);
            assertThat(spooled(folder)).isNotEmpty();
            assertThatThrownBy(() -> restarted.openDeferred(ID)).isInstanceOf(RuntimeException.class);
            assertThat(spooled(folder)).isNotEmpty();
        }
        restarted.faults().clear();

        awaitRecovered(restarted);
        assertThat(nodes.storedNotes(ID)).containsExactly("base", "pending");
    }

    @Test
    void firstCommitOfADatabaseIsRecoveredToo() {
        DatabaseId fresh = DatabaseId.of("bob");
        node.openDeferred(fresh).close();
        node.faults().on(".*").always().inject(Fault.NOT_SENT);
        node.runDeferred(fresh, Sql.CREATE, Sql.note("first"));
        TestNode restarted = restart(node.crash());

        restarted.awaitBackground("it is in the store", () -> nodes.head(fresh) == 1);

        assertThat(nodes.storedNotes(fresh)).containsExactly("first");
    }

    /** Our side began with nothing: both of their versions are overwritten, and kept. */
    @Test
    void killWhileAFirstCommitOverwritesAnotherNodesLosesNeitherSide() {
        DatabaseId fresh = DatabaseId.of("bob");
        TestNode other = nodes.start("other");
        node.openDeferred(fresh).close();
        node.faults().on(".*").always().inject(Fault.NOT_SENT);
        node.runDeferred(fresh, Sql.CREATE, Sql.note("pending"));
        Path folder = node.crash();
        other.run(fresh, Sql.CREATE, Sql.note("other"));
        TestNode.Setup setup = nodes.node("second").folder(folder);
        Pause pause = setup.faults().on(".*ltx/0000.*02[.]ltx", Operation.PUT).pauseBefore();
        TestNode second = setup.start();
        pause.awaitReached();
        Path again = second.crash();
        other.run(fresh, Sql.note("more"));
        pause.release();

        TestNode third = restart(again);

        assertThat(third.notes(fresh)).containsExactly("pending");
        assertThat(nodes.query(fresh, 2, "SELECT text FROM note ORDER BY id")).containsExactly("other", "more");
        try (Bucket bucket = Bucket.of(nodes.store())) {
            assertThat(bucket.conflicts(fresh)).extracting(ConflictRecord::base).containsExactly(Version.of(0));
        }
    }

    @Test
    void firstCommitOfADatabaseThatAnotherNodeMadeMeanwhileOverwritesIt() {
        DatabaseId fresh = DatabaseId.of("bob");
        TestNode other = nodes.start("other");
        node.openDeferred(fresh).close();
        node.faults().on(".*").always().inject(Fault.NOT_SENT);
        node.runDeferred(fresh, Sql.CREATE, Sql.note("pending"));
        Path folder = node.crash();
        other.run(fresh, Sql.CREATE, Sql.note("other"), Sql.note("more"));
        TestNode restarted = restart(folder);

        assertThat(restarted.notes(fresh)).containsExactly("pending");

        assertThat(nodes.query(fresh, 1, "SELECT text FROM note ORDER BY id")).containsExactly("other", "more");
    }

    // ---- what cannot be recovered -----------------------------------------------------------------------------------

    @ParameterizedTest
    @ValueSource(strings = {"flipped", "cut", "empty"})
    void damagedPendingCommitIsAnErrorThatNamesTheFile(String damage) throws IOException {
        node.faults().on(".*").always().inject(Fault.NOT_SENT);
        node.runDeferred(ID, Sql.note("pending"));
        Path folder = node.crash();
        List<Path> files = spooled(folder);
        Path file = files.get(files.size() - 1);
        for (Path older : files.subList(0, files.size() - 1)) {
            Files.delete(older);
        }
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 4;
        Files.write(
                file,
                switch (damage) {
                    case "flipped" -> bytes;
                    case "cut" -> Arrays.copyOf(bytes, bytes.length / 3);
                    default -> new byte[0];
                });
        TestNode restarted = restart(folder);

        assertThatThrownBy(() -> restarted.open(ID))
                .isInstanceOf(CorruptException.class)
                .hasMessageContainingAll(ID.toString(), file.toString(), "move it away");
        assertThat(file).exists();
        assertThat(nodes.head(ID)).isEqualTo(1);
        DatabaseId other = DatabaseId.of("bob");
        restarted.run(other, Sql.CREATE);

        restarted.close();
        Files.move(file, folder.resolve("moved-away"));
        assertThat(restart(folder).notes(ID)).containsExactly("base");
    }

    @Test
    void fileThatWasBeingWrittenIsNoCommit() throws IOException {
        Path folder = node.crash();
        Files.createDirectories(spool(folder));
        Files.write(
                spool(folder).resolve("0000000000000002-0000000000000001-0000000000000000.commit.new"),
                new byte[] {1, 2, 3});

        TestNode restarted = restart(folder);

        assertThat(restarted.notes(ID)).containsExactly("base");
        assertThat(restarted.runDeferred(ID, Sql.note("pending")).status()).isIn(SyncStatus.PENDING, SyncStatus.SYNCED);
        restarted.awaitStatus(ID, SyncStatus.SYNCED);
        assertThat(nodes.storedNotes(ID)).containsExactly("base", "pending");
    }

    @Test
    void pendingCommitThatContinuesAVersionTheStoreDoesNotHaveIsAnError() {
        node.run(ID, Sql.note("second"));
        node.faults().on(".*").always().inject(Fault.NOT_SENT);
        node.runDeferred(ID, Sql.note("pending"));
        Path folder = node.crash();
        nodes.store().delete(nodes.log(ID).keys().commit(2));
        TestNode restarted = restart(folder);

        assertThatThrownBy(() -> restarted.open(ID))
                .isInstanceOf(CorruptException.class)
                .hasMessageContainingAll(
                        "pending commit 3", "version 2", spool(folder).toString());
        assertThat(spooled(folder)).hasSize(1);
        assertThat(nodes.versions(ID)).containsExactly(1L);
    }

    // ---- everything else on the disk is a cache ---------------------------------------------------------------------

    @Test
    void durableChangesSurviveOnAnEmptyDisk() {
        node.run(ID, Sql.note("durable"));
        node.crash();

        assertThat(nodes.start("empty disk").notes(ID)).containsExactly("base", "durable");
    }

    @Test
    void killOnAnEmptyDiskLosesAtMostWhatWasReportedAsPending() {
        node.run(ID, Sql.note("durable"));
        node.faults().on(".*").always().inject(Fault.NOT_SENT);
        assertThat(node.runDeferred(ID, Sql.note("pending")).status()).isEqualTo(SyncStatus.PENDING);
        node.crash();

        assertThat(nodes.start("empty disk").notes(ID)).containsExactly("base", "durable");
    }

    @Test
    void durableChangeThatNobodyWasToldOfIsNotBroughtBack() {
        Pause upload = node.faults().on(COMMITS, Operation.PUT).pauseBefore();
        var writer = nodes.async(() -> node.runLocal(ID, Sql.note("unacknowledged")));
        upload.awaitReached();
        Path folder = node.crash();
        node.faults().clear();
        TestNode restarted = restart(folder);

        assertThat(restarted.localNotes(ID)).containsExactly("base");
        restarted.run(ID, Sql.note("next"));
        upload.release();
        assertThatThrownBy(() -> Await.get(writer)).isInstanceOf(RuntimeException.class);
        assertThat(nodes.storedNotes(ID)).containsExactly("base", "next");
    }

    @Test
    void uploadThatArrivesAfterTheKillCounts() {
        Pause upload = node.faults().on(COMMITS, Operation.PUT).pauseAfter();
        var writer = nodes.async(() -> node.runLocal(ID, Sql.note("arrived")));
        upload.awaitReached();
        Path folder = node.crash();
        TestNode restarted = restart(folder);

        assertThat(restarted.notes(ID)).containsExactly("base", "arrived");
        upload.release();
        Await.get(writer);
    }

    @Test
    void copyOfAKilledProcessIsNotTrusted() {
        node.run(ID, Sql.note("second"));
        Path folder = node.crash();
        TestNode restarted = restart(folder);

        assertThat(restarted.localNotes(ID)).containsExactly("base", "second");

        assertThat(restarted.figures().loads).hasValue(1);
    }
}
