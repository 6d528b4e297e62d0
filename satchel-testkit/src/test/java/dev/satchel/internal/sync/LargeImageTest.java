package dev.satchel.internal.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.Bucket;
import dev.satchel.BusyException;
import dev.satchel.ClosedException;
import dev.satchel.DatabaseId;
import dev.satchel.LoadingException;
import dev.satchel.LocalStorageException;
import dev.satchel.SatchelConfig;
import dev.satchel.Session;
import dev.satchel.UnavailableException;
import dev.satchel.internal.log.DatabaseKeys;
import dev.satchel.internal.log.DatabaseLog;
import dev.satchel.internal.replica.DatabaseFile;
import dev.satchel.store.ByteRange;
import dev.satchel.store.ObjectBody;
import dev.satchel.store.ObjectInfo;
import dev.satchel.store.ObjectStore;
import dev.satchel.store.PutCondition;
import dev.satchel.store.StoreException;
import dev.satchel.store.StoredObject;
import dev.satchel.testkit.CountingObjectStore;
import dev.satchel.testkit.FaultyObjectStore;
import dev.satchel.testkit.FaultyObjectStore.Fault;
import dev.satchel.testkit.ForwardingObjectStore;
import dev.satchel.testkit.Operation;
import dev.satchel.testkit.RequestLog;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A large image comes in parts, and what has come is not asked for again. */
class LargeImageTest {
    private static final DatabaseId ALICE = DatabaseId.of("alice");
    private static final String IMAGE = new DatabaseKeys(ALICE).image();
    private static final int PART = 16 << 10;
    private static final int PARTS = 14;

    @RegisterExtension
    private final Nodes nodes = new Nodes();

    private List<String> written = List.of();

    @BeforeEach
    void writeLargeImage() {
        write("first", "aa");
        long size = nodes.store().head(IMAGE).orElseThrow().size();
        assertThat((size + PART - 1) / PART).isEqualTo(PARTS);
    }

    /** A node that writes as much as fills the parts, and closes, which writes the image. */
    private void write(String node, String letters) {
        TestNode writer = nodes.start(node);
        try (Session session = writer.open(ALICE)) {
            Sql.run(session, Sql.CREATE, "DELETE FROM note");
            for (int i = 0; i < 20; i++) {
                Sql.run(session, "INSERT INTO note(text) VALUES (hex(randomblob(5000)) || '" + letters + "')");
            }
            session.complete();
        }
        written = writer.notes(ALICE);
        writer.close();
    }

    private TestNode.Setup reader() {
        return nodes.node("reader").parts(PART);
    }

    /** A node whose store goes away in the middle, and which dies then. */
    private Path crashWhileLoading() {
        TestNode.Setup setup =
                reader().config(SatchelConfig.defaults().withTimeouts(Duration.ofMillis(200), Duration.ofSeconds(10)));
        for (int request = 8; request < 100; request++) {
            setup.faults().on(IMAGE, Operation.GET).nth(request).inject(Fault.NOT_SENT);
        }
        TestNode reader = setup.start();
        assertThatThrownBy(() -> reader.open(ALICE)).isInstanceOf(UnavailableException.class);
        return reader.crash();
    }

    private static int partsFetched(RequestLog requests) {
        return (int) requests.entries().stream()
                .filter(request ->
                        request.operation() == Operation.GET && request.key().equals(IMAGE))
                .filter(request -> request.bytes() > 0 && request.bytes() <= PART)
                .count();
    }

    @Test
    void isFetchedInParts() {
        TestNode reader = reader().start();

        assertThat(reader.notes(ALICE)).isEqualTo(written);
        assertThat(partsFetched(reader.requests())).isEqualTo(PARTS - 1);
        assertThat(reader.figures().damaged).isEmpty();
        assertThat(reader.folder().resolve("alice")).isDirectoryNotContaining("glob:**-parts");
    }

    @Test
    void onlyMissingPartsAreFetchedAfterTheConnectionBroke() {
        TestNode.Setup setup = reader();
        setup.faults().on(IMAGE, Operation.GET).nth(7).inject(Fault.TRUNCATED_BODY);
        TestNode reader = setup.start();

        assertThat(reader.notes(ALICE)).isEqualTo(written);
        assertThat(partsFetched(reader.requests())).isEqualTo(PARTS);
        assertThat(reader.figures().damaged).isEmpty();
    }

    @Test
    void restartedNodeGoesOnWhereItsPredecessorEnded() {
        Path left = crashWhileLoading();

        TestNode next = nodes.node("next").folder(left).parts(PART).start();

        assertThat(next.notes(ALICE)).isEqualTo(written);
        assertThat(partsFetched(next.requests())).isLessThan(PARTS - 5).isPositive();
    }

    @Test
    void partsThatAPowerFailureHasDamagedAreFetchedAgain() throws IOException {
        Path left = crashWhileLoading();
        try (RandomAccessFile copy = new RandomAccessFile(
                left.resolve("alice").resolve("database.loading").toFile(), "rw")) {
            copy.seek(2L * PART + 17);
            copy.write(new byte[4096]);
        }

        TestNode next = nodes.node("next").folder(left).parts(PART).start();

        assertThat(next.notes(ALICE)).isEqualTo(written);
        assertThat(next.figures().damaged).isEmpty();
    }

    @Test
    void imageThatIsReplacedMeanwhileIsNotMixedWithItsSuccessor() {
        TestNode.Setup setup = reader();
        FaultyObjectStore.Pause pause =
                setup.faults().on(IMAGE, Operation.GET).nth(4).pauseBefore();
        TestNode reader = setup.start();
        var notes = nodes.async(() -> reader.notes(ALICE));
        pause.awaitReached();
        write("second", "bb");
        pause.release();

        assertThat(notes.join()).isEqualTo(written).allMatch(note -> note.endsWith("bb"));
        assertThat(reader.figures().damaged).isEmpty();
    }

    @Test
    void imageThatIsReplacedByTheWordsOfADeletionIsNoFailure() {
        TestNode.Setup setup = reader();
        FaultyObjectStore.Pause pause =
                setup.faults().on(IMAGE, Operation.GET).nth(4).pauseBefore();
        TestNode reader = setup.start();
        var opened = nodes.async(() -> {
            try (Session session = reader.open(ALICE)) {
                return session.version().number();
            }
        });
        pause.awaitReached();
        try (Bucket bucket = Bucket.of(nodes.store())) {
            bucket.delete(ALICE);
        }
        pause.release();

        assertThat(opened.join()).isEqualTo(nodes.head(ALICE));
    }

    @Test
    void pullGoesOnAfterTheConnectionBroke() throws IOException {
        FaultyObjectStore faults = new FaultyObjectStore(nodes.store());
        CountingObjectStore store = new CountingObjectStore(faults);
        faults.on(IMAGE, Operation.GET).nth(3).inject(Fault.TRUNCATED_BODY);
        Path folder = Files.createDirectories(nodes.folder("pulled"));
        Path file = folder.resolve("alice.sqlite");
        DatabaseLoader loader = new DatabaseLoader(
                ForkJoinPool.commonPool(), System::nanoTime, PART, new Patience(pause -> {}, new Random(1)));
        DatabaseLog log = new DatabaseLog(store, ALICE);
        new FilePull(new Random(2))
                .pull(log, target -> loader.loadHead(log, target).file(), file, false);

        assertThat(Nodes.queryFile(file, "SELECT text FROM note ORDER BY id")).isEqualTo(written);
        assertThat(partsFetched(store.requests())).isEqualTo(PARTS);
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left).containsExactly(file);
        }
    }

    @Test
    void isLoadedOnceForAllWhoWait() {
        TestNode.Setup setup = reader();
        FaultyObjectStore.Pause pause =
                setup.faults().on(IMAGE, Operation.GET).nth(4).pauseBefore();
        TestNode reader = setup.start();
        var first = nodes.async(() -> reader.notes(ALICE));
        pause.awaitReached();
        var second = nodes.async(() -> reader.localNotes(ALICE));
        pause.release();

        assertThat(first.join()).isEqualTo(written);
        assertThat(second.join()).isEqualTo(written);
        assertThat(reader.figures().loads).hasValue(1);
        assertThat(partsFetched(reader.requests())).isEqualTo(PARTS - 1);
    }

    @Test
    void whoDoesNotWaitIsToldHowFarItIsAndItGoesOn() {
        TestNode.Setup setup = reader();
        FaultyObjectStore.Pause pause =
                setup.faults().on(IMAGE, Operation.GET).nth(4).pauseBefore();
        TestNode reader = setup.start();

        assertThatThrownBy(() -> reader.engine().load(ALICE, Duration.ZERO))
                .isInstanceOfSatisfying(
                        LoadingException.class, e -> assertThat(e.isRetryable()).isTrue());
        pause.awaitReached();
        assertThatThrownBy(() -> reader.engine().load(ALICE, Duration.ZERO))
                .isInstanceOfSatisfying(LoadingException.class, e -> {
                    assertThat(e.progress().totalBytes())
                            .isEqualTo(nodes.store().head(IMAGE).orElseThrow().size());
                    assertThat(e.progress().loadedBytes())
                            .isLessThanOrEqualTo(e.progress().totalBytes() - PART);
                });
        pause.release();
        Await.until("it is loaded", () -> reader.engine().status(ALICE).isPresent());
        reader.engine().load(ALICE, Duration.ZERO);

        assertThat(reader.localNotes(ALICE)).isEqualTo(written);
        assertThat(reader.figures().loads).hasValue(1);
    }

    @Test
    void nodeThatClosesDoesNotLoadToTheEnd() {
        TestNode.Setup setup = reader();
        FaultyObjectStore.Pause pause =
                setup.faults().on(IMAGE, Operation.GET).nth(4).pauseBefore();
        TestNode reader = setup.start();
        assertThatThrownBy(() -> reader.engine().load(ALICE, Duration.ZERO)).isInstanceOf(LoadingException.class);
        pause.awaitReached();
        var closed = nodes.async(() -> reader.engine().shutDown(Duration.ofMinutes(1)));
        assertThatThrownBy(() -> {
                    while (true) {
                        reader.engine().load(ALICE, Duration.ZERO);
                    }
                })
                .isInstanceOfAny(ClosedException.class, LoadingException.class);
        pause.release();

        assertThat(closed.join().unfinished()).isZero();
        assertThat(reader.figures().loads).hasValue(0);
    }

    @Test
    void smallImageIsLoadedByWhoeverAsks() {
        TestNode reader = nodes.start("reader");

        reader.engine().load(ALICE, Duration.ZERO);

        assertThat(reader.figures().loads).hasValue(1);
    }

    @Test
    void databaseThatIsBeingLoadedIsNotClosedForAnother() {
        TestNode.Setup setup = reader().config(SatchelConfig.defaults()
                .withLocalBounds(1, 1L << 30)
                .withTimeouts(Duration.ofSeconds(10), Duration.ofMillis(50)));
        FaultyObjectStore.Pause pause =
                setup.faults().on(IMAGE, Operation.GET).nth(4).pauseBefore();
        TestNode reader = setup.start();
        assertThatThrownBy(() -> reader.engine().load(ALICE, Duration.ZERO)).isInstanceOf(LoadingException.class);

        assertThatThrownBy(() -> reader.open(DatabaseId.of("bob"))).isInstanceOf(BusyException.class);
        pause.release();
        reader.engine().load(ALICE, Duration.ofMinutes(5));

        assertThat(reader.figures().loads).hasValue(1);
        reader.open(DatabaseId.of("bob")).close();
    }

    /** A store that has the beginning of every image, and breaks off behind it. */
    private ObjectStore breakingOffBehind(int parts) {
        return new ForwardingObjectStore(nodes.store()) {
            @Override
            public Optional<StoredObject> get(String key, ByteRange range) {
                if (range.offset() >= (long) parts * PART) {
                    throw new StoreException(StoreException.Reason.NOT_SENT, "broken off", null);
                }
                return super.get(key, range);
            }
        };
    }

    @Test
    void whoWaitsForALoadThatComesNoFurtherIsToldSo() {
        TestNode reader = reader().over(breakingOffBehind(5))
                .config(SatchelConfig.defaults().withTimeouts(Duration.ofMillis(200), Duration.ofSeconds(10)))
                .start();

        assertThatThrownBy(() -> reader.open(ALICE))
                .isInstanceOf(UnavailableException.class)
                .hasMessageContaining("broken off");
    }

    @Test
    void whatABrokenLoadHasLeftFallsToTheDiskBudget() {
        Path left = crashWhileLoading();
        TestNode next = nodes.node("next")
                .folder(left)
                .config(SatchelConfig.defaults().withLocalBounds(10, 1))
                .start();

        next.lookAround();

        assertThat(left.resolve("alice")).doesNotExist();
    }

    @Test
    void loadThatTheDiskRefusesIsToldToAllAndSpoilsNone() throws IOException {
        TestNode.Setup setup = reader();
        TestNode reader = setup.start();
        Path folder = reader.folder().resolve("alice");
        Files.createDirectories(folder.resolve("database.loading-parts"));

        assertThatThrownBy(() -> reader.open(ALICE)).isInstanceOf(LocalStorageException.class);

        assertThat(folder.resolve("database.loading")).doesNotExist();
        assertThat(reader.notes(ALICE)).isEqualTo(written);
    }

    @Test
    void numberOfAPartThatWasCutOffSpoilsNoneThatFollow() throws IOException {
        ObjectInfo image = nodes.store().head(IMAGE).orElseThrow();
        Path target = Files.createDirectories(nodes.folder("loaded")).resolve("alice.sqlite");
        try (ArrivedParts parts = ArrivedParts.resume(image, PART, PARTS, target)) {
            parts.add(3);
            parts.add(5);
        }
        try (RandomAccessFile journal =
                new RandomAccessFile(ArrivedParts.journalOf(target).toFile(), "rw")) {
            journal.setLength(journal.length() - 3);
        }

        try (ArrivedParts parts = ArrivedParts.resume(image, PART, PARTS, target)) {
            assertThat(parts.count()).isOne();
            parts.add(7);
        }

        try (ArrivedParts parts = ArrivedParts.resume(image, PART, PARTS, target)) {
            assertThat(parts.count()).isEqualTo(2);
            assertThat(parts.has(3)).isTrue();
            assertThat(parts.has(7)).isTrue();
        }
    }

    @Test
    void imageWithoutAByteIsPassedOver() {
        nodes.store().put(IMAGE, ObjectBody.of(new byte[0]), Map.of(), PutCondition.none());
        Path target = nodes.folder("loaded.sqlite");
        DatabaseLoader loader = new DatabaseLoader(Runnable::run, System::nanoTime, PART, null);

        DatabaseLog log = new DatabaseLog(nodes.store(), ALICE);
        try (DatabaseFile file =
                loader.loadHead(log, target, true, LoadWatch.NOBODY).file()) {
            assertThat(file.baseline().version()).isEqualTo(nodes.head(ALICE));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void pendingChangesGoUpWhileAnImageIsBeingWritten() {
        TestNode.Setup setup =
                reader().config(SatchelConfig.defaults().withIdle(1, Duration.ofHours(1), Duration.ofHours(1)));
        FaultyObjectStore.Pause pause = setup.faults().on(IMAGE, Operation.PUT).pauseBefore();
        TestNode writer = setup.start();
        writer.run(ALICE, "UPDATE note SET text = text || 'b'");
        writer.awaitBackground("an image is being written", pause::isReached);
        long head = nodes.head(ALICE);

        writer.runDeferred(ALICE, "INSERT INTO note(text) VALUES ('two')");
        writer.awaitUploaded(ALICE);

        assertThat(nodes.head(ALICE)).isEqualTo(head + 1);
        pause.release();
    }

    /** Commits behind the image, each larger than a part, by a node that has no time to write another image. */
    private void writeLargeCommits(int commits) {
        TestNode writer = nodes.start("second");
        for (int i = 0; i < commits; i++) {
            writer.run(ALICE, "INSERT INTO note(text) VALUES (hex(randomblob(20000)))");
        }
        written = writer.notes(ALICE);
        writer.crash();
    }

    /** A store that notes how long a file is whenever a commit is asked for. */
    private ObjectStore noting(Path target, List<Long> sizes) {
        return new ForwardingObjectStore(nodes.store()) {
            @Override
            public Optional<StoredObject> get(String key, ByteRange range) {
                if (!key.equals(IMAGE)) {
                    sizes.add(target.toFile().length());
                }
                return super.get(key, range);
            }
        };
    }

    @Test
    void largeCommitsBehindItAreNotAllHeldAtOnce() throws IOException {
        writeLargeCommits(6);
        Path target = Files.createDirectories(nodes.folder("loaded")).resolve("alice.sqlite");
        List<Long> sizes = new ArrayList<>();
        ObjectStore store = noting(target, sizes);
        DatabaseLoader loader = new DatabaseLoader(Runnable::run, System::nanoTime, PART, null);

        loader.loadHead(new DatabaseLog(store, ALICE), target).file().close();

        assertThat(sizes)
                .as("each is in the file when the next is asked for")
                .hasSize(6)
                .isSorted()
                .doesNotHaveDuplicates();
        assertThat(Nodes.queryFile(target, "SELECT text FROM note ORDER BY id")).isEqualTo(written);
    }

    @Test
    void largeCommitsUpToAnOldVersionAreNotAllHeldAtOnce() throws IOException {
        writeLargeCommits(6);
        long wanted = nodes.head(ALICE) - 1;
        Path target = Files.createDirectories(nodes.folder("loaded")).resolve("alice.sqlite");
        List<Long> sizes = new ArrayList<>();
        ObjectStore store = noting(target, sizes);
        DatabaseLoader loader = new DatabaseLoader(Runnable::run, System::nanoTime, PART, null);

        loader.loadVersion(new DatabaseLog(store, ALICE), wanted, target).close();

        assertThat(sizes).hasSize(5).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void nodeThatClosesWhileOneIsBeingWrittenLeavesOneOfTheHead() {
        TestNode.Setup setup = nodes.node("second")
                .config(SatchelConfig.defaults().withIdle(1, Duration.ofHours(1), Duration.ofHours(1)));
        FaultyObjectStore.Pause pause = setup.faults().on(IMAGE, Operation.PUT).pauseBefore();
        TestNode writer = setup.start();
        writer.run(ALICE, "INSERT INTO note(text) VALUES ('one')");
        writer.awaitBackground("an image is being written", pause::isReached);
        writer.run(ALICE, "INSERT INTO note(text) VALUES ('two')");
        var closed = nodes.async(() -> writer.engine().shutDown(Duration.ofMinutes(1)));
        Await.until("it closes", () -> isClosed(writer));
        pause.release();
        closed.join();

        assertThat(nodes.log(ALICE).image().orElseThrow().version()).isEqualTo(nodes.head(ALICE));
    }

    private static boolean isClosed(TestNode node) {
        try {
            node.engine().load(DatabaseId.of("bob"), Duration.ZERO);
            return false;
        } catch (ClosedException e) {
            return true;
        }
    }
}
