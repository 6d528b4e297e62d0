package dev.satchel.internal.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.Conflict;
import dev.satchel.DatabaseId;
import dev.satchel.SatchelConfig;
import dev.satchel.internal.log.CommitEntry;
import dev.satchel.internal.log.DatabaseLog;
import dev.satchel.internal.log.Provenance;
import dev.satchel.internal.ltx.LtxCorruptException;
import dev.satchel.internal.ltx.LtxDecoder;
import dev.satchel.internal.ltx.LtxFile;
import dev.satchel.internal.replica.DatabaseFile;
import dev.satchel.store.ListPage;
import dev.satchel.store.ObjectInfo;
import dev.satchel.store.ObjectStore;
import dev.satchel.store.StoredObject;
import dev.satchel.testkit.InMemoryObjectStore;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The nodes of one test, the store they share, and their time, which runs by itself and jumps when told to.
 *
 * <p>Background work happens when a test asks for it, or when a session causes it. After each test the nodes are closed, no
 * file of theirs may be open, and every database in the store must be whole: versions without holes, each the child of the
 * one before, and a head that SQLite finds sound.
 */
public final class Nodes implements BeforeEachCallback, AfterEachCallback {
    public static final Duration NEVER = Surroundings.NEVER;

    private static final Pattern COMMIT = Pattern.compile("([^/]+)/([^/]+)[.]ltx/0000/[0-9a-f]{16}-[0-9a-f]{16}[.]ltx");
    private static final String ENGINE = Nodes.class.getPackageName();
    private static final Instant BEGINNING = Instant.parse("2026-01-01T00:00:00Z");

    private final AtomicLong skipped = new AtomicLong();
    private final InMemoryObjectStore store = new InMemoryObjectStore(wallClock(), false);
    private final AtomicLong seeds = new AtomicLong();
    private final List<TestNode> nodes = new CopyOnWriteArrayList<>();
    private final List<Thread> threads = new CopyOnWriteArrayList<>();
    private Path root = Path.of("");
    private boolean damaged;

    @Override
    public void beforeEach(ExtensionContext context) throws IOException {
        root = Files.createTempDirectory("satchel-engine");
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        for (TestNode node : nodes) {
            node.faults().clear();
        }
        for (TestNode node : nodes) {
            node.close();
        }
        try {
            if (context.getExecutionException().isEmpty()) {
                requireNothingOpen();
                if (!damaged) {
                    databases().forEach(this::requireWhole);
                }
            }
        } finally {
            deleteFolders();
        }
    }

    public InMemoryObjectStore store() {
        return store;
    }

    /** A node that is still to be started. */
    public TestNode.Setup node(String name) {
        return new TestNode.Setup(this, name);
    }

    /** A node with default settings. */
    public TestNode start(String name) {
        return node(name).start();
    }

    public TestNode start(String name, SatchelConfig config) {
        return node(name).config(config).start();
    }

    public TestNode add(TestNode node) {
        nodes.add(node);
        return node;
    }

    /** A folder of its own; not made yet. */
    public Path folder(String name) {
        return root.resolve(name);
    }

    /** Says that this test damages the store, and that it need not be whole afterwards. */
    public void storeIsDamaged() {
        damaged = true;
    }

    /** Runs something beside the test. */
    public <T> CompletableFuture<T> async(Supplier<T> work) {
        CompletableFuture<T> future = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                future.complete(work.get());
            } catch (Throwable e) {
                future.completeExceptionally(e);
            }
        });
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
        return future;
    }

    /** Until all that was started beside the test has ended, or waits for the store, or for others that do. */
    public void awaitAllAtTheStore() {
        for (Thread thread : threads) {
            Await.until("a thread of the test waits for the store", () -> switch (thread.getState()) {
                case WAITING, TIMED_WAITING ->
                    Arrays.stream(thread.getStackTrace())
                            .anyMatch(frame -> frame.getClassName().startsWith(ENGINE)
                                    && frame.getMethodName().equals("await"));
                case TERMINATED -> true;
                default -> false;
            });
        }
    }

    public long nanoTime() {
        return System.nanoTime() + skipped.get();
    }

    public InstantSource wallClock() {
        return () -> BEGINNING.plusNanos(skipped.get());
    }

    /** Time goes by for all nodes. */
    public void skip(Duration time) {
        skipped.addAndGet(time.toNanos());
    }

    public long nextSeed() {
        return seeds.incrementAndGet();
    }

    // ---- looking into the store -------------------------------------------------------------------------------------

    public DatabaseLog log(DatabaseId id) {
        return new DatabaseLog(store, id);
    }

    /** The versions in the store. */
    public List<Long> versions(DatabaseId id) {
        return log(id).commitsAfter(0).stream().map(CommitEntry::version).toList();
    }

    /** The newest version in the store, 0 if there is none. */
    public long head(DatabaseId id) {
        List<Long> versions = versions(id);
        return versions.isEmpty() ? 0 : versions.get(versions.size() - 1);
    }

    /** All keys. */
    public List<String> keys() {
        return keys("");
    }

    public List<String> keys(String prefix) {
        List<String> keys = new ArrayList<>();
        ListPage page;
        String after = "";
        do {
            page = store.list(prefix, after, ObjectStore.MAX_LIST_LIMIT);
            for (ObjectInfo object : page.objects()) {
                keys.add(object.key());
                after = object.key();
            }
        } while (page.more());
        return keys;
    }

    /** The bytes of an object. */
    public byte[] bytes(String key) {
        return store.get(key).orElseThrow().readAll();
    }

    /** What the store alone gives for a query at a version, by way of image and log. */
    public List<String> query(DatabaseId id, long version, String sql) {
        Path target = folder("query-" + nextSeed());
        DatabaseLoader loader = new DatabaseLoader(Runnable::run, System::nanoTime);
        try (DatabaseFile file = loader.loadVersion(log(id), version, target)) {
            return queryFile(file.path(), sql);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a conflict object keeps: the changes it holds, on top of the version both sides began from. */
    public List<String> keptNotes(Conflict conflict) {
        DatabaseId id = conflict.database();
        try (StoredObject object = store.get(conflict.keptAs()).orElseThrow()) {
            LtxFile changes = LtxDecoder.decode(object.readAll());
            int pageSize = changes.header().pageSize();
            Path target = folder("kept-" + nextSeed());
            if (conflict.base().isNone()) {
                Files.createFile(target);
            } else {
                DatabaseLoader loader = new DatabaseLoader(Runnable::run, System::nanoTime);
                loader.loadVersion(log(id), conflict.base().number(), target).close();
            }
            try (RandomAccessFile file = new RandomAccessFile(target.toFile(), "rw")) {
                for (Map.Entry<Integer, byte[]> page : changes.pages().entrySet()) {
                    file.seek((page.getKey() - 1L) * pageSize);
                    file.write(page.getValue());
                }
                file.setLength((long) changes.header().commit() * pageSize);
            }
            assertThat(queryFile(target, "PRAGMA integrity_check")).containsExactly("ok");
            return queryFile(target, "SELECT text FROM note ORDER BY id");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (LtxCorruptException e) {
            throw new AssertionError(e);
        }
    }

    /** What a plain SQLite says of a file. */
    public static List<String> queryFile(Path file, String sql) {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:file:" + file + "?immutable=1")) {
            return Sql.query(connection, sql);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    /** The notes of the head, from the store alone. */
    public List<String> storedNotes(DatabaseId id) {
        return query(id, head(id), "SELECT text FROM note ORDER BY id");
    }

    private SortedSet<DatabaseId> databases() {
        SortedSet<DatabaseId> databases = new TreeSet<>();
        for (String key : keys()) {
            Matcher commit = COMMIT.matcher(key);
            if (commit.matches()) {
                databases.add(DatabaseId.decode(commit.group(1), commit.group(2)));
            }
        }
        return databases;
    }

    private void requireWhole(DatabaseId id) {
        List<Long> versions = versions(id);
        List<Long> expected = Stream.iterate(versions.get(0), v -> v + 1)
                .limit(versions.size())
                .toList();
        assertThat(versions).as("versions of %s", id).isEqualTo(expected);
        Optional<Provenance> deletion = log(id).lastDeletion(log(id).commitsAfter(0));
        if (deletion.isPresent() && deletion.get().version() == head(id)) {
            return; // There is nothing in it.
        }
        if (versions.get(0) == 1 && deletion.isEmpty()) {
            Path target = folder("check-" + nextSeed());
            try (DatabaseFile file = DatabaseFile.create(id, target)) {
                for (long version : versions) {
                    file.apply(log(id).commit(version).orElseThrow());
                }
                assertThat(queryFile(target, "PRAGMA integrity_check"))
                        .as("integrity of %s", id)
                        .containsExactly("ok");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        assertThat(query(id, head(id), "PRAGMA integrity_check")).containsExactly("ok");
    }

    // ---- looking into the machine -----------------------------------------------------------------------------------

    private void requireNothingOpen() throws IOException {
        Path descriptors = Path.of("/proc/self/fd");
        if (!Files.isDirectory(descriptors)) {
            return;
        }
        List<String> open = new ArrayList<>();
        try (Stream<Path> links = Files.list(descriptors)) {
            for (Path link : links.toList()) {
                try {
                    String target = Files.readSymbolicLink(link).toString();
                    if (target.startsWith(root.toString())) {
                        open.add(target);
                    }
                } catch (IOException e) {
                    // Closed meanwhile.
                }
            }
        }
        assertThat(open).as("open files after all nodes were closed").isEmpty();
    }

    private void deleteFolders() throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
