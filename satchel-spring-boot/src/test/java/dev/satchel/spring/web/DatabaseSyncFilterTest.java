package dev.satchel.spring.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.BusyException;
import dev.satchel.ClosedException;
import dev.satchel.Conflict;
import dev.satchel.ConflictException;
import dev.satchel.ConflictPolicy;
import dev.satchel.CorruptException;
import dev.satchel.DatabaseId;
import dev.satchel.DeletedException;
import dev.satchel.LocalStorageException;
import dev.satchel.MigrationFailedException;
import dev.satchel.NewerSchemaException;
import dev.satchel.OutcomeUnknownException;
import dev.satchel.QuotaExceededException;
import dev.satchel.SatchelException;
import dev.satchel.SessionResult;
import dev.satchel.StoreRefusedException;
import dev.satchel.SyncStatus;
import dev.satchel.UnavailableException;
import dev.satchel.Version;
import dev.satchel.spring.FakeSession;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;

/** The filters in a real Tomcat, with sessions that end as the test says. */
class DatabaseSyncFilterTest {
    private static ConfigurableApplicationContext application;
    private static GateApplication.Script script;
    private static HttpClient http;
    private static URI base;

    @BeforeAll
    static void start() {
        application = SpringApplication.run(
                GateApplication.class,
                "--server.port=0",
                "--satchel.enabled=false",
                "--spring.web.error.include-message=always");
        script = application.getBean(GateApplication.Script.class);
        int port = ((WebServerApplicationContext) application).getWebServer().getPort();
        base = URI.create("http://localhost:" + port);
        http = HttpClient.newHttpClient();
    }

    @AfterAll
    static void stop() {
        application.close();
    }

    @BeforeEach
    void reset() {
        script.reset();
    }

    @Test
    void answerLeavesAfterTheSessionIsComplete() throws Exception {
        CountDownLatch answered = new CountDownLatch(1);
        boolean[] answeredBefore = new boolean[1];
        script.open(database -> script.plain(database).onComplete(() -> {
            answeredBefore[0] = answered.getCount() == 0;
            return FakeSession.result(7, SyncStatus.SYNCED, true);
        }));

        HttpResponse<String> response = get("/select");
        answered.countDown();

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo("{\"value\":1}");
        assertThat(answeredBefore[0]).isFalse();
        assertThat(script.events()).containsExactly("open", "connection", "complete");
    }

    @Test
    void answerTellsStatusAndVersion() throws Exception {
        HttpResponse<String> response = get("/select");

        assertThat(header(response, "X-Sync-Status")).isEqualTo("synced");
        assertThat(header(response, "X-Satchel-Version")).isEqualTo("7");
        assertThat(response.headers().map()).doesNotContainKey("X-Satchel-Shown");
    }

    @Test
    void answerThatShowsAPartOfItsVersionTellsSo() throws Exception {
        script.open(database -> script.plain(database)
                .onComplete(() ->
                        new SessionResult(Version.of(7), Version.of(5), SyncStatus.SYNCED, false, Optional.empty())));
        HttpResponse<String> response = get("/select");

        assertThat(header(response, "X-Satchel-Version")).isEqualTo("7");
        assertThat(header(response, "X-Satchel-Shown")).isEqualTo("5");
    }

    @Test
    void pendingAndOverwrittenAreToldInTheStatus() throws Exception {
        script.open(
                database -> script.plain(database).onComplete(() -> FakeSession.result(8, SyncStatus.PENDING, true)));
        assertThat(header(post("/write"), "X-Sync-Status")).isEqualTo("pending");

        script.open(
                database -> script.plain(database).onComplete(() -> FakeSession.result(9, SyncStatus.CONFLICT, true)));
        HttpResponse<String> overwritten = post("/write");
        assertThat(overwritten.statusCode()).isEqualTo(201);
        assertThat(header(overwritten, "X-Sync-Status")).isEqualTo("conflict");
    }

    @Test
    void sessionIsOfTheUserWhoAsks() throws Exception {
        get("/select");

        assertThat(script.session().database()).isEqualTo(DatabaseId.of("alice"));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4096, 4097, 100_000})
    void requestsWithoutDatabaseOpenNoSessionAndHaveNoHeaders(int size) throws Exception {
        HttpResponse<String> response = get("/plain/" + size);

        assertThat(response.body()).hasSize(size);
        assertThat(response.headers().map()).doesNotContainKeys("X-Sync-Status", "X-Satchel-Version");
        assertThat(script.sessions()).isEmpty();
        assertThat(script.leftEarly).hasValue(0);
    }

    @Test
    void conflictReplacesTheHandlersAnswerButNotWhatSurroundsIt() throws Exception {
        ConflictException conflict = conflict();
        script.open(database -> script.plain(database).onComplete(() -> {
            throw conflict;
        }));

        HttpResponse<String> response = post("/write");

        assertThat(response.statusCode()).isEqualTo(409);
        assertThat(header(response, "Content-Type")).isEqualTo("application/problem+json");
        assertThat(header(response, "X-Sync-Status")).isEqualTo("conflict");
        assertThat(header(response, "X-Satchel-Version")).isEqualTo("9");
        assertThat(response.body())
                .contains("\"type\":\"urn:satchel:problem:conflict\"")
                .contains("\"outcome\":\"conflict-kept\"")
                .contains("\"base\":7,\"head\":9,\"keptAs\":\"alice/kept\"")
                .doesNotContain("created");
        assertThat(response.headers().map()).doesNotContainKeys("ETag", "Location");
        assertThat(header(response, "X-Request-Id")).isEqualTo("r1");
        assertThat(header(response, "Access-Control-Allow-Origin")).isEqualTo("*");
        assertThat(response.headers().allValues("Set-Cookie")).containsExactly("outer=1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/select", "/transactional"})
    void storeDownWhenTheSessionOpensIsAProblemThatSaysNotSaved(String path) throws Exception {
        script.failToOpen(new UnavailableException("s3://secret unreachable", null));

        HttpResponse<String> response = get(path);

        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(header(response, "Retry-After")).isEqualTo("5");
        assertThat(header(response, "X-Sync-Status")).isEqualTo("failed");
        assertThat(response.body())
                .contains("urn:satchel:problem:unavailable", "\"outcome\":\"not-saved\"", "\"version\":4")
                .doesNotContain("secret");
    }

    @Test
    void eachFailureHasItsStatusAndOutcome() throws Exception {
        assertProblem(new OutcomeUnknownException("", null), 503, "outcome-unknown", "unknown", true);
        assertProblem(new UnavailableException("", null), 503, "unavailable", "not-saved", true);
        assertProblem(new BusyException("", null), 503, "busy", "not-saved", true);
        assertProblem(new StoreRefusedException("", null), 503, "store-refused", "not-saved", false);
        assertProblem(new DeletedException(DatabaseId.of("alice"), Version.of(3)), 410, "deleted", "not-saved", false);
        assertProblem(new CorruptException(CorruptException.Kind.COMMIT, "", null), 500, "corrupt", "not-saved", false);
        assertProblem(new NewerSchemaException(DatabaseId.of("alice"), 1, 2), 503, "newer-schema", "not-saved", true);
        assertProblem(new QuotaExceededException(DatabaseId.of("alice"), 1, null), 507, "quota", "not-saved", false);
        assertProblem(new MigrationFailedException("", null), 500, "migration-failed", "not-saved", false);
        assertProblem(new ClosedException("", null), 503, "closed", "not-saved", true);
        assertProblem(new LocalStorageException("", null), 503, "local-storage", "not-saved", true);
        assertProblem(
                new LocalStorageException("", new IOException("No space left on device")),
                507,
                "local-storage",
                "not-saved",
                false);
    }

    private void assertProblem(SatchelException e, int status, String type, String outcome, boolean retryAfter)
            throws Exception {
        script.open(database -> script.plain(database).onComplete(() -> {
            throw e;
        }));

        HttpResponse<String> response = post("/write");

        assertThat(response.statusCode()).as(type).isEqualTo(status);
        assertThat(response.body())
                .contains("\"type\":\"urn:satchel:problem:" + type + "\"")
                .contains("\"status\":" + status)
                .contains("\"outcome\":\"" + outcome + "\"");
        assertThat(response.headers().firstValue("Retry-After").isPresent())
                .as(type)
                .isEqualTo(retryAfter);
        assertThat(header(response, "X-Sync-Status")).isEqualTo(e.status().token());
    }

    @Test
    void whatAFailingHandlerHadCommittedIsPublished() throws Exception {
        HttpResponse<String> response = post("/write-then-fail");

        assertThat(response.statusCode()).isEqualTo(500);
        assertThat(response.body()).contains("\"status\":500");
        assertThat(script.events()).endsWith("complete");
        assertThat(header(response, "X-Sync-Status")).isEqualTo("synced");
        assertThat(header(response, "X-Satchel-Version")).isEqualTo("7");
    }

    @Test
    void whatAFailingHandlerHadCommittedAndCouldNotBePublishedIsToldAsFailed() throws Exception {
        script.open(database -> script.plain(database).onComplete(() -> {
            throw new UnavailableException("", null);
        }));

        HttpResponse<String> response = post("/write-then-fail");

        assertThat(response.statusCode()).isEqualTo(500);
        assertThat(header(response, "X-Sync-Status")).isEqualTo("failed");
    }

    @Test
    void engineFailureAfterAPublishedCommitIsToldAsPartlySaved() throws Exception {
        HttpResponse<String> response = post("/write-then-busy");

        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(response.body())
                .contains("urn:satchel:problem:busy", "\"outcome\":\"partly-saved\"", "\"version\":7")
                .doesNotContain("secret");
        assertThat(header(response, "X-Sync-Status")).isEqualTo("synced");
    }

    @Test
    void failureOfAnotherUsersDatabaseTellsNoVersionOfOnesOwn() throws Exception {
        HttpResponse<String> response = post("/busy-elsewhere");

        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(response.body()).contains("urn:satchel:problem:busy").doesNotContain("version");
        assertThat(response.headers().map()).doesNotContainKey("X-Satchel-Version");
        assertThat(script.sessions()).isEmpty();
    }

    @Test
    void answerOfAnExceptionHandlerIsGatedLikeAnyOther() throws Exception {
        HttpResponse<String> response = post("/write-then-handled");
        assertThat(response.statusCode()).isEqualTo(422);
        assertThat(response.body()).isEqualTo("handled");
        assertThat(header(response, "X-Sync-Status")).isEqualTo("synced");

        script.open(database -> script.plain(database).onComplete(() -> {
            throw new UnavailableException("", null);
        }));
        assertThat(post("/write-then-handled").statusCode()).isEqualTo(503);
    }

    @Test
    void errorsThatHandlersSendWaitForTheSession() throws Exception {
        HttpResponse<String> response = post("/not-found");
        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(response.body()).contains("gone");
        assertThat(header(response, "X-Sync-Status")).isEqualTo("synced");

        script.open(database -> script.plain(database).onComplete(() -> {
            throw conflict();
        }));
        HttpResponse<String> refused = post("/not-found");
        assertThat(refused.statusCode()).isEqualTo(409);
        assertThat(refused.body()).contains("conflict-kept").doesNotContain("gone");
    }

    @Test
    void redirectsWaitForTheSession() throws Exception {
        HttpResponse<String> response = get("/redirect");
        assertThat(response.statusCode()).isEqualTo(302);
        assertThat(header(response, "Location")).endsWith("/plain");
        assertThat(header(response, "X-Sync-Status")).isEqualTo("synced");

        script.open(database -> script.plain(database).onComplete(() -> {
            throw new UnavailableException("", null);
        }));
        HttpResponse<String> refused = get("/redirect");
        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(refused.headers().map()).doesNotContainKey("Location");
    }

    @Test
    void bodyThatFitsTheBufferIsHeldWhole() throws Exception {
        HttpResponse<String> response = get("/large/" + GateApplication.BUFFER);

        assertThat(response.body()).hasSize(GateApplication.BUFFER);
        assertThat(header(response, "Content-Length")).isEqualTo("" + GateApplication.BUFFER);
        assertThat(script.events()).containsExactly("open", "connection", "complete");
        assertThat(script.leftEarly).hasValue(0);
    }

    @Test
    void bodyThatOutgrowsTheBufferLeavesAfterWhatItRevealsIsDurable() throws Exception {
        HttpResponse<String> response = get("/large/" + (GateApplication.BUFFER * 3 + 1));

        assertThat(response.body()).hasSize(GateApplication.BUFFER * 3 + 1);
        assertThat(header(response, "X-Satchel-Version")).isEqualTo("7");
        assertThat(script.events()).containsExactly("open", "connection", "complete");
        assertThat(script.leftEarly).hasValue(1);
    }

    @Test
    void databaseUseAfterTheBeginningHasLeftIsMadeDurableBeforeTheEndLeaves() throws Exception {
        HttpResponse<String> response = get("/large-then-select/100000");

        assertThat(response.body()).hasSize(100_000);
        assertThat(script.events()).containsExactly("open", "connection", "complete", "open", "connection", "complete");
    }

    @Test
    void bodyThatOutgrowsTheBufferInsideATransactionIsAnErrorThatSaysSo() throws Exception {
        HttpResponse<String> response = get("/large-in-transaction");

        assertThat(response.statusCode()).isEqualTo(500);
        assertThat(response.body()).contains("satchel.response-buffer");
    }

    @Test
    void locksAndFullDisksOfTheDatabaseAreToldApartFromMistakes() throws Exception {
        HttpResponse<String> locked = get("/locked");
        assertThat(locked.statusCode()).isEqualTo(503);
        assertThat(locked.body()).contains("urn:satchel:problem:busy");

        HttpResponse<String> full = get("/disk-full");
        assertThat(full.statusCode()).isEqualTo(507);
        assertThat(full.body()).contains("urn:satchel:problem:local-storage");

        HttpResponse<String> quota = get("/quota");
        assertThat(quota.statusCode()).isEqualTo(507);
        assertThat(quota.body()).contains("urn:satchel:problem:quota");
    }

    @Test
    void failureBeforeTheFirstByteLeavesIsAProblem() throws Exception {
        script.open(database -> script.plain(database).onComplete(() -> {
            throw conflict();
        }));

        HttpResponse<String> response = get("/large/100000");

        assertThat(response.statusCode()).isEqualTo(409);
        assertThat(response.body()).contains("conflict-kept").doesNotContain("xxx");
    }

    @Test
    void answerWhoseEndCannotBeMadeDurableIsBrokenOff() {
        failSecondSession();

        assertThatThrownBy(() -> get("/large-then-select/100000")).isInstanceOf(IOException.class);
        assertThat(script.brokenOff).hasValue(1);
    }

    @Test
    void answerThatTheContainerStillHoldsIsReplaced() throws Exception {
        failSecondSession();

        HttpResponse<String> response = get("/large-then-select/" + (GateApplication.BUFFER + 1));

        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(response.body()).contains("not-saved").doesNotContain("xxx");
        assertThat(header(response, "X-Sync-Status")).isEqualTo("failed");
    }

    @Test
    void writersAndFlushesOfHandlersAreHeld() throws Exception {
        HttpResponse<String> response = get("/writer");

        assertThat(response.body()).isEqualTo("gr\u00fc\u00df");
        assertThat(script.events()).containsExactly("open", "connection", "complete");
    }

    @Test
    void callableWorksForTheSameUser() throws Exception {
        HttpResponse<String> response = get("/callable");

        assertThat(response.body()).isEqualTo("callable 1");
        assertThat(header(response, "X-Satchel-Version")).isEqualTo("7");
        assertThat(script.events()).startsWith("open", "connection").endsWith("connection", "complete");
        assertThat(script.sessions())
                .allSatisfy(session -> assertThat(session.database()).isEqualTo(DatabaseId.of("alice")));
    }

    @Test
    void failureOfTheSessionReplacesAnAsynchronousAnswer() throws Exception {
        script.open(database -> script.plain(database).onComplete(() -> {
            throw conflict();
        }));

        assertThat(get("/callable").statusCode()).isEqualTo(409);
        assertThat(get("/deferred").statusCode()).isEqualTo(409);
        assertThat(get("/raw").statusCode()).isEqualTo(409);
    }

    @Test
    void deferredResultIsAnsweredAfterTheSession() throws Exception {
        HttpResponse<String> response = get("/deferred");

        assertThat(response.body()).isEqualTo("deferred");
        assertThat(header(response, "X-Satchel-Version")).isEqualTo("7");
        assertThat(script.events()).containsOnlyOnce("complete").endsWith("complete");
    }

    @Test
    void requestThatWaitsForSomethingElseKeepsNoDatabaseOpen() throws Exception {
        List<String> whileWaiting = new CopyOnWriteArrayList<>();
        CountDownLatch completed = new CountDownLatch(1);
        script.open(database -> script.plain(database).onComplete(() -> {
            completed.countDown();
            return FakeSession.result(7, SyncStatus.SYNCED, true);
        }));
        script.defer(completed, () -> whileWaiting.addAll(script.events()));

        assertThat(get("/deferred").body()).isEqualTo("deferred");

        assertThat(whileWaiting).containsExactly("open", "connection", "complete");
    }

    @Test
    void failureWhileARequestWaitsIsToldAtItsEndAndStopsItsUseOfTheDatabase() throws Exception {
        script.open(database -> script.plain(database).onComplete(() -> {
            throw conflict();
        }));

        HttpResponse<String> response = get("/deferred");

        assertThat(response.statusCode()).isEqualTo(409);
        assertThat(script.sessions()).hasSize(1);
    }

    @Test
    void timeOutOfADeferredResultCompletesTheSession() throws Exception {
        HttpResponse<String> response = get("/never");

        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(script.events()).containsOnlyOnce("complete");
    }

    @Test
    void streamedBytesLeaveAfterWhatTheyRevealIsDurable() throws Exception {
        HttpResponse<String> response = get("/streaming");

        assertThat(response.body()).isEqualTo("first;second");
        assertThat(header(response, "X-Satchel-Version")).isEqualTo("7");
        assertThat(script.events()).containsExactly("open", "connection", "complete");
    }

    @Test
    void streamThatCannotBeMadeDurableBeginsNothing() throws Exception {
        script.open(database -> script.plain(database).onComplete(() -> {
            throw new UnavailableException("", null);
        }));

        HttpResponse<String> response = get("/streaming");

        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(response.body()).contains("not-saved").doesNotContain("first");
    }

    /** Converters and streams write on in a finally block, and SSE workers send the next event. */
    @ParameterizedTest
    @ValueSource(strings = {"/large-goes-on/", "/large-streaming-goes-on/"})
    void handlerThatWritesOnAfterItsChangesWereRefusedRevealsNothing(String path) throws Exception {
        script.open(database -> script.plain(database).onComplete(() -> {
            throw new UnavailableException("", null);
        }));

        HttpResponse<String> response = get(path + GateApplication.BUFFER * 20);

        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(response.body()).contains("not-saved").doesNotContain("xx");
        assertThat(script.leftEarly).hasValue(0);
    }

    @Test
    void listenerThatAnswersWhenTheTimeIsUpIsGated() throws Exception {
        HttpResponse<String> response = get("/raw-time-out");

        assertThat(response.body()).isEqualTo("late");
        assertThat(header(response, "X-Satchel-Version")).isEqualTo("7");
        script.open(database -> script.plain(database).onComplete(() -> {
            throw new UnavailableException("", null);
        }));
        assertThat(get("/raw-time-out").statusCode()).isEqualTo(503);
    }

    @Test
    void requestThatGoesOnAtAnExcludedPathIsAnswered() throws Exception {
        HttpResponse<String> response = get("/raw-dispatch");

        assertThat(response.body()).isEqualTo("excluded");
        assertThat(header(response, "X-Satchel-Version")).isEqualTo("7");
    }

    @Test
    void requestWithoutATimeOutWhoseEndCannotBeMadeDurableIsBrokenOff() {
        script.open(database -> script.plain(database).onComplete(() -> {
            throw new UnavailableException("", null);
        }));

        assertThatThrownBy(() -> get("/raw-without-time-out"))
                .isInstanceOf(IOException.class)
                .isNotInstanceOf(HttpTimeoutException.class);
    }

    @Test
    void streamThatFailsInTheMiddleIsBrokenOff() {
        assertThatThrownBy(() -> get("/streaming-fails")).isInstanceOf(IOException.class);

        assertThat(script.events()).containsOnlyOnce("complete");
        assertThat(script.brokenOff).hasValue(1);
    }

    @Test
    void serverSentEventsLeaveAfterWhatTheyRevealIsDurable() throws Exception {
        HttpResponse<String> response = get("/sse");

        assertThat(response.body()).contains("data:one", "data:two");
        assertThat(header(response, "X-Satchel-Version")).isEqualTo("7");
        assertThat(script.events()).containsExactly("open", "connection", "complete");
    }

    @Test
    void servletsThatGoOnAsynchronouslyByThemselvesAreGated() throws Exception {
        HttpResponse<String> response = get("/raw");

        assertThat(response.body()).isEqualTo("raw");
        assertThat(header(response, "X-Satchel-Version")).isEqualTo("7");
        assertThat(script.events()).endsWith("complete");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../x", ".", "a/../b", "%00"})
    void userIdThatCannotBeOneIsRefused(String id) throws Exception {
        HttpResponse<String> response = send(HttpRequest.newBuilder(base.resolve("/select"))
                .header("X-User-ID", id.replace("%00", "x".repeat(300))));

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(header(response, "Content-Type")).isEqualTo("application/problem+json");
        assertThat(response.body()).contains("urn:satchel:problem:user-id").contains("user id ");
        assertThat(script.sessions()).isEmpty();
    }

    @Test
    void bookmarkThatIsNoneIsRefused() throws Exception {
        HttpResponse<String> response = send(HttpRequest.newBuilder(base.resolve("/select"))
                .header("X-User-ID", "alice")
                .header("X-Bookmark", "abc"));

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).contains("urn:satchel:problem:freshness");
    }

    @Test
    void requestOfNobodyMayAnswerButNotUseTheDatabase() throws Exception {
        assertThat(send(HttpRequest.newBuilder(base.resolve("/plain"))).statusCode())
                .isEqualTo(200);
        HttpResponse<String> response = send(HttpRequest.newBuilder(base.resolve("/select")));

        assertThat(response.statusCode()).isEqualTo(500);
        assertThat(script.sessions()).isEmpty();
    }

    @Test
    void excludedPathsHaveNoDatabase() throws Exception {
        assertThat(get("/excluded/select").statusCode()).isEqualTo(500);
        assertThat(script.sessions()).isEmpty();
    }

    private static void failSecondSession() {
        script.open(database -> script.sessions().isEmpty()
                ? script.plain(database)
                : script.plain(database).onComplete(() -> {
                    throw new UnavailableException("", null);
                }));
    }

    private static ConflictException conflict() {
        return new ConflictException(new Conflict(
                DatabaseId.of("alice"),
                ConflictPolicy.REJECT,
                Version.of(7),
                Version.of(9),
                "us",
                "them",
                "c1",
                "c2",
                "alice/kept",
                10));
    }

    private static String header(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name).orElse("none");
    }

    private static HttpResponse<String> get(String path) throws Exception {
        return send(HttpRequest.newBuilder(base.resolve(path)).header("X-User-ID", "alice"));
    }

    private static HttpResponse<String> post(String path) throws Exception {
        return send(HttpRequest.newBuilder(base.resolve(path))
                .header("X-User-ID", "alice")
                .POST(HttpRequest.BodyPublishers.noBody()));
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return http.send(request.timeout(Duration.ofMinutes(1)).build(), HttpResponse.BodyHandlers.ofString());
    }
}
