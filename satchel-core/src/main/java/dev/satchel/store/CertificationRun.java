package dev.satchel.store;

import dev.satchel.store.PutResult.Stored;
import dev.satchel.store.StoreException.Reason;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;

/** The long form of a probe: what a store must do, should do, and does in its own way. Confined to one thread, but for what races. */
final class CertificationRun {
    private static final int RACERS = 32;
    private static final int ROUNDS = 20;
    private static final int WRITERS = 8;
    private static final int LARGE_BODY_BYTES = 8 * 1024 * 1024 + 1;
    private static final int MIXTURE_BODY_BYTES = 64 * 1024;
    private static final Duration PLAUSIBLE_DIFFERENCE = Duration.ofMinutes(5);

    private final ProbeAccess access;
    private final ProbeChecks checks;
    private final ProbeThreads threads;
    private final InstantSource clock;
    private final LongSupplier nanoTime;

    /** A run that has done nothing yet. */
    CertificationRun(
            ProbeAccess access, ProbeChecks checks, ProbeThreads threads, InstantSource clock, LongSupplier nanoTime) {
        this.access = access;
        this.checks = checks;
        this.threads = threads;
        this.clock = clock;
        this.nanoTime = nanoTime;
    }

    /** All experiments, and a report of them. */
    ProbeReport everything() {
        ProbeRun probe = new ProbeRun(access, checks, threads, RACERS, ROUNDS);
        try {
            if (probe.basics()) {
                conditions();
                consistency();
                contents();
                comfort();
                manners();
            }
        } finally {
            probe.removal();
        }
        return checks.report();
    }

    private void conditions() {
        String advice = ProbeChecks.USE_ANOTHER_STORE;
        checks.require("one winner of the same put sent several times", advice, this::duplicatesAtOnce);
        checks.require("refuse a late duplicate of a put", advice, this::lateDuplicates);
        checks.require("number commits of several writers without a hole", advice, this::numbering);
        checks.require("lose no update of several writers", advice, this::updates);
        checks.require("judge conditions after a delete", advice, this::conditionsAfterDelete);
    }

    private void consistency() {
        checks.require("show a put to everybody at once", ProbeChecks.STALE, this::putsAreSeen);
        checks.require("show an overwrite to everybody at once", ProbeChecks.STALE, this::overwritesAreSeen);
        checks.require("forget what was deleted at once", ProbeChecks.STALE, this::deletesAreSeen);
        checks.require("never show a mixture of two puts", ProbeChecks.CORRUPTS, this::mixtures);
        checks.require("list in pages", ProbeChecks.NO_OBJECT_STORE, this::pages);
    }

    private void contents() {
        checks.require("keep empty bodies", ProbeChecks.CORRUPTS, this::emptyBodies);
        checks.require("overwrite with an empty body", ProbeChecks.NO_OBJECT_STORE, this::overwriteWithNothing);
        checks.require("keep bodies of 8 MB", ProbeChecks.CORRUPTS, this::largeBodies);
        checks.require("keep 2 KB of metadata", ProbeChecks.NO_OBJECT_STORE, this::muchMetadata);
        checks.require("keep every name that Satchel writes", ProbeChecks.NO_OBJECT_STORE, this::ourNames);
        checks.require("delete what is not there", ProbeChecks.NO_OBJECT_STORE, this::idempotentDelete);
        checks.require("delete nothing besides", ProbeChecks.NO_OBJECT_STORE, this::neighbours);
    }

    private void comfort() {
        String mild = "Satchel works without it.";
        checks.recommend("keep and order any name", mild + " Other programs may be confused.", this::anyNames);
        checks.recommend("cut ranges at the end", mild, this::rangesAtTheEnd);
        checks.recommend("describe alike in get, head and list", mild, this::descriptions);
        checks.recommend(
                "tell when an object was put",
                "Set the clock of the store, or of this machine. Satchel keeps times of its own; litestream restore"
                        + " -timestamp looks at these.",
                this::clockOfTheStore);
    }

    private void manners() {
        checks.observe("writes of one key", this::writesOfOneKey);
        checks.observe("etags of the same bytes", this::etags);
        checks.observe("round trips", this::roundTrips);
    }

    // ---- conditions -------------------------------------------------------------------------------------------------

    private String duplicatesAtOnce() {
        int rounds = 10;
        int copies = 6;
        for (int round = 1; round <= rounds; round++) {
            String key = access.key("duplicate-" + round);
            byte[] body = access.body();
            AtomicInteger accepted = new AtomicInteger();
            AtomicInteger unsure = new AtomicInteger();
            threads.atOnce(Collections.nCopies(copies, () -> {
                try {
                    if (access.put(key, body, Map.of(), PutCondition.ifAbsent()) instanceof Stored) {
                        accepted.incrementAndGet();
                    }
                } catch (StoreException e) {
                    requireUnknown(e);
                    unsure.incrementAndGet();
                }
            }));
            if (accepted.get() > 1 || accepted.get() + unsure.get() == 0) {
                throw new ProbeFinding("accepted " + accepted + " of " + copies
                        + " copies of one put if absent that were sent at once, " + unsure + " without a clear answer");
            }
            access.expectContent(key, body);
        }
        return rounds + " times " + copies + " copies: one accepted each";
    }

    private static void requireUnknown(StoreException e) {
        if (!e.reason().outcomeUnknown() && e.reason() != Reason.NOT_SENT) {
            throw e;
        }
    }

    private String lateDuplicates() {
        String key = access.key("late");
        byte[] first = access.body();
        String etag = access.putNew(key, first);
        ProbeAccess.refused(
                access.answered(key, first, Map.of(), PutCondition.ifAbsent()),
                "accepted a put if absent a second time, with the same bytes");
        byte[] second = access.body();
        String next = ProbeAccess.stored(
                access.putPatiently(key, second, PutCondition.ifMatch(etag)), "a put with the current etag");
        byte[] third = access.body();
        ProbeAccess.stored(access.putPatiently(key, third, PutCondition.ifMatch(next)), "a put with the current etag");
        ProbeAccess.refused(
                access.answered(key, first, Map.of(), PutCondition.ifAbsent()),
                "accepted a late duplicate of the first put of a key that has been overwritten");
        ProbeAccess.refused(
                access.answered(key, second, Map.of(), PutCondition.ifMatch(etag)),
                "accepted a late duplicate of a put if unchanged, two versions later");
        access.expectContent(key, third);
        return "refused at once, and after two other puts";
    }

    private String numbering() {
        int each = 10;
        Map<Integer, byte[]> acknowledged = new ConcurrentHashMap<>();
        AtomicInteger refused = new AtomicInteger();
        String twice = "acknowledged one number to two writers";
        threads.atOnce(Collections.nCopies(WRITERS, () -> {
            int next = 1;
            for (int committed = 0; committed < each; next++) {
                byte[] body = access.body();
                if (access.putPatiently(numbered(next), body, PutCondition.ifAbsent()) instanceof Stored) {
                    committed++;
                    if (acknowledged.put(next, body) != null) {
                        throw new ProbeFinding(twice);
                    }
                } else {
                    refused.incrementAndGet();
                }
            }
        }));
        List<String> expected = IntStream.rangeClosed(1, WRITERS * each)
                .mapToObj(this::numbered)
                .toList();
        ProbeAccess.expectKeys(expected, access.list(access.key("log/"), "", ObjectStore.MAX_LIST_LIMIT));
        threads.each(
                List.copyOf(acknowledged.entrySet()),
                entry -> access.expectContent(numbered(entry.getKey()), entry.getValue()));
        return expected.size() + " numbers by " + WRITERS + " writers, " + refused + " puts refused";
    }

    private String numbered(int number) {
        return access.key("log/" + String.format(Locale.ROOT, "%016x", number));
    }

    private String updates() {
        int attempts = 12;
        String key = access.key("counter");
        access.putNew(key, new byte[0]);
        Set<String> acknowledged = new ConcurrentSkipListSet<>();
        AtomicInteger refused = new AtomicInteger();
        List<Runnable> writers = new ArrayList<>();
        for (int i = 0; i < WRITERS; i++) {
            String name = "writer-" + i + "-";
            writers.add(() -> {
                int number = 1;
                for (int attempt = 1; attempt <= attempts; attempt++) {
                    String line = name + number + "\n";
                    switch (append(key, line)) {
                        case DONE -> {
                            acknowledged.add(line.strip());
                            number++;
                        }
                        case REFUSED -> refused.incrementAndGet();
                        case UNKNOWN -> access.pause(ProbeAccess.WRITE_LIMIT);
                    }
                }
            });
        }
        threads.atOnce(writers);
        List<String> kept = lines(ProbeAccess.readAndClose(access.get(key).orElseThrow(() -> ProbeAccess.lost(key))));
        Set<String> lost = new TreeSet<>(acknowledged);
        kept.forEach(lost::remove);
        if (!lost.isEmpty() || new HashSet<>(kept).size() != kept.size()) {
            throw new ProbeFinding("lost " + lost.size() + " of " + acknowledged.size()
                    + " updates that it had acknowledged to " + WRITERS + " writers");
        }
        return acknowledged.size() + " updates by " + WRITERS + " writers, " + refused + " refused, none lost";
    }

    private enum Appended {
        DONE,
        REFUSED,
        UNKNOWN
    }

    /** Reads, and writes one line more if nobody else has written. */
    private Appended append(String key, String line) {
        byte[] bytes;
        String etag;
        try (StoredObject object = access.get(key).orElseThrow(() -> ProbeAccess.lost(key))) {
            bytes = object.readAll();
            etag = object.info().etag();
        }
        if (lines(bytes).contains(line.strip())) {
            return Appended.DONE; // an attempt without an answer had arrived
        }
        byte[] added = line.getBytes(StandardCharsets.US_ASCII);
        byte[] next = Arrays.copyOf(bytes, bytes.length + added.length);
        System.arraycopy(added, 0, next, bytes.length, added.length);
        try {
            boolean stored = access.put(key, next, Map.of(), PutCondition.ifMatch(etag)) instanceof Stored;
            return stored ? Appended.DONE : Appended.REFUSED;
        } catch (StoreException e) {
            requireUnknown(e);
            return Appended.UNKNOWN;
        }
    }

    private static List<String> lines(byte[] bytes) {
        return new String(bytes, StandardCharsets.US_ASCII).lines().toList();
    }

    private String conditionsAfterDelete() {
        String key = access.key("deleted");
        byte[] last = access.body();
        String etag = access.putNew(key, access.body());
        access.delete(key);
        ProbeAccess.refused(
                access.answered(key, access.body(), Map.of(), PutCondition.ifMatch(etag)),
                "accepted a put with the etag of an object that was deleted");
        access.putNew(key, last);
        ProbeAccess.refused(
                access.answered(key, access.body(), Map.of(), PutCondition.ifMatch(etag)),
                "accepted a put with the etag of an object that was deleted and put anew");
        access.expectContent(key, last);
        return "an old etag is refused, a put if absent accepted";
    }

    // ---- consistency ------------------------------------------------------------------------------------------------

    private String putsAreSeen() {
        int each = 10;
        List<Runnable> pairs = new ArrayList<>();
        for (int i = 0; i < WRITERS; i++) {
            String prefix = access.key("seen/" + i + "/");
            pairs.add(() -> {
                for (int number = 0; number < each; number++) {
                    String key = prefix + (char) ('a' + number);
                    byte[] body = access.body();
                    // A store that remembers absences must notice that they end.
                    access.expectAbsent(key, "an object that was not put yet");
                    access.putNew(key, body);
                    seenElsewhere(prefix, key, number + 1, body);
                }
            });
        }
        threads.atOnce(pairs);
        return WRITERS * each + " objects: in get, head and list from another thread";
    }

    private void seenElsewhere(String prefix, String key, int listed, byte[] body) {
        threads.atOnce(List.of(() -> {
            List<ObjectInfo> objects =
                    access.list(prefix, "", ObjectStore.MAX_LIST_LIMIT).objects();
            if (objects.size() != listed || !objects.get(listed - 1).key().equals(key)) {
                throw new ProbeFinding("does not list what it had just stored: " + objects.size() + " of " + listed);
            }
            if (access.head(key).isEmpty()) {
                throw ProbeAccess.lost(key);
            }
            access.expectContent(key, body);
        }));
    }

    private String overwritesAreSeen() {
        List<String> keys = IntStream.range(0, 20)
                .mapToObj(i -> access.key("overwritten-" + i))
                .toList();
        Map<String, String> etags = new ConcurrentHashMap<>();
        threads.each(keys, key -> etags.put(key, access.putNew(key, access.body())));
        threads.each(List.copyOf(etags.entrySet()), first -> {
            String key = first.getKey();
            access.expectPresent(key);
            byte[] body = access.body();
            Map<String, String> metadata = Map.of("db-version", "2");
            String etag = ProbeAccess.stored(
                    access.putPatiently(key, body, metadata, PutCondition.ifMatch(first.getValue())),
                    "a put with the current etag");
            threads.atOnce(List.of(() -> {
                ObjectInfo info = access.expectContent(key, body);
                if (!info.etag().equals(etag) || !info.metadata().equals(metadata)) {
                    throw new ProbeFinding("describes " + key + " as it was before it was overwritten");
                }
            }));
        });
        return keys.size() + " objects: new bytes, etag and metadata from another thread";
    }

    private String deletesAreSeen() {
        List<String> keys = IntStream.range(0, 20)
                .mapToObj(i -> access.key("forgotten/" + i + "/o"))
                .toList();
        threads.each(keys, key -> {
            access.putNew(key, access.body());
            access.expectPresent(key);
            access.delete(key);
            threads.atOnce(List.of(() -> {
                access.expectAbsent(key, key + ", which it said it had deleted");
                ProbeAccess.expectKeys(List.of(), access.list(key, "", 10));
            }));
        });
        ProbeAccess.expectKeys(List.of(), access.list(access.key("forgotten/"), "", ObjectStore.MAX_LIST_LIMIT));
        return keys.size() + " objects: gone from get, head and list from another thread";
    }

    /** Bytes of one put with metadata of another, or half of each. A reader that is cut off has seen nothing wrong. */
    private String mixtures() {
        int versions = 12;
        int readsPerThread = 200;
        String key = access.key("mixture");
        AtomicBoolean written = new AtomicBoolean();
        AtomicInteger reads = new AtomicInteger();
        writeVersion(key, 1, PutCondition.ifAbsent());
        Runnable writer = () -> {
            try {
                for (int version = 2; version <= versions; version++) {
                    writeVersion(key, version, PutCondition.none());
                }
            } finally {
                written.set(true);
            }
        };
        Runnable reader = () -> {
            int left = readsPerThread;
            do { // At least once: a fast store has taken everything before this thread begins.
                readVersion(key);
                reads.incrementAndGet();
                left--;
            } while (left > 0 && !written.get());
        };
        threads.atOnce(List.of(reader, reader, reader, writer));
        return reads + " reads during " + (versions - 1) + " overwrites";
    }

    private void writeVersion(String key, int version, PutCondition condition) {
        byte[] body = new byte[MIXTURE_BODY_BYTES + version];
        Arrays.fill(body, (byte) version);
        access.putPatiently(key, body, Map.of("db-version", Integer.toString(version)), condition);
    }

    private void readVersion(String key) {
        byte[] body;
        ObjectInfo info;
        try (StoredObject object = access.get(key).orElseThrow(() -> ProbeAccess.lost(key))) {
            info = object.info();
            body = object.readAll();
        } catch (StoreException e) {
            requireUnknown(e);
            return;
        }
        int version = body.length - MIXTURE_BODY_BYTES;
        byte[] expected = new byte[body.length];
        Arrays.fill(expected, (byte) version);
        if (!Arrays.equals(body, expected)) {
            throw new ProbeFinding("delivers bytes of two puts in one body");
        }
        if (!info.metadata().equals(Map.of("db-version", Integer.toString(version)))) {
            throw new ProbeFinding("delivers the bytes of one put with the metadata of another");
        }
    }

    private String pages() {
        List<String> keys = IntStream.range(0, 220)
                .mapToObj(i -> access.key("pages/" + String.format(Locale.ROOT, "%08x", i * 37)))
                .toList();
        threads.each(keys, key -> access.putNew(key, new byte[0]));
        access.putNew(access.key("pages-are-not-it"), access.body());
        for (int limit : new int[] {100, 110, ObjectStore.MAX_LIST_LIMIT}) {
            List<String> found = new ArrayList<>();
            ListPage page;
            do {
                page = access.list(access.key("pages/"), found.isEmpty() ? "" : found.get(found.size() - 1), limit);
                page.objects().forEach(object -> found.add(object.key()));
            } while (page.more() && found.size() <= keys.size());
            if (!found.equals(keys)) {
                throw new ProbeFinding("lists " + found.size() + " objects instead of " + keys.size()
                        + ", or others, in pages of " + limit);
            }
        }
        String between = keys.get(100).substring(0, keys.get(100).length() - 1);
        ProbeAccess.expectKeys(keys.subList(100, 103), access.list(access.key("pages/"), between, 3));
        ProbeAccess.expectKeys(keys.subList(0, 2), access.list(access.key("pages/"), access.key("a"), 2));
        ProbeAccess.expectKeys(List.of(), access.list(access.key("pages/"), keys.get(keys.size() - 1), 10));
        return keys.size() + " keys in pages of 100, 110 and " + ObjectStore.MAX_LIST_LIMIT + ", after any key";
    }

    // ---- contents ---------------------------------------------------------------------------------------------------

    private String emptyBodies() {
        String key = access.key("empty");
        access.putNew(key, new byte[0], Map.of("db-version", "1"));
        expectEmpty(key, Map.of("db-version", "1"));
        ProbeAccess.refused(
                access.putPatiently(key, access.body(), PutCondition.ifAbsent()),
                "takes an empty object for absent: a put if absent replaced it");
        return "present, with metadata, and not replaced by a put if absent";
    }

    private void expectEmpty(String key, Map<String, String> metadata) {
        access.expectContent(key, new byte[0]);
        ProbeRun.expectMetadata(access, key, metadata);
        long size = access.head(key).orElseThrow(() -> ProbeAccess.lost(key)).size();
        List<ObjectInfo> listed = access.list(key, "", 1).objects();
        if (size != 0 || listed.isEmpty() || listed.get(0).size() != 0) {
            throw new ProbeFinding("gives an empty object another size, or does not list it");
        }
    }

    /** What the deletion of a database does to its objects: the key stays taken, the content goes. */
    private String overwriteWithNothing() {
        String key = access.key("erased");
        Map<String, String> mark = Map.of("db-version", "2", "deleted", "true");
        String etag = access.putNew(key, access.body(), Map.of("db-version", "1", "secret", "x"));
        String erased = ProbeAccess.stored(
                access.putPatiently(key, new byte[0], mark, PutCondition.ifMatch(etag)),
                "an empty body with the current etag");
        expectEmpty(key, mark);
        ProbeAccess.refused(
                access.putPatiently(key, access.body(), PutCondition.ifAbsent()),
                "takes an erased object for absent: a put if absent replaced it");
        ProbeAccess.refused(
                access.answered(key, access.body(), Map.of(), PutCondition.ifMatch(etag)),
                "accepted the etag from before an object was erased");
        byte[] body = access.body();
        ProbeAccess.stored(
                access.putPatiently(key, body, PutCondition.ifMatch(erased)), "a put with the etag of an empty object");
        access.expectContent(key, body);
        return "bytes and metadata replaced, the key stays taken";
    }

    private String largeBodies() {
        String key = access.key("large");
        long begin = nanoTime.getAsLong();
        byte[] bytes = ProbeRun.intact(access, key, LARGE_BODY_BYTES);
        long millis = millisSince(begin);
        int tail = 1000;
        String end = new String(
                ProbeAccess.readAndClose(
                        access.get(key, ByteRange.from(bytes.length - tail)).orElseThrow(() -> ProbeAccess.lost(key))),
                StandardCharsets.ISO_8859_1);
        if (!end.equals(new String(bytes, bytes.length - tail, tail, StandardCharsets.ISO_8859_1))) {
            throw new ProbeFinding("delivers other bytes for the end of a large object");
        }
        return "put and got in " + millis + " ms, its end by range";
    }

    private String muchMetadata() {
        Map<String, String> metadata = new TreeMap<>();
        metadata.put("printable", "!\"#$%&'()*+,-./09:;<=>?@AZ[\\]^_`az{|}~");
        metadata.put("two-spaces", "x  y");
        metadata.put("percent", "%41%2F+%");
        metadata.put("0-9", "0");
        int used = metadata.entrySet().stream()
                .mapToInt(
                        entry -> entry.getKey().length() + entry.getValue().length() + StoreRules.METADATA_ENTRY_BYTES)
                .sum();
        metadata.put("rest", "r".repeat(StoreRules.MAX_METADATA_BYTES - used - 4 - StoreRules.METADATA_ENTRY_BYTES));
        ProbeRun.keptMetadata(access, access.key("metadata-2kb"), metadata);
        return StoreRules.MAX_METADATA_BYTES + " bytes in " + metadata.size() + " entries, keys in lower case";
    }

    private String ourNames() {
        return named(
                "names/",
                List.of(
                        "alice/database.sqlite",
                        "%41lice/database.sqlite",
                        "a%2fb/database.ltx/0000/0000000000000001-0000000000000001.ltx",
                        "%5ao%c3%ab/d.conflicts/0000000000000001-0.ltx",
                        "ann@example.org/x+y_z.sqlite",
                        "ann%20b/x.sqlite",
                        "%2ehidden%2e/x.sqlite",
                        "x".repeat(200) + "/" + "y".repeat(200) + ".conflicts/0000000000000001-" + "0".repeat(32)
                                + ".ltx"));
    }

    private String anyNames() {
        return named(
                "any/",
                List.of(
                        "a b",
                        "a+b",
                        "a%20b",
                        "~a",
                        "a=b",
                        "a&b",
                        "a#b",
                        "a;b",
                        "a,b",
                        "a'b",
                        "a(b)",
                        "a$b",
                        "a!b",
                        "[a]",
                        "a..b",
                        "...",
                        "A",
                        "\u00e9",
                        "e\u0301",
                        "\uffee",
                        "\ud83d\ude00"));
    }

    /** Puts an object under each name, gets it, and lists all. */
    private String named(String folder, List<String> names) {
        List<String> keys =
                names.stream().map(name -> access.key(folder + name)).toList();
        for (String key : keys) {
            byte[] body = access.body();
            access.putNew(key, body);
            ObjectInfo info = access.expectContent(key, body);
            if (!info.key().equals(key)) {
                throw new ProbeFinding("calls " + key + " " + info.key());
            }
        }
        ProbeAccess.expectKeys(
                keys.stream().sorted(StoreRules.KEY_ORDER).toList(),
                access.list(access.key(folder), "", ObjectStore.MAX_LIST_LIMIT));
        return keys.size() + " names, listed in the order of their bytes";
    }

    private String idempotentDelete() {
        String key = access.key("twice");
        access.delete(access.key("never-put"));
        access.putNew(key, access.body());
        access.delete(key);
        access.delete(key);
        access.expectAbsent(key, key + ", which it said it had deleted");
        return "never put, and deleted twice";
    }

    private String neighbours() {
        List<String> keys = List.of(
                access.key("near/a-1"), access.key("near/a.ltx/0000/x"), access.key("near/a0"), access.key("near/b"));
        for (String key : keys) {
            access.putNew(key, access.body());
        }
        access.putNew(access.key("near/a"), access.body());
        access.delete(access.key("near/a"));
        ProbeAccess.expectKeys(keys, access.list(access.key("near/"), "", 10));
        access.delete(keys.get(1));
        ProbeAccess.expectKeys(
                List.of(keys.get(0), keys.get(2), keys.get(3)), access.list(access.key("near/"), "", 10));
        return "names that begin alike stay";
    }

    // ---- what is not required ---------------------------------------------------------------------------------------

    private String rangesAtTheEnd() {
        String key = access.key("ranges");
        byte[] bytes = "0123456789".getBytes(StandardCharsets.US_ASCII);
        access.putNew(key, bytes);
        expectRange(key, new ByteRange(8, 100), "89");
        expectRange(key, ByteRange.from(9), "9");
        expectRange(key, new ByteRange(0, 1), "0");
        Optional<StoredObject> beyond;
        try {
            beyond = access.get(key, ByteRange.from(bytes.length));
        } catch (StoreException e) {
            if (e.reason() != Reason.REJECTED) {
                throw e;
            }
            return "cut at the end; refused beyond it";
        }
        beyond.ifPresent(StoredObject::close);
        throw new ProbeFinding("answers a range that begins beyond the end");
    }

    private void expectRange(String key, ByteRange range, String expected) {
        byte[] got = ProbeAccess.readAndClose(access.get(key, range).orElseThrow(() -> ProbeAccess.lost(key)));
        String text = new String(got, StandardCharsets.US_ASCII);
        if (!text.equals(expected)) {
            throw new ProbeFinding("answers " + range + " of 0123456789 with " + text);
        }
    }

    private String descriptions() {
        String key = access.key("described");
        byte[] body = access.body();
        access.putNew(key, body);
        ObjectInfo got = access.expectContent(key, body);
        ObjectInfo head = access.head(key).orElseThrow(() -> ProbeAccess.lost(key));
        List<ObjectInfo> listed = access.list(key, "", 1).objects();
        if (listed.isEmpty()) {
            throw new ProbeFinding("does not list " + key);
        }
        for (ObjectInfo other : List.of(head, listed.get(0))) {
            // Headers have whole seconds.
            boolean sameTime = apart(other.lastModified(), got.lastModified()).compareTo(Duration.ofSeconds(1)) <= 0;
            if (!other.etag().equals(got.etag()) || other.size() != got.size() || !sameTime) {
                throw new ProbeFinding("describes one object as " + got + " and as " + other);
            }
        }
        return "etag, size and time agree";
    }

    private static Duration apart(Instant a, Instant b) {
        return Duration.between(a, b).abs();
    }

    private String clockOfTheStore() {
        Duration difference = Duration.ZERO;
        Instant last = Instant.MIN;
        for (int i = 0; i < 5; i++) {
            String key = access.key("clock-" + i);
            access.putNew(key, access.body());
            Instant put =
                    access.head(key).orElseThrow(() -> ProbeAccess.lost(key)).lastModified();
            difference = apart(put, clock.instant());
            if (difference.compareTo(PLAUSIBLE_DIFFERENCE) > 0) {
                throw new ProbeFinding("says that it is " + put + " when it is " + clock.instant() + " here");
            }
            if (put.isBefore(last)) {
                throw new ProbeFinding("gave an object the time " + put + " and the one before it " + last);
            }
            last = put;
        }
        return "forwards only, "
                + (difference.toMillis() < 1500 ? "less than two seconds" : difference.toSeconds() + " s")
                + " from this machine's clock";
    }

    // ---- what stores do in their own ways ---------------------------------------------------------------------------

    private String writesOfOneKey() {
        int writes = 10;
        String key = access.key("rate");
        access.putNew(key, access.body());
        int throttled = 0;
        long begin = nanoTime.getAsLong();
        for (int i = 0; i < writes; i++) {
            try {
                access.put(key, access.body(), Map.of(), PutCondition.none());
            } catch (StoreException e) {
                if (e.reason() != Reason.THROTTLED) {
                    throw e;
                }
                throttled++;
            }
        }
        String took = writes + " overwrites of one key in " + millisSince(begin) + " ms";
        return throttled == 0 ? took + ", all accepted" : took + ", " + throttled + " throttled (429 or 503)";
    }

    private String etags() {
        String key = access.key("etags");
        byte[] body = access.body();
        String first = access.putNew(key, body);
        String second = access.putNew(access.key("etags-2"), body);
        access.delete(key);
        String again = access.putNew(key, body);
        if (first.equals(second) && first.equals(again)) {
            return "the same bytes have the same etag";
        }
        return first.equals(again) ? "an etag depends on key and bytes" : "each put has an etag of its own";
    }

    private String roundTrips() {
        int samples = 15;
        byte[] body = new byte[1024];
        List<Long> puts = new ArrayList<>();
        List<Long> gets = new ArrayList<>();
        List<Long> absences = new ArrayList<>();
        List<Long> lists = new ArrayList<>();
        for (int i = 0; i < samples; i++) {
            String key = access.key("time/" + i);
            puts.add(nanos(() -> access.putNew(key, body)));
            gets.add(nanos(() -> access.get(key).ifPresent(ProbeAccess::readAndClose)));
            absences.add(nanos(() -> access.get(key + "-absent").ifPresent(StoredObject::close)));
            lists.add(nanos(() -> access.list(access.key("time/"), "", 10)));
        }
        return "put " + median(puts) + ", get " + median(gets) + ", get of an absent key " + median(absences)
                + ", list " + median(lists);
    }

    private long nanos(Runnable request) {
        long begin = nanoTime.getAsLong();
        request.run();
        return nanoTime.getAsLong() - begin;
    }

    private static String median(List<Long> nanos) {
        long middle = nanos.stream().sorted().toList().get(nanos.size() / 2);
        return String.format(Locale.ROOT, "%.1f ms", middle / 1e6);
    }

    private long millisSince(long begin) {
        return (nanoTime.getAsLong() - begin) / 1_000_000;
    }
}
