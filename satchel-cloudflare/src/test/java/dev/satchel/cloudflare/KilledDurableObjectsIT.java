package dev.satchel.cloudflare;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.DatabaseId;
import dev.satchel.UnavailableException;
import dev.satchel.archive.ArchiveBatch;
import dev.satchel.archive.ArchivedTable;
import dev.satchel.archive.BatchId;
import dev.satchel.archive.BatchInfo;
import dev.satchel.archive.Cell;
import dev.satchel.store.RetryPolicy;
import dev.satchel.testkit.cloudflare.LocalDurableObjects;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The runtime ends as with {@code kill -9} while batches are stored and removed, and is started again on what is on the disk. */
class KilledDurableObjectsIT {
    private static final int ROUNDS = 3;
    private static final int USERS = 3;
    private static final Instant CREATED = Instant.parse("2026-08-01T10:11:12.345Z");
    private static final RetryPolicy ONCE = new RetryPolicy(1, Duration.ZERO, Duration.ZERO, Duration.ZERO);

    @TempDir
    Path folder;

    /** What one user's batches must be. */
    private static final class Expected {
        private final DatabaseId database;
        private final Map<BatchId, ArchiveBatch> there = new TreeMap<>();
        private final Map<BatchId, ArchiveBatch> perhaps = new TreeMap<>();
        private int confirmed;

        Expected(int user) {
            database = DatabaseId.of("killed-" + user);
        }
    }

    @Test
    void whatWasConfirmedIsThereAndNothingIsHalf() throws Exception {
        try (LocalDurableObjects cloudflare = LocalDurableObjects.start(folder);
                DurableObjectsArchive archive =
                        DurableObjectsArchive.connect(DurableObjectsConfig.of(cloudflare.url(), cloudflare.key())
                                .withRetry(ONCE))) {
            List<Expected> users = new ArrayList<>();
            for (int user = 0; user < USERS; user++) {
                users.add(new Expected(user));
            }
            Random random = new Random();
            for (int round = 0; round < ROUNDS; round++) {
                killWhileWorking(cloudflare, archive, users, 5 + random.nextInt(10));
                cloudflare.restart();
                for (Expected user : users) {
                    check(archive, user);
                }
            }
            assertThat(users).allSatisfy(user -> assertThat(user.confirmed).isPositive());
        }
    }

    /** Each user's work goes on until it fails, and the runtime is killed once so many operations have been confirmed. */
    private static void killWhileWorking(
            LocalDurableObjects cloudflare, DurableObjectsArchive archive, List<Expected> users, int confirmations)
            throws Exception {
        CountDownLatch enough = new CountDownLatch(confirmations);
        ExecutorService threads = Executors.newFixedThreadPool(users.size());
        try {
            List<Future<?>> all = new ArrayList<>();
            for (Expected user : users) {
                all.add(threads.submit(() -> workUntilItFails(archive, user, enough)));
            }
            enough.await();
            cloudflare.kill();
            for (Future<?> one : all) {
                one.get(5, TimeUnit.MINUTES);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static void workUntilItFails(DurableObjectsArchive archive, Expected user, CountDownLatch enough) {
        Random random = new Random();
        while (true) {
            boolean remove = user.there.size() > 3 && random.nextInt(3) == 0;
            ArchiveBatch batch = remove ? user.there.values().iterator().next() : batch(user.database, random);
            try {
                if (remove) {
                    user.there.remove(batch.id());
                    assertThat(archive.remove(user.database, batch.id())).isTrue();
                } else {
                    archive.store(batch);
                    user.there.put(batch.id(), batch);
                }
                user.confirmed++;
                enough.countDown();
            } catch (UnavailableException e) {
                user.perhaps.put(batch.id(), batch);
                return;
            }
        }
    }

    private static void check(DurableObjectsArchive archive, Expected user) {
        Map<BatchId, BatchInfo> listed = new TreeMap<>();
        archive.list(user.database, Optional.empty(), 1000).forEach(info -> listed.put(info.id(), info));
        for (ArchiveBatch batch : user.there.values()) {
            assertThat(listed.remove(batch.id())).isEqualTo(batch.info());
            assertThat(archive.load(user.database, batch.id())).contains(batch);
        }
        for (ArchiveBatch batch : user.perhaps.values()) {
            Optional<ArchiveBatch> loaded = archive.load(user.database, batch.id());
            BatchInfo info = listed.remove(batch.id());
            assertThat(loaded.map(ArchiveBatch::info)).isEqualTo(Optional.ofNullable(info));
            // Whatever became of it, doing it again makes it certain.
            archive.store(batch);
            assertThat(archive.load(user.database, batch.id())).contains(batch);
            user.there.put(batch.id(), batch);
        }
        user.perhaps.clear();
        assertThat(listed).isEmpty();
    }

    /** Of a few bytes, or of several chunks. */
    private static ArchiveBatch batch(DatabaseId of, Random random) {
        byte[] bytes = new byte[random.nextInt(6) == 0 ? 1_500_000 : 300];
        random.nextBytes(bytes);
        ArchivedTable table = new ArchivedTable(
                "t",
                List.of(new ArchivedTable.Column("data", "BLOB")),
                List.of(List.of(Cell.blob(bytes)), List.of(Cell.NULL)));
        return new ArchiveBatch(BatchId.create(CREATED, random), of, "rule", CREATED, List.of(table));
    }
}
