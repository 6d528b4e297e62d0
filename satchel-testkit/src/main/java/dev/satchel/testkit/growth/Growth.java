package dev.satchel.testkit.growth;

import com.sun.management.ThreadMXBean;
import dev.satchel.DatabaseId;
import dev.satchel.Durability;
import dev.satchel.Freshness;
import dev.satchel.Satchel;
import dev.satchel.SatchelConfig;
import dev.satchel.Session;
import dev.satchel.store.ListPage;
import dev.satchel.store.ObjectBody;
import dev.satchel.store.ObjectInfo;
import dev.satchel.store.ObjectStore;
import dev.satchel.store.ObjectStores;
import dev.satchel.store.PutCondition;
import dev.satchel.testkit.CountingObjectStore;
import dev.satchel.testkit.Operation;
import dev.satchel.testkit.RequestLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.stream.Stream;

/** Grows a database and measures what it costs at each size. Confined to one thread. */
public final class Growth {
    private static final long GROWN_AT_ONCE = 8 << 20;
    private static final int BODY = 900;
    /** Small ones are opened more often, since the first times say more of a fresh process. */
    private static final long LARGE = 500L << 20;

    private final GrowthSettings settings;
    private final DatabaseId id;
    private final Random random = new Random(20_260_801);
    private long rows;
    private int names;
    private int bare;

    /** Measures with these settings. */
    public Growth(GrowthSettings settings) {
        this.settings = settings;
        this.id = DatabaseId.of(settings.user());
    }

    /**
     * Measures size after size, and removes what it has made.
     *
     * @param grown told how large the database is by now
     * @param measured told of each size
     */
    public void run(LongConsumer grown, Consumer<GrowthRow> measured) throws Exception {
        Path folder = settings.folder();
        try (ObjectStore opened = ObjectStores.open(settings.store(), settings.environment())) {
            try {
                for (long size : settings.sizes()) {
                    measured.accept(measure(opened, folder.resolve("node"), size, grown));
                }
            } finally {
                delete(folder.resolve("node"));
                removeAll(opened);
            }
        }
    }

    private GrowthRow measure(ObjectStore opened, Path folder, long size, LongConsumer grown) throws Exception {
        CountingObjectStore store = new CountingObjectStore(opened);
        SatchelConfig patient = SatchelConfig.defaults().withTimeouts(Duration.ofMinutes(10), Duration.ofMinutes(10));
        long bytes;
        try (Satchel satchel = Satchel.builder(store, folder).config(patient).build()) {
            bytes = growTo(satchel, size, grown);
        } // Closing writes the image, so that none of what was written until now is measured.
        GrowthRow.Change change;
        try (Satchel satchel = Satchel.builder(store, folder).config(patient).build()) {
            change = change(satchel, store);
        }
        Path cold = Files.createDirectories(settings.folder().resolve("cold"));
        try {
            return new GrowthRow(bytes, change, ColdOpening.inItsOwnProcess(settings, cold, openings(bytes)));
        } finally {
            delete(cold);
        }
    }

    private int openings(long bytes) {
        return bytes > LARGE ? Math.max(1, settings.openings() / 2) : settings.openings();
    }

    // ---- growing ----------------------------------------------------------------------------------------------------

    private long growTo(Satchel satchel, long size, LongConsumer grown) throws SQLException {
        long bytes = 0;
        while (bytes < size) {
            long more = Math.min(GROWN_AT_ONCE, size - bytes);
            try (Session session = satchel.open(id, Freshness.local(), Durability.DURABLE)) {
                try (Connection connection = session.connection()) {
                    bytes = grow(connection, more, size);
                }
                session.complete();
            }
            grown.accept(bytes);
        }
        return bytes;
    }

    private long grow(Connection connection, long more, long size) throws SQLException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE IF NOT EXISTS entry"
                    + " (id INTEGER PRIMARY KEY, project INTEGER NOT NULL, name TEXT NOT NULL, body BLOB NOT NULL)");
            statement.execute("CREATE INDEX IF NOT EXISTS entry_by_project ON entry (project)");
        }
        long bytes = bytes(connection);
        long until = Math.min(size, bytes + more);
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT INTO entry (project, name, body) VALUES (?, ?, ?)")) {
            byte[] body = new byte[BODY];
            while (bytes < until) {
                for (int i = 0; i < 50; i++) {
                    random.nextBytes(body);
                    insert.setLong(1, ++rows / 20);
                    insert.setString(2, name(0));
                    insert.setBytes(3, body);
                    insert.executeUpdate();
                }
                bytes = bytes(connection);
            }
        }
        connection.commit();
        connection.setAutoCommit(true);
        return bytes;
    }

    private static long bytes(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")) {
            rows.next();
            return rows.getLong(1);
        }
    }

    /** Always of the same length. */
    private static String name(int n) {
        return String.format("Highlights %07d", n);
    }

    // ---- changes ----------------------------------------------------------------------------------------------------

    private GrowthRow.Change change(Satchel satchel, CountingObjectStore store) throws SQLException {
        int count = settings.changes();
        for (int n = 0; n < count / 3; n++) {
            rename(satchel);
            put(store, new byte[4096]);
        }
        long[] times = new long[count];
        long[] puts = new long[count];
        long[] uploaded = new long[count];
        long[] allocated = new long[count];
        long[] requests = new long[count];
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long thread = Thread.currentThread().getId();
        for (int n = 0; n < count; n++) {
            store.requests().reset();
            long before = threads.getThreadAllocatedBytes(thread);
            long began = System.nanoTime();
            rename(satchel);
            times[n] = System.nanoTime() - began;
            allocated[n] = threads.getThreadAllocatedBytes(thread) - before;
            for (RequestLog.Entry request : store.requests().entries()) {
                if (request.operation() == Operation.PUT && request.key().contains(".ltx/0000/")) {
                    uploaded[n] += request.bytes();
                    requests[n]++;
                }
            }
            byte[] body = new byte[Math.toIntExact(uploaded[n])];
            random.nextBytes(body);
            began = System.nanoTime();
            put(store, body);
            puts[n] = System.nanoTime() - began;
        }
        return new GrowthRow.Change(
                median(uploaded),
                Math.toIntExact(median(requests)),
                Duration.ofNanos(median(times)),
                Duration.ofNanos(median(puts)),
                median(allocated));
    }

    private void rename(Satchel satchel) throws SQLException {
        try (Session session = satchel.open(id, Freshness.local(), Durability.DURABLE)) {
            try (Connection connection = session.connection();
                    PreparedStatement update = connection.prepareStatement("UPDATE entry SET name = ? WHERE id = ?")) {
                update.setString(1, name(++names));
                update.setLong(2, 1 + random.nextLong(rows));
                update.executeUpdate();
            }
            session.complete();
        }
    }

    /** As a commit is put, where a commit is put. */
    private void put(CountingObjectStore store, byte[] body) {
        String key = String.format("%s.ltx/0000/bare-%016x", id.path(), bare++);
        store.put(key, ObjectBody.of(body), Map.of(), PutCondition.ifAbsent());
        store.delete(key);
    }

    private static long median(long... values) {
        long[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    // ---- tidying up -------------------------------------------------------------------------------------------------

    private void removeAll(ObjectStore store) {
        ListPage page;
        do {
            page = store.list(id.user().encoded() + "/", "", ObjectStore.MAX_LIST_LIMIT);
            for (ObjectInfo object : page.objects()) {
                store.delete(object.key());
            }
        } while (page.more());
    }

    static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
