package dev.satchel.testkit.torture;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.satchel.ConflictPolicy;
import dev.satchel.CorruptException;
import dev.satchel.DatabaseId;
import dev.satchel.Durability;
import dev.satchel.Freshness;
import dev.satchel.SatchelConfig;
import dev.satchel.SatchelMetrics;
import dev.satchel.Session;
import dev.satchel.SessionResult;
import dev.satchel.Version;
import dev.satchel.VersionEvent;
import dev.satchel.VersionFeed;
import dev.satchel.internal.replica.ReplicaFiles;
import dev.satchel.internal.sync.Engine;
import dev.satchel.internal.sync.ProtocolRule;
import dev.satchel.internal.sync.Surroundings;
import dev.satchel.store.DirectoryObjectStore;
import dev.satchel.store.ObjectStore;
import dev.satchel.store.ObjectStores;
import dev.satchel.testkit.FaultyObjectStore;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The program of a node process: an engine for each conflict policy, side by side on one disk, behind HTTP on the loopback
 * interface. Says on its standard output when it is ready and when it has come to the point at which it is to be killed. Ends with
 * its standard input, so that it never outlives whoever started it.
 *
 * <p>Each answer says what it promises in {@value #STATUS_HEADER}, the version it reflects in {@value #VERSION_HEADER}, and the
 * disk it was given on.
 */
public final class TortureNode {
    static final String STATUS_HEADER = "X-Sync-Status";
    static final String VERSION_HEADER = "X-Satchel-Version";
    static final String DISK_HEADER = "X-Disk";
    static final String READY = "ready ";
    static final String REACHED = "reached ";

    static final Duration STORE_TIMEOUT = Duration.ofSeconds(2);
    private static final Duration LOCAL_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration VERIFY_WINDOW = Duration.ofSeconds(2);
    private static final Duration LOOK_AROUND = Duration.ofMillis(100);
    private static final Duration IMAGE_IDLE = Duration.ofMillis(300);
    private static final Duration CLOSE_IDLE = Duration.ofSeconds(2);
    private static final int IMAGE_EVERY = 16;
    private static final int OPEN_DATABASES = 4;
    private static final long LOCAL_BYTES = 1L << 30;
    private static final long OUTAGE_MILLIS = 2 * STORE_TIMEOUT.toMillis();
    private static final double GARBLED = 0.03;
    private static final int THREADS = 32;
    private static final long HELD_NANOS = 20_000_000;

    private final NodeSettings settings;
    private final KillPoints points = new KillPoints(point -> say(REACHED + point.name()));
    private final FaultyObjectStore faulty;
    private final ObjectStore store;
    private final NodeFaults faults;
    private final ScheduledExecutorService weather = Executors.newSingleThreadScheduledExecutor();
    private final Map<ConflictPolicy, Engine> engines = new EnumMap<>(ConflictPolicy.class);
    private final HttpServer server;

    private TortureNode(NodeSettings settings) throws IOException {
        this.settings = settings;
        points.arm(settings.armed());
        faulty = new FaultyObjectStore(new GarblingStore(open(settings.store()), settings.seed(), garbled(settings)));
        faults = new NodeFaults(faulty, settings.seed(), settings.damaging(), OUTAGE_MILLIS, settings.switchedOff());
        if (settings.faulty()) {
            faults.begin(weather);
        }
        store = new KillPointStore(faulty, points, settings.folder());
        for (ConflictPolicy policy : ConflictPolicy.values()) {
            engines.put(policy, engine(policy));
        }
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newFixedThreadPool(THREADS));
        server.createContext("/", this::handle);
    }

    /** Runs until it is killed, terminated, or its standard input ends. */
    public static void main(String[] arguments) throws IOException {
        TortureNode node = new TortureNode(NodeSettings.of(arguments));
        Runtime.getRuntime().addShutdownHook(new Thread(node::shutDown));
        node.server.start();
        say(READY + node.server.getAddress().getPort());
        while (System.in.read() >= 0) {
            // Nothing is ever said here.
        }
        Runtime.getRuntime().halt(1);
    }

    /** The folder of one policy's databases on a disk. */
    static Path folder(Path disk, ConflictPolicy policy) {
        return disk.resolve(policy.name().toLowerCase(Locale.ROOT));
    }

    /** The databases of a disk that still owe something to the store. */
    static Set<DatabaseId> owing(Path disk) throws IOException {
        return pending(disk).keySet();
    }

    /** The same, and how many commits. */
    static Map<DatabaseId, Long> pending(Path disk) throws IOException {
        Map<DatabaseId, Long> pending = new HashMap<>();
        for (ConflictPolicy policy : ConflictPolicy.values()) {
            Path folder = folder(disk, policy);
            if (Files.isDirectory(folder)) {
                for (DatabaseId id : ReplicaFiles.withSpool(folder)) {
                    // A killed process may leave one that it had only begun to write.
                    String[] files =
                            new ReplicaFiles(folder, id).spool().toFile().list();
                    long commits = files == null
                            ? 0
                            : Arrays.stream(files)
                                    .filter(file -> file.endsWith(".commit"))
                                    .count();
                    if (commits > 0) {
                        pending.merge(id, commits, Long::sum);
                    }
                }
            }
        }
        return pending;
    }

    private static double garbled(NodeSettings settings) {
        if (settings.switchedOff() == ProtocolRule.CONTENT_IS_CHECKED) {
            return 10 * GARBLED;
        }
        return settings.damaging() ? GARBLED : 0;
    }

    /** A folder is not forced to the disk: that matters when the power fails, and here only processes die. */
    private static ObjectStore open(String location) {
        return ObjectStores.folder(location)
                .<ObjectStore>map(folder -> new DirectoryObjectStore(folder, false))
                .orElseGet(() -> ObjectStores.open(location, System.getenv()));
    }

    private Engine engine(ConflictPolicy policy) {
        return Engine.start(
                store,
                folder(settings.folder(), policy),
                SatchelConfig.defaults()
                        .withConflictPolicy(policy)
                        .withLocalBounds(OPEN_DATABASES, LOCAL_BYTES)
                        .withTimeouts(STORE_TIMEOUT, LOCAL_TIMEOUT)
                        .withVerifyWindow(VERIFY_WINDOW)
                        .withIdle(IMAGE_EVERY, IMAGE_IDLE, CLOSE_IDLE),
                SatchelMetrics.NONE,
                InstantSource.offset(InstantSource.system(), settings.clockSkew()),
                settings.disk(),
                Rows.schema(() -> points.reached(KillPoint.IN_SCHEMA_MIGRATION)),
                List.of(event -> {
                    if (event.kind() == VersionEvent.Kind.APPLIED) {
                        points.reached(KillPoint.AFTER_APPLYING);
                    }
                }),
                VersionFeed.inProcess(),
                surroundings());
    }

    private Surroundings surroundings() {
        Surroundings surroundings = new Surroundings(System::nanoTime, new SecureRandom(), LOOK_AROUND);
        ProtocolRule rule = settings.switchedOff();
        return rule == null ? surroundings : surroundings.breaking(Set.of(rule));
    }

    private void shutDown() {
        points.reached(KillPoint.IN_SHUTDOWN);
        server.stop(0);
        weather.shutdownNow();
        faults.end();
        engines.values().forEach(Engine::close);
        store.close();
    }

    private static synchronized void say(String line) {
        System.out.println(line);
        System.out.flush();
    }

    // ---- HTTP -------------------------------------------------------------------------------------------------------

    /** What a request gets. */
    private record Answer(Promise promise, Version version, String text) {
        static Answer of(SessionResult result, String text) {
            return new Answer(Promise.of(result), result.version(), text);
        }
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            Map<String, String> query = query(exchange.getRequestURI().getRawQuery());
            Answer answer;
            try {
                answer = answer(exchange.getRequestURI().getPath(), query);
            } catch (RuntimeException | SQLException e) {
                answer = failed(e);
            }
            if (answer.promise() == Promise.PENDING) {
                points.reached(KillPoint.BEFORE_PENDING_ANSWER);
            } else if (answer.promise() == Promise.DURABLE && query.containsKey("key")) {
                points.reached(KillPoint.BEFORE_DURABLE_ANSWER);
            }
            exchange.getResponseHeaders().set(STATUS_HEADER, answer.promise().token());
            exchange.getResponseHeaders().set(VERSION_HEADER, answer.version().toString());
            exchange.getResponseHeaders().set(DISK_HEADER, settings.disk());
            byte[] body = answer.text().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(answer.promise().code(), body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        }
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

    private Answer failed(Exception failure) {
        Promise promise = Promise.of(failure);
        if (failure instanceof CorruptException && settings.damaging()) {
            promise = Promise.BUSY; // It was told so by what arrived.
        }
        return new Answer(promise, Version.NONE, failure.toString());
    }

    private Answer answer(String path, Map<String, String> query) throws SQLException {
        switch (path) {
            case "/arm" -> {
                points.arm(KillPoint.ofNames(required(query, "points")));
                return new Answer(Promise.DURABLE, Version.NONE, "");
            }
            case "/calm" -> {
                weather.shutdownNow();
                faults.end();
                return new Answer(Promise.DURABLE, Version.NONE, "");
            }
            default -> {
                ConflictPolicy policy = ConflictPolicy.valueOf(required(query, "policy"));
                Engine engine = java.util.Objects.requireNonNull(engines.get(policy));
                return answer(path, engine, DatabaseId.of(required(query, "user")), query);
            }
        }
    }

    private Answer answer(String path, Engine engine, DatabaseId id, Map<String, String> query) throws SQLException {
        return switch (path) {
            case "/write" ->
                write(engine, id, required(query, "key"), Durability.valueOf(required(query, "durability")));
            case "/repeat" -> repeat(engine, id, required(query, "key"));
            case "/read" -> read(engine.open(id, freshness(query), Durability.DURABLE), query.containsKey("hold"));
            case "/look" -> look(engine, id);
            default -> new Answer(Promise.BROKEN, Version.NONE, "no such path: " + path);
        };
    }

    private static String required(Map<String, String> query, String name) {
        return java.util.Objects.requireNonNull(query.get(name), name);
    }

    private static Freshness freshness(Map<String, String> query) {
        return switch (required(query, "freshness")) {
            case "at-least" -> Freshness.atLeast(Version.parse(required(query, "version")));
            case "local" -> Freshness.local();
            default -> Freshness.latest();
        };
    }

    private Answer write(Engine engine, DatabaseId id, String key, Durability durability) throws SQLException {
        try (Session session = engine.open(id, Freshness.latest(), durability)) {
            try (Connection connection = session.connection()) {
                Rows.add(connection, key);
            }
            points.reached(KillPoint.AFTER_LOCAL_COMMIT);
            if (durability == Durability.DEFERRED) {
                points.reached(KillPoint.WHILE_SPOOLING);
            }
            return Answer.of(session.complete(), "");
        }
    }

    private static Answer repeat(Engine engine, DatabaseId id, String key) throws SQLException {
        engine.<Boolean, SQLException>write(id, session -> {
            try (Connection connection = session.connection()) {
                Rows.add(connection, key);
                return true;
            }
        });
        return new Answer(Promise.DURABLE, Version.NONE, "");
    }

    /** Reads twice, and no session may see two versions. */
    private Answer read(Session opened, boolean hold) throws SQLException {
        try (Session session = opened) {
            Set<String> rows = rows(session);
            if (hold) {
                LockSupport.parkNanos(HELD_NANOS);
                String moved = moved(rows, rows(session));
                if (!moved.isEmpty()) {
                    return new Answer(Promise.BROKEN, session.version(), moved);
                }
            }
            return Answer.of(session.complete(), String.join("\n", rows));
        }
    }

    private static Set<String> rows(Session session) throws SQLException {
        try (Connection connection = session.connection()) {
            return Rows.all(connection);
        }
    }

    /** What happened to the rows while a session held them, other than by commits of this node. */
    private String moved(Set<String> before, Set<String> after) {
        Set<String> gone = new HashSet<>(before);
        gone.removeAll(after);
        Set<String> come = new HashSet<>(after);
        come.removeAll(before);
        come.removeIf(key -> key.startsWith(settings.disk() + "-"));
        return gone.isEmpty() && come.isEmpty()
                ? ""
                : "two versions in one session: rows gone " + gone + ", rows of other nodes come " + come;
    }

    private static Answer look(Engine engine, DatabaseId id) throws SQLException {
        Set<String> rows = engine.<Set<String>, SQLException>write(id, TortureNode::rows);
        return new Answer(Promise.DURABLE, Version.NONE, String.join("\n", rows));
    }
}
