package dev.satchel.store;

import dev.satchel.store.ProbeReport.Check;
import dev.satchel.store.PutResult.Stored;
import dev.satchel.store.StoreException.Reason;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** One run of a probe: its keys, its count of requests, its findings. Confined to one thread, but for the races. */
final class ProbeRun {
    /** One experiment; returns what was seen. */
    private interface Experiment {
        String run();
    }

    private static final int RACERS = 16;
    private static final int ROUNDS = 6;
    private static final int RACE_BODY_BYTES = 16 * 1024;
    private static final int PATIENCE = 6;

    /** A little more than the second that R2 and GCS want between two writes of one key. */
    private static final Duration WRITE_LIMIT = Duration.ofMillis(1_100);

    /** An etag that no content has. */
    private static final String FOREIGN_ETAG = "\"00000000000000000000000000000000\"";

    private static final String USE_ANOTHER_STORE =
            "Satchel cannot keep its promises on this store: two nodes would overwrite"
                    + " each other's changes unnoticed. Use one that passes: Cloudflare R2, AWS S3, a local folder; or upgrade it.";

    private final ObjectStore store;
    private final String folder;
    private final ThreadFactory threads;
    private final Sleeper sleeper;
    private final Set<String> written = new ConcurrentSkipListSet<>();
    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicInteger bodies = new AtomicInteger();
    private final List<Check> checks = new ArrayList<>();
    private int counted;

    /**
     * A run that has done nothing yet.
     *
     * @param name a fresh key segment
     */
    ProbeRun(ObjectStore store, String name, ThreadFactory threads, Sleeper sleeper) {
        this.store = store;
        this.folder = StoreProbe.FOLDER + name + "/";
        this.threads = threads;
        this.sleeper = sleeper;
    }

    /** All experiments, and a report of them. */
    ProbeReport everything() {
        String wrongPlace = "Check the bucket's name, the endpoint, the region and the credentials.";
        try {
            if (check("put an object", wrongPlace, this::put)) {
                check("get what was put, intact", corruption(), this::intactBytes);
                check("tell absent from present", wrongPlace, this::absence);
                check("get a range", notObjectStore(), this::range);
                check("keep metadata", notObjectStore(), this::metadata);
                check("list what was put, in order", notObjectStore(), this::listing);
                check("refuse a put if absent", USE_ANOTHER_STORE, this::ifAbsent);
                check("refuse a put if changed", USE_ANOTHER_STORE, this::ifMatch);
                check("one winner of concurrent puts if absent", USE_ANOTHER_STORE, this::raceIfAbsent);
                check("one winner of concurrent puts if unchanged", USE_ANOTHER_STORE, this::raceIfMatch);
            }
        } finally {
            if (!written.isEmpty()) {
                check(
                        "delete",
                        "Give the credentials the right to delete objects, and remove what is below " + folder,
                        this::delete);
            }
        }
        return new ProbeReport(store.location(), checks);
    }

    /** The short form: throws what it finds. */
    void essentials() {
        try {
            String key = key("start");
            byte[] body = body();
            String etag = stored(putPatiently(key, body(), PutCondition.ifAbsent()), "the first put of a new key");
            refused(
                    putPatiently(key, body(), PutCondition.ifAbsent()),
                    "ignores put-if-absent (If-None-Match: *): a second put of the same key was accepted");
            refused(
                    putPatiently(key, body(), PutCondition.ifMatch(FOREIGN_ETAG)),
                    "ignores put-if-match (If-Match): a put with a foreign etag was accepted");
            stored(
                    putPatiently(key, body, PutCondition.ifMatch(etag)),
                    "a put with If-Match and the etag that the store itself had given");
            expectContent(key, body);
        } catch (ProbeFinding e) {
            removeQuietly(e);
            throw new StoreException(
                    Reason.REJECTED,
                    "the store " + store.location() + " " + e.getMessage() + ". " + USE_ANOTHER_STORE,
                    e);
        } catch (StoreException e) {
            removeQuietly(e);
            throw e;
        }
        try {
            delete();
        } catch (ProbeFinding e) {
            throw new StoreException(Reason.REJECTED, "the store " + store.location() + " " + e.getMessage() + ".", e);
        }
    }

    private boolean check(String name, String advice, Experiment experiment) {
        boolean passed = false;
        String detail;
        String todo = advice;
        try {
            detail = experiment.run();
            passed = true;
            todo = "";
        } catch (ProbeFinding e) {
            detail = "the store " + e.getMessage();
        } catch (StoreException e) {
            detail = String.valueOf(e.getMessage());
            todo = advice(e.reason(), advice);
        }
        int now = requests.get();
        checks.add(new Check(name, passed, detail, todo, now - counted));
        counted = now;
        return passed;
    }

    private String put() {
        String key = key("put");
        stored(putPatiently(key, body(), PutCondition.ifAbsent()), "the first put of a new key");
        return "stored";
    }

    private String intactBytes() {
        int[] sizes = {0, 1, 70_001};
        for (int size : sizes) {
            String key = key("bytes-" + size);
            byte[] bytes = new byte[size];
            for (int i = 0; i < size; i++) {
                bytes[i] = (byte) (i * 31 + (i >> 8));
            }
            String etag = stored(putPatiently(key, bytes, PutCondition.ifAbsent()), "the first put of a new key");
            ObjectInfo info = expectContent(key, bytes);
            if (info.size() != size || !info.etag().equals(etag)) {
                throw new ProbeFinding("describes an object of " + size + " bytes and etag " + etag + " as " + info);
            }
        }
        return "bodies of " + Arrays.toString(sizes) + " bytes came back the same";
    }

    private String absence() {
        String key = folder + "absent";
        requests.addAndGet(2);
        if (store.head(key).isPresent()) {
            throw new ProbeFinding("describes an object that was never put");
        }
        Optional<StoredObject> got = store.get(key);
        if (got.isPresent()) {
            got.get().close();
            throw new ProbeFinding("delivers an object that was never put");
        }
        return "an absent key is answered as absent";
    }

    private String range() {
        String key = key("range");
        byte[] bytes = "0123456789".getBytes(StandardCharsets.US_ASCII);
        stored(putPatiently(key, bytes, PutCondition.ifAbsent()), "the first put of a new key");
        requests.incrementAndGet();
        try (StoredObject object = store.get(key, new ByteRange(3, 4)).orElseThrow(() -> lost(key))) {
            String got = new String(object.readAll(), StandardCharsets.US_ASCII);
            if (!got.equals("3456") || object.info().size() != bytes.length) {
                throw new ProbeFinding("answers bytes 3 to 6 of 0123456789 with " + got + ", " + object.info());
            }
        }
        return "bytes 3 to 6 of 10";
    }

    private String metadata() {
        String key = key("metadata");
        Map<String, String> metadata = Map.of("db-version", "42", "commit-id", "a=b; c, d/" + "x".repeat(500));
        ObjectBody body = ObjectBody.of(body());
        putPatiently(key, body, metadata, PutCondition.ifAbsent());
        requests.addAndGet(2);
        ObjectInfo head = store.head(key).orElseThrow(() -> lost(key));
        try (StoredObject object = store.get(key).orElseThrow(() -> lost(key))) {
            if (!head.metadata().equals(metadata) || !object.info().metadata().equals(metadata)) {
                throw new ProbeFinding("changes metadata: " + metadata.keySet() + " came back as "
                        + head.metadata().keySet() + " (head) and "
                        + object.info().metadata().keySet() + " (get), or with other values");
            }
        }
        return "the same on head and get";
    }

    private String listing() {
        // An encoded user id has percent signs; a store or proxy that decodes keys would merge two users.
        List<String> keys = List.of(key("list/%41/b"), key("list/A/b"), key("list/a%2Fb/c"), key("list/z"));
        for (String key : keys) {
            stored(putPatiently(key, body(), PutCondition.ifAbsent()), "the first put of a new key");
        }
        requests.incrementAndGet();
        expectKeys(keys, store.list(folder + "list/", "", ObjectStore.MAX_LIST_LIMIT));
        requests.incrementAndGet();
        expectKeys(keys.subList(2, 3), store.list(folder + "list/", keys.get(1), 1));
        return keys.size() + " keys, order, start-after and limit";
    }

    private String ifAbsent() {
        String key = key("if-absent");
        byte[] first = body();
        stored(putPatiently(key, first, PutCondition.ifAbsent()), "the first put of a new key");
        refused(
                putPatiently(key, body(), PutCondition.ifAbsent()),
                "ignores put-if-absent (If-None-Match: *): a second put of the same key was accepted");
        expectContent(key, first);
        return "a second put of the same key was refused";
    }

    private String ifMatch() {
        String key = key("if-match");
        byte[] last = body();
        String old = stored(putPatiently(key, body(), PutCondition.ifAbsent()), "the first put of a new key");
        stored(
                putPatiently(key, last, PutCondition.ifMatch(old)),
                "a put with If-Match and the etag that the store itself had given");
        String ignores = "ignores put-if-match (If-Match): a put with ";
        refused(putPatiently(key, body(), PutCondition.ifMatch(old)), ignores + "an outdated etag was accepted");
        refused(
                putPatiently(key("if-match-absent"), body(), PutCondition.ifMatch(old)),
                ignores + "an etag was accepted for a key that does not exist");
        expectContent(key, last);
        return "the current etag was accepted; an outdated one, and one for an absent key, were refused";
    }

    private String raceIfAbsent() {
        for (int round = 1; round <= ROUNDS; round++) {
            race(key("race-absent-" + round), null);
        }
        return ROUNDS + " races of " + RACERS + " threads: one winner each";
    }

    private String raceIfMatch() {
        // All keys first: by the time of its race a key may be written again on a store that limits that.
        Map<String, String> etags = new LinkedHashMap<>();
        for (int round = 1; round <= ROUNDS; round++) {
            String key = key("race-match-" + round);
            etags.put(key, stored(putPatiently(key, body(), PutCondition.ifAbsent()), "the first put of a new key"));
        }
        etags.forEach(this::race);
        return ROUNDS + " races of " + RACERS + " threads: one winner each";
    }

    private void race(String key, @Nullable String etag) {
        PutCondition condition = etag == null ? PutCondition.ifAbsent() : PutCondition.ifMatch(etag);
        List<byte[]> entries = new ArrayList<>();
        for (int i = 0; i < RACERS; i++) {
            // A large body widens the gap between the check and the write of a store that has one.
            entries.add(Arrays.copyOf(body(), RACE_BODY_BYTES));
        }
        written.add(key);
        ProbeRace race = new ProbeRace(store, key, condition, entries, threads, requests);
        for (int attempt = 1; ; attempt++) {
            race.run();
            requests.incrementAndGet();
            byte[] content = store.get(key).map(ProbeRun::readAndClose).orElse(null);
            if (!race.isUndecided(content) || attempt == PATIENCE) {
                race.judge(content);
                return;
            }
            pause(WRITE_LIMIT);
        }
    }

    private String delete() {
        for (String key : List.copyOf(written)) {
            requests.incrementAndGet();
            store.delete(key);
        }
        requests.incrementAndGet();
        List<ObjectInfo> left =
                store.list(folder, "", ObjectStore.MAX_LIST_LIMIT).objects();
        if (!left.isEmpty()) {
            throw new ProbeFinding("says it deleted " + written.size() + " objects but still has " + left.size()
                    + ", such as " + left.get(0).key());
        }
        if (!written.isEmpty()) {
            String key = written.iterator().next();
            requests.incrementAndGet();
            Optional<StoredObject> got = store.get(key);
            if (got.isPresent()) {
                got.get().close();
                throw new ProbeFinding("still delivers " + key + ", which it said it had deleted");
            }
        }
        return "deleted " + written.size() + " objects, and they are gone";
    }

    private void removeQuietly(RuntimeException failure) {
        try {
            for (String key : List.copyOf(written)) {
                store.delete(key);
            }
        } catch (StoreException e) {
            failure.addSuppressed(e);
        }
    }

    private String key(String name) {
        return folder + name;
    }

    private byte[] body() {
        return ("satchel probe " + folder + bodies.incrementAndGet()).getBytes(StandardCharsets.UTF_8);
    }

    private PutResult putPatiently(String key, byte[] body, PutCondition condition) {
        return putPatiently(key, ObjectBody.of(body), Map.of(), condition);
    }

    /** Bodies are unique, so that after an unknown outcome the content says whether it was this put. */
    private PutResult putPatiently(String key, ObjectBody body, Map<String, String> metadata, PutCondition condition) {
        boolean unsure = false;
        for (int attempt = 1; ; attempt++) {
            try {
                requests.incrementAndGet();
                PutResult result = store.put(key, body, metadata, condition);
                written.add(key);
                if (unsure && result == PutResult.PreconditionFailed.INSTANCE) {
                    requests.incrementAndGet();
                    Optional<StoredObject> object = store.get(key);
                    if (object.isPresent() && body instanceof ObjectBody.Bytes bytes) {
                        ObjectInfo info = object.get().info();
                        if (Arrays.equals(readAndClose(object.get()), bytes.bytes())) {
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

    private ObjectInfo expectContent(String key, byte[] expected) {
        requests.incrementAndGet();
        try (StoredObject object = store.get(key).orElseThrow(() -> lost(key))) {
            byte[] got = object.readAll();
            if (!Arrays.equals(got, expected)) {
                int same = Arrays.mismatch(got, expected);
                throw new ProbeFinding("delivers other bytes than were put to " + key + ": " + got.length
                        + " instead of " + expected.length + ", different from byte " + same + " on");
            }
            return object.info();
        }
    }

    private void expectKeys(List<String> expected, ListPage page) {
        List<String> got = page.objects().stream().map(ObjectInfo::key).toList();
        if (!got.equals(expected)) {
            throw new ProbeFinding("lists " + got + " instead of " + expected);
        }
    }

    private static byte[] readAndClose(StoredObject object) {
        try (object) {
            return object.readAll();
        }
    }

    private static String stored(PutResult result, String what) {
        if (result instanceof Stored stored) {
            return stored.etag();
        }
        throw new ProbeFinding("refused " + what);
    }

    private static void refused(PutResult result, String otherwise) {
        if (result instanceof Stored) {
            throw new ProbeFinding(otherwise);
        }
    }

    private static ProbeFinding lost(String key) {
        return new ProbeFinding("does not find " + key + ", which it had just stored");
    }

    private void pause(Duration duration) {
        try {
            sleeper.sleep(duration);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException(Reason.NOT_SENT, "interrupted while probing " + store.location(), e);
        }
    }

    private static String advice(Reason reason, String otherwise) {
        return switch (reason) {
            case DENIED ->
                "Give the credentials the right to get, put, list and delete objects of this bucket, and check that"
                        + " they belong to it.";
            case NOT_SENT -> "Check the address, the network and the name service.";
            case UNKNOWN_OUTCOME, THROTTLED ->
                "Try again; if it stays, check the network and the state of the service.";
            case IO -> "Check the folder: its permissions, and the space on its disk.";
            case REJECTED -> otherwise;
        };
    }

    private static String corruption() {
        return "Something between Satchel and the store changes bodies: a proxy, or the store does not understand how they are"
                + " sent. " + USE_ANOTHER_STORE;
    }

    private static String notObjectStore() {
        return "This is not an object store that Satchel can use, or a proxy in front of it changes requests.";
    }
}
