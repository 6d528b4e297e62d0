package dev.satchel.benchmarks;

import dev.satchel.DatabaseId;
import dev.satchel.Satchel;
import dev.satchel.Session;
import dev.satchel.testkit.CountingObjectStore;
import dev.satchel.testkit.InMemoryObjectStore;
import dev.satchel.testkit.LatencyObjectStore;
import dev.satchel.testkit.Operation;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Writers of one user share uploads: the store's latency bounds each of them, not all together. */
final class ManyWriters implements Scenario {
    private static final Duration LATENCY = Duration.ofMillis(50);
    private static final int WRITERS = 64;
    private static final double LIMIT = 500;
    private static final Duration WARM_UP = Duration.ofMillis(1500);
    private static final Duration MEASURED = Duration.ofSeconds(4);

    /** One durable write by one of the writers. */
    private interface Write {
        void run(Satchel satchel, DatabaseId id, int writer, int n) throws SQLException;
    }

    @Override
    public String name() {
        return "many-writers";
    }

    @Override
    public String title() {
        return "Writers of one user at once, " + LATENCY.toMillis()
                + " ms a request: durable commits per second in total";
    }

    @Override
    public void run(Bench bench) throws Exception {
        measure(bench, "1 writer", 1, false, ManyWriters::write);
        measure(bench, WRITERS + " writers, write(id, work)", WRITERS, true, ManyWriters::write);
        measure(bench, WRITERS + " writers, sessions that begin with LATEST", WRITERS, false, ManyWriters::session);
    }

    private static void write(Satchel satchel, DatabaseId id, int writer, int n) throws SQLException {
        satchel.write(id, session -> {
            rename(session, writer, n);
            return null;
        });
    }

    private static void session(Satchel satchel, DatabaseId id, int writer, int n) throws SQLException {
        try (Session session = satchel.open(id)) {
            rename(session, writer, n);
            session.complete();
        }
    }

    private static void rename(Session session, int writer, int n) throws SQLException {
        try (Connection connection = session.connection()) {
            SampleDatabase.renameProject(connection, 1 + writer % 20, n);
        }
    }

    private static void measure(Bench bench, String who, int writers, boolean target, Write write) throws Exception {
        InMemoryObjectStore objects = new InMemoryObjectStore();
        DatabaseId id = DatabaseId.of("alice");
        bench.createSample(objects, id, 1 << 20);
        CountingObjectStore store = new CountingObjectStore(new LatencyObjectStore(objects, LATENCY));
        ExecutorService threads = Executors.newFixedThreadPool(writers);
        try (Satchel satchel = Bench.start(store, bench.newFolder())) {
            satchel.open(id).close();
            long from = System.nanoTime() + WARM_UP.toNanos();
            long to = from + MEASURED.toNanos();
            List<Future<Samples>> running = new ArrayList<>();
            for (int writer = 0; writer < writers; writer++) {
                int self = writer;
                running.add(threads.submit(() -> {
                    Samples times = new Samples();
                    long start;
                    for (int n = 0; (start = System.nanoTime()) < to; n++) {
                        write.run(satchel, id, self, n);
                        long end = System.nanoTime();
                        if (start >= from && end <= to) {
                            times.add(end - start);
                        }
                    }
                    return times;
                }));
            }
            Thread.sleep(Duration.ofNanos(from - System.nanoTime()).toMillis());
            store.requests().reset();
            Thread.sleep(Duration.ofNanos(to - System.nanoTime()).toMillis());
            double seconds = MEASURED.toMillis() / 1e3;
            double puts = store.requests().count(Operation.PUT) / seconds;
            double gets = store.requests().count(Operation.GET) / seconds;
            Samples times = new Samples();
            for (Future<Samples> each : running) {
                times.addAll(each.get());
            }
            double rate = times.count() / seconds;
            Report report = bench.report();
            String requests = Report.perSecond(puts) + " PUT, " + Report.perSecond(gets) + " GET";
            if (target) {
                report.atLeast(who, Report.perSecond(rate), requests, Report.perSecond(LIMIT), rate >= LIMIT);
            } else {
                report.figure(who, Report.perSecond(rate), requests);
            }
            report.figure(who + ": p50", Report.time(times.p50()), "p99 " + Report.time(times.p99()));
        } finally {
            threads.shutdownNow();
        }
    }
}
