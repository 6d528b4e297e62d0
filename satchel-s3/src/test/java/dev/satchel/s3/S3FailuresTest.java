package dev.satchel.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.store.ByteRange;
import dev.satchel.store.ObjectBody;
import dev.satchel.store.PutCondition;
import dev.satchel.store.PutResult;
import dev.satchel.store.StoreException;
import dev.satchel.store.StoreException.Reason;
import dev.satchel.store.StoredObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;

/** What answers, and missing ones, mean; and that every call is one request, whatever comes back. */
@Timeout(60)
class S3FailuresTest {
    private static final String SECRET = "top-secret-access-key";
    private static final AwsCredentialsProvider CREDENTIALS =
            StaticCredentialsProvider.create(AwsBasicCredentials.create("id", SECRET));
    private static final ObjectBody BODY = ObjectBody.of(new byte[] {1, 2, 3});

    /** Short where a test waits for it, long everywhere else. */
    private static final S3Timeouts PATIENT =
            new S3Timeouts(Duration.ofSeconds(20), Duration.ofSeconds(20), Duration.ofSeconds(20), 1 << 20);

    private static final Duration SHORT = Duration.ofSeconds(1);

    private RawServer server;
    private S3ObjectStore store;

    @BeforeEach
    void start() throws IOException {
        server = new RawServer();
        store = store(PATIENT);
    }

    @AfterEach
    void stop() throws IOException {
        store.close();
        server.close();
    }

    @ParameterizedTest
    @CsvSource({
        "429, TooManyRequests, THROTTLED",
        "503, SlowDown, THROTTLED",
        "503, ServiceUnavailable, UNKNOWN_OUTCOME",
        "500, InternalError, UNKNOWN_OUTCOME",
        "502, '', UNKNOWN_OUTCOME",
        "408, '', UNKNOWN_OUTCOME",
        "400, RequestTimeout, UNKNOWN_OUTCOME",
        "409, ConditionalRequestConflict, UNKNOWN_OUTCOME",
        "401, Unauthorized, DENIED",
        "403, AccessDenied, DENIED",
        "403, SignatureDoesNotMatch, DENIED",
        "403, RequestTimeTooSkewed, DENIED",
        "400, InvalidArgument, REJECTED",
        "404, NoSuchBucket, REJECTED",
        "404, '', REJECTED",
        "301, PermanentRedirect, REJECTED",
        "307, '', REJECTED",
        "412, PreconditionFailed, REJECTED",
        "501, NotImplemented, REJECTED"
    })
    void everyOperationTellsWhatAnAnswerMeansAfterOneRequest(int status, String code, Reason reason) {
        server.answer(RawServer.error(status, code));
        List<Runnable> operations = List.of(
                () -> store.get("alice/x"),
                () -> store.put("alice/x", BODY, Map.of(), PutCondition.none()),
                () -> store.list("alice/x", "", 10),
                () -> store.delete("alice/x"));

        for (Runnable operation : operations) {
            int before = server.requests().size();
            assertThatThrownBy(operation::run)
                    .isInstanceOfSatisfying(
                            StoreException.class, e -> assertThat(e.reason()).isEqualTo(reason))
                    .hasMessageContaining("alice/x in s3://bucket")
                    .hasMessageContaining(status + (code.isEmpty() ? "" : " " + code))
                    .hasMessageContaining("REQUEST-7")
                    .message()
                    .doesNotContain(SECRET);
            assertThat(server.requests()).hasSize(before + 1);
        }
    }

    @Test
    void throttlingCarriesHowLongToWait() {
        server.answer(RawServer.error(429, "TooManyRequests", "Retry-After: 7"));

        assertThatThrownBy(() -> store.get("a"))
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.retryAfter()).contains(Duration.ofSeconds(7)));
    }

    @Test
    void missingBucketIsNamedAndNeverAnAbsence() {
        server.answer(RawServer.error(404, "NoSuchBucket"));

        assertThatThrownBy(() -> store.head("a"))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("The bucket bucket does not exist");
        assertThatThrownBy(() -> store.put("a", BODY, Map.of(), PutCondition.ifMatch("\"e\"")))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("The bucket bucket does not exist");
    }

    @Test
    void answerOfSomethingElseThanAStoreIsNeverAnAbsence() {
        server.answer((request, out) -> RawServer.write(out, 404, "<html>Not found</html>"));

        assertThatThrownBy(() -> store.get("a")).isInstanceOf(StoreException.class);
        assertThatThrownBy(() -> store.delete("a")).isInstanceOf(StoreException.class);
        server.answer(RawServer.status(404));
        assertThatThrownBy(() -> store.head("a")).isInstanceOf(StoreException.class);
    }

    @Test
    void onlyAMissingKeyIsAnAbsence() {
        server.answer(RawServer.error(404, "NoSuchKey"));

        assertThat(store.get("a")).isEmpty();
        assertThat(store.get("a", ByteRange.from(7))).isEmpty();
        assertThat(store.head("a")).isEmpty();
        store.delete("a");
    }

    @Test
    void failedConditionsAreAnswers() {
        server.answer(RawServer.error(412, "PreconditionFailed"));
        assertThat(store.put("a", BODY, Map.of(), PutCondition.ifAbsent()))
                .isEqualTo(PutResult.PreconditionFailed.INSTANCE);
        assertThat(store.put("a", BODY, Map.of(), PutCondition.ifMatch("\"e\"")))
                .isEqualTo(PutResult.PreconditionFailed.INSTANCE);

        server.answer(RawServer.error(404, "NoSuchKey"));
        assertThat(store.put("a", BODY, Map.of(), PutCondition.ifMatch("\"e\"")))
                .isEqualTo(PutResult.PreconditionFailed.INSTANCE);
    }

    @Test
    void noAnswerIsAnUnknownOutcomeWithinTheTimeout() {
        server.answer(server.silence());

        try (S3ObjectStore impatient = store(new S3Timeouts(PATIENT.connect(), PATIENT.silence(), SHORT, 1 << 20))) {
            assertUnknown(impatient);
        }
        try (S3ObjectStore impatient = store(new S3Timeouts(PATIENT.connect(), SHORT, PATIENT.call(), 1 << 20))) {
            assertUnknown(impatient);
        }
        assertThat(server.requests()).hasSizeLessThanOrEqualTo(4);
    }

    @Test
    void lostConnectionIsAnUnknownOutcomeAfterOneRequest() {
        assertUnknown(store);

        assertThat(server.connections()).isEqualTo(2);
        assertThat(server.requests()).hasSize(2);
    }

    @Test
    void keptConnectionThatIsLostIsNotTriedAgainEither() {
        server.answer(RawServer.status(200, "ETag: \"e\""));
        store.put("a", BODY, Map.of(), PutCondition.none());
        server.answer(RawServer.hangUp());

        assertThatThrownBy(() -> store.put("a", BODY, Map.of(), PutCondition.none()))
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.UNKNOWN_OUTCOME));

        assertThat(server.connections()).isEqualTo(1);
        assertThat(server.requests()).hasSize(2);
    }

    @Test
    void answerThatIsNotHttpIsAnUnknownOutcome() {
        server.answer((request, out) -> {
            out.write("SSH-2.0-OpenSSH_9.9\r\n\r\n".getBytes());
            out.flush();
            throw new IOException("hanging up");
        });

        assertUnknown(store);
    }

    @Test
    void nobodyListeningIsNotSent() throws IOException {
        int unused;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            unused = socket.getLocalPort();
        }

        try (S3ObjectStore nowhere = store(PATIENT, unused, 8, System::nanoTime)) {
            assertThatThrownBy(() -> nowhere.put("a", BODY, Map.of(), PutCondition.none()))
                    .isInstanceOfSatisfying(
                            StoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.NOT_SENT))
                    .hasMessageContaining("not sent");
        }
    }

    @Test
    void unknownHostIsNotSent() {
        var failure = SdkClientException.create("x", new IOException(new UnknownHostException("storage.example")));

        StoreException translated = new S3Failures(config(PATIENT, 1, 1)).translate("get a", failure);

        assertThat(translated.reason()).isEqualTo(Reason.NOT_SENT);
        assertThat(translated).hasMessageContaining("UnknownHostException: storage.example");
    }

    @Test
    void noFreeConnectionIsNotSent() {
        server.answer(server.partOfBody(100, 1, true));

        try (S3ObjectStore single = store(
                        new S3Timeouts(Duration.ofSeconds(2), PATIENT.silence(), PATIENT.call(), 1),
                        server.port(),
                        1,
                        System::nanoTime);
                StoredObject open = single.get("a").orElseThrow()) {
            assertThat(open.expectedBytes()).isEqualTo(100);
            assertThatThrownBy(() -> single.get("b"))
                    .isInstanceOfSatisfying(
                            StoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.NOT_SENT))
                    .hasMessageContaining("connections are in use");
        }
        assertThat(server.requests()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 99})
    void truncatedBodyDoesNotPassForTheObject(int sent) {
        server.answer(server.partOfBody(100, sent, false));

        try (StoredObject object = store.get("a").orElseThrow()) {
            assertThatThrownBy(object::readAll)
                    .isInstanceOfSatisfying(
                            StoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.UNKNOWN_OUTCOME))
                    .hasMessageContaining("a broke off");
        }
    }

    @Test
    void bodyThatStallsIsGivenUp() {
        server.answer(server.partOfBody(100, 50, true));

        try (S3ObjectStore impatient = store(new S3Timeouts(PATIENT.connect(), SHORT, PATIENT.call(), 1 << 20));
                StoredObject object = impatient.get("a").orElseThrow()) {
            assertThatThrownBy(object::readAll).isInstanceOf(StoreException.class);
        }
    }

    @Test
    void bodyThatOnlyDripsIsGivenUp() throws IOException {
        server.answer(server.partOfBody(100, 100, false));
        AtomicLong nanos = new AtomicLong();

        try (S3ObjectStore store = store(PATIENT, server.port(), 8, nanos::get);
                StoredObject object = store.get("a").orElseThrow()) {
            assertThat(object.body().read()).isEqualTo('x');
            nanos.addAndGet(PATIENT.call().plusSeconds(1).toNanos());
            assertThatThrownBy(() -> object.body().read()).hasMessageContaining("only 1 of 100 bytes");
        }
    }

    @Test
    void closingAnUnreadBodyDoesNotReadTheRest() {
        server.answer(server.partOfBody(1_000_000_000, 10, true));

        store.get("a").orElseThrow().close();
    }

    @Test
    void interruptStaysSetThroughATimeout() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        server.answer((request, out) -> {
            asked.countDown();
            server.silence().to(request, out);
        });
        AtomicReference<Throwable> failure = new AtomicReference<>();
        AtomicReference<Boolean> flag = new AtomicReference<>();
        Duration call = Duration.ofSeconds(2);
        try (S3ObjectStore impatient = store(new S3Timeouts(PATIENT.connect(), PATIENT.silence(), call, 1 << 20))) {
            Thread thread = new Thread(() -> {
                try {
                    impatient.put("a", BODY, Map.of(), PutCondition.none());
                } catch (StoreException e) {
                    failure.set(e);
                }
                flag.set(Thread.currentThread().isInterrupted());
            });

            thread.start();
            asked.await();
            thread.interrupt();
            thread.join();
        }

        assertThat(failure.get())
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.UNKNOWN_OUTCOME));
        assertThat(flag.get()).isTrue();
    }

    @Test
    void interruptBeforehandIsRespected() {
        server.answer(RawServer.status(200, "ETag: \"e\""));

        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> store.put("a", BODY, Map.of(), PutCondition.none()))
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.UNKNOWN_OUTCOME));
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void bodyOfOursThatCannotBeReadIsNotTheStoresFault() {
        assertThatThrownBy(
                        () -> store.put("a", ObjectBody.of(Path.of("/nowhere/at/all")), Map.of(), PutCondition.none()))
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.IO));
        assertThat(server.requests()).isEmpty();
    }

    @Test
    void missingCredentialsAreDenied() {
        AwsCredentialsProvider none = () -> {
            throw new StoreException(Reason.DENIED, "no credentials found", null);
        };

        try (S3ObjectStore anonymous = S3ObjectStore.open(config(PATIENT, server.port(), 8), none)) {
            assertThatThrownBy(() -> anonymous.get("a"))
                    .isInstanceOfSatisfying(
                            StoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.DENIED))
                    .hasMessageContaining("no credentials found");
        }
        assertThat(server.requests()).isEmpty();
    }

    @Test
    void rangeThatIsIgnoredIsNotTakenForTheRange() {
        server.answer(server.partOfBody(100, 100, false));

        assertThatThrownBy(() -> store.get("a", new ByteRange(10, 5))).isInstanceOf(StoreException.class);
        assertThatThrownBy(() -> store.get("a", ByteRange.from(10))).isInstanceOf(StoreException.class);
    }

    @Test
    void answersThatLackWhatTheyMustHaveAreFailures() {
        server.answer(RawServer.status(200, "ETag: \"e\""));
        assertThatThrownBy(() -> store.head("a")).hasMessageContaining("without Last-Modified");
        assertThatThrownBy(() -> store.get("a")).hasMessageContaining("without Last-Modified");
        server.answer(RawServer.status(200));
        assertThatThrownBy(() -> store.put("a", BODY, Map.of(), PutCondition.none()))
                .hasMessageContaining("without ETag");
    }

    @Test
    void listingThatIsCutShortIsContinued() {
        List<String> pages = new ArrayList<>(List.of(
                listing(true, "a/1", "a/2")
                        .replace(
                                "</ListBucketResult>",
                                "<NextContinuationToken>next</NextContinuationToken></ListBucketResult>"),
                listing(false, "a/3")));
        server.answer((request, out) -> RawServer.xml(pages.remove(0)).to(request, out));

        var page = store.list("a/", "", 10);

        assertThat(page.objects()).extracting(object -> object.key()).containsExactly("a/1", "a/2", "a/3");
        assertThat(page.objects().get(0).etag()).isEqualTo("\"e\"");
        assertThat(page.more()).isFalse();
        assertThat(server.requests().get(1).line()).contains("continuation-token=next");
    }

    @Test
    void listingInAnyOtherOrderIsRefused() {
        server.answer(RawServer.xml(listing(false, "a/2", "a/1")));
        assertThatThrownBy(() -> store.list("a/", "", 10)).hasMessageContaining("out of order");

        server.answer(RawServer.xml(listing(false, "a/1")));
        assertThatThrownBy(() -> store.list("a/", "a/1", 10)).hasMessageContaining("out of order");

        server.answer(RawServer.xml(listing(false, "b")));
        assertThatThrownBy(() -> store.list("a/", "", 10)).hasMessageContaining("prefix");
    }

    @Test
    void prefixThatNoKeyHasIsNotAskedFor() {
        for (String prefix : List.of("../", "a/../b", "/a", "a//b", "./a")) {
            assertThat(store.list(prefix, "", 10).objects()).isEmpty();
        }
        assertThat(server.requests()).isEmpty();
    }

    private static String listing(boolean truncated, String... keys) {
        StringBuilder xml = new StringBuilder(
                "<?xml version=\"1.0\"?><ListBucketResult><IsTruncated>" + truncated + "</IsTruncated>");
        for (String key : keys) {
            xml.append("<Contents><Key>")
                    .append(key)
                    .append("</Key><Size>1</Size><ETag>e</ETag>"
                            + "<LastModified>2026-11-22T00:00:00.000Z</LastModified></Contents>");
        }
        return xml.append("</ListBucketResult>").toString();
    }

    private static void assertUnknown(S3ObjectStore store) {
        assertThatThrownBy(() -> store.put("a", BODY, Map.of(), PutCondition.ifAbsent()))
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.UNKNOWN_OUTCOME));
        assertThatThrownBy(() -> store.get("a"))
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.UNKNOWN_OUTCOME));
    }

    private S3ObjectStore store(S3Timeouts timeouts) {
        return store(timeouts, server.port(), 8, System::nanoTime);
    }

    private static S3ObjectStore store(
            S3Timeouts timeouts, int port, int connections, java.util.function.LongSupplier nanoTime) {
        return S3ObjectStore.open(config(timeouts, port, connections), CREDENTIALS, nanoTime);
    }

    private static S3StoreConfig config(S3Timeouts timeouts, int port, int connections) {
        URI uri = URI.create("s3://bucket?endpoint=http://127.0.0.1:" + port);
        return S3StoreConfig.parse(uri, Map.of()).withTimeouts(timeouts).withMaxConnections(connections);
    }
}
