package dev.satchel.benchmarks;

import com.sun.management.ThreadMXBean;
import dev.satchel.DatabaseId;
import dev.satchel.Durability;
import dev.satchel.Freshness;
import dev.satchel.Satchel;
import dev.satchel.SatchelConfig;
import dev.satchel.Session;
import dev.satchel.testkit.CountingObjectStore;
import dev.satchel.testkit.InMemoryObjectStore;
import dev.satchel.testkit.Operation;
import dev.satchel.testkit.RequestLog;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/** What a change costs depends on the change, not on the database. */
final class UploadSize implements Scenario {
    private static final long KB = 1024;
    private static final long MB = 1024 * KB;
    private static final long[] SIZES = {100 * KB, MB, 100 * MB};
    private static final long LIMIT = 8 * KB;
    private static final int WARM_UP = 100;
    private static final int CHANGES = 100;

    private double timeOfSmallest;

    /** One kind of change to one row. */
    private interface Change {
        void make(Connection connection) throws SQLException;
    }

    @Override
    public String name() {
        return "upload-size";
    }

    @Override
    public String title() {
        return "Upload of a one-row change: session, commit, PUT into a store without latency";
    }

    @Override
    public void run(Bench bench) throws Exception {
        for (long size : SIZES) {
            measure(bench, size);
        }
    }

    private void measure(Bench bench, long size) throws Exception {
        InMemoryObjectStore objects = new InMemoryObjectStore();
        DatabaseId id = DatabaseId.of("alice");
        Path localFolder = bench.createSample(objects, id, size);
        CountingObjectStore store = new CountingObjectStore(objects);
        // Small databases get images even so: whenever a quarter of their size has been logged.
        SatchelConfig config = SatchelConfig.defaults().withIdle(1_000_000, Duration.ofHours(1), Duration.ofHours(1));
        try (Satchel satchel = Bench.start(store, localFolder, config)) {
            int games;
            int projects;
            int crops;
            try (Session session = satchel.open(id);
                    Connection connection = session.connection()) {
                games = SampleDatabase.count(connection, "games");
                projects = SampleDatabase.count(connection, "projects");
                crops = SampleDatabase.count(connection, "working_clips");
            }
            Random random = new Random(7);
            AtomicInteger names = new AtomicInteger();
            Change rename = connection ->
                    SampleDatabase.renameProject(connection, 1 + random.nextInt(projects), names.incrementAndGet());
            Change crop = connection -> SampleDatabase.moveCrop(connection, 1 + random.nextInt(crops), random);
            Change insert = connection -> SampleDatabase.insertClip(connection, 1 + random.nextInt(games), random);
            String name = Report.bytes(size) + " database, ";
            for (int n = 0; n < WARM_UP; n++) {
                commit(satchel, id, rename);
            }
            measure(bench.report(), name + "update a name", store, satchel, id, rename);
            measure(bench.report(), name + "update a 350 byte blob", store, satchel, id, crop);
            measure(bench.report(), name + "insert a row with 2 indexes", store, satchel, id, insert);
            Samples times = new Samples();
            long allocated = 0;
            ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            for (int n = 0; n < CHANGES; n++) {
                long before =
                        threads.getThreadAllocatedBytes(Thread.currentThread().getId());
                times.add(commit(satchel, id, rename));
                allocated +=
                        threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - before;
            }
            if (timeOfSmallest == 0) {
                timeOfSmallest = times.p50();
            }
            bench.report()
                    .beside(
                            name + "time of a commit, p50",
                            Report.time(times.p50()),
                            Report.bytes(SIZES[0]) + ": " + Report.time(timeOfSmallest),
                            times.p50() / timeOfSmallest);
            bench.report().figure(name + "heap allocated by a commit", Report.bytes((double) allocated / CHANGES));
        }
    }

    private static void measure(
            Report report, String measured, CountingObjectStore store, Satchel satchel, DatabaseId id, Change change)
            throws SQLException {
        Samples bytes = new Samples();
        double images = 0;
        for (int n = 0; n < CHANGES; n++) {
            store.requests().reset();
            commit(satchel, id, change);
            for (RequestLog.Entry request : store.requests().entries()) {
                if (Bench.isCommit(request)) {
                    bytes.add(request.bytes());
                } else if (request.operation() == Operation.PUT) {
                    images += request.bytes();
                }
            }
        }
        String more = "p90 " + Report.bytes(bytes.p90()) + ", most " + Report.bytes(bytes.max());
        if (images > 0) {
            more += "; images " + Report.bytes(images / CHANGES);
        }
        report.atMost(measured + ", p50", Report.bytes(bytes.p50()), more, Report.bytes(LIMIT), bytes.p50() <= LIMIT);
    }

    private static long commit(Satchel satchel, DatabaseId id, Change change) throws SQLException {
        long start = System.nanoTime();
        try (Session session = satchel.open(id, Freshness.local(), Durability.DURABLE)) {
            try (Connection connection = session.connection()) {
                change.make(connection);
            }
            session.complete();
        }
        return System.nanoTime() - start;
    }
}
