package dev.satchel.store;

import dev.satchel.store.StoreException.Reason;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What every store must do. Confined to one thread, but for the races. */
final class ProbeRun {
    private static final int RACE_BODY_BYTES = 16 * 1024;

    /** An etag that no content has. */
    private static final String FOREIGN_ETAG = "\"00000000000000000000000000000000\"";

    private final ProbeAccess access;
    private final ProbeChecks checks;
    private final ProbeThreads threads;
    private final int racers;
    private final int rounds;

    /**
     * A run that has done nothing yet.
     *
     * @param racers how many threads put at once in each race
     * @param rounds how many races of each kind
     */
    ProbeRun(ProbeAccess access, ProbeChecks checks, ProbeThreads threads, int racers, int rounds) {
        this.access = access;
        this.checks = checks;
        this.threads = threads;
        this.racers = racers;
        this.rounds = rounds;
    }

    /** The experiments; whether there is a store to go on with. */
    boolean basics() {
        String wrongPlace = "Check the bucket's name, the endpoint, the region and the credentials.";
        if (!checks.require("put an object", wrongPlace, this::put)) {
            return false;
        }
        checks.require("get what was put, intact", ProbeChecks.CORRUPTS, this::intactBytes);
        checks.require("tell absent from present", wrongPlace, this::absence);
        checks.require("get a range", ProbeChecks.NO_OBJECT_STORE, this::range);
        checks.require("keep metadata", ProbeChecks.NO_OBJECT_STORE, this::metadata);
        checks.require("list what was put, in order", ProbeChecks.NO_OBJECT_STORE, this::listing);
        checks.require("refuse a put if absent", ProbeChecks.USE_ANOTHER_STORE, this::ifAbsent);
        checks.require("refuse a put if changed", ProbeChecks.USE_ANOTHER_STORE, this::ifMatch);
        checks.require("one winner of concurrent puts if absent", ProbeChecks.USE_ANOTHER_STORE, this::raceIfAbsent);
        checks.require("one winner of concurrent puts if unchanged", ProbeChecks.USE_ANOTHER_STORE, this::raceIfMatch);
        return true;
    }

    /** The last experiment, which removes what the others made. */
    void removal() {
        if (!access.written().isEmpty()) {
            checks.require(
                    "delete",
                    "Give the credentials the right to delete objects, and remove what is below " + access.folder(),
                    this::delete);
        }
    }

    /** The short form: throws what it finds. */
    void essentials() {
        try {
            String key = access.key("start");
            byte[] body = access.body();
            String etag = access.putNew(key, access.body());
            ProbeAccess.refused(
                    access.putPatiently(key, access.body(), PutCondition.ifAbsent()),
                    "ignores put-if-absent (If-None-Match: *): a second put of the same key was accepted");
            ProbeAccess.refused(
                    access.putPatiently(key, access.body(), PutCondition.ifMatch(FOREIGN_ETAG)),
                    "ignores put-if-match (If-Match): a put with a foreign etag was accepted");
            ProbeAccess.stored(
                    access.putPatiently(key, body, PutCondition.ifMatch(etag)),
                    "a put with If-Match and the etag that the store itself had given");
            access.expectContent(key, body);
        } catch (ProbeFinding e) {
            removeQuietly(e);
            throw new StoreException(
                    Reason.REJECTED,
                    "the store " + access.location() + " " + e.getMessage() + ". " + ProbeChecks.USE_ANOTHER_STORE,
                    e);
        } catch (StoreException e) {
            removeQuietly(e);
            throw e;
        }
        try {
            delete();
        } catch (ProbeFinding e) {
            throw new StoreException(Reason.REJECTED, "the store " + access.location() + " " + e.getMessage() + ".", e);
        }
    }

    private String put() {
        access.putNew(access.key("put"), access.body());
        return "stored";
    }

    private String intactBytes() {
        int[] sizes = {0, 1, 70_001};
        for (int size : sizes) {
            intact(access, access.key("bytes-" + size), size);
        }
        return "bodies of " + Arrays.toString(sizes) + " bytes came back the same";
    }

    /** Puts a body of that size under a new key and gets it; the bytes. */
    static byte[] intact(ProbeAccess access, String key, int size) {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = (byte) (i * 31 + (i >> 8));
        }
        String etag = access.putNew(key, bytes);
        ObjectInfo info = access.expectContent(key, bytes);
        if (info.size() != size || !info.etag().equals(etag)) {
            throw new ProbeFinding("describes an object of " + size + " bytes and etag " + etag + " as " + info);
        }
        return bytes;
    }

    private String absence() {
        access.expectAbsent(access.key("absent"), "an object that was never put");
        return "an absent key is answered as absent";
    }

    private String range() {
        String key = access.key("range");
        byte[] bytes = "0123456789".getBytes(StandardCharsets.US_ASCII);
        access.putNew(key, bytes);
        try (StoredObject object = access.get(key, new ByteRange(3, 4)).orElseThrow(() -> ProbeAccess.lost(key))) {
            String got = new String(object.readAll(), StandardCharsets.US_ASCII);
            if (!got.equals("3456") || object.info().size() != bytes.length) {
                throw new ProbeFinding("answers bytes 3 to 6 of 0123456789 with " + got + ", " + object.info());
            }
        }
        return "bytes 3 to 6 of 10";
    }

    private String metadata() {
        Map<String, String> metadata = Map.of("db-version", "42", "commit-id", "a=b; c, d/" + "x".repeat(500));
        keptMetadata(access, access.key("metadata"), metadata);
        return "the same on head and get";
    }

    /** Puts metadata under a new key, and compares what head and get say. */
    static void keptMetadata(ProbeAccess access, String key, Map<String, String> metadata) {
        access.putNew(key, access.body(), metadata);
        expectMetadata(access, key, metadata);
    }

    static void expectMetadata(ProbeAccess access, String key, Map<String, String> metadata) {
        ObjectInfo head = access.head(key).orElseThrow(() -> ProbeAccess.lost(key));
        try (StoredObject object = access.get(key).orElseThrow(() -> ProbeAccess.lost(key))) {
            if (!head.metadata().equals(metadata) || !object.info().metadata().equals(metadata)) {
                throw new ProbeFinding("changes metadata: " + metadata.keySet() + " came back as "
                        + head.metadata().keySet() + " (head) and "
                        + object.info().metadata().keySet() + " (get), or with other values");
            }
        }
    }

    private String listing() {
        // An encoded user id has percent signs; a store or proxy that decodes keys would merge two users.
        List<String> keys = List.of(
                access.key("list/%41/b"), access.key("list/A/b"), access.key("list/a%2Fb/c"), access.key("list/z"));
        for (String key : keys) {
            access.putNew(key, access.body());
        }
        ProbeAccess.expectKeys(keys, access.list(access.key("list/"), "", ObjectStore.MAX_LIST_LIMIT));
        ProbeAccess.expectKeys(keys.subList(2, 3), access.list(access.key("list/"), keys.get(1), 1));
        return keys.size() + " keys, order, start-after and limit";
    }

    private String ifAbsent() {
        String key = access.key("if-absent");
        byte[] first = access.body();
        access.putNew(key, first);
        ProbeAccess.refused(
                access.putPatiently(key, access.body(), PutCondition.ifAbsent()),
                "ignores put-if-absent (If-None-Match: *): a second put of the same key was accepted");
        access.expectContent(key, first);
        return "a second put of the same key was refused";
    }

    private String ifMatch() {
        String key = access.key("if-match");
        byte[] last = access.body();
        String old = access.putNew(key, access.body());
        ProbeAccess.stored(
                access.putPatiently(key, last, PutCondition.ifMatch(old)),
                "a put with If-Match and the etag that the store itself had given");
        String ignores = "ignores put-if-match (If-Match): a put with ";
        ProbeAccess.refused(
                access.putPatiently(key, access.body(), PutCondition.ifMatch(old)),
                ignores + "an outdated etag was accepted");
        ProbeAccess.refused(
                access.putPatiently(access.key("if-match-absent"), access.body(), PutCondition.ifMatch(old)),
                ignores + "an etag was accepted for a key that does not exist");
        access.expectContent(key, last);
        return "the current etag was accepted; an outdated one, and one for an absent key, were refused";
    }

    private String raceIfAbsent() {
        for (int round = 1; round <= rounds; round++) {
            race(access.key("race-absent-" + round), null);
        }
        return rounds + " races of " + racers + " threads: one winner each";
    }

    private String raceIfMatch() {
        // All keys first: by the time of its race a key may be written again on a store that limits that.
        Map<String, String> etags = new LinkedHashMap<>();
        for (int round = 1; round <= rounds; round++) {
            String key = access.key("race-match-" + round);
            etags.put(key, access.putNew(key, access.body()));
        }
        etags.forEach(this::race);
        return rounds + " races of " + racers + " threads: one winner each";
    }

    private void race(String key, @Nullable String etag) {
        PutCondition condition = etag == null ? PutCondition.ifAbsent() : PutCondition.ifMatch(etag);
        List<byte[]> entries = new ArrayList<>();
        for (int i = 0; i < racers; i++) {
            // A large body widens the gap between the check and the write of a store that has one.
            entries.add(Arrays.copyOf(access.body(), RACE_BODY_BYTES));
        }
        ProbeRace race = new ProbeRace(access, key, condition, entries, threads);
        for (int attempt = 1; ; attempt++) {
            race.run();
            byte[] content = access.get(key).map(ProbeAccess::readAndClose).orElse(null);
            if (!race.isUndecided(content) || attempt == ProbeAccess.PATIENCE) {
                race.judge(content);
                return;
            }
            access.pause(ProbeAccess.WRITE_LIMIT);
        }
    }

    private String delete() {
        List<String> keys = access.written();
        threads.each(keys, access::delete);
        List<ObjectInfo> left =
                access.list(access.folder(), "", ObjectStore.MAX_LIST_LIMIT).objects();
        if (!left.isEmpty()) {
            throw new ProbeFinding("says it deleted " + keys.size() + " objects but still has " + left.size()
                    + ", such as " + left.get(0).key());
        }
        if (!keys.isEmpty()) {
            String key = keys.get(0);
            Optional<StoredObject> got = access.get(key);
            if (got.isPresent()) {
                got.get().close();
                throw new ProbeFinding("still delivers " + key + ", which it said it had deleted");
            }
        }
        return "deleted " + keys.size() + " objects, and they are gone";
    }

    private void removeQuietly(RuntimeException failure) {
        try {
            access.written().forEach(access::delete);
        } catch (StoreException e) {
            failure.addSuppressed(e);
        }
    }
}
