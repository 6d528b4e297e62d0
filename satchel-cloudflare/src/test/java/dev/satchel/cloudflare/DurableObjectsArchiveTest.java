package dev.satchel.cloudflare;

import static dev.satchel.cloudflare.ScriptedWorker.bytes;
import static dev.satchel.cloudflare.ScriptedWorker.error;
import static dev.satchel.cloudflare.ScriptedWorker.json;
import static dev.satchel.cloudflare.ScriptedWorker.lost;
import static dev.satchel.cloudflare.ScriptedWorker.withHeader;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.ArchiveException;
import dev.satchel.CorruptException;
import dev.satchel.DatabaseId;
import dev.satchel.StoreRefusedException;
import dev.satchel.UnavailableException;
import dev.satchel.archive.ArchiveBatch;
import dev.satchel.archive.ArchivedTable;
import dev.satchel.archive.BatchId;
import dev.satchel.archive.Cell;
import dev.satchel.store.RetryPolicy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the client makes of a Worker, and of what stands before it, on their worse days. */
class DurableObjectsArchiveTest {
    private static final String KEY = "0123456789abcdef0123456789abcdef";
    private static final DatabaseId ANN = DatabaseId.of("ann");
    private static final Instant CREATED = Instant.parse("2026-08-01T10:11:12.345Z");
    private static final Duration ENDLESS = Duration.ofMinutes(10);

    private final ScriptedWorker worker = new ScriptedWorker();
    private final List<Duration> pauses = new ArrayList<>();
    private final ArchiveBatch batch = batch(ANN);
    private Duration passed = Duration.ZERO;

    @AfterEach
    void end() {
        worker.close();
    }

    @Test
    void aBusyWorkerIsAskedAgainAfterTheTimeItSays() {
        worker.then(withHeader("Retry-After", "7", error(503, "overloaded")), stored());

        archive().store(batch);

        assertThat(pauses)
                .singleElement()
                .satisfies(pause -> assertThat(pause).isBetween(Duration.ofSeconds(7), Duration.ofSeconds(8)));
    }

    @Test
    void aTimeThatIsTooLongToWaitEndsTheAttempts() {
        worker.then(withHeader("Retry-After", "3600", bytes(429, new byte[0])));

        assertThatThrownBy(() -> archive().store(batch)).isInstanceOf(UnavailableException.class);

        assertThat(pauses).isEmpty();
        assertThat(worker.requests()).hasSize(1);
    }

    @Test
    void attemptsEndAndTheCauseIsTold() {
        for (int i = 0; i < 10; i++) {
            worker.then(json(502, "<html>bad gateway</html>"));
        }

        assertThatThrownBy(() -> archive().list(ANN, Optional.empty(), 10))
                .isInstanceOf(UnavailableException.class)
                .hasMessageContaining("database ann/database")
                .hasMessageContaining("HTTP 502");

        assertThat(worker.requests()).hasSize(5);
        assertThat(pauses).hasSize(4).isSorted();
    }

    @Test
    void noConnectionIsUnavailable() throws IOException {
        URI nobody;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = URI.create("http://127.0.0.1:" + free.getLocalPort());
        }

        assertThatThrownBy(() -> archive(nobody, ENDLESS).load(ANN, batch.id()))
                .isInstanceOf(UnavailableException.class)
                .hasMessageContaining("no connection");
    }

    @Test
    void aStoreWithoutAnAnswerIsAskedForAndNotSentAgain() {
        worker.then(lost(), info(batch));

        archive().store(batch);

        assertThat(worker.requests()).containsExactly("PUT " + batch.id(), "GET info");
    }

    @Test
    void aStoreThatWasNotCarriedOutIsSentAgain() {
        worker.then(lost(), error(404, "no_batch"), stored());

        archive().store(batch);

        assertThat(worker.requests()).containsExactly("PUT " + batch.id(), "GET info", "PUT " + batch.id());
    }

    @Test
    void aStoreWithoutAnAnswerThatMeetsOtherContentIsRefused() {
        worker.then(lost(), info(batch(ANN)));

        assertThatThrownBy(() -> archive().store(batch))
                .isInstanceOfSatisfying(
                        ArchiveException.class,
                        e -> assertThat(e.kind()).isEqualTo(ArchiveException.Kind.OTHER_CONTENT));
    }

    @Test
    void aRemovalWithoutAnAnswerMayHaveRemoved() {
        worker.then(lost(), json(200, "{\"removed\":false}"));

        assertThat(archive().remove(ANN, batch.id())).isTrue();
    }

    @Test
    void whatANewerRequestHasDoneIsTriedAgainWithALaterSignature() {
        worker.then(error(409, "superseded"), json(200, "{\"removed\":true}"));

        assertThat(archive().remove(ANN, batch.id())).isTrue();
    }

    @Test
    void erasingGoesOnUntilItIsDone() {
        worker.then(json(200, "{\"done\":false}"), json(200, "{\"done\":false}"), json(200, "{\"done\":true}"));

        archive().erase(ANN);

        assertThat(worker.requests()).hasSize(3);
    }

    @Test
    void severalAreRemovedInOneRequestForEachThousandAndMoreIfTheWorkerSaysSo() {
        List<BatchId> ids = new ArrayList<>();
        for (int i = 0; i < 1001; i++) {
            ids.add(BatchId.create(CREATED, new Random(i)));
        }
        worker.then(
                json(200, "{\"done\":false,\"removed\":700}"),
                lost(),
                json(200, "{\"done\":true,\"removed\":300}"),
                json(200, "{\"done\":true,\"removed\":1}"));

        archive().removeAll(ANN, ids);
        archive().removeAll(ANN, List.of());

        assertThat(worker.requests()).containsExactly("POST remove", "POST remove", "POST remove", "POST remove");
    }

    @Test
    void aPageNotFoundOfSomebodyElseIsNeverTakenForNoBatch() {
        for (ThrowingCallable operation : operations()) {
            worker.then(json(404, "<html>not found</html>"));
            assertThatThrownBy(operation)
                    .isInstanceOf(StoreRefusedException.class)
                    .hasMessageContaining("no answer of Satchel's Worker");
        }
    }

    @Test
    void aFriendlyPageOfSomebodyElseIsNeverTakenForSuccess() {
        for (ThrowingCallable operation : operations()) {
            worker.then(json(200, "<html>welcome</html>"));
            assertThatThrownBy(operation)
                    .isInstanceOf(StoreRefusedException.class)
                    .hasMessageContaining("is not Satchel's Worker");
        }
    }

    @Test
    void redirectsAreNotFollowed() {
        worker.then(withHeader("Location", "https://elsewhere.example/", bytes(302, new byte[0])));

        assertThatThrownBy(() -> archive().load(ANN, batch.id())).isInstanceOf(StoreRefusedException.class);

        assertThat(worker.requests()).hasSize(1);
    }

    @Test
    void aFullArchiveIsToldAtOnce() {
        worker.then(error(507, "object_full"));

        assertThatThrownBy(() -> archive().store(batch))
                .isInstanceOf(StoreRefusedException.class)
                .hasMessageContaining("said so");

        assertThat(worker.requests()).hasSize(1);
    }

    @Test
    void aCodeOfANewerWorkerIsARefusal() {
        worker.then(error(400, "quite_new"));

        assertThatThrownBy(() -> archive().store(batch)).isInstanceOf(StoreRefusedException.class);
    }

    @Test
    void silenceEndsWithTheTimeOut() {
        worker.then(worker.silence(), worker.silence(), worker.silence(), worker.silence(), worker.silence());

        assertThatThrownBy(() -> archive(worker.url(), Duration.ofMillis(50)).load(ANN, batch.id()))
                .isInstanceOf(UnavailableException.class)
                .hasMessageContaining("no answer within");
    }

    @Test
    void anAnswerThatStopsHalfWayEndsWithTheTimeOut() {
        for (int i = 0; i < 5; i++) {
            worker.then(withHeader("satchel-digest", batch.digest(), worker.half(batch.encoded())));
        }

        assertThatThrownBy(() -> archive(worker.url(), Duration.ofMillis(200)).load(ANN, batch.id()))
                .isInstanceOf(UnavailableException.class);
    }

    @Test
    void anEndlessAnswerIsNotTakenIn() {
        byte[] tooMuch = new byte[(int) archive().limits().maxBatchBytes() + 1];
        for (int i = 0; i < 5; i++) {
            worker.then(withHeader("satchel-digest", batch.digest(), bytes(200, tooMuch)));
        }

        assertThatThrownBy(() -> archive().load(ANN, batch.id()))
                .isInstanceOf(UnavailableException.class)
                .hasMessageContaining("longer than");
    }

    @Test
    void damagedBytesAreTold() {
        byte[] damaged = batch.encoded();
        damaged[damaged.length / 2] ^= 1;
        worker.then(withHeader("satchel-digest", batch.digest(), bytes(200, damaged)));

        assertThatThrownBy(() -> archive().load(ANN, batch.id()))
                .isInstanceOfSatisfying(
                        CorruptException.class, e -> assertThat(e.kind()).isEqualTo(CorruptException.Kind.ARCHIVE));
    }

    @Test
    void aBatchOfSomebodyElseIsToldAsDamage() {
        ArchiveBatch others = batch(DatabaseId.of("bob"));
        worker.then(withHeader("satchel-digest", others.digest(), bytes(200, others.encoded())));

        assertThatThrownBy(() -> archive().load(ANN, others.id())).isInstanceOf(CorruptException.class);
    }

    @Test
    void anInterruptEndsTheWaitAndStaysSet() {
        worker.then(worker.silence());
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> archive().load(ANN, batch.id())).isInstanceOf(UnavailableException.class);

        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void anotherProtocolIsTold() {
        worker.then(json(200, "{\"service\":\"satchel-archive\",\"protocol\":2,\"now\":1}"));

        assertThatThrownBy(() -> archive().check())
                .isInstanceOf(StoreRefusedException.class)
                .hasMessageContaining("protocol 2");
    }

    @Test
    void keysAndAddressesThatCannotBeRightAreRefused() {
        URI url = URI.create("https://archive.example");
        for (String key : List.of("", "short", "x".repeat(31), "x".repeat(31) + "\n", "ü".repeat(32))) {
            assertThatThrownBy(() -> DurableObjectsConfig.of(url, key)).isInstanceOf(IllegalArgumentException.class);
        }
        for (String wrong : List.of(
                "http://archive.example",
                "https://user:password@archive.example",
                "https://archive.example/path",
                "https://archive.example?x=y",
                "ftp://archive.example",
                "archive.example",
                "https:archive")) {
            assertThatThrownBy(() -> DurableObjectsConfig.of(URI.create(wrong), KEY))
                    .as(wrong)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageNotContaining("password");
        }
        assertThatCode(() -> DurableObjectsConfig.of(URI.create("http://localhost:8788/"), KEY))
                .doesNotThrowAnyException();
        assertThat(DurableObjectsConfig.of(url, KEY).toString()).doesNotContain(KEY);
    }

    @Test
    void signaturesAreWhatTheWorkerMakesAndEachLaterThanTheOneBefore() {
        RequestSigner signer = new RequestSigner(KEY, () -> Instant.ofEpochMilli(1795888681626L));
        String path = "/v1/users/ann/databases/database/batches/019a1234567800112233445566778899";

        assertThat(signer.authorization("PUT", path, "body".getBytes(java.nio.charset.StandardCharsets.US_ASCII)))
                .isEqualTo("Satchel-HMAC-SHA256 time=1795888681626,"
                        + " content=230d8358dc8e8890b4c58deeb62912ee2f20357ae92a5cc861b98e68fe31acb5,"
                        + " signature=efe0d0a96957f0028227d1e278abc3cb8eff107e0ffcb9a1eb229906c3ba3c50");
        assertThat(signer.authorization("PUT", path, new byte[0])).contains("time=1795888681627,");
    }

    private List<ThrowingCallable> operations() {
        return List.of(
                () -> archive().store(batch),
                () -> archive().load(ANN, batch.id()),
                () -> archive().list(ANN, Optional.empty(), 10),
                () -> archive().remove(ANN, batch.id()),
                () -> archive().removeAll(ANN, List.of(batch.id())),
                () -> archive().erase(ANN),
                () -> archive().check());
    }

    private DurableObjectsArchive archive() {
        return archive(worker.url(), ENDLESS);
    }

    private DurableObjectsArchive archive(URI url, Duration timeout) {
        RetryPolicy retry = new RetryPolicy(5, Duration.ofSeconds(30), Duration.ofMillis(200), Duration.ofSeconds(5));
        DurableObjectsConfig config =
                DurableObjectsConfig.of(url, KEY).withRequestTimeout(timeout).withRetry(retry);
        return new DurableObjectsArchive(config, () -> CREATED, () -> passed.toNanos(), this::pause, () -> 0.5);
    }

    private void pause(Duration pause) {
        pauses.add(pause);
        passed = passed.plus(pause);
    }

    private ScriptedWorker.Reply stored() {
        return json(200, "{\"stored\":true,\"digest\":\"" + batch.digest() + "\"}");
    }

    private static ScriptedWorker.Reply info(ArchiveBatch batch) {
        return json(200, "{\"id\":\"" + batch.id() + "\",\"digest\":\"" + batch.digest() + "\"}");
    }

    private static ArchiveBatch batch(DatabaseId of) {
        ArchivedTable table = new ArchivedTable(
                "t", List.of(new ArchivedTable.Column("id", "INTEGER")), List.of(List.of(Cell.of(Long.MAX_VALUE))));
        return new ArchiveBatch(BatchId.create(CREATED, new Random()), of, "rule", CREATED, List.of(table));
    }
}
