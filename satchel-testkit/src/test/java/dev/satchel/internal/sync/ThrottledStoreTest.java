package dev.satchel.internal.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.DatabaseId;
import dev.satchel.SyncStatus;
import dev.satchel.store.ObjectBody;
import dev.satchel.store.ObjectStore;
import dev.satchel.store.PutCondition;
import dev.satchel.store.PutResult;
import dev.satchel.store.StoreException;
import dev.satchel.testkit.FaultyObjectStore.Fault;
import dev.satchel.testkit.FaultyObjectStore.Pause;
import dev.satchel.testkit.ForwardingObjectStore;
import dev.satchel.testkit.InMemoryObjectStore;
import dev.satchel.testkit.Operation;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Stores that take one write of a key at a time, or one a second, are never asked for more. */
class ThrottledStoreTest {
    private static final DatabaseId ID = DatabaseId.of("alice");
    private static final String COMMITS = ".*ltx/0000.*";

    @RegisterExtension
    private final Nodes nodes = new Nodes();

    /** Answers 429 to a second concurrent put of a key. */
    private static final class OneAtATime extends ForwardingObjectStore {
        final AtomicInteger refused = new AtomicInteger();
        private final Set<String> underWay = ConcurrentHashMap.newKeySet();

        OneAtATime(ObjectStore store) {
            super(store);
        }

        @Override
        public PutResult put(String key, ObjectBody body, Map<String, String> metadata, PutCondition condition) {
            if (!underWay.add(key)) {
                refused.incrementAndGet();
                throw new StoreException(StoreException.Reason.THROTTLED, "429: a put of " + key + " is running", null);
            }
            try {
                return super.put(key, body, metadata, condition);
            } finally {
                underWay.remove(key);
            }
        }
    }

    @Test
    void readsAndWritesBesideAPendingUploadNeverSendAKeyTwiceAtOnce() {
        OneAtATime store = new OneAtATime(nodes.store());
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
        assertThat(store.refused).hasValue(0);
        assertThat(node.requests().count(Operation.GET)).isZero();
        assertThat(node.commitsSent()).isLessThanOrEqualTo(6);
        assertThat(nodes.storedNotes(ID)).hasSize(7);
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
    void requestThatWritesSeveralDatabasesUploadsEachAndNoOther() {
        TestNode node = nodes.start("a");
        DatabaseId admin = DatabaseId.of("admin");
        DatabaseId bob = DatabaseId.of("bob");
        node.run(admin, Sql.CREATE);
        node.run(ID, Sql.CREATE);
        node.run(bob, Sql.CREATE);

        try (var own = node.openLocal(admin)) {
            Sql.notes(own);
            node.runLocal(ID, Sql.note("credits"));
            node.runLocal(bob, Sql.note("credits"));
        }
        node.crash();

        assertThat(nodes.head(admin)).isEqualTo(1);
        assertThat(nodes.storedNotes(ID)).containsExactly("credits");
        assertThat(nodes.storedNotes(bob)).containsExactly("credits");
    }
}
