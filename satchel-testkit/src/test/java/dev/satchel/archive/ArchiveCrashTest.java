package dev.satchel.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.DatabaseId;
import dev.satchel.NotFoundException;
import dev.satchel.Satchel;
import dev.satchel.store.ByteRange;
import dev.satchel.store.ListPage;
import dev.satchel.store.ObjectBody;
import dev.satchel.store.ObjectInfo;
import dev.satchel.store.ObjectStore;
import dev.satchel.store.PutCondition;
import dev.satchel.store.PutResult;
import dev.satchel.store.StoredObject;
import dev.satchel.testkit.ForwardingObjectStore;
import dev.satchel.testkit.InMemoryArchiveTier;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A node dies at each of its requests, before and after it took effect. Whatever it was at, each row is in one place, and seen once. */
@Tag("protocol-rules")
class ArchiveCrashTest {
    private static final DatabaseId ANN = Projects.ANN;
    private static final ArchiveRule RULE = Projects.FINISHED;

    @RegisterExtension
    private final ArchiveNodes nodes = new ArchiveNodes();

    /** Requests until death; each counts twice, once before and once after it took effect. */
    private static final class Life {
        private final AtomicInteger left;

        Life(int steps) {
            left = new AtomicInteger(steps);
        }

        private void step() {
            if (left.getAndDecrement() <= 0) {
                throw new IllegalStateException("dead");
            }
        }

        <T> T during(Supplier<T> request) {
            step();
            T answer = request.get();
            step();
            return answer;
        }

        boolean isOver() {
            return left.get() < 0;
        }
    }

    private static final class MortalStore extends ForwardingObjectStore {
        private final Life life;

        MortalStore(ObjectStore store, Life life) {
            super(store);
            this.life = life;
        }

        @Override
        public Optional<StoredObject> get(String key, ByteRange range) {
            return life.during(() -> delegate().get(key, range));
        }

        @Override
        public Optional<ObjectInfo> head(String key) {
            return life.during(() -> delegate().head(key));
        }

        @Override
        public PutResult put(String key, ObjectBody body, Map<String, String> metadata, PutCondition condition) {
            return life.during(() -> delegate().put(key, body, metadata, condition));
        }

        @Override
        public ListPage list(String prefix, String startAfter, int limit) {
            return life.during(() -> delegate().list(prefix, startAfter, limit));
        }

        @Override
        public void delete(String key) {
            life.during(() -> {
                delegate().delete(key);
                return true;
            });
        }
    }

    private static final class MortalTier extends ForwardingTier {
        private final Life life;

        MortalTier(ArchiveTier tier, Life life) {
            super(tier);
            this.life = life;
        }

        @Override
        public void store(ArchiveBatch batch) {
            life.during(() -> {
                super.store(batch);
                return true;
            });
        }

        @Override
        public void storeAll(List<ArchiveBatch> batches) {
            batches.forEach(this::store);
        }

        @Override
        public Optional<ArchiveBatch> load(DatabaseId database, BatchId id) {
            return life.during(() -> super.load(database, id));
        }

        @Override
        public List<BatchInfo> list(DatabaseId database, Optional<BatchId> after, int limit) {
            return life.during(() -> super.list(database, after, limit));
        }

        @Override
        public boolean remove(DatabaseId database, BatchId id) {
            return life.during(() -> super.remove(database, id));
        }

        @Override
        public void erase(DatabaseId database) {
            life.during(() -> {
                super.erase(database);
                return true;
            });
        }
    }

    private interface Deed {
        void on(Archive archive) throws SQLException;
    }

    /** What a mortal node and its successor share besides the store; null for the bucket. */
    private final InMemoryArchiveTier external = new InMemoryArchiveTier();

    private Archive archive(Satchel node, boolean inBucket) {
        Archive.Builder builder = nodes.archive(node).rule(RULE);
        return inBucket ? builder.build() : builder.tier(external).build();
    }

    /** Lets a node die after so many steps; whether it came to its end before. */
    private boolean survives(int steps, boolean inBucket, Deed deed) throws SQLException {
        Life life = new Life(steps);
        Satchel node = nodes.start(new MortalStore(nodes.store(), life));
        Archive.Builder builder = nodes.archive(node).rule(RULE);
        Archive archive = inBucket
                ? builder.build()
                : builder.tier(new MortalTier(external, life)).build();
        try {
            deed.on(archive);
            return !life.isOver();
        } catch (RuntimeException e) {
            if (!life.isOver()) {
                throw e;
            }
            return false;
        } finally {
            life.left.set(Integer.MIN_VALUE / 2);
        }
    }

    private void requireAllRowsOnce(TreeSet<String> all, Satchel node, Archive archive, int steps) throws SQLException {
        TreeSet<String> live = Projects.rows(node);
        TreeSet<String> archived = Projects.archived(archive);
        assertThat(archived).as("twice, after %d steps", steps).doesNotContainAnyElementsOf(live);
        live.addAll(archived);
        assertThat(live).as("all rows, after %d steps", steps).isEqualTo(all);
    }

    private void archivesWhereverItDies(boolean inBucket) throws SQLException {
        Satchel successor = nodes.start();
        Projects.create(successor, 3);
        TreeSet<String> all = Projects.rows(successor);
        Archive archive = archive(successor, inBucket);
        int deaths = 0;
        for (boolean survived = false; !survived; deaths++) {
            int steps = deaths;
            survived = survives(steps, inBucket, dying -> dying.run(ANN));

            requireAllRowsOnce(all, successor, archive, steps);
            archive.run(ANN);
            assertThat(ArchiveNodes.query(successor, ANN, "SELECT id FROM projects"))
                    .as("after %d steps", steps)
                    .containsExactly("2");
            for (ArchivedEntry entry : archive.list(ANN)) {
                archive.restore(ANN, entry.batch());
            }
            requireAllRowsOnce(all, successor, archive, steps);
        }
        assertThat(deaths).isGreaterThan(10);
        requireNothingIsLeftAfterTheRetention(successor, inBucket);
    }

    private void requireNothingIsLeftAfterTheRetention(Satchel node, boolean inBucket) throws SQLException {
        ArchiveNodes.run(node, ANN, "UPDATE projects SET finished_at = NULL");
        Archive archive = archive(node, inBucket);
        archive.run(ANN);
        nodes.skip(Duration.ofDays(31));
        archive.run(ANN);
        assertThat(archive.tier().list(ANN, Optional.empty(), 100)).isEmpty();
    }

    @Test
    void archivingIntoTheBucketSurvivesDeathAtEveryRequest() throws SQLException {
        archivesWhereverItDies(true);
    }

    @Test
    void archivingIntoAnotherTierSurvivesDeathAtEveryRequest() throws SQLException {
        archivesWhereverItDies(false);
    }

    @Test
    void restoringSurvivesDeathAtEveryRequest() throws SQLException {
        Satchel first = nodes.start();
        Projects.create(first, 3);
        TreeSet<String> all = Projects.rows(first);
        Archive archive = archive(first, true);
        boolean survived = false;
        for (int steps = 0; !survived; steps++) {
            archive.run(ANN);
            survived = survives(steps, true, dying -> {
                for (ArchivedEntry entry : dying.list(ANN)) {
                    dying.restore(ANN, entry.batch());
                }
            });
            requireAllRowsOnce(all, first, archive, steps);
            for (ArchivedEntry entry : archive.list(ANN)) {
                archive.restore(ANN, entry.batch());
            }
            assertThat(Projects.rows(first)).isEqualTo(all);
        }
    }

    @Test
    void severalNodesThatArchiveAndRestoreAtOnceLoseAndDoubleNothing() throws Exception {
        Satchel first = nodes.start();
        Projects.create(first, 12);
        TreeSet<String> all = Projects.rows(first);
        List<Satchel> all3 = List.of(first, nodes.start(), nodes.start());
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try {
            for (int round = 0; round < 4; round++) {
                boolean restoring = round % 2 == 1;
                List<Future<?>> runs = new ArrayList<>();
                for (Satchel node : all3) {
                    Archive archive = archive(node, true);
                    runs.add(threads.submit(() -> {
                        if (restoring) {
                            for (ArchivedEntry entry : archive.list(ANN)) {
                                try {
                                    archive.restore(ANN, entry.batch());
                                } catch (NotFoundException e) {
                                    // Another node was faster.
                                }
                            }
                        } else {
                            archive.run(ANN);
                        }
                        return null;
                    }));
                }
                for (Future<?> run : runs) {
                    run.get(5, TimeUnit.MINUTES);
                }
                Archive archive = archive(first, true);
                requireAllRowsOnce(all, first, archive, round);
                assertThat(archive.list(ANN)).hasSize(restoring ? 0 : 6);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void rowsThatChangeBetweenCopyAndDeletionStay() throws SQLException {
        Satchel node = nodes.start();
        Projects.create(node, 6);
        Satchel other = nodes.start();
        ArchiveTier meddling = new MeddlingTier(external, () -> {
            ArchiveNodes.run(
                    other,
                    ANN,
                    "UPDATE marks SET text = 'changed' WHERE project = 3 AND clip = 2",
                    "INSERT INTO clips VALUES (5, 9, x'', 0)");
        });

        ArchiveReport report =
                nodes.archive(node).rule(RULE).tier(meddling).build().run(ANN);

        assertThat(report.archived()).extracting(ArchivedEntry::keys).containsExactly(List.of("1"));
        assertThat(report.left()).extracting(LeftBehind::keys).containsExactly(List.of("3"), List.of("5"));
        assertThat(report.left()).extracting(LeftBehind::why).containsOnly(LeftBehind.Reason.CHANGED);
        assertThat(ArchiveNodes.query(node, ANN, "SELECT count(*) FROM marks WHERE text = 'changed'"))
                .containsExactly("2");
        assertThat(external.list(ANN, Optional.empty(), 10)).hasSize(1);
    }

    @Test
    void whatTheLedgerNamesIsDoneAndKeptWhenTheRunLooksAgain() throws SQLException {
        Satchel node = nodes.start();
        Projects.create(node, 4);
        TreeSet<String> all = Projects.rows(node);
        ArchiveTier meddling = new MeddlingTier(external, () -> nameAndDelete(nodes.start()));

        Archive archive = nodes.archive(node).rule(RULE).tier(meddling).build();
        ArchiveReport report = archive.run(ANN);

        assertThat(report.archived()).extracting(ArchivedEntry::keys).containsExactly(List.of("1"), List.of("3"));
        assertThat(external.list(ANN, Optional.empty(), 10)).hasSize(2);
        requireAllRowsOnce(all, node, archive, 0);
    }

    /** Does what a run does last, as if its commit had been saved before it is made once more. */
    private void nameAndDelete(Satchel node) throws SQLException {
        List<ArchiveBatch> batches = external.list(ANN, Optional.empty(), 10).stream()
                .map(info -> external.load(ANN, info.id()).orElseThrow())
                .toList();
        node.<@Nullable Void, SQLException>write(ANN, session -> {
            try (Connection connection = session.connection()) {
                connection.setAutoCommit(false);
                Ledger ledger = new Ledger(connection);
                ledger.create();
                for (ArchiveBatch batch : batches) {
                    String key = Cells.told(batch.tables().stream()
                            .filter(table -> table.name().equals("projects"))
                            .findFirst()
                            .orElseThrow()
                            .rows()
                            .get(0)
                            .get(0));
                    ledger.add(new ArchivedEntry(
                            batch.id(),
                            batch.rule(),
                            external.name(),
                            List.of(key),
                            Optional.empty(),
                            batch.rows(),
                            batch.bytes(),
                            batch.digest(),
                            batch.created()));
                    for (String table : List.of("marks", "clips", "videos")) {
                        Ledger.execute(connection, "DELETE FROM " + table + " WHERE project = " + key);
                    }
                    Ledger.execute(connection, "DELETE FROM projects WHERE id = " + key);
                }
                connection.commit();
                return null;
            }
        });
    }

    private interface Meddling {
        void run() throws SQLException;
    }

    /** Lets something happen after the copies were stored. */
    private static final class MeddlingTier extends ForwardingTier {
        private final Meddling meddling;

        MeddlingTier(ArchiveTier tier, Meddling meddling) {
            super(tier);
            this.meddling = meddling;
        }

        @Override
        public void storeAll(List<ArchiveBatch> batches) {
            super.storeAll(batches);
            try {
                meddling.run();
            } catch (SQLException e) {
                throw new AssertionError(e);
            }
        }
    }
}
