package dev.satchel.internal.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.satchel.BusyException;
import dev.satchel.DatabaseId;
import dev.satchel.Durability;
import dev.satchel.Freshness;
import dev.satchel.LoadingException;
import dev.satchel.SatchelConfig;
import dev.satchel.Session;
import dev.satchel.SyncStatus;
import dev.satchel.internal.log.DatabaseKeys;
import dev.satchel.testkit.FaultyObjectStore;
import dev.satchel.testkit.FaultyObjectStore.Fault;
import dev.satchel.testkit.Operation;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A copy that is behind a large image is replaced in the background, and used until then by those who may. */
class OutdatedLargeCopyTest {
    private static final DatabaseId ALICE = DatabaseId.of("alice");
    private static final String IMAGE = new DatabaseKeys(ALICE).image();
    private static final int PART = 16 << 10;

    @RegisterExtension
    private final Nodes nodes = new Nodes();

    private List<String> written = List.of();

    /** A node that writes a large database, and closes, which writes the image. */
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

    /** A node with a large copy that is behind the image, and has not asked for so long that it looks at it. */
    private TestNode outdated(SatchelConfig config) {
        return outdated(nodes.node("reader").config(config));
    }

    private TestNode outdated(TestNode.Setup setup) {
        write("first", "aa");
        TestNode reader = setup.parts(PART).start();
        assertThat(reader.notes(ALICE)).isEqualTo(written);
        write("second", "bb");
        nodes.skip(Duration.ofMinutes(11));
        return reader;
    }

    private static FaultyObjectStore.Pause pauseInTheMiddle(TestNode reader) {
        return reader.faults().on(IMAGE, Operation.GET).nth(5).pauseBefore();
    }

    /** Begins to load. Of the image the first part arrives, and no other until these are released. */
    private static List<FaultyObjectStore.Pause> beginAndPauseAll(TestNode reader) {
        List<FaultyObjectStore.Pause> pauses = IntStream.range(3, 3 + Download.LANES)
                .mapToObj(
                        nth -> reader.faults().on(IMAGE, Operation.GET).nth(nth).pauseBefore())
                .toList();
        while (loadedBytes(reader) < PART) {
            Thread.onSpinWait();
        }
        pauses.forEach(FaultyObjectStore.Pause::awaitReached);
        return pauses;
    }

    private static long loadedBytes(TestNode reader) {
        return catchThrowableOfType(LoadingException.class, () -> openAtOnce(reader))
                .progress()
                .loadedBytes();
    }

    private static Session openAtOnce(TestNode reader) {
        return reader.engine().open(ALICE, Freshness.latest(), Durability.DURABLE, Duration.ZERO);
    }

    private static void begin(TestNode reader, FaultyObjectStore.Pause pause) {
        assertThatThrownBy(() -> openAtOnce(reader)).isInstanceOf(LoadingException.class);
        pause.awaitReached();
    }

    @Test
    void isReplacedOnceForAllWhoWaitAndReadMeanwhile() {
        TestNode reader = outdated(SatchelConfig.defaults());
        List<String> before = reader.localNotes(ALICE);
        FaultyObjectStore.Pause pause = pauseInTheMiddle(reader);
        begin(reader, pause);

        assertThatThrownBy(() -> openAtOnce(reader)).isInstanceOfSatisfying(LoadingException.class, e -> {
            assertThat(e.progress().totalBytes())
                    .isEqualTo(nodes.store().head(IMAGE).orElseThrow().size());
            assertThat(e.progress().loadedBytes())
                    .isLessThanOrEqualTo(e.progress().totalBytes() - PART);
        });
        CompletableFuture<List<String>> first = nodes.async(() -> reader.notes(ALICE));
        CompletableFuture<List<String>> second = nodes.async(() -> reader.notes(ALICE));
        assertThat(reader.localNotes(ALICE)).isEqualTo(before).isNotEqualTo(written);
        pause.release();

        assertThat(first.join()).isEqualTo(written);
        assertThat(second.join()).isEqualTo(written);
        assertThat(reader.figures().loads).hasValue(2);
        assertThat(reader.figures().damaged).isEmpty();
    }

    @Test
    void whatHasArrivedIsNotAskedForAgain() {
        TestNode reader = outdated(SatchelConfig.defaults());
        int before = reader.requests().entries().size();
        reader.faults().on(IMAGE, Operation.GET).nth(7).inject(Fault.TRUNCATED_BODY);

        assertThat(reader.notes(ALICE)).isEqualTo(written);

        long parts = (nodes.store().head(IMAGE).orElseThrow().size() + PART - 1) / PART;
        assertThat(reader.requests().entries().stream()
                        .skip(before)
                        .filter(request -> request.operation() == Operation.GET
                                && request.key().equals(IMAGE)
                                && request.bytes() > 0
                                && request.bytes() <= PART))
                .hasSize((int) parts);
    }

    @Test
    void whatIsCommittedOnItMeanwhileGoesFirst() {
        TestNode reader = outdated(SatchelConfig.defaults());
        FaultyObjectStore.Pause pause = pauseInTheMiddle(reader);
        begin(reader, pause);

        try (Session session = reader.openLocal(ALICE)) {
            Sql.run(session, Sql.note("mine"));
            pause.release();

            assertThat(session.complete().status()).isEqualTo(SyncStatus.CONFLICT);
        }

        assertThat(reader.notes(ALICE)).contains("mine").noneMatch(note -> note.endsWith("bb"));
        assertThat(reader.figures().loads).hasValue(1);
    }

    @Test
    void isNotLoadedAgainBecauseSomebodyReadTheOldOneForTooLong() {
        TestNode reader = outdated(SatchelConfig.defaults().withTimeouts(Duration.ofMinutes(1), Duration.ofMillis(50)));
        try (Session slow = reader.openLocal(ALICE)) {
            Sql.notes(slow);
            assertThatThrownBy(() -> reader.open(ALICE)).isInstanceOf(BusyException.class);
            assertThat(Sql.notes(slow)).isNotEqualTo(written);
        }
        int before = reader.requests().entries().size();

        assertThat(reader.notes(ALICE)).isEqualTo(written);

        assertThat(reader.requests().entries().stream().skip(before))
                .noneMatch(request ->
                        request.operation() == Operation.GET && request.key().equals(IMAGE));
        assertThat(reader.folder().resolve("alice")).isDirectoryNotContaining("glob:**loading*");
    }

    @Test
    void nodeThatClosesDoesNotLoadToTheEndAndUploads() {
        AtomicBoolean closing = new AtomicBoolean();
        CompletableFuture<Boolean> waiting = new CompletableFuture<>();
        TestNode reader = outdated(nodes.node("reader").onWait(() -> {
            if (closing.get()) {
                waiting.complete(true);
            }
        }));
        List<FaultyObjectStore.Pause> pauses = beginAndPauseAll(reader);
        reader.runDeferred(ALICE, Sql.note("mine"));

        closing.set(true);
        var closed = nodes.async(() -> reader.engine().shutDown(Duration.ofMinutes(1)));
        waiting.join();
        pauses.forEach(FaultyObjectStore.Pause::release);

        assertThat(closed.join().unfinished()).isZero();
        assertThat(closed.join().uploaded()).isEqualTo(1);
        assertThat(reader.figures().loads).hasValue(1);
        assertThat(nodes.start("last").notes(ALICE)).contains("mine");
    }
}
