package dev.satchel.spring.webflux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.DatabaseId;
import dev.satchel.Satchel;
import dev.satchel.UserId;
import dev.satchel.VersionEvent;
import dev.satchel.VersionFeed;
import dev.satchel.spring.RunningApplication;
import dev.satchel.spring.webflux.FluxApplication.Notes;
import dev.satchel.spring.webflux.FluxApplication.Step;
import dev.satchel.testkit.FaultyObjectStore;
import dev.satchel.testkit.InMemoryObjectStore;
import dev.satchel.testkit.Operation;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests of a WebFlux application on Netty, with the real engine. */
@Timeout(300)
class WebFluxTest {
    private static final FaultyObjectStore store = new FaultyObjectStore(new InMemoryObjectStore());
    private static final HttpClient http = HttpClient.newHttpClient();

    @RegisterExtension
    static final RunningApplication application = new RunningApplication(
            FluxApplication.class,
            store,
            Map.of(
                    "spring.main.web-application-type", "reactive",
                    "satchel.store-timeout", "2s",
                    "satchel.response-buffer", "8KB",
                    "spring.web.error.include-message", "always",
                    "spring.web.error.include-exception", "true",
                    "satchel.web.bookmark-cookie", "true",
                    "satchel.web.exclude-paths", "/excluded/**"));

    private String user = "nobody";

    @BeforeEach
    void name(TestInfo test) {
        user = test.getTestMethod().orElseThrow().getName().toLowerCase(Locale.ROOT);
    }

    @AfterEach
    void mend() {
        store.clear();
        application.bean(Step.class).inTheMiddle = () -> {};
    }

    // ---- whole answers

    @Test
    void writesAndReadsAndTellsTheVersion() throws Exception {
        HttpResponse<String> added = post("/notes", "one");

        assertThat(added.statusCode()).isEqualTo(201);
        assertThat(header(added, "X-Sync-Status")).isEqualTo("synced");
        assertThat(header(added, "X-Satchel-Version")).isEqualTo("1");
        assertThat(header(added, "Set-Cookie")).startsWith("satchel-version=").containsIgnoringCase("; HttpOnly");
        assertThat(get("/notes").body()).isEqualTo("[\"one\"]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/notes", "/routed", "/local", "/blocking"})
    void readsInEachWayOfAnswering(String path) throws Exception {
        user += path.replace('/', '-');
        post("/notes", "one");

        HttpResponse<String> response = get(path);

        assertThat(response.body()).isEqualTo("[\"one\"]");
        assertThat(header(response, "X-Satchel-Version")).isEqualTo("1");
    }

    @Test
    void threadsThatAPipelineMovesToWorkForItsUser() throws Exception {
        post("/notes", "one");

        assertThat(get("/published-on").body()).isEqualTo("a[one]b[one]");
    }

    @Test
    void transactionsOnASchedulersThreadAreTheUsers() throws Exception {
        assertThat(post("/in-transaction", "one").body()).isEqualTo("[\"one\"]");
    }

    @Test
    void answerWaitsUntilWhatItShowsIsInTheStore() throws Exception {
        post("/notes", "one");
        FaultyObjectStore.Pause upload = store.on(commits(), Operation.PUT).pauseBefore();

        CompletableFuture<HttpResponse<String>> answer = sendAsync(request("/notes", "two"));
        upload.awaitReached();
        boolean early = answer.isDone();
        upload.release();

        assertThat(early).isFalse();
        assertThat(header(answer.get(), "X-Satchel-Version")).isEqualTo("2");
    }

    @Test
    @Tag("one-jdk")
    void storeThatIsDownIsToldAndNothingIsLost() throws Exception {
        post("/notes", "one");
        store.on(user + "/.*", Operation.PUT).always().inject(FaultyObjectStore.Fault.NOT_SENT);

        HttpResponse<String> refused = post("/with-cookie", "two");

        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(header(refused, "Content-Type")).isEqualTo("application/problem+json");
        assertThat(header(refused, "X-Sync-Status")).isEqualTo("failed");
        assertThat(header(refused, "Retry-After")).isEqualTo("5");
        assertThat(refused.body()).contains("urn:satchel:problem:unavailable", "\"outcome\":\"not-saved\"");

        store.clear();
        HttpResponse<String> again = post("/notes", "three");
        while (again.statusCode() == 503) {
            again = post("/notes", "three");
        }
        assertThat(get("/notes").body()).isEqualTo("[\"one\",\"three\"]");
    }

    @Test
    void problemTakesThePlaceOfTheWholeAnswer() throws Exception {
        post("/notes", "one");
        store.on(user + "/.*", Operation.PUT).always().inject(FaultyObjectStore.Fault.DENIED);

        HttpResponse<String> refused = post("/with-cookie", "two");

        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(refused.body()).contains("urn:satchel:problem:store-refused").doesNotContain("created");
        assertThat(refused.headers().map()).doesNotContainKeys("Location", "ETag", "Set-Cookie");
        assertThat(header(refused, "Access-Control-Allow-Origin")).isEqualTo("*");
    }

    @Test
    void whatAFailingHandlerHadCommittedIsPublished() throws Exception {
        HttpResponse<String> failed = post("/fails-after", "one");

        assertThat(failed.statusCode()).isEqualTo(500);
        assertThat(header(failed, "X-Sync-Status")).isEqualTo("synced");
        assertThat(header(failed, "X-Satchel-Version")).isEqualTo("1");
        assertThat(post("/conflicts-after", "two").statusCode()).isEqualTo(409);
        assertThat(savedElsewhere()).containsExactly("one", "two");
    }

    @Test
    void answersWithoutABodyAreGatedToo() throws Exception {
        post("/notes", "one");

        HttpResponse<String> nothing =
                send(HttpRequest.newBuilder(application.uri("/nothing")).DELETE());
        assertThat(nothing.statusCode()).isEqualTo(204);
        assertThat(header(nothing, "X-Satchel-Version")).isEqualTo("1");

        HttpResponse<String> head = send(
                HttpRequest.newBuilder(application.uri("/notes")).method("HEAD", HttpRequest.BodyPublishers.noBody()));
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(header(head, "X-Satchel-Version")).isEqualTo("1");
        assertThat(header(head, "Content-Length")).isEqualTo("7");
    }

    @Test
    void requestsWithoutDatabaseUseGetNoHeaders() throws Exception {
        HttpResponse<String> free = get("/free");

        assertThat(free.body()).isEqualTo("free");
        assertThat(free.headers().map()).doesNotContainKeys("X-Sync-Status", "X-Satchel-Version");
    }

    // ---- who and how

    @Test
    void usersAtTheSameTimeSeeTheirOwnAlone() throws Exception {
        List<CompletableFuture<HttpResponse<String>>> added = IntStream.range(0, 30)
                .mapToObj(i -> sendAsync(request("/notes", "of " + i % 6).setHeader("X-User-ID", user + i % 6)))
                .toList();
        for (CompletableFuture<HttpResponse<String>> each : added) {
            assertThat(each.get().statusCode()).isEqualTo(201);
        }
        for (int i = 0; i < 6; i++) {
            String body = send(HttpRequest.newBuilder(application.uri("/notes")), user + i)
                    .body();
            assertThat(body).isEqualTo("[" + String.join(",", Collections.nCopies(5, "\"of " + i + "\"")) + "]");
        }
    }

    @Test
    void manyRequestsOfOneUserAtTheSameTimeAreAllSaved() throws Exception {
        List<CompletableFuture<HttpResponse<String>>> added = IntStream.range(0, 40)
                .mapToObj(i -> sendAsync(request("/notes", "one")))
                .toList();

        for (CompletableFuture<HttpResponse<String>> each : added) {
            assertThat(each.get().statusCode()).isEqualTo(201);
        }
        assertThat(savedElsewhere()).hasSize(40);
    }

    @Test
    void requestsOfNobodyHaveNoDatabase() throws Exception {
        HttpResponse<String> response = http.send(
                HttpRequest.newBuilder(application.uri("/notes")).build(), HttpResponse.BodyHandlers.ofString());

        assertThat(response.statusCode()).isEqualTo(500);
        assertThat(response.headers().map()).doesNotContainKey("X-Satchel-Version");
        assertThat(get("/excluded/notes").statusCode()).isEqualTo(500);
    }

    @Test
    void idsThatCannotBeOneAreRefused() throws Exception {
        HttpResponse<String> response = send(HttpRequest.newBuilder(application.uri("/notes")), "..");

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).contains("urn:satchel:problem:user-id");
    }

    @Test
    void bookmarksAreHeeded() throws Exception {
        post("/notes", "one");
        HttpResponse<String> behind =
                send(HttpRequest.newBuilder(application.uri("/local")).header("X-Satchel-Version", "1"));
        HttpResponse<String> wrong =
                send(HttpRequest.newBuilder(application.uri("/local")).header("X-Satchel-Version", "soon"));

        assertThat(behind.body()).isEqualTo("[\"one\"]");
        assertThat(behind.headers().map()).containsKey("Set-Cookie");
        assertThat(wrong.statusCode()).isEqualTo(400);
        assertThat(wrong.body()).contains("urn:satchel:problem:freshness");

        String cookie = header(behind, "Set-Cookie").replaceAll(";.*", "");
        HttpResponse<String> brought =
                send(HttpRequest.newBuilder(application.uri("/local")).header("Cookie", cookie));
        assertThat(brought.headers().map()).doesNotContainKey("Set-Cookie");
    }

    @Test
    void endpointsMayAnswerBeforeTheStoreHasIt() throws Exception {
        assertThat(header(post("/deferred", "one"), "X-Sync-Status")).isEqualTo("pending");
        assertThat(header(post("/notes", "two"), "X-Sync-Status")).isEqualTo("synced");
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET /on-the-event-loop", "POST /transaction-on-the-event-loop"})
    void eventLoopIsRefusedWithWhatToWriteInstead(String request) throws Exception {
        user = "event-loop";
        String[] parts = request.split(" ");
        HttpResponse<String> response = send(HttpRequest.newBuilder(application.uri(parts[1]))
                .method(parts[0], HttpRequest.BodyPublishers.noBody()));

        assertThat(response.statusCode()).isEqualTo(500);
        assertThat(response.body()).contains("NonBlockingThreadException", "Schedulers.boundedElastic()");
    }

    @Test
    void webSocketHandlersNameTheirUser() throws Exception {
        CompletableFuture<String> answer = new CompletableFuture<>();
        WebSocket.Listener listener = new WebSocket.Listener() {
            @Override
            public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
                answer.complete(data.toString());
                return CompletableFuture.completedFuture(null);
            }
        };

        WebSocket socket = http.newWebSocketBuilder()
                .header("X-User-ID", user)
                .buildAsync(URI.create("ws://localhost:" + application.port() + "/socket"), listener)
                .join();
        socket.sendText("hello", true).join();

        assertThat(answer.join()).isEqualTo("[hello]");
        socket.abort();
    }

    // ---- answers that leave piece by piece

    @Test
    void longAnswersLeaveAfterWhatTheyShowIsInTheStore() throws Exception {
        post("/notes", "one");
        FaultyObjectStore.Pause upload = store.on(commits(), Operation.PUT).pauseBefore();

        CompletableFuture<HttpResponse<String>> answer = sendAsync(request("/large/100000", "two"));
        upload.awaitReached();
        boolean early = answer.isDone();
        upload.release();

        assertThat(early).isFalse();
        assertThat(answer.get().body()).hasSize(100_000);
        assertThat(header(answer.get(), "X-Satchel-Version")).isEqualTo("2");
    }

    @Test
    void longAnswersWhoseBeginningCannotBeSavedAreProblems() throws Exception {
        post("/notes", "one");
        store.on(user + "/.*").always().inject(FaultyObjectStore.Fault.DENIED);

        HttpResponse<String> refused = post("/large/100000", "two");

        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(refused.body()).contains("urn:satchel:problem:store-refused");
    }

    @Test
    void longAnswersWhoseEndCannotBeSavedAreBrokenOff() throws Exception {
        post("/notes", "one");
        application.bean(Step.class).inTheMiddle =
                () -> store.on(user + "/.*", Operation.PUT).always().inject(FaultyObjectStore.Fault.DENIED);

        assertThatThrownBy(() -> post("/large-then-write", "two")).isInstanceOf(IOException.class);

        store.clear();
        assertThat(get("/notes").body()).isEqualTo("[\"one\"]");
    }

    @Test
    void endsOfLongAnswersAreSaved() throws Exception {
        assertThat(post("/large-then-write", "two").body()).hasSize(100_000);
        assertThat(savedElsewhere()).containsExactly("two");
    }

    @Test
    void rowsAreReadWhileAnAnswerIsWrittenThatFitsTheBuffer() throws Exception {
        post("/notes", "one");
        post("/notes", "two");

        assertThat(get("/rows").body()).isEqualTo("one\ntwo\n");
    }

    @Test
    void eventsLeaveWhenWhatTheyShowIsInTheStore() throws Exception {
        post("/notes", "zero");
        // A pipeline runs ahead, and what is committed by then is one upload.
        CountDownLatch firstArrived = new CountDownLatch(1);
        application.bean(Step.class).inTheMiddle = () -> {
            try {
                firstArrived.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
        HttpRequest request = HttpRequest.newBuilder(application.uri("/events/3"))
                .header("X-User-ID", user)
                .build();
        FaultyObjectStore.Pause second =
                store.on(commits(), Operation.PUT).nth(2).pauseBefore();
        HttpResponse<java.util.stream.Stream<String>> response =
                http.send(request, HttpResponse.BodyHandlers.ofLines());
        BlockingQueue<String> events = new LinkedBlockingQueue<>();
        Thread reader =
                new Thread(() -> response.body().filter(line -> !line.isEmpty()).forEach(events::add));
        reader.start();

        assertThat(events.take()).isEqualTo("data:1 of 2");
        assertThat(response.headers().firstValue("X-Satchel-Version")).hasValue("2");
        firstArrived.countDown();
        second.awaitReached();
        assertThat(events).isEmpty();
        second.release();
        assertThat(events.take()).isEqualTo("data:2 of 3");
        assertThat(events.take()).isEqualTo("data:3 of 4");
        reader.join();
    }

    @Test
    void manyEventsAreAllTheirUsers() throws Exception {
        List<String> events = get("/events/200")
                .body()
                .lines()
                .filter(line -> !line.isEmpty())
                .toList();

        assertThat(events).hasSize(200).last().isEqualTo("data:200 of 200");
        assertThat(savedElsewhere()).hasSize(200);
    }

    @Test
    void eventsAreWrittenWhileThePipelineWorksOnTheNext() throws Exception {
        assertThat(get("/eager/50").body().lines().filter(line -> !line.isEmpty()))
                .hasSize(50);
        assertThat(savedElsewhere()).hasSize(50);
    }

    // ---- requests that are cancelled

    @Test
    void whatARequestHadCommittedIsPublishedWhenItsClientIsGone() throws Exception {
        CountDownLatch committed = new CountDownLatch(1);
        application.bean(Step.class).inTheMiddle = committed::countDown;
        CountDownLatch published = new CountDownLatch(1);
        try (VersionFeed.Subscription ignored = onPublished(published);
                Socket client = open("/never-answers", "theirs")) {
            committed.await();
            hangUp(client);

            published.await();
        }
        assertThat(savedElsewhere()).containsExactly("theirs");
    }

    @Test
    void whatACancelledHandlerStillCommitsIsPublished() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch cancelled = new CountDownLatch(1);
        application.bean(Step.class).inTheMiddle = () -> {
            application.bean(Notes.class).add("before");
            begun.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                cancelled.countDown();
            }
        };
        CountDownLatch published = new CountDownLatch(1);
        try (VersionFeed.Subscription ignored = onPublished(published);
                Socket client = open("/slowly", "theirs")) {
            begun.await();
            hangUp(client);

            cancelled.await();
            published.await();
        }
        assertThat(savedElsewhere()).startsWith("before");
    }

    @Test
    void streamsWhoseClientIsGoneArePublished() throws Exception {
        CountDownLatch published = new CountDownLatch(1);
        try (VersionFeed.Subscription ignored = onPublished(published);
                Socket client = open("GET", "/events/1000000", "")) {
            BufferedReader reader =
                    new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII));
            String line = reader.readLine();
            while (!line.startsWith("data:3 ")) {
                line = reader.readLine();
            }
            hangUp(client);

            published.await();
        }
        assertThat(savedElsewhere()).contains("note 1", "note 2", "note 3");
    }

    /** Not the images, which are written in the background. */
    private String commits() {
        return user + "/database\\.ltx/0000/.*";
    }

    private VersionFeed.Subscription onPublished(CountDownLatch published) {
        return application.bean(VersionFeed.class).subscribe(event -> {
            if (event.kind() == VersionEvent.Kind.PUBLISHED
                    && event.database().user().value().equals(user)) {
                published.countDown();
            }
        });
    }

    private Socket open(String path, String body) throws IOException {
        return open("POST", path, body);
    }

    private Socket open(String method, String path, String body) throws IOException {
        Socket client = new Socket(InetAddress.getLoopbackAddress(), application.port());
        String head = method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nX-User-ID: " + user
                + "\r\nContent-Type: text/plain\r\nContent-Length: " + body.length() + "\r\n\r\n";
        client.getOutputStream().write((head + body).getBytes(StandardCharsets.US_ASCII));
        return client;
    }

    /** With a reset, so that the server notices at once. */
    private static void hangUp(Socket client) throws IOException {
        client.setSoLinger(true, 0);
        client.close();
    }

    private List<String> savedElsewhere() throws IOException {
        try (Satchel elsewhere = Satchel.builder(store, application.folder("elsewhere-" + user))
                        .build();
                var session = elsewhere.open(DatabaseId.of(UserId.of(user)));
                var connection = session.connection();
                var statement = connection.createStatement();
                var rows = statement.executeQuery("select text from note order by id")) {
            List<String> all = new ArrayList<>();
            while (rows.next()) {
                all.add(rows.getString(1));
            }
            return all;
        } catch (java.sql.SQLException e) {
            throw new IOException(e);
        }
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(application.uri(path)));
    }

    private HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
        return http.send(request(path, body).build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpRequest.Builder request(String path, String body) {
        return HttpRequest.newBuilder(application.uri(path))
                .header("X-User-ID", user)
                .header("Content-Type", "text/plain")
                .POST(HttpRequest.BodyPublishers.ofString(body));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return send(request, user);
    }

    private static HttpResponse<String> send(HttpRequest.Builder request, String asked)
            throws IOException, InterruptedException {
        return http.send(request.header("X-User-ID", asked).build(), HttpResponse.BodyHandlers.ofString());
    }

    private static CompletableFuture<HttpResponse<String>> sendAsync(HttpRequest.Builder request) {
        return http.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static String header(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }
}
