package dev.satchel.spring.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.DatabaseId;
import dev.satchel.Satchel;
import dev.satchel.Version;
import dev.satchel.VersionEvent;
import dev.satchel.VersionFeed;
import dev.satchel.spring.web.VersionEvents;
import dev.satchel.testkit.FaultyObjectStore.Fault;
import dev.satchel.testkit.FaultyObjectStore.Pause;
import dev.satchel.testkit.InMemoryObjectStore;
import dev.satchel.testkit.Operation;
import io.micrometer.core.instrument.MeterRegistry;
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
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Browsers that listen to a real server, with few threads. */
@Timeout(120)
class VersionEventsTest {
    private static final InMemoryObjectStore BUCKET = new InMemoryObjectStore();
    private static final AtomicInteger USERS = new AtomicInteger();
    private static final int SERVER_THREADS = 8;
    private static final int CLIENT_THREADS = 4;

    @TempDir
    private static Path folder;

    private static RunningItems application;
    private static ExecutorService clientThreads;
    private static HttpClient http;

    /** A user whom no other test knows. */
    private final String alice = "alice" + USERS.incrementAndGet();

    @BeforeAll
    static void start() {
        application = RunningItems.start(
                BUCKET,
                folder.resolve("node"),
                "satchel.events.heartbeat=1s",
                "server.tomcat.threads.max=" + SERVER_THREADS);
        clientThreads = Executors.newFixedThreadPool(CLIENT_THREADS);
        http = HttpClient.newBuilder().executor(clientThreads).build();
    }

    @AfterAll
    static void stop() {
        application.close();
        clientThreads.shutdownNow();
    }

    @Test
    void newestVersionIsToldAtConnectAndEachOneAfterIt() {
        application.post("/items", alice, "one");
        Listener listener = listen(alice, "");

        assertThat(listener.next()).isEqualTo("{\"database\":\"database\",\"version\":1,\"kind\":\"current\"}");
        application.post("/items", alice, "two");

        assertThat(listener.next())
                .startsWith("{\"database\":\"database\",\"version\":2,\"kind\":\"published\",\"writer\":\"")
                .doesNotContain("client");
        listener.close();
    }

    @Test
    void pageThatWroteIsNamed() {
        Listener listener = listen(alice, "");
        assertThat(listener.next()).contains("\"version\":null");
        application.post("/items", alice, "one", "X-Satchel-Client", "tab-1");

        assertThat(listener.next()).contains("\"version\":1").doesNotContain("client");
        assertThat(listener.next())
                .contains("\"version\":1,\"kind\":\"published\"")
                .endsWith("\"client\":\"tab-1\"}");

        application.get("/items", alice, "X-Satchel-Client", "tab-1");
        application.post("/items", alice, "two", "X-Satchel-Client", "\"tab\"");
        application.post("/items", alice, "three");

        assertThat(listener.next()).contains("\"version\":2").doesNotContain("client");
        assertThat(listener.next()).contains("\"version\":3").doesNotContain("client");
        listener.close();
    }

    @Test
    void whoResumesIsToldOfWhatThisNodeHasNotHeardOf() {
        application.post("/items", alice, "here");
        insertElsewhere();
        Listener listener = listen(alice, "?version=1");

        assertThat(listener.next()).as("what this node knows").contains("\"version\":1,\"kind\":\"current\"");
        assertThat(listener.next()).as("taken over, or what the store says").contains("\"version\":2");
        listener.close();
    }

    @Test
    void whileTheStoreIsSilentPagesConnectAndHearWhatHappens() {
        application.post("/items", alice, "here");
        insertElsewhere();
        List<Pause> silence = new ArrayList<>();
        List<Listener> listeners = new ArrayList<>();
        for (int i = 0; i < 6; i++) { // more than there are threads for asking
            String user = i == 0 ? alice : alice + "-" + i;
            silence.add(application
                    .faults()
                    .on(user + "/.*", Operation.GET, Operation.HEAD, Operation.LIST)
                    .always()
                    .pauseBefore());
            listeners.add(listen(user, "?version=1"));
        }

        assertThat(listeners.get(0).next()).contains("\"version\":1,\"kind\":\"current\"");
        listeners
                .subList(1, 6)
                .forEach(listener -> assertThat(listener.next()).contains("\"version\":null,\"kind\":\"current\""));
        silence.get(0).awaitReached();
        application
                .bean(VersionFeed.class)
                .publish(new VersionEvent(
                        DatabaseId.of(alice + "-5"), Version.of(7), VersionEvent.Kind.PUBLISHED, "another-node"));
        assertThat(listeners.get(5).next()).contains("\"version\":7,\"kind\":\"published\"");
        listeners.forEach(listener -> assertThat(listener.nextOfAnyKind()).contains("heartbeat"));

        silence.forEach(Pause::release);
        assertThat(listeners.get(0).next()).contains("\"version\":2");
        listeners
                .subList(1, 5)
                .forEach(listener -> assertThat(listener.next()).contains("\"version\":0,\"kind\":\"current\""));
        listeners.forEach(Listener::close);
    }

    @Test
    void whatThePageMissedIsToldWhenTheStoreIsBack() {
        application.post("/items", alice, "here");
        insertElsewhere();
        application.faults().on(alice + "/.*").always().inject(Fault.NOT_SENT);
        application.requests().reset();
        Listener listener = listen(alice, "?version=1");
        assertThat(listener.next()).contains("\"version\":1,\"kind\":\"current\"");
        while (application.requests().entries().stream()
                .noneMatch(request -> request.key().startsWith(alice + "/"))) {
            listener.nextOfAnyKind(); // a heartbeat later
        }

        application.faults().clear();

        assertThat(listener.next()).contains("\"version\":2");
        listener.close();
    }

    @Test
    void whatAnotherNodeTellsTheFeedIsTold() {
        Listener listener = listen(alice, "");
        listener.next();
        application
                .bean(VersionFeed.class)
                .publish(new VersionEvent(
                        DatabaseId.of(alice), Version.of(7), VersionEvent.Kind.PUBLISHED, "another-node"));

        assertThat(listener.next())
                .isEqualTo(
                        "{\"database\":\"database\",\"version\":7,\"kind\":\"published\",\"writer\":\"another-node\"}");
        listener.close();
    }

    @Test
    void nobodyListensToAnotherUser() {
        String bob = "bob-of-" + alice;
        Listener listener = listen(alice, "");
        listener.next();

        application.post("/items", bob, "his");
        application.post("/items", alice, "hers");

        assertThat(listener.next()).contains("\"version\":1,\"kind\":\"published\"");
        listener.close();
        assertThat(refusal(null, "", null)).isEqualTo(401);
        assertThat(refusal(alice, "?database=" + bob + "%2Fdatabase", null)).isEqualTo(403);
        assertThat(refusal(alice, "?version=newest", null)).isEqualTo(400);
        assertThat(application.get("/satchel/events", null).statusCode()).isEqualTo(401);
    }

    @Test
    void pagesOfOtherSitesMayNotListen() {
        assertThat(refusal(alice, "", "https://evil.example")).isEqualTo(403);
        assertThat(refusal(alice, "", "null")).isEqualTo(403);

        WebSocket own = http.newWebSocketBuilder()
                .header("X-User-ID", alice)
                .header("Origin", "https://localhost:" + application.port())
                .buildAsync(address("ws", ""), new Listener())
                .join();
        own.abort();
    }

    @Test
    void sameEventsComeAsServerSentEvents() throws Exception {
        application.post("/items", alice, "one");
        HttpResponse<InputStream> response = stream(alice, "");
        assertThat(response.headers().firstValue("Content-Type").orElse("")).startsWith("text/event-stream");
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            assertThat(nextEvent(lines))
                    .containsExactly("id: 1", "data: {\"database\":\"database\",\"version\":1,\"kind\":\"current\"}");
            application.post("/items", alice, "two");
            assertThat(nextEvent(lines)).first().isEqualTo("id: 2");
        }
        HttpResponse<InputStream> resumed = stream(alice, "1");
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(resumed.body(), StandardCharsets.UTF_8))) {
            assertThat(nextEvent(lines)).first().isEqualTo("id: 2");
            String line = lines.readLine();
            while (!line.contains("heartbeat")) {
                line = lines.readLine();
            }
        }
    }

    @Test
    void browsersAreToldToConnectAgainAtDifferentTimes() throws Exception {
        Set<String> pauses = new HashSet<>();
        for (int i = 0; i < 5; i++) {
            try (BufferedReader lines =
                    new BufferedReader(new InputStreamReader(stream(alice, "").body(), StandardCharsets.UTF_8))) {
                String first = lines.readLine();
                assertThat(first).matches("retry: [0-9]{4,5}");
                assertThat(Integer.parseInt(first.substring("retry: ".length())))
                        .isBetween(1_000, 10_000);
                pauses.add(first);
            }
        }
        assertThat(pauses).hasSizeGreaterThan(1);
    }

    @Test
    void moduleForThePageIsServed() {
        HttpResponse<String> module = application.get("/satchel/satchel.js", null);

        assertThat(module.statusCode()).isEqualTo(200);
        assertThat(ItemsClient.header(module, "Content-Type")).startsWith("text/javascript");
        assertThat(module.body()).contains("export function connect");
    }

    @Test
    void silentConnectionHearsAHeartbeat() {
        Listener listener = listen(alice, "");
        listener.next();

        assertThat(listener.nextOfAnyKind()).isEqualTo("{\"kind\":\"heartbeat\"}");
        listener.close();
    }

    @Test
    void whoDoesNotReadIsDroppedAndMayResume() throws Exception {
        VersionEvents events = application.bean(VersionEvents.class);
        application.post("/items", alice, "one");
        String bob = "bob-of-" + alice;
        Listener other = listen(bob, "");
        other.next();
        Listener asleep = new Listener(false);
        connect(alice, "", asleep);
        DatabaseId database = DatabaseId.of(alice);
        while (events.connections(database) == 0) {
            Thread.onSpinWait(); // The handshake is answered before the page is counted.
        }

        String writer = "w".repeat(16_000);
        for (int i = 2; events.connections(database) > 0; i++) {
            events.onEvent(new VersionEvent(database, Version.of(i), VersionEvent.Kind.APPLIED, writer));
            Thread.onSpinWait();
        }
        application.post("/items", alice, "two");
        application.post("/items", bob, "his");

        assertThat(other.next()).as("others are told all the same").contains("\"version\":1,\"kind\":\"published\"");
        other.close();
        // Whether the close frame finds room between what was not read is a matter of the two ends' buffers.
        asleep.close();

        Listener awake = listen(alice, "?version=1");
        assertThat(awake.next()).contains("\"version\":2,\"kind\":\"current\"");
        awake.close();
    }

    @Test
    void thousandIdleConnectionsNeedNoThreads() {
        VersionEvents events = application.bean(VersionEvents.class);
        int threads = Thread.activeCount();
        List<Listener> listeners = new ArrayList<>();
        for (int batch = 0; batch < 10; batch++) {
            List<CompletableFuture<WebSocket>> opening = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                Listener listener = new Listener();
                listeners.add(listener);
                opening.add(open("idle-" + batch + "-" + i, "", listener));
            }
            opening.forEach(CompletableFuture::join);
        }
        listeners.forEach(Listener::next);

        assertThat(events.connections()).isGreaterThanOrEqualTo(1000);
        assertThat(application
                        .bean(MeterRegistry.class)
                        .get("satchel.events.connections")
                        .gauge()
                        .value())
                .isGreaterThanOrEqualTo(1000);
        assertThat(Thread.activeCount() - threads).isLessThan(SERVER_THREADS + CLIENT_THREADS + 8);
        Listener one = listeners.get(500);
        application.post("/items", "idle-5-0", "one");
        assertThat(one.next()).contains("\"version\":1,\"kind\":\"published\"");
        listeners.forEach(listener -> assertThat(listener.nextOfAnyKind()).contains("heartbeat"));
        listeners.forEach(Listener::close);
    }

    @Test
    void nodeThatStopsSendsItsBrowsersAway() throws Exception {
        Listener listener = new Listener();
        BufferedReader lines;
        try (RunningItems stopping =
                RunningItems.start(BUCKET, folder.resolve("stopping"), "satchel.events.max-connections-per-user=2")) {
            URI address = URI.create("ws://localhost:" + stopping.port() + "/satchel/events");
            http.newWebSocketBuilder()
                    .header("X-User-ID", alice)
                    .buildAsync(address, listener)
                    .join();
            HttpRequest request = HttpRequest.newBuilder(
                            URI.create("http" + address.toString().substring(2)))
                    .header("X-User-ID", alice)
                    .build();
            lines = new BufferedReader(new InputStreamReader(
                    http.send(request, BodyHandlers.ofInputStream()).body(), StandardCharsets.UTF_8));
            listener.next();
            nextEvent(lines);

            HttpResponse<String> third = http.send(request, BodyHandlers.ofString());
            assertThat(third.statusCode()).isEqualTo(503);
            assertThat(third.headers().firstValue("Retry-After")).isPresent();
        }

        assertThat(listener.closed.get(60, TimeUnit.SECONDS)).isEqualTo(1001);
        assertThat(nextEvent(lines)).isEmpty();
    }

    private void insertElsewhere() {
        try (Satchel elsewhere =
                Satchel.builder(BUCKET, folder.resolve("elsewhere-" + alice)).build()) {
            ItemsApplication.insert(elsewhere, alice, "elsewhere");
        }
    }

    private static Listener listen(String user, String query) {
        Listener listener = new Listener();
        connect(user, query, listener);
        return listener;
    }

    private static void connect(String user, String query, Listener listener) {
        open(user, query, listener).join();
    }

    private static CompletableFuture<WebSocket> open(String user, String query, Listener listener) {
        return http.newWebSocketBuilder().header("X-User-ID", user).buildAsync(address("ws", query), listener);
    }

    private static int refusal(@Nullable String user, String query, @Nullable String origin) {
        WebSocket.Builder builder = http.newWebSocketBuilder();
        if (user != null) {
            builder.header("X-User-ID", user);
        }
        if (origin != null) {
            builder.header("Origin", origin);
        }
        AtomicInteger status = new AtomicInteger();
        assertThatThrownBy(() ->
                        builder.buildAsync(address("ws", query), new Listener()).join())
                .isInstanceOf(CompletionException.class)
                .satisfies(e -> status.set(((WebSocketHandshakeException) e.getCause())
                        .getResponse()
                        .statusCode()));
        return status.get();
    }

    private static HttpResponse<InputStream> stream(String user, String last) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(address("http", ""))
                .header("X-User-ID", user)
                .header("Accept", "text/event-stream")
                .header("Last-Event-ID", last)
                .build();
        return http.send(request, BodyHandlers.ofInputStream());
    }

    /** The lines of the next event that is neither a heartbeat nor about the connection itself, empty at the end. */
    private static List<String> nextEvent(BufferedReader lines) throws IOException {
        List<String> event = new ArrayList<>();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (!line.isEmpty()) {
                event.add(line);
            } else if (event.get(0).contains("heartbeat") || event.get(0).startsWith("retry:")) {
                event.clear();
            } else {
                return event;
            }
        }
        return event;
    }

    private static URI address(String scheme, String query) {
        return URI.create(scheme + "://localhost:" + application.port() + "/satchel/events" + query);
    }

    /** A page. */
    private static final class Listener implements WebSocket.Listener {
        final CompletableFuture<Integer> closed = new CompletableFuture<>();
        private final BlockingQueue<String> messages = new LinkedBlockingQueue<>();
        private final StringBuilder message = new StringBuilder();
        private final boolean awake;
        private volatile @Nullable WebSocket socket;

        Listener() {
            this(true);
        }

        Listener(boolean awake) {
            this.awake = awake;
        }

        @Override
        public void onOpen(WebSocket opened) {
            socket = opened;
            if (awake) {
                opened.request(Long.MAX_VALUE);
            }
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

        void close() {
            socket.abort();
        }

        String next() {
            String next = nextOfAnyKind();
            while (next.contains("heartbeat")) {
                next = nextOfAnyKind();
            }
            return next;
        }

        String nextOfAnyKind() {
            try {
                String next = messages.poll(60, TimeUnit.SECONDS);
                assertThat(next).as("next message").isNotNull();
                return next;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError(e);
            }
        }
    }
}
