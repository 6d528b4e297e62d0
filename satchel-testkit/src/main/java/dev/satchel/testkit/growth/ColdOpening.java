package dev.satchel.testkit.growth;

import dev.satchel.DatabaseId;
import dev.satchel.Satchel;
import dev.satchel.SatchelConfig;
import dev.satchel.store.ByteRange;
import dev.satchel.store.ObjectStore;
import dev.satchel.store.ObjectStores;
import dev.satchel.store.StoredObject;
import dev.satchel.testkit.CountingObjectStore;
import dev.satchel.testkit.ForwardingObjectStore;
import java.io.BufferedReader;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

/** The process that opens a database it has no copy of, with a small heap, whatever the size. */
public final class ColdOpening {
    private static final String RESULT = "result ";

    private ColdOpening() {}

    /** Runs one in a process of its own, with this JVM's Java and class path. */
    static GrowthRow.Opening inItsOwnProcess(GrowthSettings settings, Path folder, int rounds)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + settings.heapMegabytes() + "m",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                "-cp",
                System.getProperty("java.class.path"),
                ColdOpening.class.getName(),
                settings.store(),
                settings.user(),
                folder.toString(),
                Integer.toString(rounds)));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(settings.environment());
        Process process = builder.start();
        StringBuilder said = new StringBuilder();
        String result = null;
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (line.startsWith(RESULT)) {
                    result = line.substring(RESULT.length());
                } else {
                    said.append(line).append('\n');
                }
            }
        }
        int exit = process.waitFor();
        if (exit != 0 || result == null) {
            throw new IOException("the process that opens the database ended with " + exit + ": " + said);
        }
        return parsed(result);
    }

    private static GrowthRow.Opening parsed(String result) {
        String[] fields = result.split(" ", -1);
        return new GrowthRow.Opening(
                Long.parseLong(fields[0]),
                Integer.parseInt(fields[1]),
                Duration.ofNanos(Long.parseLong(fields[2])),
                Duration.ofNanos(Long.parseLong(fields[3])),
                Long.parseLong(fields[4]),
                Long.parseLong(fields[5]));
    }

    /**
     * Opens and gets in turns, and prints what the fastest of each took.
     *
     * @param arguments store, user, an empty folder, rounds
     */
    public static void main(String... arguments) throws Exception {
        Path folder = Path.of(arguments[2]);
        DatabaseId id = DatabaseId.of(arguments[1]);
        long open = Long.MAX_VALUE;
        long get = Long.MAX_VALUE;
        try (ObjectStore opened = ObjectStores.open(arguments[0], Map.copyOf(System.getenv()));
                ReadBytes read = new ReadBytes(opened);
                CountingObjectStore store = new CountingObjectStore(read)) {
            for (int round = 0; round < Integer.parseInt(arguments[3]); round++) {
                get = Math.min(get, get(store, id, folder.resolve("image")));
                store.requests().reset();
                read.bytes.reset();
                open = Math.min(open, open(store, id, folder.resolve("node-" + round)));
            }
            System.out.println(RESULT + read.bytes.sum() + " "
                    + store.requests().count() + " " + open + " " + get + " "
                    + Runtime.getRuntime().maxMemory() + " " + heapPeak());
        }
    }

    /** Counts the bytes that are read, not those that were announced: a body need not be read to its end. */
    private static final class ReadBytes extends ForwardingObjectStore {
        private final LongAdder bytes = new LongAdder();

        ReadBytes(ObjectStore delegate) {
            super(delegate);
        }

        @Override
        public Optional<StoredObject> get(String key, ByteRange range) {
            return super.get(key, range)
                    .map(object -> new StoredObject(object.info(), new Counted(object.body()), object.expectedBytes()));
        }

        private final class Counted extends FilterInputStream {
            Counted(InputStream in) {
                super(in);
            }

            @Override
            public int read() throws IOException {
                int value = super.read();
                bytes.add(value < 0 ? 0 : 1);
                return value;
            }

            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                int count = super.read(buffer, offset, length);
                bytes.add(Math.max(0, count));
                return count;
            }
        }
    }

    private static long get(ObjectStore store, DatabaseId id, Path target) throws IOException {
        long began = System.nanoTime();
        try (StoredObject image = store.get(id.path() + ".sqlite").orElseThrow()) {
            Files.copy(image.body(), target);
        }
        long took = System.nanoTime() - began;
        Files.delete(target);
        return took;
    }

    private static long open(ObjectStore store, DatabaseId id, Path folder) throws Exception {
        SatchelConfig patient = SatchelConfig.defaults().withTimeouts(Duration.ofMinutes(10), Duration.ofMinutes(10));
        long took;
        try (Satchel satchel = Satchel.builder(store, folder).config(patient).build()) {
            long began = System.nanoTime();
            satchel.read(id, session -> {
                try (Connection connection = session.connection();
                        Statement statement = connection.createStatement();
                        ResultSet rows = statement.executeQuery("SELECT name FROM entry WHERE id = 1")) {
                    return rows.next() ? rows.getString(1) : "";
                }
            });
            took = System.nanoTime() - began;
        }
        Growth.delete(folder);
        return took;
    }

    private static long heapPeak() {
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .map(MemoryPoolMXBean::getPeakUsage)
                .mapToLong(usage -> usage.getUsed())
                .sum();
    }
}
