package dev.satchel.benchmarks;

import dev.satchel.DatabaseId;
import dev.satchel.Satchel;
import dev.satchel.SatchelConfig;
import dev.satchel.testkit.CountingObjectStore;
import dev.satchel.testkit.InMemoryObjectStore;
import dev.satchel.testkit.LatencyObjectStore;
import dev.satchel.testkit.Operation;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/** Many users on one node, few of them open at a time: what an idle user costs is nothing. */
final class ManyUsers implements Scenario {
    private static final Duration LATENCY = Duration.ofMillis(20);
    private static final int USERS = 1000;
    private static final int OPEN = 200;
    private static final int CALLERS = 32;
    private static final int ROUNDS = 2;
    private static final int WARM_UP = 300;
    private static final int WRITES_IN_A_VISIT = 3;

    @Override
    public String name() {
        return "many-users";
    }

    @Override
    public String title() {
        return USERS + " users, at most " + OPEN + " open, " + CALLERS + " callers, " + LATENCY.toMillis()
                + " ms a request: visits of " + WRITES_IN_A_VISIT + " durable writes";
    }

    @Override
    public void run(Bench bench) throws Exception {
        CountingObjectStore store = new CountingObjectStore(new LatencyObjectStore(new InMemoryObjectStore(), LATENCY));
        SatchelConfig config = SatchelConfig.defaults().withLocalBounds(OPEN, 10L << 30);
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
        Path folder = bench.newFolder();
        ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
        int threadsBefore = threads.getThreadCount();
        threads.resetPeakThreadCount();
        System.gc();
        long heapBefore = memory.getHeapMemoryUsage().getUsed();
        long residentBefore = residentBytes();
        try (Satchel satchel = Bench.start(store, folder, config)) {
            visits(new Report(), "", satchel, callers, "warm-up-", WARM_UP);
            for (int round = 1; round <= ROUNDS; round++) {
                store.requests().reset();
                String name = round == 1 ? "first visits of new users" : "visits of users closed meanwhile";
                visits(bench.report(), name, satchel, callers, "user-", USERS);
                bench.report()
                        .figure(
                                name + ": requests of each",
                                Report.ratio((double) store.requests().count() / USERS),
                                perVisit(store, Operation.GET) + " GET, " + perVisit(store, Operation.HEAD) + " HEAD, "
                                        + perVisit(store, Operation.LIST) + " LIST, " + perVisit(store, Operation.PUT)
                                        + " PUT");
            }
            System.gc();
            int ours = threads.getPeakThreadCount() - threadsBefore - CALLERS;
            bench.report().atMost("threads of the node, at their peak", Integer.toString(ours), "", "25", ours <= 25);
            bench.report()
                    .atMost(
                            "open databases at the end",
                            Integer.toString(satchel.openDatabases()),
                            "",
                            Integer.toString(OPEN),
                            satchel.openDatabases() <= OPEN);
            long heap = memory.getHeapMemoryUsage().getUsed() - heapBefore;
            bench.report().figure("heap in use after " + USERS + " users, with the store in it", Report.bytes(heap));
            bench.report()
                    .figure(
                            "resident memory grown, with the store in it",
                            Report.bytes(residentBytes() - residentBefore));
        } finally {
            callers.shutdownNow();
        }
    }

    private static void visits(
            Report report, String name, Satchel satchel, ExecutorService callers, String prefix, int users)
            throws Exception {
        AtomicInteger next = new AtomicInteger();
        List<Future<Samples>> running = new ArrayList<>();
        long start = System.nanoTime();
        for (int i = 0; i < CALLERS; i++) {
            running.add(callers.submit(() -> {
                Samples times = new Samples();
                int user;
                while ((user = next.getAndIncrement()) < users) {
                    long from = System.nanoTime();
                    visit(satchel, DatabaseId.of(prefix + user));
                    times.add(System.nanoTime() - from);
                }
                return times;
            }));
        }
        Samples times = new Samples();
        for (Future<Samples> each : running) {
            times.addAll(each.get());
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        report.figure(
                name,
                Report.perSecond(users / seconds),
                Report.perSecond(users * WRITES_IN_A_VISIT / seconds) + " writes");
        report.figure(name + ": p50", Report.time(times.p50()), "p99 " + Report.time(times.p99()));
    }

    private static void visit(Satchel satchel, DatabaseId id) throws SQLException {
        for (int n = 0; n < WRITES_IN_A_VISIT; n++) {
            int change = n;
            satchel.write(id, session -> {
                try (Connection connection = session.connection()) {
                    write(connection, change);
                }
                return null;
            });
        }
    }

    private static void write(Connection connection, int change) throws SQLException {
        try (var statement = connection.createStatement()) {
            if (change == 0) {
                statement.execute("CREATE TABLE IF NOT EXISTS notes (id INTEGER PRIMARY KEY, body TEXT)");
            }
        }
        try (var insert = connection.prepareStatement("INSERT INTO notes (body) VALUES (?)")) {
            insert.setString(1, "note " + change);
            insert.executeUpdate();
        }
    }

    private static String perVisit(CountingObjectStore store, Operation operation) {
        return Report.ratio((double) store.requests().count(operation) / USERS);
    }

    /** The process's memory outside and inside the heap; 0 where the system does not tell. */
    private static long residentBytes() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) {
            return 0;
        }
        for (String line : Files.readAllLines(status)) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
            }
        }
        return 0;
    }
}
