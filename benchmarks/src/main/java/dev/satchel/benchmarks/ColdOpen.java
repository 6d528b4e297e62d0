package dev.satchel.benchmarks;

import dev.satchel.DatabaseId;
import dev.satchel.Durability;
import dev.satchel.Freshness;
import dev.satchel.Satchel;
import dev.satchel.Session;
import dev.satchel.store.ObjectStore;
import dev.satchel.store.StoredObject;
import dev.satchel.testkit.CountingObjectStore;
import dev.satchel.testkit.InMemoryObjectStore;
import dev.satchel.testkit.LatencyObjectStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.time.Duration;

/** The first request for a user on a machine that has nothing of that user. */
final class ColdOpen implements Scenario {
    private static final Duration LATENCY = Duration.ofMillis(20);
    private static final int COMMITS_BEHIND = 40;
    private static final int WARM_UP = 3;
    private static final int OPENS = 12;

    @Override
    public String name() {
        return "cold-open";
    }

    @Override
    public String title() {
        return "First SELECT on a machine that has no copy, " + LATENCY.toMillis() + " ms a request";
    }

    @Override
    public void run(Bench bench) throws Exception {
        for (long megabytes : new long[] {1, 10}) {
            InMemoryObjectStore objects = new InMemoryObjectStore();
            DatabaseId id = DatabaseId.of("alice");
            bench.createSample(objects, id, megabytes << 20);
            measure(bench, megabytes + " MB, image at the head", objects, id);
            addCommits(bench, objects, id);
            measure(bench, megabytes + " MB, " + COMMITS_BEHIND + " commits after the image", objects, id);
        }
    }

    private static void addCommits(Bench bench, ObjectStore objects, DatabaseId id) throws Exception {
        try (Satchel writer = Bench.start(new WithoutImages(objects), bench.newFolder())) {
            for (int n = 0; n < COMMITS_BEHIND; n++) {
                try (Session session = writer.open(id, Freshness.local(), Durability.DURABLE);
                        Connection connection = session.connection()) {
                    SampleDatabase.renameProject(connection, 1 + n % 20, n);
                }
            }
        }
    }

    private static void measure(Bench bench, String name, InMemoryObjectStore objects, DatabaseId id) throws Exception {
        CountingObjectStore store = new CountingObjectStore(new LatencyObjectStore(objects, LATENCY));
        Samples opens = new Samples();
        Samples gets = new Samples();
        int requests = 0;
        for (int n = -WARM_UP; n < OPENS; n++) {
            long get = download(store, id, bench.newFolder().resolve("image"));
            store.requests().reset();
            try (Satchel satchel = Bench.start(new WithoutImages(store), bench.newFolder())) {
                long start = System.nanoTime();
                satchel.read(id, SampleReads::project);
                long open = System.nanoTime() - start;
                requests = store.requests().count();
                if (n >= 0) {
                    opens.add(open);
                    gets.add(get);
                }
            }
        }
        bench.report()
                .beside(
                        name + ", p50; " + requests + " requests",
                        Report.time(opens.p50()),
                        "GET to a file " + Report.time(gets.p50()),
                        opens.p50() / gets.p50());
    }

    /** What the same client needs to bring the image alone into a file. */
    private static long download(ObjectStore store, DatabaseId id, Path target) throws Exception {
        long start = System.nanoTime();
        try (StoredObject image = store.get(id.path() + ".sqlite").orElseThrow()) {
            Files.copy(image.body(), target, StandardCopyOption.REPLACE_EXISTING);
        }
        return System.nanoTime() - start;
    }
}
