package dev.satchel.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.zip.CRC32C;

/**
 * A process that works on a directory store until it is killed, and says on its output what it was acknowledged. Arguments: the
 * folder, its own name, and whether to fsync.
 *
 * <p>Every object's metadata has the size and CRC32C of the body.
 */
final class DirectoryStoreProcess {
    private static final int THREADS = 3;
    private static final int LONGEST_BODY = 20_000;

    private final Path folder;
    private final String name;
    private final boolean fsync;
    private final DirectoryObjectStore store;

    private DirectoryStoreProcess(Path folder, String name, boolean fsync) {
        this.folder = folder;
        this.name = name;
        this.fsync = fsync;
        this.store = new DirectoryObjectStore(folder, fsync);
    }

    public static void main(String[] args) throws IOException {
        DirectoryStoreProcess process =
                new DirectoryStoreProcess(Path.of(args[0]), args[1], Boolean.parseBoolean(args[2]));
        for (int thread = 0; thread < THREADS; thread++) {
            Random random = new Random((args[1] + thread).hashCode());
            new Thread(() -> process.work(random)).start();
        }
        while (System.in.read() >= 0) {
            // Ends with the test, if that does not kill it.
        }
        System.exit(0);
    }

    /** Whether size and CRC32C are those the object was put with. */
    static boolean isWhole(StoredObject object) {
        byte[] bytes = object.readAll();
        return metadata(bytes).equals(object.info().metadata());
    }

    private void work(Random random) {
        try {
            for (int claim = 0; ; ) {
                switch (random.nextInt(5)) {
                    case 0, 1 -> claim += claim("log/" + claim) ? 1 : 1 + random.nextInt(3);
                    case 2 -> count(random);
                    case 3 -> overwrite(random);
                    default -> comeAndGo(random);
                }
                check("image");
                check("come/and/go");
            }
        } catch (RuntimeException | Error e) {
            e.printStackTrace();
            broken(e);
        }
    }

    private boolean claim(String key) {
        boolean won = put(store, key, name.getBytes(StandardCharsets.UTF_8), PutCondition.ifAbsent());
        if (won) {
            say("won " + key);
        }
        return won;
    }

    /** Every other time through an instance of its own that opens and closes while others hold locks. */
    private void count(Random random) {
        boolean counted;
        if (random.nextBoolean()) {
            counted = count(store);
        } else {
            try (DirectoryObjectStore own = new DirectoryObjectStore(folder, fsync)) {
                counted = count(own);
            }
        }
        if (counted) {
            say("counted");
        }
    }

    private static boolean count(DirectoryObjectStore store) {
        try (StoredObject object = store.get("counter").orElseThrow()) {
            int value = Integer.parseInt(new String(object.readAll(), StandardCharsets.UTF_8));
            byte[] next = Integer.toString(value + 1).getBytes(StandardCharsets.UTF_8);
            return put(
                    store, "counter", next, PutCondition.ifMatch(object.info().etag()));
        }
    }

    private void overwrite(Random random) {
        put(store, "image", bytes(random), PutCondition.none());
        say("overwrote");
    }

    private void comeAndGo(Random random) {
        if (random.nextBoolean()) {
            put(store, "come/and/go", bytes(random), PutCondition.none());
        } else {
            store.delete("come/and/go");
        }
        say("came or went");
    }

    private void check(String key) {
        Optional<StoredObject> found = store.get(key);
        if (found.isPresent()) {
            try (StoredObject object = found.get()) {
                if (!isWhole(object)) {
                    broken(object.info());
                }
            }
        }
    }

    static boolean put(ObjectStore store, String key, byte[] bytes, PutCondition condition) {
        return store.put(key, ObjectBody.of(bytes), metadata(bytes), condition) instanceof PutResult.Stored;
    }

    private static byte[] bytes(Random random) {
        byte[] bytes = new byte[random.nextInt(LONGEST_BODY)];
        random.nextBytes(bytes);
        return bytes;
    }

    private static Map<String, String> metadata(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return Map.of("size", Integer.toString(bytes.length), "crc", Long.toHexString(crc.getValue()));
    }

    private static void broken(Object what) {
        say("broken " + what);
        Runtime.getRuntime().halt(1);
    }

    /** One line, marked at its end, since the process may be killed in the middle of it. */
    private static synchronized void say(String line) {
        System.out.println(line + ".");
        System.out.flush();
    }
}
