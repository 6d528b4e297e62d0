package dev.satchel.internal.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.DatabaseId;
import dev.satchel.SyncStatus;
import dev.satchel.testkit.FaultyObjectStore.Fault;
import dev.satchel.testkit.FaultyObjectStore.Pause;
import dev.satchel.testkit.InMemoryObjectStore;
import dev.satchel.testkit.OneAtATimeObjectStore;
import dev.satchel.testkit.Operation;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Stores that take one write of a key at a time, or one a second, are never asked for more. */
class ThrottledStoreTest {
    private static final DatabaseId ID = DatabaseId.of("alice");
    private static final String COMMITS = ".*ltx/0000.*";

    @RegisterExtension
    private final Nodes nodes = new Nodes();

    @Test
    void readsAndWritesBesideAPendingUploadNeverSendAKeyTwiceAtOnce() {
        OneAtATimeObjectStore store = new OneAtATimeObjectStore(nodes.store());
        TestNode node = nodes.node("a").over(store).start();
        node.run(ID, Sql.CREATE, Sql.note("base"));
        for (int i = 1; i <= 3; i++) {
            node.faults().on(COMMITS, Operation.PUT).nth(i).inject(Fault.THROTTLED);
        }
        Pause upload = node.faults().on(COMMITS, Operation.PUT).nth(4).pauseBefore();
        node.runDeferred(ID, Sql.note("pending"));
        node.requests().reset();

        List<CompletableFuture<SyncStatus>> reads = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            reads.add(
                    nodes.async(() -> node.runDeferred(ID, "SELECT * FROM note").status()));
        }
        reads.forEach(Await::get);
        List<CompletableFuture<SyncStatus>> writes = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            String text = "write " + i;
            writes.add(nodes.async(() -> node.runDeferred(ID, Sql.note(text)).status()));
        }
        writes.forEach(write -> assertThat(Await.get(write)).isEqualTo(SyncStatus.PENDING));
        nodes.skip(Duration.ofMinutes(1));
        node.awaitBackground("the upload is tried again", () -> {
            nodes.skip(Duration.ofMinutes(1));
            return upload.isReached();
        });
        upload.release();

        node.awaitStatus(ID, SyncStatus.SYNCED);
        assertThat(store.refused()).isZero();
        assertThat(node.requests().count(Operation.GET)).isZero();
        assertThat(node.commitsSent()).isLessThanOrEqualTo(6);
        assertThat(nodes.storedNotes(ID)).hasSize(7);
    }

    @Test
    void throttledUploadsAreRepeatedAfterPausesThatGrowAndDifferFromNodeToNode() {
        List<List<Duration>> pauses = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            TestNode node = nodes.node("node" + i).backgroundOnCallersThread().start();
            DatabaseId id = DatabaseId.of("user" + i);
            node.run(id, Sql.CREATE);
            node.requests().reset();
            node.faults().on(COMMITS, Operation.PUT).always().inject(Fault.THROTTLED);
            node.runDeferred(id, Sql.note("pending"));
            assertThat(node.commitsSent()).isEqualTo(1);
            pauses.add(pausesOf(node, 8));
            node.faults().clear();
        }

        for (List<Duration> each : pauses) {
            long longest = 50;
            for (Duration pause : each) {
                assertThat(pause.toMillis()).isBetween(longest / 2 - 20, longest + 50);
                longest = Math.min(2 * longest, 30_000);
            }
        }
        assertThat(pauses).doesNotHaveDuplicates();
    }

    /** The time that goes by, in steps, until each next attempt. */
    private List<Duration> pausesOf(TestNode node, int count) {
        List<Duration> pauses = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int sent = node.commitsSent();
            Duration waited = Duration.ZERO;
            while (node.commitsSent() == sent) {
                nodes.skip(Duration.ofMillis(5));
                waited = waited.plusMillis(5);
                node.lookAround();
            }
            pauses.add(waited);
        }
        return pauses;
    }

    @Test
    void busyDatabaseWritesNoKeyTwiceWithinASecond() {
        InMemoryObjectStore strict = new InMemoryObjectStore(() -> Instant.EPOCH.plusNanos(nodes.nanoTime()), true);
        TestNode node = nodes.node("a").over(strict).start();
        node.run(ID, Sql.CREATE);
        for (int i = 0; i < 70; i++) {
            node.runLocal(ID, Sql.note("note " + i));
            node.lookAround();
        }

        nodes.skip(Duration.ofSeconds(5));
        node.awaitBackground("an image was written", () -> node.figures().images.get() > 0);

        assertThat(strict.requests().entries())
                .noneMatch(e -> e.outcome().name().equals("FAILED"));
    }

    @Test
    void whoFindsAnImageDueThatHasJustBeenWrittenDoesNotWriteItAgain() {
        InMemoryObjectStore strict = new InMemoryObjectStore(() -> Instant.EPOCH.plusNanos(nodes.nanoTime()), true);
        TestNode node = nodes.node("a").over(strict).start();
        node.run(ID, Sql.CREATE);
        AtomicBoolean ended = new AtomicBoolean();
        List<CompletableFuture<Boolean>> looking = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            looking.add(nodes.async(() -> {
                while (!ended.get()) {
                    node.lookAround();
                }
                return true;
            }));
        }

        for (int i = 0; i < 1000; i++) {
            node.runLocal(ID, Sql.note("note " + i));
            if (i % 50 == 0) {
                nodes.skip(Duration.ofMillis(1100));
            }
        }
        ended.set(true);
        looking.forEach(Await::get);

        assertThat(strict.requests().entries())
                .anyMatch(e -> e.key().equals(ID + ".sqlite"))
                .noneMatch(e -> e.outcome().name().equals("FAILED"));
    }
}
