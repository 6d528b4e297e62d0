package dev.satchel.store;

import dev.satchel.store.PutResult.Stored;
import dev.satchel.store.StoreException.Reason;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A store as a probe asks it: in a folder of its own, counting requests, waiting where the store wants it, and remembering what
 * has to be removed. Thread-safe.
 */
final class ProbeAccess {
    /** How often something is tried that a store asks to come back for. */
    static final int PATIENCE = 6;

    /** A little more than the second that R2 and GCS want between two writes of one key. */
    static final Duration WRITE_LIMIT = Duration.ofMillis(1_100);

    private final ObjectStore store;
    private final String folder;
    private final Sleeper sleeper;
    private final Set<String> written = new ConcurrentSkipListSet<>();
    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicInteger bodies = new AtomicInteger();

    /**
     * Access to what is below a folder.
     *
     * @param folder where all keys are, with a slash at the end
     */
    ProbeAccess(ObjectStore store, String folder, Sleeper sleeper) {
        this.store = store;
        this.folder = folder;
        this.sleeper = sleeper;
    }

    String location() {
        return store.location();
    }

    String folder() {
        return folder;
    }

    int requests() {
        return requests.get();
    }

    /** A key in the folder. */
    String key(String name) {
        return folder + name;
    }

    /** A body that no other is like. */
    byte[] body() {
        return ("satchel probe " + folder + bodies.incrementAndGet()).getBytes(StandardCharsets.UTF_8);
    }

    /** What has been put, and not removed by the experiments themselves. */
    List<String> written() {
        return List.copyOf(written);
    }

    // ---- single requests --------------------------------------------------------------------------------------------

    Optional<StoredObject> get(String key) {
        return get(key, ByteRange.ALL);
    }

    Optional<StoredObject> get(String key, ByteRange range) {
        requests.incrementAndGet();
        return store.get(key, range);
    }

    Optional<ObjectInfo> head(String key) {
        requests.incrementAndGet();
        return store.head(key);
    }

    ListPage list(String prefix, String startAfter, int limit) {
        requests.incrementAndGet();
        return store.list(prefix, startAfter, limit);
    }

    void delete(String key) {
        requests.incrementAndGet();
        store.delete(key);
        written.remove(key);
    }

    /** A put with whatever comes of it. */
    PutResult put(String key, byte[] body, Map<String, String> metadata, PutCondition condition) {
        requests.incrementAndGet();
        written.add(key);
        return store.put(key, ObjectBody.of(body), metadata, condition);
    }

    // ---- with patience ----------------------------------------------------------------------------------------------

    PutResult putPatiently(String key, byte[] body, PutCondition condition) {
        return putPatiently(key, body, Map.of(), condition);
    }

    /** Bodies are unique, so that after an unknown outcome the content says whether it was this put. */
    PutResult putPatiently(String key, byte[] body, Map<String, String> metadata, PutCondition condition) {
        boolean unsure = false;
        for (int attempt = 1; ; attempt++) {
            try {
                requests.incrementAndGet();
                PutResult result = store.put(key, ObjectBody.of(body), metadata, condition);
                written.add(key);
                if (unsure && result == PutResult.PreconditionFailed.INSTANCE) {
                    Optional<StoredObject> object = get(key);
                    if (object.isPresent()) {
                        ObjectInfo info = object.get().info();
                        if (Arrays.equals(readAndClose(object.get()), body)) {
                            return new Stored(info.etag());
                        }
                    }
                }
                return result;
            } catch (StoreException e) {
                if (!e.reason().outcomeUnknown()) {
                    throw e;
                }
                written.add(key);
                if (attempt >= (e.reason() == Reason.THROTTLED ? PATIENCE : 2)) {
                    throw e;
                }
                unsure = true;
                pause(e.retryAfter().orElse(WRITE_LIMIT));
            }
        }
    }

    /** Puts under a new key; the etag. */
    String putNew(String key, byte[] body) {
        return putNew(key, body, Map.of());
    }

    /** Puts under a new key; the etag. */
    String putNew(String key, byte[] body, Map<String, String> metadata) {
        return stored(putPatiently(key, body, metadata, PutCondition.ifAbsent()), "the first put of a new key");
    }

    /** A put that is answered, whatever the answer: only a store that asks to come back is asked again. */
    PutResult answered(String key, byte[] body, Map<String, String> metadata, PutCondition condition) {
        for (int attempt = 1; ; attempt++) {
            try {
                return put(key, body, metadata, condition);
            } catch (StoreException e) {
                if (e.reason() != Reason.THROTTLED || attempt == PATIENCE) {
                    throw e;
                }
                pause(e.retryAfter().orElse(WRITE_LIMIT));
            }
        }
    }

    void pause(Duration duration) {
        try {
            sleeper.sleep(duration);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException(Reason.NOT_SENT, "interrupted while probing " + store.location(), e);
        }
    }

    // ---- what must be -----------------------------------------------------------------------------------------------

    ObjectInfo expectContent(String key, byte[] expected) {
        try (StoredObject object = get(key).orElseThrow(() -> lost(key))) {
            byte[] got = object.readAll();
            if (!Arrays.equals(got, expected)) {
                int same = Arrays.mismatch(got, expected);
                throw new ProbeFinding("delivers other bytes than were put to " + key + ": " + got.length
                        + " instead of " + expected.length + ", different from byte " + same + " on");
            }
            return object.info();
        }
    }

    /** Any bytes will do: it must be there. */
    void expectPresent(String key) {
        readAndClose(get(key).orElseThrow(() -> lost(key)));
    }

    void expectAbsent(String key, String otherwise) {
        if (head(key).isPresent()) {
            throw new ProbeFinding("describes " + otherwise);
        }
        Optional<StoredObject> got = get(key);
        if (got.isPresent()) {
            got.get().close();
            throw new ProbeFinding("delivers " + otherwise);
        }
    }

    static void expectKeys(List<String> expected, ListPage page) {
        List<String> got = page.objects().stream().map(ObjectInfo::key).toList();
        if (!got.equals(expected)) {
            throw new ProbeFinding("lists " + got + " instead of " + expected);
        }
    }

    static byte[] readAndClose(StoredObject object) {
        try (object) {
            return object.readAll();
        }
    }

    static String stored(PutResult result, String what) {
        if (result instanceof Stored stored) {
            return stored.etag();
        }
        throw new ProbeFinding("refused " + what);
    }

    static void refused(PutResult result, String otherwise) {
        if (result instanceof Stored) {
            throw new ProbeFinding(otherwise);
        }
    }

    static ProbeFinding lost(String key) {
        return new ProbeFinding("does not find " + key + ", which it had just stored");
    }
}
