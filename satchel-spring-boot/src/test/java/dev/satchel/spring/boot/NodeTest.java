package dev.satchel.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.NodeId;
import dev.satchel.Placement;
import dev.satchel.UserId;
import dev.satchel.spring.web.NodeDrain;
import dev.satchel.testkit.InMemoryObjectStore;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a node says of itself and of others, and how it is drained. */
class NodeTest {
    private static final String NODE = "X-Satchel-Node";
    private static final String DRAIN = "/actuator/satcheldrain";
    private static final int GOING_AWAY = 1001;
    private static final List<String> USERS =
            IntStream.range(0, 30).mapToObj(number -> "user-" + number).toList();

    @TempDir
    static Path folder;

    private static RunningItems items;

    @BeforeAll
    static void start() {
        items = RunningItems.start(
                new InMemoryObjectStore(),
                folder,
                "satchel.placement.nodes=app-1,app-2,app-3",
                "satchel.placement.self=app-1",
                "management.endpoint.health.probes.enabled=true");
    }

    @AfterEach
    void takesRequests() {
        items.bean(NodeDrain.class).end();
    }

    @AfterAll
    static void close() {
        items.close();
    }

    private static String expected(String user, String... nodes) {
        String preferred = Placement.over(Stream.of(nodes).map(NodeId::of).toList())
                .preferred(UserId.of(user))
                .orElseThrow()
                .value();
        return preferred.equals("app-1") ? preferred : "app-1; preferred=" + preferred;
    }

    private static int readiness() {
        return items.get("/actuator/health/readiness", null).statusCode();
    }

    /** As curl -X POST does it. */
    private static HttpResponse<String> startToDrain() throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://localhost:" + items.port() + DRAIN))
                                .POST(HttpRequest.BodyPublishers.noBody())
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void answersSayWhichNodeTheyAreFromAndWhichIsTheUsersOwn() {
        assertThat(USERS)
                .allSatisfy(user -> assertThat(ItemsClient.header(items.get("/free", user), NODE))
                        .isEqualTo(expected(user, "app-1", "app-2", "app-3")));
        assertThat(USERS.stream().map(user -> expected(user, "app-1", "app-2", "app-3")))
                .contains("app-1", "app-1; preferred=app-2", "app-1; preferred=app-3");
    }

    @Test
    void answersToNobodySayNothingOfNodes() {
        assertThat(ItemsClient.header(items.get("/free", null), NODE)).isEqualTo("none");
    }

    @Test
    void aNodeThatIsDrainedIsNotReadyAndServesAndSendsUsersElsewhere() throws Exception {
        assertThat(readiness()).isEqualTo(200);

        assertThat(startToDrain().body()).contains("\"draining\":true");

        assertThat(readiness()).isEqualTo(503);
        HttpResponse<String> served = items.post("/items", "alice", "while drained");
        assertThat(served.statusCode()).isEqualTo(201);
        assertThat(ItemsClient.status(served)).isEqualTo("synced");
        assertThat(ItemsClient.header(served, "connection")).isEqualTo("close");
        assertThat(USERS)
                .allSatisfy(user -> assertThat(ItemsClient.header(items.get("/free", user), NODE))
                        .isEqualTo(expected(user, "app-2", "app-3") + "; leaving"));
    }

    @Test
    void aDrainCanBeTakenBack() throws Exception {
        startToDrain();
        items.bean(NodeDrain.class).end();

        assertThat(items.get(DRAIN, null).body()).contains("\"draining\":false");
        assertThat(readiness()).isEqualTo(200);
        assertThat(ItemsClient.header(items.get("/free", "alice"), "connection"))
                .isEqualTo("none");
    }

    @Test
    void pagesThatListenToANodeThatIsDrainedAreToldToGoElsewhere() throws Exception {
        CompletableFuture<String> greeted = new CompletableFuture<>();
        CompletableFuture<Integer> closed = new CompletableFuture<>();
        WebSocket page = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .header("X-User-ID", "alice")
                .buildAsync(URI.create("ws://localhost:" + items.port() + "/satchel/events"), new WebSocket.Listener() {
                    @Override
                    public CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean last) {
                        greeted.complete(text.toString());
                        socket.request(1);
                        return null;
                    }

                    @Override
                    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
                        closed.complete(code);
                        return null;
                    }
                })
                .get(1, TimeUnit.MINUTES);
        assertThat(greeted.get(1, TimeUnit.MINUTES)).contains("current");

        startToDrain();

        assertThat(closed.get(1, TimeUnit.MINUTES)).isEqualTo(GOING_AWAY);
        assertThat(items.get("/satchel/events", "alice").statusCode()).isEqualTo(503);
        page.abort();
    }
}
