package dev.satchel.spring.context;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.spring.RunningApplication;
import dev.satchel.testkit.CountingObjectStore;
import dev.satchel.testkit.InMemoryObjectStore;
import dev.satchel.testkit.RequestLog;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** On Jetty, with virtual threads where the JDK has them. */
class ContextTest {
    private static final CountingObjectStore store = new CountingObjectStore(new InMemoryObjectStore());
    private static final HttpClient http = HttpClient.newHttpClient();

    @RegisterExtension
    static final RunningApplication application =
            new RunningApplication(NotesApplication.class, store, Map.of("spring.threads.virtual.enabled", "true"));

    private String user = "nobody";

    @BeforeEach
    void name(TestInfo test) {
        user = test.getTestMethod().orElseThrow().getName();
    }

    @Test
    void requestsOnJettyAreGated() throws Exception {
        HttpResponse<String> added = post("/notes", "one");

        assertThat(header(added, "X-Sync-Status")).isEqualTo("synced");
        assertThat(header(added, "X-Satchel-Version")).isEqualTo("1");
        assertThat(get("/notes").body()).isEqualTo("[\"one\"]");
    }

    @Test
    void requestsRunOnVirtualThreadsWhereTheJdkHasThem() throws Exception {
        boolean has = Runtime.version().feature() >= 21;

        assertThat(post("/notes", "one").body()).isEqualTo("added on " + (has ? "VirtualThread" : "Thread"));
    }

    @Test
    void longAnswersArriveWhole() throws Exception {
        assertThat(get("/large").body()).hasSize(1_000_000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/async-method", "/future", "/event"})
    void workThatEndsBeforeItsRequestIsPartOfIt(String path) throws Exception {
        user += path.replace('/', '-');

        HttpResponse<String> response = post(path, "elsewhere");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(header(response, "X-Sync-Status")).isEqualTo("synced");
        assertThat(saved()).isEqualTo("[\"elsewhere\"]");
    }

    @Test
    void streamingBodiesReadTheirUsersDatabaseAndPublishWhatTheyWrite() throws Exception {
        post("/notes", "one");
        post("/notes", "two");

        assertThat(get("/stream").body()).isEqualTo("one;two;");
        assertThat(get("/notes").body()).isEqualTo("[\"one\",\"two\",\"streamed\"]");
    }

    @Test
    void serverSentEventsReadTheirUsersDatabaseAndPublishWhatTheyWrite() throws Exception {
        post("/notes", "one");

        assertThat(get("/sse").body()).contains("[one, sent]");
        assertThat(get("/notes").body()).isEqualTo("[\"one\",\"sent\"]");
    }

    @Test
    void scheduledJobsNameTheirUserOrAreToldTo() {
        NotesApplication.Job job = application.bean(NotesApplication.Job.class);

        assertThat(job.withoutUser.join()).contains("satchelScopes.as(user, work)");
        assertThat(job.withUser.join()).containsExactly("by the job");
    }

    @Test
    void webSocketHandlersNameTheirUserOrAreToldTo() throws Exception {
        CompletableFuture<String> answer = new CompletableFuture<>();
        WebSocket.Listener listener = new WebSocket.Listener() {
            private final StringBuilder text = new StringBuilder();

            @Override
            public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
                text.append(data);
                if (last) {
                    answer.complete(text.toString());
                }
                socket.request(1);
                return CompletableFuture.completedFuture(null);
            }
        };

        WebSocket socket = http.newWebSocketBuilder()
                .header("X-User-ID", user)
                .buildAsync(URI.create("ws://localhost:" + application.port() + "/socket"), listener)
                .join();
        socket.sendText("hello", true).join();

        assertThat(answer.join()).startsWith("[hello] / ").contains("satchelScopes.as(user, work)");
        socket.abort();
    }

    @Test
    void endpointsMayAnswerBeforeTheStoreHasIt() throws Exception {
        assertThat(header(post("/deferred", "one"), "X-Sync-Status")).isEqualTo("pending");
        assertThat(header(post("/notes", "two"), "X-Sync-Status")).isEqualTo("synced");
        assertThat(saved()).isEqualTo("[\"one\",\"two\"]");
    }

    @Test
    void endpointsMayReadTheLocalCopy() throws Exception {
        user = "local-reader";
        post("/notes", "one");

        store.requests().reset();
        assertThat(get("/local").body()).isEqualTo("[\"one\"]");
        assertThat(commitsAskedFor()).isEmpty();

        assertThat(get("/notes").body()).isEqualTo("[\"one\"]");
        assertThat(commitsAskedFor()).isNotEmpty();
    }

    /** What a session asks when it compares the local copy with the store; images are written meanwhile. */
    private List<RequestLog.Entry> commitsAskedFor() {
        return store.requests().entries().stream()
                .filter(request -> request.key().startsWith(user + "/database.ltx/"))
                .toList();
    }

    private String saved() throws Exception {
        return get("/notes").body();
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(application.uri(path)));
    }

    private HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(application.uri(path)).POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return http.send(request.header("X-User-ID", user).build(), HttpResponse.BodyHandlers.ofString());
    }

    private static String header(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }
}
