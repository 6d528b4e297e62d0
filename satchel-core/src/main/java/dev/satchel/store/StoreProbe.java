package dev.satchel.store;

import dev.satchel.store.ProbeReport.Check;
import dev.satchel.store.PutResult.Stored;
import dev.satchel.store.StoreException.Reason;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Finds out by experiment whether a store does what Satchel relies on. A label proves nothing: there are stores that accept
 * the conditional headers and ignore them, and stores that honour them one at a time but not in a race.
 *
 * <p>Works on any store. The objects it makes are below {@code .satchel-probe/} under a random name, and are removed.
 * Thread-safe; every call blocks until it is done. A store that limits writes per key (R2: one a second) is waited for.
 */
public final class StoreProbe {
    /** Where the objects of all probes are. */
    public static final String FOLDER = ".satchel-probe/";

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
    private final Supplier<String> names;
    private final ThreadFactory threads;
    private final Sleeper sleeper;

    /**
     * A probe of a store.
     *
     * @param store stays open
     * @param names gives a fresh unguessable key segment for each run
     * @param threads makes the {@value #RACERS} short-lived threads of a race
     * @param sleeper waits when the store asks for it
     */
    public StoreProbe(ObjectStore store, Supplier<String> names, ThreadFactory threads, Sleeper sleeper) {
        this.store = Objects.requireNonNull(store, "store");
        this.names = Objects.requireNonNull(names, "names");
        this.threads = Objects.requireNonNull(threads, "threads");
        this.sleeper = Objects.requireNonNull(sleeper, "sleeper");
    }

    /** A probe with random names, daemon threads and real waits. */
    public static StoreProbe of(ObjectStore store) {
        return new StoreProbe(
                store,
                () -> UUID.randomUUID().toString(),
                task -> {
                    Thread thread = new Thread(task, "satchel-probe");
                    thread.setDaemon(true);
                    return thread;
                },
                Sleeper.SYSTEM);
    }

    /**
     * Tries everything, one by one and in races; about 250 requests, some seconds. Problems are reported, not thrown.
     *
     * @return what was found
     */
    public ProbeReport run() {
        return new Run(names.get()).everything();
    }

    /**
     * The short form for the start of an application: conditional puts one by one, intact bytes and a working delete, in eight
     * requests.
     *
     * @throws StoreException if the store is unfit ({@link Reason#REJECTED}), naming it, or could not be asked
     */
    public void requireConditionalWrites() {
        new Run(names.get()).essentials();
    }

    /** What the store did is not what it must do. */
    private static final class Finding extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Finding(String message) {
            super(message, null, false, false);
        }
    }

    /** One experiment; returns what was seen. */
    private interface Experiment {
        String run();
    }

    /** One run: its keys, its count of requests, its findings. */
    private final class Run {
        private final String folder;
        private final Set<String> written = new ConcurrentSkipListSet<>();
        private final AtomicInteger requests = new AtomicInteger();
        private final AtomicInteger bodies = new AtomicInteger();
        private final List<Check> checks = new ArrayList<>();
        private int counted;

        Run(String name) {
            this.folder = FOLDER + name + "/";
        }

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
            } catch (Finding e) {
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
            } catch (Finding e) {
                throw new StoreException(
                        Reason.REJECTED, "the store " + store.location() + " " + e.getMessage() + ".", e);
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
            } catch (Finding e) {
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
                    throw new Finding("describes an object of " + size + " bytes and etag " + etag + " as " + info);
                }
            }
            return "bodies of " + Arrays.toString(sizes) + " bytes came back the same";
        }

        private String absence() {
            String key = folder + "absent";
            requests.addAndGet(2);
            if (store.head(key).isPresent()) {
                throw new Finding("describes an object that was never put");
            }
            Optional<StoredObject> got = store.get(key);
            if (got.isPresent()) {
                got.get().close();
                throw new Finding("delivers an object that was never put");
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
                    throw new Finding("answers bytes 3 to 6 of 0123456789 with " + got + ", " + object.info());
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
                if (!head.metadata().equals(metadata)
                        || !object.info().metadata().equals(metadata)) {
                    throw new Finding("changes metadata: " + metadata.keySet() + " came back as "
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
                etags.put(
                        key, stored(putPatiently(key, body(), PutCondition.ifAbsent()), "the first put of a new key"));
            }
            etags.forEach(this::race);
            return ROUNDS + " races of " + RACERS + " threads: one winner each";
        }

        private void race(String key, @Nullable String etag) {
            PutCondition condition = etag == null ? PutCondition.ifAbsent() : PutCondition.ifMatch(etag);
            Race race = new Race(key, condition);
            for (int attempt = 1; ; attempt++) {
                race.run();
                if (race.winners.size() > 1) {
                    throw race.several();
                }
                requests.incrementAndGet();
                byte[] content = store.get(key).map(Run::readAndClose).orElse(null);
                boolean untouched = race.winners.isEmpty() && race.owner(content) < 0;
                if (untouched && !race.unsure.isEmpty() && attempt < PATIENCE) {
                    pause(WRITE_LIMIT);
                } else {
                    race.judge(content);
                    return;
                }
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
                throw new Finding("says it deleted " + written.size() + " objects but still has " + left.size()
                        + ", such as " + left.get(0).key());
            }
            if (!written.isEmpty()) {
                String key = written.iterator().next();
                requests.incrementAndGet();
                Optional<StoredObject> got = store.get(key);
                if (got.isPresent()) {
                    got.get().close();
                    throw new Finding("still delivers " + key + ", which it said it had deleted");
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
        private PutResult putPatiently(
                String key, ObjectBody body, Map<String, String> metadata, PutCondition condition) {
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
                    throw new Finding("delivers other bytes than were put to " + key + ": " + got.length
                            + " instead of " + expected.length + ", different from byte " + same + " on");
                }
                return object.info();
            }
        }

        private void expectKeys(List<String> expected, ListPage page) {
            List<String> got = page.objects().stream().map(ObjectInfo::key).toList();
            if (!got.equals(expected)) {
                throw new Finding("lists " + got + " instead of " + expected);
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
            throw new Finding("refused " + what);
        }

        private static void refused(PutResult result, String otherwise) {
            if (result instanceof Stored) {
                throw new Finding(otherwise);
            }
        }

        private static Finding lost(String key) {
            return new Finding("does not find " + key + ", which it had just stored");
        }

        private void pause(Duration duration) {
            try {
                sleeper.sleep(duration);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new StoreException(Reason.NOT_SENT, "interrupted while probing " + store.location(), e);
            }
        }

        /** Threads that put different bytes to one key under one condition, at the same moment. */
        private final class Race {
            private final String key;
            private final PutCondition condition;
            private final List<byte[]> entries = new ArrayList<>();
            private final Set<Integer> winners = new ConcurrentSkipListSet<>();
            private final Set<Integer> losers = new ConcurrentSkipListSet<>();
            private final Set<Integer> unsure = new ConcurrentSkipListSet<>();
            private final List<RuntimeException> failures = Collections.synchronizedList(new ArrayList<>());

            Race(String key, PutCondition condition) {
                this.key = key;
                this.condition = condition;
                for (int i = 0; i < RACERS; i++) {
                    // A large body widens the gap between the check and the write of a store that has one.
                    entries.add(Arrays.copyOf(body(), RACE_BODY_BYTES));
                }
                written.add(key);
            }

            void run() {
                CountDownLatch start = new CountDownLatch(1);
                List<Thread> running = new ArrayList<>();
                for (int i = 0; i < RACERS; i++) {
                    int racer = i;
                    Thread thread = threads.newThread(() -> enter(racer, start));
                    running.add(thread);
                    thread.start();
                }
                start.countDown();
                try {
                    for (Thread thread : running) {
                        thread.join();
                    }
                } catch (InterruptedException e) {
                    running.forEach(Thread::interrupt);
                    Thread.currentThread().interrupt();
                    throw new StoreException(
                            Reason.UNKNOWN_OUTCOME, "interrupted while probing " + store.location(), e);
                }
                for (RuntimeException failure : failures) {
                    throw failure;
                }
            }

            private void enter(int racer, CountDownLatch start) {
                try {
                    start.await();
                    requests.incrementAndGet();
                    PutResult result = store.put(key, ObjectBody.of(entries.get(racer)), Map.of(), condition);
                    (result instanceof Stored ? winners : losers).add(racer);
                } catch (StoreException e) {
                    if (e.reason().outcomeUnknown()) {
                        unsure.add(racer);
                    } else {
                        failures.add(e);
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                } catch (RuntimeException e) {
                    failures.add(e);
                }
            }

            /** Whose bytes these are, -1 if nobody's. */
            int owner(byte @Nullable [] content) {
                for (int i = 0; content != null && i < RACERS; i++) {
                    if (Arrays.equals(entries.get(i), content)) {
                        return i;
                    }
                }
                return -1;
            }

            Finding several() {
                return new Finding("honours conditions one at a time only: " + winners.size() + " of " + what()
                        + " were accepted");
            }

            void judge(byte @Nullable [] content) {
                int owner = owner(content);
                if (owner < 0) {
                    throw new Finding("accepted none of " + what() + " (" + losers.size() + " refused, " + unsure.size()
                            + " without a clear answer)");
                }
                boolean refused = losers.contains(owner) && !unsure.contains(owner);
                if (refused || (winners.size() == 1 && !winners.contains(owner))) {
                    throw new Finding("stored the bytes of a put that it had refused, in a race of " + what());
                }
            }

            private String what() {
                String kind = condition instanceof PutCondition.IfAbsent ? "if absent" : "if unchanged";
                return RACERS + " concurrent puts " + kind + " of one key";
            }
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
