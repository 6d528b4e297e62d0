package dev.satchel.scenarios;

import dev.satchel.Bucket;
import dev.satchel.DatabaseAt;
import dev.satchel.DatabaseId;
import dev.satchel.Satchel;
import dev.satchel.Version;
import dev.satchel.spring.boot.ItemsApplication;
import dev.satchel.spring.boot.RunningItems;
import dev.satchel.store.ListPage;
import dev.satchel.store.ObjectInfo;
import dev.satchel.store.ObjectStore;
import dev.satchel.store.StoredObject;
import dev.satchel.testkit.InMemoryObjectStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The applications of one scenario, the bucket they share, and what the bucket alone says. */
final class Applications implements BeforeEachCallback, AfterEachCallback {
    static final String REJECT = "satchel.conflict-policy=reject";
    static final String DEFERRED = "satchel.durability=deferred";
    static final String IMPATIENT = "satchel.store-timeout=1s";

    /** The keys of commits. */
    static final String COMMITS = ".*[.]ltx/0000/.*";

    private static final long PATIENCE_SECONDS = 60;

    private final InMemoryObjectStore bucket = new InMemoryObjectStore();
    private final List<AutoCloseable> running = new ArrayList<>();
    private final List<RunningItems> applications = new ArrayList<>();
    private Path root = Path.of("");
    private int disks;

    @Override
    public void beforeEach(ExtensionContext context) throws IOException {
        root = Files.createTempDirectory("satchel-scenario");
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        for (RunningItems application : applications) {
            application.faults().clear();
        }
        for (AutoCloseable each : running) {
            each.close();
        }
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    /** What the applications share. */
    InMemoryObjectStore bucket() {
        return bucket;
    }

    /** A folder of its own; not made yet. */
    Path folder(String name) {
        return root.resolve(name);
    }

    /** Ends with the scenario. */
    <T extends AutoCloseable> T closing(T each) {
        running.add(each);
        return each;
    }

    /** A process on the shared bucket, with a disk of that name. */
    RunningItems start(String disk, String... properties) {
        return start(bucket, folder(disk), properties);
    }

    /** A process on another bucket or disk. */
    RunningItems start(ObjectStore store, Path disk, String... properties) {
        return start(store, disk, List.of(), properties);
    }

    /** A process with more beans. */
    RunningItems start(ObjectStore store, Path disk, List<Class<?>> beans, String... properties) {
        RunningItems started = closing(RunningItems.start(store, disk, beans, properties));
        applications.add(started);
        return started;
    }

    /** What a process that starts on an empty disk sees. */
    List<String> stored(String user) {
        return stored(bucket, DatabaseId.of(user));
    }

    /** What a process that starts on an empty disk sees. */
    List<String> stored(ObjectStore store, DatabaseId database) {
        try (Satchel fresh = Satchel.builder(store, folder("empty" + ++disks))
                .schema(new ItemsApplication.Schema())
                .build()) {
            return ItemsApplication.itemsSeenBy(fresh, database);
        }
    }

    /** The items of one version, by the bucket alone. */
    List<String> storedAt(String user, long version) {
        return queryAt(user, version, "select name from item order by id");
    }

    /** What one version says to a query, by the bucket alone. */
    List<String> queryAt(String user, long version, String sql) {
        try (Bucket opened = Bucket.of(bucket);
                DatabaseAt at = opened.openAt(DatabaseId.of(user), Version.of(version))) {
            return JdbcClient.create(at.dataSource())
                    .sql(sql)
                    .query(String.class)
                    .list();
        }
    }

    /** The newest version in the bucket, 0 if there is none. */
    long head(String user) {
        return versions(user).size();
    }

    /** The commits in the bucket and their bytes. */
    Map<String, String> versions(String user) {
        return objects(user + "/database.ltx/0000/");
    }

    /** The objects below a prefix and their bytes. */
    Map<String, String> objects(String prefix) {
        return objects(bucket, prefix);
    }

    /** The objects below a prefix and their bytes. */
    static Map<String, String> objects(ObjectStore store, String prefix) {
        Map<String, String> objects = new TreeMap<>();
        String after = "";
        ListPage page;
        do {
            page = store.list(prefix, after, ObjectStore.MAX_LIST_LIMIT);
            for (ObjectInfo object : page.objects()) {
                after = object.key();
                try (StoredObject opened = store.get(after).orElseThrow()) {
                    objects.put(after, java.util.HexFormat.of().formatHex(opened.readAll()));
                }
            }
        } while (page.more());
        return objects;
    }

    /** Items with a number each. */
    static List<String> items(int count) {
        return IntStream.rangeClosed(1, count).mapToObj(i -> "item" + i).toList();
    }

    /** Waits for something that comes by itself. */
    static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("waited in vain: " + what);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    /** The result of something that comes by itself. */
    static <T> T get(CompletableFuture<T> future) {
        try {
            return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
