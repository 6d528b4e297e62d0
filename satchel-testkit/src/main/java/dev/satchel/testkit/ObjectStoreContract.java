package dev.satchel.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

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
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every {@link ObjectStore} does, sentence by sentence. Extend it, say how a store is opened, and all tests must pass; none
 * may be overridden. Each test keeps to keys of its own and leaves them behind, so that a shared bucket may be used.
 */
public abstract class ObjectStoreContract {
    private static final int THREADS = 32;
    private static final ObjectBody HELLO = body("hello");

    private ObjectStore store;
    private String prefix;

    /** For subclasses. */
    protected ObjectStoreContract() {}

    /** Opens the store for one test, which closes it. */
    protected abstract ObjectStore store();

    /** How many objects the paging test puts; at least 3. Fewer make it quicker on a slow store. */
    protected int objectsToPageOver() {
        return 2500;
    }

    /** How many times each of 32 threads increments a counter. Fewer make it quicker on a slow store. */
    protected int incrementsPerThread() {
        return 4;
    }

    /** How many times each of four writers overwrites an object that others read. Fewer make it quicker on a slow store. */
    protected int overwritesPerThread() {
        return 40;
    }

    @BeforeEach
    void openStore() {
        store = store();
        prefix = "contract/" + UUID.randomUUID() + "/";
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    // get and head

    @Test
    void getReturnsWhatWasPut() {
        String etag = put("a", HELLO, Map.of("db-version", "7"), PutCondition.none());

        try (StoredObject object = store.get(prefix + "a").orElseThrow()) {
            assertThat(object.expectedBytes()).isEqualTo(5);
            assertThat(text(object)).isEqualTo("hello");
            assertThat(object.info().key()).isEqualTo(prefix + "a");
            assertThat(object.info().size()).isEqualTo(5);
            assertThat(object.info().etag()).isEqualTo(etag);
            assertThat(object.info().metadata()).isEqualTo(Map.of("db-version", "7"));
        }
    }

    @Test
    void headDescribesWithoutBody() {
        String etag = put("a", HELLO, Map.of("db-version", "7"), PutCondition.none());

        ObjectInfo info = store.head(prefix + "a").orElseThrow();

        assertThat(info.key()).isEqualTo(prefix + "a");
        assertThat(info.size()).isEqualTo(5);
        assertThat(info.etag()).isEqualTo(etag);
        assertThat(info.metadata()).isEqualTo(Map.of("db-version", "7"));
    }

    @Test
    void absentObjectsAreEmptyNotErrors() {
        put("folder/a", HELLO);

        assertThat(store.get(prefix + "nothing")).isEmpty();
        assertThat(store.get(prefix + "nothing", ByteRange.from(100))).isEmpty();
        assertThat(store.head(prefix + "nothing")).isEmpty();
        assertThat(store.head(prefix + "no/such/folder")).isEmpty();
        assertThat(store.head(prefix + "folder")).isEmpty();
        assertThat(store.get(prefix + "folder")).isEmpty();
        assertThat(store.head(prefix + "folder/a/inside")).isEmpty();
        assertThat(store.get(prefix + "folder/a/inside")).isEmpty();
    }

    @Test
    void getHeadAndListAgree() {
        put("a", HELLO);

        ObjectInfo head = store.head(prefix + "a").orElseThrow();
        ObjectInfo listed = store.list(prefix, "", 10).objects().get(0);
        ObjectInfo got;
        try (StoredObject object = store.get(prefix + "a").orElseThrow()) {
            got = object.info();
        }

        for (ObjectInfo other : List.of(listed, got)) {
            assertThat(other.key()).isEqualTo(head.key());
            assertThat(other.size()).isEqualTo(head.size());
            assertThat(other.etag()).isEqualTo(head.etag());
            // S3 gives milliseconds in listings and whole seconds in headers.
            assertThat(other.lastModified()).isCloseTo(head.lastModified(), within(1, ChronoUnit.SECONDS));
        }
    }

    // ranges

    @Test
    void rangeReturnsItsBytesAndDescribesTheWholeObject() {
        String etag = put("a", body("0123456789"), Map.of("db-version", "7"), PutCondition.none());

        try (StoredObject part = store.get(prefix + "a", new ByteRange(2, 3)).orElseThrow()) {
            assertThat(part.expectedBytes()).isEqualTo(3);
            assertThat(text(part)).isEqualTo("234");
            assertThat(part.info().size()).isEqualTo(10);
            assertThat(part.info().etag()).isEqualTo(etag);
            assertThat(part.info().metadata()).isEqualTo(Map.of("db-version", "7"));
        }
    }

    @Test
    void rangeIsCutAtTheEnd() {
        put("a", body("0123456789"));

        assertThat(text("a", new ByteRange(8, 100))).isEqualTo("89");
        assertThat(text("a", new ByteRange(0, 10))).isEqualTo("0123456789");
        assertThat(text("a", new ByteRange(0, 11))).isEqualTo("0123456789");
        assertThat(text("a", new ByteRange(9, Long.MAX_VALUE))).isEqualTo("9");
        assertThat(text("a", new ByteRange(0, 1))).isEqualTo("0");
        assertThat(text("a", ByteRange.from(7))).isEqualTo("789");
    }

    @ParameterizedTest
    @ValueSource(longs = {10, 11, 1L << 40})
    void rangeThatBeginsBeyondTheEndIsRejected(long offset) {
        put("a", body("0123456789"));

        assertThatThrownBy(() -> store.get(prefix + "a", ByteRange.from(offset)))
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.REJECTED));
    }

    // bodies

    @Test
    void emptyBodyIsAnObject() {
        put("a", ObjectBody.of(new byte[0]), Map.of("db-version", "7"), PutCondition.none());

        assertThat(text("a", ByteRange.ALL)).isEmpty();
        ObjectInfo info = store.head(prefix + "a").orElseThrow();
        assertThat(info.size()).isZero();
        assertThat(info.metadata()).isEqualTo(Map.of("db-version", "7"));
    }

    @Test
    void largeBodyFromMemoryAndFromFile(@TempDir Path folder) throws Exception {
        byte[] bytes = new byte[5 * 1024 * 1024 + 3];
        new Random(1).nextBytes(bytes);
        Path file = Files.write(folder.resolve("body"), bytes);

        put("memory", ObjectBody.of(bytes));
        put("file", ObjectBody.of(file));

        for (String name : List.of("memory", "file")) {
            try (StoredObject object = store.get(prefix + name).orElseThrow()) {
                assertThat(Arrays.equals(object.readAll(), bytes)).isTrue();
            }
            try (StoredObject part =
                    store.get(prefix + name, ByteRange.from(bytes.length - 3)).orElseThrow()) {
                assertThat(part.readAll()).isEqualTo(Arrays.copyOfRange(bytes, bytes.length - 3, bytes.length));
            }
        }
    }

    @Test
    void bytesMayChangeAfterThePut() {
        byte[] bytes = "hello".getBytes(StandardCharsets.UTF_8);
        put("a", ObjectBody.of(bytes));

        Arrays.fill(bytes, (byte) 'x');

        assertThat(text("a", ByteRange.ALL)).isEqualTo("hello");
    }

    @Test
    void bodyThatCannotBeReadChangesNothing(@TempDir Path folder) {
        put("present", HELLO, Map.of("db-version", "7"), PutCondition.none());
        ObjectBody unreadable = ObjectBody.of(folder.resolve("missing"));

        for (String name : List.of("absent", "present")) {
            assertThatThrownBy(() -> store.put(prefix + name, unreadable, Map.of(), PutCondition.none()))
                    .isInstanceOfSatisfying(
                            StoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.IO));
        }

        assertThat(store.head(prefix + "absent")).isEmpty();
        assertThat(text("present", ByteRange.ALL)).isEqualTo("hello");
        assertThat(store.head(prefix + "present").orElseThrow().metadata()).isEqualTo(Map.of("db-version", "7"));
        assertThat(keys(store.list(prefix, "", 10))).containsExactly(prefix + "present");
    }

    // metadata

    @Test
    void metadataComesBackExactly() {
        String printable = "!\"#$%&'()*+,-./0123456789:;<=>?@ABCXYZ[\\]^_`abcxyz{|}~";
        Map<String, String> metadata =
                Map.of("a", "1", "commit-id", "x  y", "0-9", printable, "percent", "%41%2F+%", "equals", "a=b=\"c\"");

        put("a", HELLO, metadata, PutCondition.none());

        assertThat(store.head(prefix + "a").orElseThrow().metadata()).isEqualTo(metadata);
    }

    @Test
    void metadataUpToTheLimitIsKept() {
        int entries = 4;
        int valueLength = StoreRules.MAX_METADATA_BYTES / entries - StoreRules.METADATA_ENTRY_BYTES - "key-0".length();
        Map<String, String> metadata = Map.of(
                "key-0", "a".repeat(valueLength),
                "key-1", "b".repeat(valueLength),
                "key-2", "c".repeat(valueLength),
                "key-3", "d".repeat(valueLength));

        put("a", HELLO, metadata, PutCondition.none());

        assertThat(store.head(prefix + "a").orElseThrow().metadata()).isEqualTo(metadata);
    }

    @Test
    void metadataBeyondTheRulesIsRefused() {
        List<Map<String, String>> refused = List.of(
                Map.of("Upper", "1"),
                Map.of("under_score", "1"),
                Map.of("", "1"),
                Map.of("a", ""),
                Map.of("a", " 1"),
                Map.of("a", "1 "),
                Map.of("a", "1\n2"),
                Map.of("a", "\u00e9"),
                Map.of("a", "1".repeat(StoreRules.MAX_METADATA_BYTES)));

        for (Map<String, String> metadata : refused) {
            assertThatIllegalArgumentException()
                    .as("%s", metadata)
                    .isThrownBy(() -> store.put(prefix + "a", HELLO, metadata, PutCondition.none()));
        }
        assertThat(store.head(prefix + "a")).isEmpty();
    }

    @Test
    void overwritingReplacesBytesAndAllMetadata() {
        String first = put("a", body("a longer body"), Map.of("one", "1", "two", "2"), PutCondition.none());

        String second = put("a", HELLO, Map.of("two", "3"), PutCondition.none());

        assertThat(second).isNotEqualTo(first);
        ObjectInfo info = store.head(prefix + "a").orElseThrow();
        assertThat(info.etag()).isEqualTo(second);
        assertThat(info.size()).isEqualTo(5);
        assertThat(info.metadata()).isEqualTo(Map.of("two", "3"));
        assertThat(text("a", ByteRange.ALL)).isEqualTo("hello");
    }

    // conditions

    @Test
    void putIfAbsentStoresOnlyOnce() {
        put("a", HELLO, Map.of("db-version", "1"), PutCondition.ifAbsent());

        PutResult second = store.put(prefix + "a", body("other"), Map.of("db-version", "2"), PutCondition.ifAbsent());

        assertThat(second).isEqualTo(PutResult.PreconditionFailed.INSTANCE);
        assertThat(text("a", ByteRange.ALL)).isEqualTo("hello");
        assertThat(store.head(prefix + "a").orElseThrow().metadata()).isEqualTo(Map.of("db-version", "1"));
    }

    @Test
    void putIfAbsentFailsOnTheSameBytesToo() {
        put("a", HELLO, Map.of(), PutCondition.ifAbsent());

        assertThat(store.put(prefix + "a", HELLO, Map.of(), PutCondition.ifAbsent()))
                .isEqualTo(PutResult.PreconditionFailed.INSTANCE);
    }

    @Test
    void putIfAbsentFailsOnAnEmptyObject() {
        put("a", ObjectBody.of(new byte[0]));

        assertThat(store.put(prefix + "a", HELLO, Map.of(), PutCondition.ifAbsent()))
                .isEqualTo(PutResult.PreconditionFailed.INSTANCE);
    }

    @Test
    void putIfAbsentStoresAgainAfterDelete() {
        put("a", HELLO, Map.of("db-version", "1"), PutCondition.ifAbsent());
        store.delete(prefix + "a");

        put("a", body("other"), Map.of(), PutCondition.ifAbsent());

        assertThat(text("a", ByteRange.ALL)).isEqualTo("other");
        assertThat(store.head(prefix + "a").orElseThrow().metadata()).isEmpty();
    }

    @Test
    void putIfMatchReplacesWhatItNames() {
        String first = put("a", HELLO);

        String second = put("a", body("other"), Map.of("db-version", "2"), PutCondition.ifMatch(first));

        assertThat(second).isNotEqualTo(first);
        assertThat(text("a", ByteRange.ALL)).isEqualTo("other");
        put("a", body("third"), Map.of(), PutCondition.ifMatch(second));
    }

    @Test
    void putIfMatchTakesEtagsFromHeadGetAndList() {
        put("a", HELLO);
        String fromHead = store.head(prefix + "a").orElseThrow().etag();
        put("a", body("second"), Map.of(), PutCondition.ifMatch(fromHead));
        String fromList = store.list(prefix + "a", "", 1).objects().get(0).etag();
        put("a", body("third"), Map.of(), PutCondition.ifMatch(fromList));
        String fromGet;
        try (StoredObject object = store.get(prefix + "a").orElseThrow()) {
            fromGet = object.info().etag();
        }
        put("a", body("fourth"), Map.of(), PutCondition.ifMatch(fromGet));

        assertThat(text("a", ByteRange.ALL)).isEqualTo("fourth");
    }

    @Test
    void putIfMatchFailsOnAStaleEtag() {
        String first = put("a", HELLO);
        put("a", body("other"), Map.of("db-version", "2"), PutCondition.none());

        PutResult result = store.put(prefix + "a", body("third"), Map.of(), PutCondition.ifMatch(first));

        assertThat(result).isEqualTo(PutResult.PreconditionFailed.INSTANCE);
        assertThat(text("a", ByteRange.ALL)).isEqualTo("other");
        assertThat(store.head(prefix + "a").orElseThrow().metadata()).isEqualTo(Map.of("db-version", "2"));
    }

    @Test
    void putIfMatchFailsOnAnAbsentKey() {
        String etag = put("other", HELLO);
        put("deleted", HELLO);
        store.delete(prefix + "deleted");

        for (String name : List.of("absent", "deleted")) {
            assertThat(store.put(prefix + name, HELLO, Map.of(), PutCondition.ifMatch(etag)))
                    .isEqualTo(PutResult.PreconditionFailed.INSTANCE);
            assertThat(store.head(prefix + name)).isEmpty();
        }
    }

    // keys

    @Test
    void keysAreTakenLiterally() {
        List<String> names = List.of(
                "%41lice",
                "Blice", "%2e%2e", "a%2Fb", "a b", "a+b", "a%20b", "a@b", "~a", "a=b", "a&b", "a#b", "a;b", "a,b",
                "a'b", "a(b)", "a$b", "a!b", "[a]", "a..b", ".hidden", "...", "x-1.ltx");
        for (String name : names) {
            put(name + "/o", body(name), Map.of(), PutCondition.ifAbsent());
        }

        for (String name : names) {
            assertThat(text(name + "/o", ByteRange.ALL)).isEqualTo(name);
            assertThat(keys(store.list(prefix + name + "/", "", 10))).containsExactly(prefix + name + "/o");
            assertThat(store.head(prefix + name + "/o").orElseThrow().key()).isEqualTo(prefix + name + "/o");
        }
        assertThat(store.head(prefix + "Alice/o")).isEmpty();
        assertThat(keys(store.list(prefix, "", 1000)))
                .containsExactlyElementsOf(names.stream()
                        .map(name -> prefix + name + "/o")
                        .sorted(StoreRules.KEY_ORDER)
                        .toList());
    }

    @Test
    void longestKeyIsKept() {
        StringBuilder name = new StringBuilder();
        while (prefix.length() + name.length() < StoreRules.MAX_KEY_BYTES - 100) {
            name.append("x".repeat(90)).append('/');
        }
        name.append("y".repeat(StoreRules.MAX_KEY_BYTES - prefix.length() - name.length()));

        put(name.toString(), HELLO, Map.of("db-version", "1"), PutCondition.ifAbsent());

        assertThat(text(name.toString(), ByteRange.ALL)).isEqualTo("hello");
        assertThat(keys(store.list(prefix, "", 10))).containsExactly(prefix + name);
    }

    @Test
    void keysThatBreakTheRulesAreRefused() {
        List<String> refused = List.of(
                "",
                "/",
                "/a",
                "a/",
                "a//b",
                ".",
                "..",
                "../a",
                "a/../b",
                "a/./b",
                "a/..",
                "a\u0000b",
                "a\nb",
                "a\u007f",
                "a\ud800b",
                "\udc00",
                "k".repeat(1025),
                "\u00e9".repeat(513));

        for (String key : refused) {
            List<Runnable> calls = List.of(
                    () -> store.get(key),
                    () -> store.head(key),
                    () -> store.put(key, HELLO, Map.of(), PutCondition.none()),
                    () -> store.delete(key));
            for (Runnable call : calls) {
                assertThatIllegalArgumentException().as("%s", key).isThrownBy(call::run);
            }
        }
    }

    // list

    @Test
    void listIsOrderedByUtf8Bytes() {
        List<String> inOrder = List.of(
                "a b", "a!b", "a+b", "a-b", "a-c/x", "a-c/y/z", "a-c0", "a.b", "a/b", "a/c", "a0b", "a=", "aa", "a~",
                "b");
        for (String name : List.of(
                "aa", "a.b", "a/c", "a-c/y/z", "b", "a+b", "a0b", "a!b", "a/b", "a=", "a-b", "a~", "a b", "a-c0",
                "a-c/x")) {
            put(name, HELLO);
        }
        List<String> expected = inOrder.stream().map(name -> prefix + name).toList();

        assertThat(keys(store.list(prefix, "", 100))).isEqualTo(expected);
        for (int i = 0; i < expected.size(); i++) {
            assertThat(keys(store.list(prefix, expected.get(i), 100)))
                    .isEqualTo(expected.subList(i + 1, expected.size()));
        }
        for (int limit = 1; limit <= expected.size(); limit++) {
            assertThat(keysPageByPage(limit)).isEqualTo(expected);
        }
    }

    @Test
    void listTakesAnyPrefix() {
        for (String name : List.of("a-1", "a/1", "a/2", "ab/1", "b/1", "b/22", "b/2x/y")) {
            put(name, HELLO);
        }

        assertThat(names("a")).containsExactly("a-1", "a/1", "a/2", "ab/1");
        assertThat(names("a/")).containsExactly("a/1", "a/2");
        assertThat(names("b/2")).containsExactly("b/22", "b/2x/y");
        assertThat(names("b/22")).containsExactly("b/22");
        assertThat(names("b/2x/")).containsExactly("b/2x/y");
        assertThat(names("b/222")).isEmpty();
        assertThat(names("b/22/")).isEmpty();
        assertThat(names("c")).isEmpty();
        assertThat(names("no/such/folder/")).isEmpty();
        assertThat(names("../")).isEmpty();
        assertThat(names("/")).isEmpty();
        assertThat(store.list(prefix + "zz", "", 10).more()).isFalse();
    }

    @Test
    void listTakesAnyStartAfter() {
        for (String name : List.of("a/1", "a/3", "b/1", "c")) {
            put(name, HELLO);
        }

        assertThat(namesAfter("a/", prefix + "a/2")).containsExactly("a/3");
        assertThat(namesAfter("a/", prefix + "a/1")).containsExactly("a/3");
        assertThat(namesAfter("a/", prefix + "a/3")).isEmpty();
        assertThat(namesAfter("a/", prefix + "b")).isEmpty();
        assertThat(namesAfter("a/", prefix)).containsExactly("a/1", "a/3");
        assertThat(namesAfter("b/", prefix + "a/3")).containsExactly("b/1");
        assertThat(namesAfter("", prefix + "a/")).containsExactly("a/1", "a/3", "b/1", "c");
        assertThat(namesAfter("", prefix + "a")).containsExactly("a/1", "a/3", "b/1", "c");
        assertThat(namesAfter("", prefix + "a/1/deeper")).containsExactly("a/3", "b/1", "c");
        assertThat(namesAfter("", prefix + "a0")).containsExactly("b/1", "c");
        assertThat(namesAfter("", prefix + "b/1")).containsExactly("c");
        assertThat(namesAfter("", "~")).isEmpty();
        assertThat(namesAfter("", "!")).containsExactly("a/1", "a/3", "b/1", "c");
    }

    @Test
    void listPagesUntilAPageIsNotFull() throws Exception {
        int objects = objectsToPageOver();
        int limit = Math.min(ObjectStore.MAX_LIST_LIMIT, objects / 2);
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < objects; i++) {
            expected.add(prefix + "%04d".formatted(i) + (i % 2 == 0 ? "" : "/x"));
        }
        AtomicInteger next = new AtomicInteger();
        inParallel(16, thread -> () -> {
            for (int i = next.getAndIncrement(); i < objects; i = next.getAndIncrement()) {
                store.put(expected.get(i), HELLO, Map.of(), PutCondition.ifAbsent());
            }
            return null;
        });

        assertThat(keysPageByPage(limit)).isEqualTo(expected);
        ListPage first = store.list(prefix, "", limit);
        assertThat(first.objects()).hasSize(limit);
        assertThat(first.more()).isTrue();
    }

    @Test
    void listHasNoMetadata() {
        put("a", HELLO, Map.of("db-version", "7"), PutCondition.none());

        assertThat(store.list(prefix, "", 1).objects().get(0).metadata()).isEmpty();
    }

    @Test
    void listRefusesLimitsOutOfBounds() {
        for (int limit : new int[] {-1, 0, ObjectStore.MAX_LIST_LIMIT + 1}) {
            assertThatIllegalArgumentException().isThrownBy(() -> store.list(prefix, "", limit));
        }
    }

    // delete

    /** The last one out of a folder may remove it under the feet of the others. */
    @Test
    void objectsBesideEachOtherAreDeletedAtOnce() throws Exception {
        for (int round = 0; round < 20; round++) {
            String folder = "folder-" + round + "/inside/";
            for (int i = 0; i < 4; i++) {
                put(folder + i, HELLO);
            }
            CyclicBarrier together = new CyclicBarrier(4);
            inParallel(4, thread -> () -> {
                together.await();
                store.delete(prefix + folder + thread);
                return null;
            });
        }

        assertThat(keys(store.list(prefix, "", 10))).isEmpty();
    }

    @Test
    void deletedObjectsAreAbsentEverywhere() {
        put("folder/a", HELLO, Map.of("db-version", "7"), PutCondition.none());
        put("folder/b", HELLO);

        store.delete(prefix + "folder/a");

        assertThat(store.get(prefix + "folder/a")).isEmpty();
        assertThat(store.head(prefix + "folder/a")).isEmpty();
        assertThat(names("")).containsExactly("folder/b");
    }

    @Test
    void deletingWhatDoesNotExistSucceeds() {
        put("folder/a", HELLO);

        store.delete(prefix + "folder/a");
        store.delete(prefix + "folder/a");
        store.delete(prefix + "nothing");
        store.delete(prefix + "no/such/folder");

        assertThat(names("")).isEmpty();
    }

    @Test
    void deletingAFolderIsDeletingNothing() {
        put("folder/a", HELLO);

        store.delete(prefix + "folder");

        assertThat(names("")).containsExactly("folder/a");
    }

    @Test
    void keyMayBecomeAFolderOnceDeleted() {
        put("a", HELLO);
        store.delete(prefix + "a");
        put("a/b", HELLO);
        store.delete(prefix + "a/b");
        put("a", body("again"));

        assertThat(text("a", ByteRange.ALL)).isEqualTo("again");
    }

    // races

    @Test
    void putIfAbsentHasExactlyOneWinnerAmongManyThreads() throws Exception {
        int keys = 50;
        CyclicBarrier start = new CyclicBarrier(THREADS);
        List<List<Boolean>> wonByThread = inParallel(THREADS, thread -> () -> {
            List<Boolean> won = new ArrayList<>();
            for (int i = 0; i < keys; i++) {
                start.await(60, TimeUnit.SECONDS);
                PutResult result = store.put(
                        prefix + "folder" + i + "/key",
                        body("thread " + thread),
                        Map.of("thread", Integer.toString(thread)),
                        PutCondition.ifAbsent());
                won.add(result instanceof PutResult.Stored);
            }
            return won;
        });

        for (int i = 0; i < keys; i++) {
            List<Integer> winners = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                if (wonByThread.get(thread).get(i)) {
                    winners.add(thread);
                }
            }
            assertThat(winners).hasSize(1);
            String name = "folder" + i + "/key";
            assertThat(text(name, ByteRange.ALL)).isEqualTo("thread " + winners.get(0));
            assertThat(store.head(prefix + name).orElseThrow().metadata())
                    .isEqualTo(Map.of("thread", winners.get(0).toString()));
        }
    }

    @Test
    void compareAndSwapLosesNoUpdate() throws Exception {
        put("counter", body("0"));

        inParallel(THREADS, thread -> () -> {
            for (int i = 0; i < incrementsPerThread(); i++) {
                while (!increment("counter")) {
                    Thread.onSpinWait();
                }
            }
            return null;
        });

        assertThat(text("counter", ByteRange.ALL)).isEqualTo(Integer.toString(THREADS * incrementsPerThread()));
    }

    @Test
    void readersSeeOneWholeVersionWhileItIsOverwritten() throws Exception {
        int writers = 4;
        CountDownLatch writing = new CountDownLatch(writers);
        Map<String, String> contentByEtag = new ConcurrentHashMap<>();
        put("a", filled(0), filledMetadata(0), PutCondition.none());

        inParallel(12, thread -> () -> {
            if (thread < writers) {
                try {
                    for (int i = 0; i < overwritesPerThread(); i++) {
                        int version = 1 + thread * overwritesPerThread() + i;
                        put("a", filled(version), filledMetadata(version), PutCondition.none());
                    }
                } finally {
                    writing.countDown();
                }
            } else {
                do {
                    expectOneWholeVersion(thread % 2 == 0 ? ByteRange.ALL : new ByteRange(1, 60_000), contentByEtag);
                } while (writing.getCount() > 0);
            }
            return null;
        });
    }

    @Test
    void readersSeeAllOrNothingWhileObjectsComeAndGo() throws Exception {
        int writers = 4;
        CountDownLatch writing = new CountDownLatch(writers);

        inParallel(12, thread -> () -> {
            if (thread < writers) {
                try {
                    for (int i = 0; i < overwritesPerThread(); i++) {
                        int version = 1 + thread * overwritesPerThread() + i;
                        store.put(prefix + "f/a", filled(version), filledMetadata(version), PutCondition.ifAbsent());
                        store.delete(prefix + "f/a");
                    }
                } finally {
                    writing.countDown();
                }
            } else {
                do {
                    expectOneWholeVersion(ByteRange.ALL, new ConcurrentHashMap<>());
                    assertThat(names("")).isSubsetOf("f/a");
                } while (writing.getCount() > 0);
            }
            return null;
        });

        assertThat(names("")).isEmpty();
    }

    private boolean increment(String name) {
        String etag;
        int value;
        try (StoredObject object = store.get(prefix + name).orElseThrow()) {
            etag = object.info().etag();
            value = Integer.parseInt(text(object));
        }
        PutResult result =
                store.put(prefix + name, body(Integer.toString(value + 1)), Map.of(), PutCondition.ifMatch(etag));
        return result instanceof PutResult.Stored;
    }

    /** Every byte of version n is n, and its metadata says so. */
    private static ObjectBody filled(int version) {
        byte[] bytes = new byte[100 + version * 7919 % 100_000];
        Arrays.fill(bytes, (byte) version);
        return ObjectBody.of(bytes);
    }

    private static Map<String, String> filledMetadata(int version) throws Exception {
        return Map.of(
                "fill",
                Integer.toString((byte) version),
                "size",
                Long.toString(filled(version).size()));
    }

    private void expectOneWholeVersion(ByteRange range, Map<String, String> contentByEtag) {
        for (String name : List.of("a", "f/a")) {
            Optional<StoredObject> found = store.get(prefix + name, range);
            if (found.isEmpty()) {
                continue;
            }
            try (StoredObject object = found.get()) {
                ObjectInfo info = object.info();
                String content = info.metadata().toString();
                byte fill = Byte.parseByte(info.metadata().get("fill"));
                assertThat(info.metadata().get("size")).isEqualTo(Long.toString(info.size()));
                assertThat(object.expectedBytes()).isEqualTo(Math.min(range.length(), info.size() - range.offset()));
                byte[] expected = new byte[(int) object.expectedBytes()];
                Arrays.fill(expected, fill);
                assertThat(Arrays.equals(object.readAll(), expected)).isTrue();
                assertThat(contentByEtag.merge(info.etag(), content, (old, same) -> old))
                        .isEqualTo(content);
            }
        }
    }

    private String put(String name, ObjectBody body) {
        return put(name, body, Map.of(), PutCondition.none());
    }

    /** Puts, expects success, and returns the etag. */
    private String put(String name, ObjectBody body, Map<String, String> metadata, PutCondition condition) {
        PutResult result = store.put(prefix + name, body, metadata, condition);
        assertThat(result).isInstanceOf(PutResult.Stored.class);
        return ((PutResult.Stored) result).etag();
    }

    private String text(String name, ByteRange range) {
        try (StoredObject object = store.get(prefix + name, range).orElseThrow()) {
            return text(object);
        }
    }

    private static String text(StoredObject object) {
        return new String(object.readAll(), StandardCharsets.UTF_8);
    }

    private static ObjectBody body(String text) {
        return ObjectBody.of(text.getBytes(StandardCharsets.UTF_8));
    }

    private List<String> names(String restOfPrefix) {
        return namesAfter(restOfPrefix, "");
    }

    /** The listed keys without the test's prefix. */
    private List<String> namesAfter(String restOfPrefix, String startAfter) {
        return keys(store.list(prefix + restOfPrefix, startAfter, 1000)).stream()
                .map(key -> key.substring(prefix.length()))
                .toList();
    }

    private static List<String> keys(ListPage page) {
        return page.objects().stream().map(ObjectInfo::key).toList();
    }

    private List<String> keysPageByPage(int limit) {
        List<String> all = new ArrayList<>();
        ListPage page = store.list(prefix, "", limit);
        all.addAll(keys(page));
        while (page.more()) {
            assertThat(page.objects()).hasSize(limit);
            page = store.list(prefix, all.get(all.size() - 1), limit);
            all.addAll(keys(page));
        }
        return all;
    }

    /** Runs a task per thread, all at once, and returns their results; the first failure fails the test. */
    private static <T> List<T> inParallel(int threads, IntFunction<Callable<T>> task) throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            List<Future<T>> futures = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                futures.add(executor.submit(task.apply(i)));
            }
            List<T> results = new ArrayList<>();
            for (Future<T> future : futures) {
                results.add(future.get(5, TimeUnit.MINUTES));
            }
            return results;
        } catch (ExecutionException e) {
            throw new AssertionError("a thread failed", e.getCause());
        } finally {
            executor.shutdownNow();
        }
    }
}
