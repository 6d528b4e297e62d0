package dev.satchel.testkit.cluster;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.satchel.BusyException;
import dev.satchel.ClosedException;
import dev.satchel.ConflictException;
import dev.satchel.ConflictPolicy;
import dev.satchel.DatabaseId;
import dev.satchel.Durability;
import dev.satchel.Freshness;
import dev.satchel.OutcomeUnknownException;
import dev.satchel.Satchel;
import dev.satchel.SatchelConfig;
import dev.satchel.Session;
import dev.satchel.SessionResult;
import dev.satchel.ShutdownReport;
import dev.satchel.StoreRefusedException;
import dev.satchel.SyncStatus;
import dev.satchel.UnavailableException;
import dev.satchel.Version;
import dev.satchel.VersionFeed;
import dev.satchel.store.ObjectStores;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The program of a node process: an application with one {@link Satchel} behind HTTP on the loopback interface. SIGTERM drains it: it
 * says that it is not ready any more, serves for a moment longer, finishes what it has begun, uploads what is owed, tells how it left
 * its databases, and ends. It also ends with its standard input, so that it never outlives whoever started it.
 */
public final class ClusterNode {
    static final String READY = "ready ";
    static final String DRAINED = "drained ";

    static final String CHANGE = "/change";
    static final String CHANGES = "/changes";
    static final String READINESS = "/ready";

    static final String VERSION_HEADER = "X-Satchel-Version";
    static final String SHOWN_HEADER = "X-Satchel-Shown";
    /** Store requests that the request made on its own thread. */
    static final String REQUESTS_HEADER = "X-Store-Requests";
    /** Store requests of the process so far. */
    static final String ALL_REQUESTS_HEADER = "X-Store-Requests-Of-Node";
    /** When the version was given to the feed. */
    static final String PUBLISHED_HEADER = "X-Published-Micros";

    static final int OK = 200;
    static final int CONFLICT = 409;
    static final int BROKEN = 500;
    static final int UNAVAILABLE = 503;

    /** How stale a read may be that asks for no certain version. */
    static final Duration STALE = Duration.ofSeconds(5);

    private static final long LOCAL_BYTES = 4L << 30;
    private static final int THREADS = 32;
    private static final long FINISHING_NANOS = Duration.ofSeconds(20).toNanos();
    private static final long LOOK_MILLIS = 5;

    private final NodeArguments arguments;
    private final RequestCounter store;
    private final TimedFeed feed;
    private final Satchel satchel;
    private final HttpServer server;
    private final AtomicInteger running = new AtomicInteger();
    private volatile boolean leaving;

    private ClusterNode(NodeArguments arguments, Function<String, VersionFeed> feeds) throws IOException {
        this.arguments = arguments;
        store = new RequestCounter(ObjectStores.open(arguments.store(), System.getenv()));
        feed = new TimedFeed(arguments.feed() == null ? VersionFeed.inProcess() : feeds.apply(arguments.feed()));
        satchel = Satchel.builder(store, arguments.folder())
                .config(SatchelConfig.defaults()
                        .withConflictPolicy(ConflictPolicy.REJECT)
                        .withLocalBounds(arguments.openDatabases(), LOCAL_BYTES))
                .node(arguments.name())
                .schema(Changes.schema())
                .feed(feed)
                .build();
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newFixedThreadPool(THREADS));
        server.createContext("/", this::handle);
    }

    /** A node without a feed; see {@link #run}. */
    public static void main(String[] arguments) throws IOException {
        run(arguments, feed -> {
            throw new IllegalArgumentException("this program knows no feeds: " + feed);
        });
    }

    /**
     * Runs until it is killed, terminated, or its standard input ends.
     *
     * @param arguments as {@link ClusterCheck} gives them
     * @param feeds opens the feed at a location
     */
    public static void run(String[] arguments, Function<String, VersionFeed> feeds) throws IOException {
        ClusterNode node = new ClusterNode(NodeArguments.of(arguments), feeds);
        Runtime.getRuntime().addShutdownHook(new Thread(node::leave));
        node.server.start();
        say(READY + node.server.getAddress().getPort());
        while (System.in.read() >= 0) {
            // Nothing is ever said here.
        }
        Runtime.getRuntime().halt(1);
    }

    private static synchronized void say(String line) {
        System.out.println(line);
        System.out.flush();
    }

    private void leave() {
        leaving = true;
        try {
            Thread.sleep(arguments.notice().toMillis()); // Whoever sends requests has to notice.
            long deadline = System.nanoTime() + FINISHING_NANOS;
            while (running.get() > 0 && System.nanoTime() - deadline < 0) {
                Thread.sleep(LOOK_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        server.stop(0);
        ShutdownReport report =
                satchel.shutDown(SatchelConfig.defaults().storeTimeout().multipliedBy(2));
        feed.close();
        store.close();
        say(DRAINED + new DrainReport(arguments.name(), report).toLine());
    }

    // ---- HTTP -------------------------------------------------------------------------------------------------------

    private record Answer(int code, Version version, Version shown, String text) {}

    private void handle(HttpExchange exchange) throws IOException {
        running.incrementAndGet();
        try (exchange) {
            if (leaving) {
                exchange.getResponseHeaders().set("Connection", "close");
            }
            long before = store.ofThisThread();
            Map<String, String> query = query(exchange.getRequestURI().getRawQuery());
            Answer answer;
            try {
                answer = answer(exchange.getRequestURI().getPath(), query);
            } catch (Exception e) {
                answer = failed(e);
            }
            set(exchange, VERSION_HEADER, answer.version().number());
            set(exchange, SHOWN_HEADER, answer.shown().number());
            set(exchange, REQUESTS_HEADER, store.ofThisThread() - before);
            set(exchange, ALL_REQUESTS_HEADER, store.all());
            if (query.containsKey("key")) {
                feed.published(DatabaseId.of(required(query, "user")), answer.version())
                        .ifPresent(micros -> set(exchange, PUBLISHED_HEADER, micros));
            }
            byte[] body = answer.text().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(answer.code(), body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        } finally {
            running.decrementAndGet();
        }
    }

    private static void set(HttpExchange exchange, String header, long value) {
        exchange.getResponseHeaders().set(header, Long.toString(value));
    }

    private static Map<String, String> query(@Nullable String raw) {
        Map<String, String> query = new HashMap<>();
        if (raw != null) {
            for (String pair : raw.split("&", -1)) {
                int equals = pair.indexOf('=');
                query.put(
                        pair.substring(0, equals),
                        URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
            }
        }
        return query;
    }

    private static Answer failed(Exception failure) {
        if (failure instanceof ConflictException conflict) {
            return new Answer(CONFLICT, conflict.conflict().head(), Version.NONE, conflict.toString());
        }
        boolean passes = failure instanceof BusyException
                || failure instanceof UnavailableException
                || failure instanceof StoreRefusedException
                || failure instanceof OutcomeUnknownException
                || failure instanceof ClosedException;
        return new Answer(passes ? UNAVAILABLE : BROKEN, Version.NONE, Version.NONE, failure.toString());
    }

    private Answer answer(String path, Map<String, String> query) throws Exception {
        return switch (path) {
            case READINESS -> new Answer(leaving ? UNAVAILABLE : OK, Version.NONE, Version.NONE, "");
            case CHANGE -> change(DatabaseId.of(required(query, "user")), freshness(query), required(query, "key"));
            case CHANGES -> changes(DatabaseId.of(required(query, "user")), freshness(query));
            default -> new Answer(BROKEN, Version.NONE, Version.NONE, "no such path: " + path);
        };
    }

    private static String required(Map<String, String> query, String name) {
        return Objects.requireNonNull(query.get(name), name);
    }

    private static Freshness freshness(Map<String, String> query) {
        return switch (Asked.valueOf(required(query, "asked"))) {
            case BOOKMARK -> Freshness.atLeast(Version.parse(required(query, "bookmark")));
            case LATEST -> Freshness.latest();
            case STALE -> Freshness.within(STALE);
        };
    }

    private Answer change(DatabaseId id, Freshness freshness, String key) throws Exception {
        try (Session session = satchel.open(id, freshness, Durability.DURABLE)) {
            try (var connection = session.connection()) {
                Changes.add(connection, key);
            }
            return of(session.complete(), "");
        }
    }

    private Answer changes(DatabaseId id, Freshness freshness) throws Exception {
        try (Session session = satchel.open(id, freshness, Durability.DURABLE)) {
            List<String> keys;
            try (var connection = session.connection()) {
                keys = Changes.all(connection);
            }
            return of(session.complete(), String.join("\n", keys));
        }
    }

    private static Answer of(SessionResult result, String text) {
        return result.status() == SyncStatus.SYNCED
                ? new Answer(OK, result.version(), result.shown(), text)
                : new Answer(BROKEN, result.version(), result.shown(), "a durable session ended as " + result.status());
    }
}
