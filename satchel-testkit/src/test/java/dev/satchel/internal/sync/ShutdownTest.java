package dev.satchel.internal.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.DatabaseId;
import dev.satchel.LocalStorageException;
import dev.satchel.SatchelConfig;
import dev.satchel.ShutdownReport;
import dev.satchel.SyncStatus;
import dev.satchel.testkit.FaultyObjectStore;
import dev.satchel.testkit.FaultyObjectStore.Fault;
import dev.satchel.testkit.Operation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What happens to what is owed when a node ends in order. */
class ShutdownTest {
    private static final Duration LONG = Duration.ofMinutes(1);

    @RegisterExtension
    private final Nodes nodes = new Nodes();

    /** Users with a pending change each; the store cannot be reached. */
    private static List<DatabaseId> pending(TestNode node, int users) {
        List<DatabaseId> ids = new ArrayList<>();
        for (int i = 0; i < users; i++) {
            DatabaseId id = DatabaseId.of("user-" + i);
            node.run(id, Sql.CREATE);
            ids.add(id);
        }
        node.faults().on(".*").always().inject(Fault.NOT_SENT);
        ids.forEach(id ->
                assertThat(node.runDeferred(id, Sql.note("pending")).status()).isEqualTo(SyncStatus.PENDING));
        return ids;
    }

    @Test
    void everythingOwedIsUploaded() {
        TestNode node = nodes.start("a");
        List<DatabaseId> ids = pending(node, 5);
        node.faults().clear();

        ShutdownReport report = node.engine().shutDown(LONG);

        assertThat(report.databases()).isEqualTo(5);
        // Less one that the background may have uploaded just before.
        assertThat(report.uploaded()).isBetween(1, 5);
        assertThat(report.isComplete()).isTrue();
        ids.forEach(id -> assertThat(nodes.storedNotes(id)).containsExactly("pending"));
        assertThat(node.engine().shutDown(LONG).databases()).as("a second time").isZero();
    }

    @Test
    void databasesAreUploadedSideBySide() {
        TestNode node = nodes.start("a");
        pending(node, 4);
        List<FaultyObjectStore.Pause> pauses = new ArrayList<>();
        synchronized (node.faults()) { // or the background uploads one in between
            node.faults().clear();
            for (int i = 0; i < 4; i++) {
                pauses.add(node.faults()
                        .on("user-" + i + "/.*ltx/0000/.*", Operation.PUT)
                        .pauseBefore());
            }
        }

        CompletableFuture<ShutdownReport> closing =
                nodes.async(() -> node.engine().shutDown(LONG));
        pauses.forEach(FaultyObjectStore.Pause::awaitReached);
        pauses.forEach(FaultyObjectStore.Pause::release);

        assertThat(closing.join().uploaded()).isEqualTo(4);
    }

    @Test
    void whatCannotBeUploadedStaysPendingAndIsUploadedByTheNextStart() {
        TestNode node = nodes.node("a")
                .config(SatchelConfig.defaults().withTimeouts(Duration.ofMillis(200), Duration.ofSeconds(10)))
                .start();
        List<DatabaseId> ids = pending(node, 3);

        ShutdownReport report = node.engine().shutDown(LONG);

        assertThat(report.pending()).isEqualTo(3);
        assertThat(report.isComplete()).isFalse();
        TestNode next = nodes.node("b").folder(node.folder()).start();
        ids.forEach(id -> {
            next.awaitUploaded(id);
            assertThat(nodes.storedNotes(id)).containsExactly("pending");
        });
    }

    @Test
    void databaseThatIsBeingOpenedIsClosedAfterwards() {
        DatabaseId id = DatabaseId.of("ann");
        nodes.start("a").run(id, Sql.CREATE, Sql.note("there"));
        TestNode node = nodes.start("b");
        FaultyObjectStore.Pause pause =
                node.faults().on(".*ltx/0000/.*", Operation.GET).pauseBefore();
        CompletableFuture<List<String>> opening = nodes.async(() -> node.notes(id));
        pause.awaitReached();

        ShutdownReport report = node.engine().shutDown(Duration.ofMillis(100));
        pause.release();

        assertThat(report.unfinished()).isEqualTo(1);
        opening.exceptionally(closed -> List.of()).join();
        // That no file is left open is looked at after each test.
        assertThat(startWhenFree(node.folder()).notes(id)).containsExactly("there");
    }

    @Test
    void deadlineEndsTheWaitAndNothingPendingIsLost() {
        TestNode node = nodes.start("a");
        List<DatabaseId> ids = pending(node, 1);
        node.faults().clear();
        FaultyObjectStore.Pause pause =
                node.faults().on(".*ltx/0000/.*", Operation.PUT).pauseBefore();

        ShutdownReport report = node.engine().shutDown(Duration.ofMillis(100));
        pause.release();

        assertThat(report.unfinished()).isEqualTo(1);
        startWhenFree(node.folder()).awaitUploaded(ids.get(0));
        assertThat(nodes.storedNotes(ids.get(0))).containsExactly("pending");
    }

    private TestNode startWhenFree(Path folder) {
        AtomicReference<@Nullable TestNode> next = new AtomicReference<>();
        Await.until("the folder is free", () -> {
            try {
                next.set(nodes.node("next").folder(folder).start());
                return true;
            } catch (LocalStorageException e) {
                return false;
            }
        });
        return next.get();
    }
}
