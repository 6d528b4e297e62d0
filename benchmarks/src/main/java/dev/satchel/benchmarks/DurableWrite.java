package dev.satchel.benchmarks;

import dev.satchel.DatabaseId;
import dev.satchel.Durability;
import dev.satchel.Freshness;
import dev.satchel.Satchel;
import dev.satchel.Session;
import dev.satchel.store.ObjectBody;
import dev.satchel.store.ObjectStore;
import dev.satchel.store.PutCondition;
import dev.satchel.store.StoredObject;
import dev.satchel.testkit.CountingObjectStore;
import dev.satchel.testkit.InMemoryObjectStore;
import dev.satchel.testkit.LatencyObjectStore;
import dev.satchel.testkit.Operation;
import dev.satchel.testkit.RequestLog;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

/** A durable write costs one PUT and hardly more. */
final class DurableWrite implements Scenario {
    private static final Duration LATENCY = Duration.ofMillis(20);
    private static final double LIMIT = 1.15;
    private static final int WARM_UP = 4000;
    private static final int PAIRS = 150;
    private static final int OTHERS = 50;

    private int changes;

    @Override
    public String name() {
        return "durable-write";
    }

    @Override
    public String title() {
        return "A durable write beside a bare PUT of the same bytes with the same client, " + LATENCY.toMillis()
                + " ms a request";
    }

    @Override
    public void run(Bench bench) throws Exception {
        InMemoryObjectStore objects = new InMemoryObjectStore();
        DatabaseId id = DatabaseId.of("alice");
        bench.createSample(objects, id, 1 << 20);
        try (Satchel satchel = Bench.start(objects, bench.newFolder())) {
            for (int n = 0; n < WARM_UP; n++) {
                write(satchel, id);
            }
        }
        CountingObjectStore store = new CountingObjectStore(new LatencyObjectStore(objects, LATENCY));
        try (Satchel satchel = Bench.start(store, bench.newFolder())) {
            comparePuts(bench.report(), satchel, id, store, objects);
            Samples times = new Samples();
            store.requests().reset();
            for (int n = 0; n < OTHERS; n++) {
                times.add(session(satchel, id, Freshness.latest()));
            }
            figure(bench.report(), "write in a session that began with LATEST", times, store.requests());
            times = new Samples();
            store.requests().reset();
            for (int n = 0; n < OTHERS; n++) {
                long start = System.nanoTime();
                satchel.read(id, SampleReads::project);
                times.add(System.nanoTime() - start);
            }
            figure(bench.report(), "read with LATEST", times, store.requests());
        }
    }

    private void comparePuts(
            Report report, Satchel satchel, DatabaseId id, ObjectStore store, InMemoryObjectStore objects)
            throws Exception {
        Samples writes = new Samples();
        Samples puts = new Samples();
        for (int n = 0; n < PAIRS; n++) {
            objects.requests().reset();
            writes.add(write(satchel, id));
            String commit = objects.requests().entries().stream()
                    .filter(Bench::isCommit)
                    .map(RequestLog.Entry::key)
                    .findFirst()
                    .orElseThrow();
            puts.add(put(store, objects, commit, n));
        }
        report.atMostTimes(
                "durable write, p50",
                Report.time(writes.p50()),
                "PUT " + Report.time(puts.p50()),
                writes.p50() / puts.p50(),
                LIMIT);
        report.beside(
                "durable write, p99",
                Report.time(writes.p99()),
                "PUT " + Report.time(puts.p99()),
                writes.p99() / puts.p99());
    }

    /** Puts what the engine has just put, under another key. */
    private static long put(ObjectStore store, InMemoryObjectStore objects, String key, int n) {
        try (StoredObject commit = objects.get(key).orElseThrow()) {
            byte[] bytes = commit.readAll();
            long start = System.nanoTime();
            store.put("bare/" + n, ObjectBody.of(bytes), commit.info().metadata(), PutCondition.ifAbsent());
            return System.nanoTime() - start;
        }
    }

    private long write(Satchel satchel, DatabaseId id) throws SQLException {
        return session(satchel, id, Freshness.local());
    }

    private long session(Satchel satchel, DatabaseId id, Freshness freshness) throws SQLException {
        int n = changes++;
        long start = System.nanoTime();
        try (Session session = satchel.open(id, freshness, Durability.DURABLE)) {
            try (Connection connection = session.connection()) {
                SampleDatabase.renameProject(connection, 1 + n % 20, n);
            }
            session.complete();
        }
        return System.nanoTime() - start;
    }

    private static void figure(Report report, String measured, Samples times, RequestLog requests) {
        double each = times.count();
        report.figure(
                measured + ", p50",
                Report.time(times.p50()),
                Report.ratio(requests.count(Operation.GET) / each) + " GET, "
                        + Report.ratio(requests.count(Operation.PUT) / each) + " PUT");
    }
}
