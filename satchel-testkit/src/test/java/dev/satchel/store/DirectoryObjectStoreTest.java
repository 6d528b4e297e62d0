package dev.satchel.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.satchel.store.StoreException.Reason;
import dev.satchel.testkit.InMemoryObjectStore;
import dev.satchel.testkit.ObjectStoreContract;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DirectoryObjectStoreTest extends ObjectStoreContract {
    private static final String KEY = "alice/database.sqlite";
    private static final Map<String, String> ONE = Map.of("db-version", "1");
    private static final Map<String, String> TWO = Map.of("db-version", "2");

    @TempDir
    Path folder;

    private Path bucket;
    private DirectoryObjectStore store;

    @Override
    protected ObjectStore store() {
        return new DirectoryObjectStore(folder.resolve("contract"), false);
    }

    @Override
    protected int objectsToPageOver() {
        return 400;
    }

    @Override
    protected int overwritesPerThread() {
        return 20;
    }

    @BeforeEach
    void openBucket() {
        bucket = folder.resolve("bucket");
        store = new DirectoryObjectStore(bucket, false);
    }

    @AfterEach
    void closeBucket() {
        store.close();
    }

    // files

    @Test
    void bytesAreAPlainFileNamedByTheKey() throws Exception {
        put(KEY, "hello", ONE);

        assertThat(bucket.resolve("alice").resolve("database.sqlite")).hasContent("hello");
        assertThat(store.location()).isEqualTo(bucket.toUri().toString()).startsWith("file:///");
        assertThat(bucket.resolve(".satchel/tmp")).isEmptyDirectory();
    }

    @Test
    void anotherInstanceSeesTheSame() {
        String etag = put(KEY, "hello", ONE);

        try (DirectoryObjectStore other = new DirectoryObjectStore(bucket)) {
            assertThat(other.head(KEY)).isEqualTo(store.head(KEY));
            assertThat(other.head(KEY).orElseThrow().etag()).isEqualTo(etag);
            assertThat(other.list("", "", 10)).isEqualTo(store.list("", "", 10));
        }
    }

    @Test
    void fileMadeByHandIsAnObjectWithoutMetadata() throws Exception {
        Files.createDirectories(bucket.resolve("alice"));
        Files.writeString(bucket.resolve(KEY), "by hand");

        assertThat(content(KEY)).isEqualTo("by hand");
        ObjectInfo info = store.head(KEY).orElseThrow();
        assertThat(info.metadata()).isEmpty();
        assertThat(store.list("", "", 10).objects()).containsExactly(info);
        assertThat(put(KEY, "x", ONE, PutCondition.ifAbsent())).isEqualTo(PutResult.PreconditionFailed.INSTANCE);
        assertThat(put(KEY, "replaced", ONE, PutCondition.ifMatch(info.etag()))).isInstanceOf(PutResult.Stored.class);
        assertThat(content(KEY)).isEqualTo("replaced");
        assertThat(metadata(KEY)).isEqualTo(ONE);
    }

    @Test
    void fileEditedByHandIsAnotherObject() throws Exception {
        String etag = put(KEY, "hello", ONE);

        Files.writeString(bucket.resolve(KEY), "HELLO");

        assertThat(content(KEY)).isEqualTo("HELLO");
        assertThat(metadata(KEY)).isEmpty();
        assertThat(put(KEY, "x", TWO, PutCondition.ifMatch(etag))).isEqualTo(PutResult.PreconditionFailed.INSTANCE);
    }

    @Test
    void fileRemovedByHandIsAbsent() throws Exception {
        put(KEY, "hello", ONE);

        Files.delete(bucket.resolve(KEY));

        assertThat(store.head(KEY)).isEmpty();
        assertThat(keys()).isEmpty();
        assertThat(put(KEY, "again", TWO, PutCondition.ifAbsent())).isInstanceOf(PutResult.Stored.class);
        assertThat(metadata(KEY)).isEqualTo(TWO);
    }

    @Test
    void whatSqliteLeavesBesideADatabaseIsNoObject() throws Exception {
        put(KEY, "hello", ONE);
        for (String suffix : List.of("-wal", "-shm", "-journal")) {
            Files.writeString(bucket.resolve(KEY + suffix), "left by a shell");

            assertThat(reason(() -> store.head(KEY + suffix))).isEqualTo(Reason.REJECTED);
            assertThat(reason(() -> put(KEY + suffix, "x", ONE))).isEqualTo(Reason.REJECTED);
        }

        assertThat(keys()).containsExactly(KEY);
        assertThat(content(KEY)).isEqualTo("hello");
        store.delete(KEY);
        assertThat(keys()).isEmpty();
        put(KEY, "again", TWO);
        assertThat(keys()).containsExactly(KEY);
    }

    @Test
    void itsOwnFolderHasNoObjects() {
        put(KEY, "hello", ONE);

        assertThat(keys()).containsExactly(KEY);
        assertThat(store.list(".satchel/", "", 10).objects()).isEmpty();
        assertThat(store.list(".satchel/meta/", "", 10).objects()).isEmpty();
        for (String key : List.of(".satchel", ".satchel/format", ".SATCHEL/x")) {
            assertThat(reason(() -> store.get(key))).isEqualTo(Reason.REJECTED);
            assertThat(reason(() -> put(key, "x", ONE))).isEqualTo(Reason.REJECTED);
            assertThat(reason(() -> store.delete(key))).isEqualTo(Reason.REJECTED);
        }
        put(".satchel-not", "x", ONE);
        assertThat(keys()).containsExactly(".satchel-not", KEY);
    }

    @Test
    void nameLongerThanAFileSystemTakesIsRejected() {
        put("a/" + "n".repeat(255), "x", ONE);

        StoreException refused =
                catchThrowableOfType(StoreException.class, () -> put("a/" + "n".repeat(256) + "/b", "x", ONE));

        assertThat(refused.reason()).isEqualTo(Reason.REJECTED);
        assertThat(refused).hasMessageContaining("256 bytes").hasMessageContaining("255");
    }

    @Test
    void keyIsNeverAFolderToo() {
        put("a/b", "x", ONE);

        assertThat(reason(() -> put("a", "x", ONE))).isEqualTo(Reason.REJECTED);
        assertThat(reason(() -> put("a/b/c", "x", ONE))).isEqualTo(Reason.REJECTED);
        assertThat(keys()).containsExactly("a/b");
        assertThat(metadata("a/b")).isEqualTo(ONE);
    }

    @Test
    void lastDeleteRemovesTheFolders() {
        put("a/b/c", "x", ONE);
        put("a/d", "x", ONE);

        store.delete("a/b/c");
        assertThat(bucket.resolve("a")).isDirectoryNotContaining("glob:**b");
        store.delete("a/d");

        assertThat(bucket).isDirectoryNotContaining("glob:**a");
        assertThat(bucket.resolve(".satchel/meta")).isEmptyDirectory();
    }

    @Test
    void openObjectStaysAsItWasWhileItIsReplacedAndDeleted() {
        put(KEY, "first", ONE);
        try (StoredObject opened = store.get(KEY).orElseThrow()) {
            put(KEY, "second, and longer", TWO);
            store.delete(KEY);

            assertThat(opened.info().metadata()).isEqualTo(ONE);
            assertThat(new String(opened.readAll(), StandardCharsets.UTF_8)).isEqualTo("first");
        }
    }

    @Test
    void listsWhatAModelListsForAnyPrefixAndStart() {
        Random random = new Random(7);
        InMemoryObjectStore model = new InMemoryObjectStore();
        for (int i = 0; i < 300; i++) {
            String key = randomText(random);
            try {
                model.put(key, bytes(key), ONE, PutCondition.none());
                put(key, key, ONE);
            } catch (IllegalArgumentException | StoreException e) {
                // Not a key, or a folder as well.
            }
        }
        assertThat(keys()).hasSizeGreaterThan(50);

        for (int i = 0; i < 2000; i++) {
            String prefix = random.nextInt(3) == 0 ? "" : randomText(random);
            String startAfter = random.nextInt(3) == 0 ? "" : randomText(random);
            int limit = 1 + random.nextInt(20);
            ListPage expected = model.list(prefix, startAfter, limit);
            ListPage actual = store.list(prefix, startAfter, limit);

            assertThat(actual.objects())
                    .as("prefix %s, start after %s, limit %s", prefix, startAfter, limit)
                    .extracting(ObjectInfo::key)
                    .isEqualTo(expected.objects().stream().map(ObjectInfo::key).toList());
            assertThat(actual.more()).isEqualTo(expected.more());
        }
    }

    /** Often a key, with much in common with others; beyond the basic plane too. */
    private static String randomText(Random random) {
        List<String> letters = List.of("a", "/", "/", "-", ".", "0", "b", "\uffee", "\ud83d\ude00");
        StringBuilder text = new StringBuilder();
        int length = 1 + random.nextInt(6);
        for (int i = 0; i < length; i++) {
            text.append(letters.get(random.nextInt(letters.size())));
        }
        return text.toString();
    }

    // crashes

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void putKilledBeforeItsBytesArriveHasChangedNothing(boolean timesAreKept) throws Exception {
        String etag = put(KEY, "first", ONE);
        Path firstBytes = copy(bucket.resolve(KEY), timesAreKept);
        put(KEY, "later", TWO);

        Files.move(firstBytes, bucket.resolve(KEY), StandardCopyOption.REPLACE_EXISTING);

        assertThat(content(KEY)).isEqualTo("first");
        ObjectInfo info = store.head(KEY).orElseThrow();
        assertThat(info.metadata()).isEqualTo(ONE);
        assertThat(info.etag()).isEqualTo(etag);
        assertThat(store.list("", "", 10).objects().get(0).etag()).isEqualTo(etag);
        assertThat(put(KEY, "third", TWO, PutCondition.ifMatch(etag))).isInstanceOf(PutResult.Stored.class);
        assertThat(content(KEY)).isEqualTo("third");
        assertThat(metadata(KEY)).isEqualTo(TWO);
    }

    @Test
    void putOfTheSameBytesKilledBeforeTheyArriveHasChangedNothing() throws Exception {
        String etag = put(KEY, "the same", ONE);
        Path firstBytes = copy(bucket.resolve(KEY), true);
        put(KEY, "the same", TWO);

        Files.move(firstBytes, bucket.resolve(KEY), StandardCopyOption.REPLACE_EXISTING);

        assertThat(store.head(KEY).orElseThrow().etag()).isEqualTo(etag);
        assertThat(metadata(KEY)).isEqualTo(ONE);
    }

    @Test
    void firstPutKilledBeforeItsBytesArriveLeavesNoObject() throws Exception {
        put(KEY, "first", ONE);
        Files.delete(bucket.resolve(KEY));

        assertThat(store.get(KEY)).isEmpty();
        assertThat(keys()).isEmpty();
        assertThat(put(KEY, "second", TWO, PutCondition.ifAbsent())).isInstanceOf(PutResult.Stored.class);
        assertThat(metadata(KEY)).isEqualTo(TWO);
    }

    @Test
    void linkLeftByAKilledPutIsRemovedLaterAndTheObjectStays() throws Exception {
        put(KEY, "hello", ONE);
        Path left = Files.createLink(bucket.resolve(".satchel/tmp/left"), bucket.resolve(KEY));
        Path fresh = Files.writeString(bucket.resolve(".satchel/tmp/fresh"), "being written");
        Path old = Files.writeString(bucket.resolve(".satchel/tmp/old"), "abandoned");
        Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofDays(2))));

        new DirectoryObjectStore(bucket).close();

        assertThat(old).doesNotExist();
        assertThat(fresh).exists();
        assertThat(left).exists();
        assertThat(content(KEY)).isEqualTo("hello");
        assertThat(metadata(KEY)).isEqualTo(ONE);
        assertThat(keys()).containsExactly(KEY);
    }

    @Test
    void foldersAndSidecarsLeftByAKilledDeleteAreInNobodysWay() throws Exception {
        put("a/b/c", "x", ONE);
        put("d", "x", ONE);
        Files.delete(bucket.resolve("a/b/c"));
        Files.delete(bucket.resolve("d"));

        put("a", "became a key", TWO);
        put("d/e", "became a folder", TWO);

        assertThat(keys()).containsExactly("a", "d/e");
        assertThat(metadata("a")).isEqualTo(TWO);
        assertThat(metadata("d/e")).isEqualTo(TWO);
    }

    @Test
    void fileMadeByHandIsNotMistakenForWhatAKilledDeleteLeft() throws Exception {
        put("a/b", "x", ONE);
        put("c", "x", ONE);
        Files.delete(bucket.resolve("a/b"));
        Files.delete(bucket.resolve("a"));
        Files.delete(bucket.resolve("c"));
        Files.writeString(bucket.resolve("a"), "by hand");
        Files.createDirectory(bucket.resolve("c"));
        Files.writeString(bucket.resolve("c/d"), "by hand");

        assertThat(content("a")).isEqualTo("by hand");
        assertThat(content("c/d")).isEqualTo("by hand");
        assertThat(metadata("a")).isEmpty();
        assertThat(metadata("c/d")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void copyOfTheWholeFolderIsTheSameStore(boolean timesAreKept) throws Exception {
        put(KEY, "first", ONE);
        put(KEY, "second", TWO);
        put("alice/database.ltx/0000/1-1.ltx", "commit", ONE);
        Path copy = folder.resolve("copy");
        copyTree(bucket, copy, timesAreKept);

        try (DirectoryObjectStore other = new DirectoryObjectStore(copy)) {
            assertThat(other.list("", "", 10)).isEqualTo(store.list("", "", 10));
            assertThat(other.head(KEY)).isEqualTo(store.head(KEY));
            try (StoredObject object = other.get(KEY).orElseThrow()) {
                assertThat(object.info().metadata()).isEqualTo(TWO);
                assertThat(object.readAll()).asString(StandardCharsets.UTF_8).isEqualTo("second");
            }
        }
    }

    // failures

    @Test
    void damagedBytesAreAnErrorNotAnAnswer() throws Exception {
        put(KEY, "hello", ONE);
        Path data = bucket.resolve(KEY);
        FileTime modified = Files.getLastModifiedTime(data);
        Files.writeString(data, "hellp");
        Files.setLastModifiedTime(data, modified);

        try (StoredObject object = store.get(KEY).orElseThrow()) {
            assertThat(catchThrowableOfType(StoreException.class, object::readAll))
                    .hasMessageContaining("checksum")
                    .extracting(StoreException::reason)
                    .isEqualTo(Reason.DAMAGED);
        }
    }

    @Test
    void damagedSidecarIsAnErrorNotLostMetadata() throws Exception {
        put(KEY, "hello", ONE);
        Path sidecar = bucket.resolve(".satchel/meta").resolve(KEY);
        Files.writeString(sidecar, Files.readString(sidecar).replace("db-version: 1", "db-version: 2"));

        for (ThrowingCallable call :
                List.<ThrowingCallable>of(() -> store.get(KEY), () -> store.head(KEY), () -> put(KEY, "x", TWO))) {
            StoreException failure = catchThrowableOfType(StoreException.class, call);
            assertThat(failure.reason()).isEqualTo(Reason.DAMAGED);
            assertThat(failure).hasMessageContaining(sidecar.toString()).hasMessageContaining("remove it");
        }
        assertThat(keys()).containsExactly(KEY);
        store.delete(KEY);
        assertThat(store.head(KEY)).isEmpty();
    }

    @Test
    void failureToWriteChangesNothing() throws Exception {
        String etag = put(KEY, "hello", ONE);
        Path temporary = bucket.resolve(".satchel/tmp");
        Files.delete(temporary);
        Files.writeString(temporary, "a file in place of the folder");

        for (PutCondition condition :
                List.of(PutCondition.none(), PutCondition.ifMatch(etag), PutCondition.ifAbsent())) {
            assertThat(reason(() -> put("bob/database.sqlite", "x", TWO, condition)))
                    .isEqualTo(Reason.IO);
        }
        assertThat(reason(() -> put(KEY, "x", TWO))).isEqualTo(Reason.IO);

        assertThat(keys()).containsExactly(KEY);
        assertThat(content(KEY)).isEqualTo("hello");
        assertThat(store.head("bob/database.sqlite")).isEmpty();
    }

    @Test
    void failureToWriteTheSidecarChangesNothing() throws Exception {
        Files.delete(bucket.resolve(".satchel/meta"));
        Files.writeString(bucket.resolve(".satchel/meta"), "a file in place of the folder");

        assertThat(reason(() -> put(KEY, "x", ONE))).isEqualTo(Reason.IO);

        assertThat(keys()).isEmpty();
        assertThat(bucket.resolve(".satchel/tmp")).isEmptyDirectory();
    }

    @Test
    void storeThatVanishedIsAnErrorNotAbsence() throws Exception {
        put(KEY, "hello", ONE);
        Files.move(bucket, folder.resolve("unmounted"));

        for (ThrowingCallable call : List.<ThrowingCallable>of(
                () -> store.get(KEY),
                () -> store.head(KEY),
                () -> store.list("", "", 10),
                () -> store.delete(KEY),
                () -> put(KEY, "x", TWO),
                () -> put(KEY, "x", TWO, PutCondition.ifAbsent()))) {
            assertThat(reason(call)).isEqualTo(Reason.IO);
        }
        assertThat(bucket).doesNotExist();
    }

    @Test
    void fileIsNoStore() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "x");

        StoreException onFile = catchThrowableOfType(StoreException.class, () -> new DirectoryObjectStore(file));
        StoreException inFile =
                catchThrowableOfType(StoreException.class, () -> new DirectoryObjectStore(file.resolve("bucket")));

        assertThat(onFile.reason()).isEqualTo(Reason.REJECTED);
        assertThat(onFile).hasMessageContaining("it is a file");
        assertThat(inFile.reason()).isEqualTo(Reason.IO);
        assertThat(inFile).hasMessageContaining(file.toString());
    }

    @Test
    void storeOfAnotherFormatIsRefused() throws Exception {
        Files.writeString(bucket.resolve(".satchel/format"), "satchel directory store 2\n");

        StoreException refused = catchThrowableOfType(StoreException.class, () -> new DirectoryObjectStore(bucket));

        assertThat(refused.reason()).isEqualTo(Reason.REJECTED);
        assertThat(refused).hasMessageContaining("satchel directory store 2");
    }

    @Test
    void folderOfFilesBecomesAStore() throws Exception {
        Path files = Files.createDirectories(folder.resolve("files/alice")).getParent();
        Files.writeString(files.resolve(KEY), "was here before");

        try (DirectoryObjectStore adopted = new DirectoryObjectStore(files)) {
            assertThat(adopted.head(KEY).orElseThrow().size()).isEqualTo(15);
        }
    }

    @Test
    void interruptedThreadChangesNothingAndStaysInterrupted() {
        put(KEY, "hello", ONE);
        List<ThrowingCallable> calls = List.of(
                () -> put(KEY, "x", TWO),
                () -> put("bob", "x", TWO, PutCondition.ifAbsent()),
                () -> store.get(KEY).orElseThrow().readAll());
        for (ThrowingCallable call : calls) {
            Thread.currentThread().interrupt();
            assertThat(catchThrowableOfType(StoreException.class, call)).isNotNull();
            assertThat(Thread.interrupted()).isTrue();
        }

        assertThat(content(KEY)).isEqualTo("hello");
        assertThat(keys()).containsExactly(KEY);
        put(KEY, "works again", TWO);
        assertThat(metadata(KEY)).isEqualTo(TWO);
    }

    @Test
    void deleteOnAnInterruptedThreadIsCompleteAndKeepsTheLocks() {
        try (DirectoryObjectStore durable = new DirectoryObjectStore(bucket)) {
            put(KEY, "hello", ONE);

            Thread.currentThread().interrupt();
            durable.delete(KEY);

            assertThat(Thread.interrupted()).isTrue();
            assertThat(durable.head(KEY)).isEmpty();
            durable.put(KEY, bytes("again"), TWO, PutCondition.ifAbsent());
            assertThat(metadata(KEY)).isEqualTo(TWO);
        }
    }

    @Test
    void closedStoreRefusesWork() {
        store.close();
        store.close();

        assertThatIllegalStateException().isThrownBy(() -> store.get(KEY));
        assertThatIllegalStateException().isThrownBy(() -> put(KEY, "x", ONE));
        assertThatIllegalStateException().isThrownBy(() -> store.list("", "", 1));
    }

    // several instances

    @Test
    void instancesThatComeAndGoLoseNoUpdate() throws Exception {
        int threads = 8;
        int increments = 40;
        put("counter", "0", ONE);
        List<Integer> claimed = inParallel(threads, () -> {
            int won = 0;
            for (int i = 0; i < increments; i++) {
                try (DirectoryObjectStore own = new DirectoryObjectStore(bucket, false)) {
                    PutResult claim = own.put("claim/" + i, bytes("x"), Map.of(), PutCondition.ifAbsent());
                    won += claim instanceof PutResult.Stored ? 1 : 0;
                    while (!increment(own)) {
                        Thread.onSpinWait();
                    }
                }
            }
            return won;
        });

        assertThat(content("counter")).isEqualTo(Integer.toString(threads * increments));
        assertThat(claimed.stream().mapToInt(won -> won).sum()).isEqualTo(increments);
    }

    private static boolean increment(ObjectStore store) {
        try (StoredObject object = store.get("counter").orElseThrow()) {
            int value = Integer.parseInt(new String(object.readAll(), StandardCharsets.UTF_8));
            PutResult result = store.put(
                    "counter",
                    bytes(Integer.toString(value + 1)),
                    ONE,
                    PutCondition.ifMatch(object.info().etag()));
            return result instanceof PutResult.Stored;
        }
    }

    private static <T> List<T> inParallel(int threads, Callable<T> task) throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            List<Future<T>> futures = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                futures.add(executor.submit(task));
            }
            List<T> results = new ArrayList<>();
            for (Future<T> future : futures) {
                results.add(future.get(2, TimeUnit.MINUTES));
            }
            return results;
        } finally {
            executor.shutdownNow();
        }
    }

    private String put(String key, String text, Map<String, String> metadata) {
        PutResult result = put(key, text, metadata, PutCondition.none());
        return ((PutResult.Stored) result).etag();
    }

    private PutResult put(String key, String text, Map<String, String> metadata, PutCondition condition) {
        return store.put(key, bytes(text), metadata, condition);
    }

    private String content(String key) {
        try (StoredObject object = store.get(key).orElseThrow()) {
            return new String(object.readAll(), StandardCharsets.UTF_8);
        }
    }

    private Map<String, String> metadata(String key) {
        return store.head(key).orElseThrow().metadata();
    }

    private List<String> keys() {
        return store.list("", "", 100).objects().stream().map(ObjectInfo::key).toList();
    }

    private static ObjectBody bytes(String text) {
        return ObjectBody.of(text.getBytes(StandardCharsets.UTF_8));
    }

    private static Reason reason(ThrowingCallable call) {
        return catchThrowableOfType(StoreException.class, call).reason();
    }

    /** A copy of the file outside the store. */
    private Path copy(Path file, boolean timeIsKept) throws IOException {
        Path copy = folder.resolve("copied bytes");
        copyFile(file, copy, timeIsKept);
        return copy;
    }

    private static void copyTree(Path from, Path to, boolean timesAreKept) throws IOException {
        Files.walkFileTree(from, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) throws IOException {
                Files.createDirectories(to.resolve(from.relativize(dir)));
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                copyFile(file, to.resolve(from.relativize(file)), timesAreKept);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    private static void copyFile(Path from, Path to, boolean timeIsKept) throws IOException {
        Files.copy(from, to, StandardCopyOption.COPY_ATTRIBUTES);
        if (!timeIsKept) {
            Files.setLastModifiedTime(to, FileTime.from(Instant.EPOCH));
        }
    }
}
