package dev.satchel.spring.context;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.DatabaseId;
import dev.satchel.Satchel;
import dev.satchel.spring.RunningApplication;
import dev.satchel.spring.web.VersionEvents;
import dev.satchel.testkit.InMemoryObjectStore;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Browsers that listen to Jetty, which differs from Tomcat in how it upgrades, writes without blocking and closes. */
@Timeout(120)
class EventsOnJettyTest {
    private static final long PATIENCE_SECONDS = 60;
    private static final InMemoryObjectStore BUCKET = new InMemoryObjectStore();
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @RegisterExtension
    private static final RunningApplication application =
            new RunningApplication(NotesApplication.class, BUCKET, Map.of("satchel.events.heartbeat", "1s"));

    /** A user whom no other test knows. */
    private String user = "nobody";

    @BeforeEach
    void name(TestInfo test) {
        user = test.getTestMethod().orElseThrow().getName();
    }

    @Test
    void serverIsJetty() {
        assertThat(application.server().getClass().getSimpleName()).isEqualTo("JettyServletWebServer");
    }

    @Test
    void webSocketHearsTheNewestVersionEachOneAfterItAndAHeartbeat() throws Exception {
        write("one");
        Page page = open("");

        assertThat(page.next()).isEqualTo("{\"database\":\"database\",\"version\":1,\"kind\":\"current\"}");
        write("two");
        assertThat(page.next()).startsWith("{\"database\":\"database\",\"version\":2,\"kind\":\"published\"");
        assertThat(page.nextOfAnyKind()).isEqualTo("{\"kind\":\"heartbeat\"}");
        page.leave();
    }

    @Test
    void webSocketThatResumesHearsOfWhatThisNodeHadNotHeardOf() throws Exception {
        write("here");
        writeElsewhere();
        Page page = open("?version=1");

        String told = page.next();
        while (!told.contains("\"version\":2")) {
            told = page.next();
        }
        page.leave();
    }

    @Test
    void serverSentEventsAreTheSame() throws Exception {
        write("one");
        try (Stream stream = stream("")) {
            assertThat(stream.next())
                    .contains("id: 1", "data: {\"database\":\"database\",\"version\":1,\"kind\":\"current\"}");
            write("two");
            assertThat(stream.next()).first().isEqualTo("id: 2");
            assertThat(stream.nextOfAnyKind()).containsExactly("data: {\"kind\":\"heartbeat\"}");
        }
        writeElsewhere();
        try (Stream resumed = stream("2")) {
            List<String> told = resumed.next();
            while (!told.contains("id: 3")) {
                told = resumed.next();
            }
        }
    }

    @Test
    void pagesThatLeaveAreForgotten() throws Exception {
        VersionEvents events = application.bean(VersionEvents.class);
        DatabaseId database = DatabaseId.of(user);
        Page page = open("");
        Page closing = open("");
        Stream stream = stream("");
        page.next();
        closing.next();
        stream.next();
        assertThat(events.connections(database)).isEqualTo(3);

        page.leave();
        closing.close();
        stream.close();
        while (events.connections(database) > 0) {
            write("something, so that the server notices");
        }
    }

    @Test
    void contextThatIsStoppedSendsItsPagesAwayAndServesThemWhenItIsStartedAgain() throws Exception {
        Page page = open("");
        page.next();
        Stream stream = stream("");
        stream.next();

        application.context().stop();

        assertThat(page.closed.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo(1001);
        assertThat(stream.next()).isEmpty();

        application.context().start();
        Page again = open("");
        again.next();
        write("after");
        assertThat(again.next()).contains("\"version\":1,\"kind\":\"published\"");
        assertThat(again.nextOfAnyKind()).contains("heartbeat");
        again.leave();
    }

    @Test
    void contextThatIsPausedSendsItsPagesAwayAndServesThemWhenItGoesOn() throws Exception {
        Page page = open("");
        page.next();

        application.context().pause();

        assertThat(page.closed.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isEqualTo(1001);

        application.context().restart();
        Page again = open("");
        again.next();
        write("after");
        assertThat(again.next()).contains("\"version\":1,\"kind\":\"published\"");
        again.leave();
    }

    private void write(String text) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(address("http", "/notes"))
                .header("X-User-ID", user)
                .POST(HttpRequest.BodyPublishers.ofString(text))
                .build();
        assertThat(HTTP.send(request, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
    }

    private void writeElsewhere() throws SQLException {
        try (Satchel elsewhere =
                Satchel.builder(BUCKET, application.folder("elsewhere-" + user)).build()) {
            elsewhere.<Integer, SQLException>write(DatabaseId.of(user), session -> {
                try (Statement statement = session.connection().createStatement()) {
                    return statement.executeUpdate("insert into note (text) values ('elsewhere')");
                }
            });
        }
    }

    private Page open(String query) {
        Page page = new Page();
        HTTP.newWebSocketBuilder()
                .header("X-User-ID", user)
                .buildAsync(address("ws", "/satchel/events" + query), page)
                .join();
        return page;
    }

    private Stream stream(String last) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(address("http", "/satchel/events"))
                .header("X-User-ID", user)
                .header("Last-Event-ID", last)
                .build();
        HttpResponse<InputStream> response = HTTP.send(request, BodyHandlers.ofInputStream());
        assertThat(response.statusCode()).isEqualTo(200);
        return new Stream(new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8)));
    }

    private static URI address(String scheme, String path) {
        int port = application.port();
        return URI.create(scheme + "://localhost:" + port + path);
    }

    /** A page that listens by server-sent events. */
    private record Stream(BufferedReader lines) implements AutoCloseable {
        /** The lines of the next event that is not a heartbeat, none at the end. */
        List<String> next() throws IOException {
            List<String> event = nextOfAnyKind();
            while (!event.isEmpty() && event.get(0).contains("heartbeat")) {
                event = nextOfAnyKind();
            }
            return event;
        }

        List<String> nextOfAnyKind() throws IOException {
            List<String> block = block();
            while (!block.isEmpty() && block.get(0).startsWith("retry:")) {
                block = block();
            }
            return block;
        }

        private List<String> block() throws IOException {
            List<String> block = new ArrayList<>();
            for (String line = lines.readLine(); line != null && !line.isEmpty(); line = lines.readLine()) {
                block.add(line);
            }
            return block;
        }

        @Override
        public void close() throws IOException {
            lines.close();
        }
    }

    /** A page that listens by WebSocket. */
    private static final class Page implements WebSocket.Listener {
        final CompletableFuture<Integer> closed = new CompletableFuture<>();
        private final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
        private final StringBuilder message = new StringBuilder();
        private volatile @Nullable WebSocket socket;

        @Override
        public void onOpen(WebSocket opened) {
            socket = opened;
            opened.request(Long.MAX_VALUE);
        }

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            message.append(data);
            if (last) {
                messages.add(message.toString());
                message.setLength(0);
            }
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
            closed.complete(code);
            return null;
        }

        @Override
        public void onError(WebSocket from, Throwable error) {
            closed.completeExceptionally(error);
        }

        String next() throws InterruptedException {
            String next = nextOfAnyKind();
            while (next.contains("heartbeat")) {
                next = nextOfAnyKind();
            }
            return next;
        }

        String nextOfAnyKind() throws InterruptedException {
            String next = messages.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertThat(next).as("next message").isNotNull();
            return next;
        }

        void close() {
            socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
        }

        void leave() {
            socket.abort();
        }
    }
}
