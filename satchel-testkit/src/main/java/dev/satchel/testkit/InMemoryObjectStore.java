package dev.satchel.testkit;

import dev.satchel.store.ByteRange;
import dev.satchel.store.ListPage;
import dev.satchel.store.ObjectBody;
import dev.satchel.store.ObjectInfo;
import dev.satchel.store.ObjectStore;
import dev.satchel.store.PutCondition;
import dev.satchel.store.PutResult;
import dev.satchel.store.StoreException;
import dev.satchel.store.StoreException.Reason;
import dev.satchel.store.StoreRules;
import dev.satchel.store.StoredObject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * An object store in memory that is stricter than real ones: it refuses what only some stores refuse, keeps nothing that the
 * caller can still change, and etags depend on the bytes alone, as with most stores. Thread-safe, and one lock around
 * everything.
 *
 * <p>Closing does nothing, so that several nodes of a test, one after the other or at once, can share a store.
 */
public final class InMemoryObjectStore implements ObjectStore {
    private static final Duration WRITE_INTERVAL = Duration.ofSeconds(1);

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Stored(ObjectInfo info, byte[] bytes) {}

    private final InstantSource clock;
    private final boolean oneWritePerSecondPerKey;
    private final RequestLog requests = new RequestLog();
    private final NavigableMap<String, Stored> objects = new TreeMap<>(StoreRules.KEY_ORDER);
    private final Map<String, Instant> lastWrites = new HashMap<>();

    /** A store on the system's clock that takes any number of writes. */
    public InMemoryObjectStore() {
        this(InstantSource.system(), false);
    }

    /**
     * A store with a clock of the test's.
     *
     * @param oneWritePerSecondPerKey whether a second write to a key within a second is throttled, as R2 and GCS do; one that is
     *     throttled has had no effect
     */
    public InMemoryObjectStore(InstantSource clock, boolean oneWritePerSecondPerKey) {
        this.clock = Objects.requireNonNull(clock, "clock");
        this.oneWritePerSecondPerKey = oneWritePerSecondPerKey;
    }

    /** What has been asked. */
    public RequestLog requests() {
        return requests;
    }

    @Override
    public Optional<StoredObject> get(String key, ByteRange range) {
        return requests.record(Operation.GET, key, 0, () -> {
            Stored found = find(key);
            return found == null ? Optional.empty() : Optional.of(open(found, range));
        });
    }

    @Override
    public Optional<ObjectInfo> head(String key) {
        return requests.record(
                Operation.HEAD, key, 0, () -> Optional.ofNullable(find(key)).map(Stored::info));
    }

    @Override
    public PutResult put(String key, ObjectBody body, Map<String, String> metadata, PutCondition condition) {
        StoreRules.checkKey(key);
        Map<String, String> checked = StoreRules.checkMetadata(metadata);
        Objects.requireNonNull(condition, "condition");
        return requests.record(Operation.PUT, key, InterceptingObjectStore.sizeOf(body), () -> {
            byte[] bytes = read(key, body);
            return store(key, bytes, checked, condition);
        });
    }

    @Override
    public ListPage list(String prefix, String startAfter, int limit) {
        StoreRules.checkListLimit(limit);
        Objects.requireNonNull(startAfter, "startAfter");
        return requests.record(Operation.LIST, prefix, 0, () -> page(prefix, startAfter, limit));
    }

    @Override
    public void delete(String key) {
        StoreRules.checkKey(key);
        requests.record(Operation.DELETE, key, 0, () -> {
            remove(key);
            return Boolean.TRUE;
        });
    }

    @Override
    public String location() {
        return "memory:";
    }

    @Override
    public void close() {}

    private synchronized @Nullable Stored find(String key) {
        return objects.get(StoreRules.checkKey(key));
    }

    private static StoredObject open(Stored found, ByteRange range) {
        long size = found.info().size();
        if (range.offset() >= size && !range.isAll()) {
            throw new StoreException(
                    Reason.REJECTED,
                    "range of " + found.info().key() + " begins at " + range.offset() + ", beyond its " + size
                            + " bytes",
                    null);
        }
        int length = (int) Math.min(range.length(), size - range.offset());
        return new StoredObject(
                found.info(), new ByteArrayInputStream(found.bytes(), (int) range.offset(), length), length);
    }

    private static byte[] read(String key, ObjectBody body) {
        try (InputStream in = body.open()) {
            byte[] bytes = in.readAllBytes();
            if (bytes.length != body.size()) {
                throw new IOException("body has " + bytes.length + " bytes, announced were " + body.size());
            }
            return bytes;
        } catch (IOException e) {
            throw new StoreException(Reason.IO, "cannot read the body for " + key + ": " + e, e);
        }
    }

    private synchronized PutResult store(
            String key, byte[] bytes, Map<String, String> metadata, PutCondition condition) {
        refuseFolderThatIsAnObject(key);
        Stored present = objects.get(key);
        if (condition instanceof PutCondition.IfAbsent ? present != null : !matches(condition, present)) {
            return PutResult.PreconditionFailed.INSTANCE;
        }
        Instant now = clock.instant();
        Instant last = lastWrites.get(key);
        if (oneWritePerSecondPerKey && last != null && now.isBefore(last.plus(WRITE_INTERVAL))) {
            throw new StoreException(Reason.THROTTLED, "429: second write within a second to " + key, null);
        }
        lastWrites.put(key, now);
        ObjectInfo info = new ObjectInfo(key, bytes.length, etagOf(bytes), now, metadata);
        objects.put(key, new Stored(info, bytes));
        return new PutResult.Stored(info.etag());
    }

    private static boolean matches(PutCondition condition, @Nullable Stored present) {
        return !(condition instanceof PutCondition.IfMatch match)
                || (present != null && present.info().etag().equals(match.etag()));
    }

    private void refuseFolderThatIsAnObject(String key) {
        String inside = objects.ceilingKey(key + "/");
        if (inside != null && inside.startsWith(key + "/")) {
            throw new StoreException(Reason.REJECTED, "key " + key + " is the folder of " + inside, null);
        }
        for (int slash = key.indexOf('/'); slash > 0; slash = key.indexOf('/', slash + 1)) {
            if (objects.containsKey(key.substring(0, slash))) {
                throw new StoreException(
                        Reason.REJECTED, "key " + key + " is inside the object " + key.substring(0, slash), null);
            }
        }
    }

    private synchronized ListPage page(String prefix, String startAfter, int limit) {
        boolean fromPrefix = StoreRules.KEY_ORDER.compare(prefix, startAfter) > 0;
        NavigableMap<String, Stored> tail =
                fromPrefix ? objects.tailMap(prefix, true) : objects.tailMap(startAfter, false);
        List<ObjectInfo> page = new ArrayList<>();
        for (Stored stored : tail.values()) {
            ObjectInfo info = stored.info();
            if (!info.key().startsWith(prefix)) {
                break;
            }
            if (page.size() == limit) {
                return new ListPage(page, true);
            }
            page.add(new ObjectInfo(info.key(), info.size(), info.etag(), info.lastModified(), Map.of()));
        }
        return new ListPage(page, false);
    }

    private synchronized void remove(String key) {
        objects.remove(key);
    }

    private static String etagOf(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has MD5", e);
        }
    }
}
