package dev.satchel.spring.web;

import dev.satchel.DatabaseId;
import dev.satchel.DatabaseStatus;
import dev.satchel.Satchel;
import dev.satchel.SessionResult;
import dev.satchel.UserId;
import dev.satchel.Version;
import dev.satchel.VersionEvent;
import dev.satchel.VersionFeed;
import dev.satchel.VersionListener;
import dev.satchel.spring.web.EventConnection.Closing;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Tells browsers what happens to the databases whose pages they show. One thread sends to all of them and never waits for any:
 * whoever does not read is dropped and may resume. Neither a commit nor a request ever waits for a browser.
 *
 * <p>The first message of a connection names the newest version that this node knows, and comes at once. For a connection that says
 * from which version it resumes, when this node knows of nothing newer, the store is asked, by a session with
 * {@link dev.satchel.Freshness#latest()} on a small pool; what it says comes when it is there, however long the store is silent.
 *
 * <p>Can be stopped and started again, until it is closed. Thread-safe.
 */
public final class VersionEvents implements VersionListener, SmartLifecycle, AutoCloseable {
    /** The request header by which a page says which of the user's pages it is. */
    public static final String CLIENT_HEADER = "X-Satchel-Client";

    private static final Logger log = LoggerFactory.getLogger(VersionEvents.class);
    private static final Pattern CLIENT = Pattern.compile("[A-Za-z0-9-]{1,64}");
    private static final long STOP_SECONDS = 5;
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    private final Satchel satchel;
    private final VersionFeed feed;
    private final Settings settings;
    private final ScheduledExecutorService dispatcher;
    private final ExecutorService blocking;
    private final RandomGenerator random;
    private final LongSupplier nanoTime;
    private final NewestVersions newest;
    private final Map<DatabaseId, Set<EventConnection>> connections = new ConcurrentHashMap<>();
    private final Map<UserId, Integer> perUser = new ConcurrentHashMap<>();
    private final AtomicInteger places = new AtomicInteger();
    private VersionFeed.@Nullable Subscription otherNodes;
    private @Nullable Future<?> heartbeats;
    private volatile boolean running;
    private volatile boolean turningAway;
    /** While this stops: completed when no browser listens any more. */
    private volatile @Nullable CompletableFuture<@Nullable Void> allGone;

    /**
     * What bounds the connections.
     *
     * @param heartbeat how often each connection hears something
     * @param lifetime after how long a connection must be made anew, and so be authorised anew
     * @param maxConnections how many there may be on this node
     * @param maxConnectionsPerUser how many one user may have on this node
     */
    public record Settings(Duration heartbeat, Duration lifetime, int maxConnections, int maxConnectionsPerUser) {}

    /**
     * Events of a node.
     *
     * @param feed what other nodes do
     * @param dispatcher one thread, for everything that does not block
     * @param blocking a few threads, of which {@value NewestVersions#AT_ONCE} may be asking the store and the others close
     *     connections; both are shut down by {@link #close()}
     * @param random spreads when browsers come back; used by several threads at once
     */
    public VersionEvents(
            Satchel satchel,
            VersionFeed feed,
            Settings settings,
            ScheduledExecutorService dispatcher,
            ExecutorService blocking,
            RandomGenerator random,
            LongSupplier nanoTime) {
        this.satchel = Objects.requireNonNull(satchel, "satchel");
        this.feed = Objects.requireNonNull(feed, "feed");
        this.settings = Objects.requireNonNull(settings, "settings");
        this.dispatcher = Objects.requireNonNull(dispatcher, "dispatcher");
        this.blocking = Objects.requireNonNull(blocking, "blocking");
        this.random = Objects.requireNonNull(random, "random");
        this.nanoTime = Objects.requireNonNull(nanoTime, "nanoTime");
        Duration heartbeat = settings.heartbeat();
        Duration pause = heartbeat.compareTo(LONGEST_PAUSE) < 0 ? heartbeat : LONGEST_PAUSE;
        this.newest = new NewestVersions(satchel, dispatcher, blocking, pause, connections::containsKey, this::isAt);
    }

    /** How many browsers listen. */
    public int connections() {
        return places.get();
    }

    /** How many browsers listen to what happens to a database. */
    public int connections(DatabaseId database) {
        return connections.getOrDefault(database, Set.of()).size();
    }

    @Override
    public void onEvent(VersionEvent event) {
        if (connections.containsKey(event.database())) {
            tell(event.database(), EventMessage.of(event));
        }
    }

    /**
     * An observer of requests that tells a user's other pages which page a commit came from, since two pages' changes may share
     * one version, and passes everything on.
     */
    public SyncObserver before(SyncObserver next) {
        return new SyncObserver() {
            @Override
            public void answerLeftEarly() {
                next.answerLeftEarly();
            }

            @Override
            public void answerBrokenOff() {
                next.answerBrokenOff();
            }

            @Override
            public void saved(HttpServletRequest request, DatabaseId database, SessionResult result) {
                VersionEvents.this.saved(request, database, result);
                next.saved(request, database, result);
            }
        };
    }

    private void saved(HttpServletRequest request, DatabaseId database, SessionResult result) {
        String client = request.getHeader(CLIENT_HEADER);
        if (client != null
                && result.committed()
                && connections.containsKey(database)
                && CLIENT.matcher(client).matches()) {
            tell(database, EventMessage.saved(database, result.version(), satchel.writer(), client));
        }
    }

    private void tell(DatabaseId database, EventMessage message) {
        execute(dispatcher, () -> {
            for (EventConnection connection : connections.getOrDefault(database, Set.of())) {
                send(connection, message);
            }
        });
    }

    /** A database is at a version, says the store: told to those who have not been told as much. */
    private void isAt(DatabaseId database, Version version) {
        for (EventConnection connection : connections.getOrDefault(database, Set.of())) {
            if (!connection.hasHeardOf(version)) {
                send(connection, EventMessage.current(database, Optional.of(version)));
            }
        }
    }

    private void send(EventConnection connection, EventMessage message) {
        try {
            if (!connection.offer(message)) {
                log.debug("browser does not read what it is sent, dropped database={}", connection.database());
                close(connection, Closing.SLOW);
                remove(connection);
            }
        } catch (RuntimeException e) {
            broken(connection, e);
        }
    }

    private void close(EventConnection connection, Closing reason) {
        try {
            connection.close(reason);
        } catch (RuntimeException e) {
            broken(connection, e);
        }
    }

    private void broken(EventConnection connection, RuntimeException e) {
        log.warn("browser could not be told", e);
        connection.gone();
        remove(connection);
    }

    /** Whether there is a place for a connection of a user now. */
    boolean hasRoom(UserId user) {
        return running
                && places.get() < settings.maxConnections()
                && perUser.getOrDefault(user, 0) < settings.maxConnectionsPerUser();
    }

    /** Takes a place for a connection of a user, which {@link #free} gives back; false if there is none. */
    boolean reserve(UserId user) {
        if (!running || turningAway) {
            return false;
        }
        if (places.incrementAndGet() > settings.maxConnections()) {
            places.decrementAndGet();
            return false;
        }
        if (perUser.merge(user, 1, Integer::sum) > settings.maxConnectionsPerUser()) {
            free(user);
            return false;
        }
        return true;
    }

    void free(UserId user) {
        perUser.computeIfPresent(user, (ignored, count) -> count == 1 ? null : count - 1);
        int left = places.decrementAndGet();
        CompletableFuture<@Nullable Void> awaited = allGone;
        if (left == 0 && awaited != null) {
            awaited.complete(null);
        }
    }

    /** Lets a connection, for which there is a place, hear of everything from now on, beginning with the newest version. */
    void add(EventConnection connection, Optional<Version> last) {
        DatabaseId database = connection.database();
        connections.compute(database, (ignored, known) -> {
            Set<EventConnection> all = known == null ? ConcurrentHashMap.newKeySet() : known;
            all.add(connection);
            return all;
        });
        if (!running || turningAway) {
            execute(dispatcher, () -> close(connection, Closing.STOPPING));
            return;
        }
        Optional<Version> here = satchel.status(database).map(DatabaseStatus::version);
        // A page that knows more than this node is not told less.
        Optional<Version> known =
                here.filter(version -> last.isEmpty() || !last.get().isAfter(version));
        boolean resumes = last.isPresent()
                && !known.map(version -> version.isAfter(last.get())).orElse(false);
        execute(dispatcher, () -> {
            connection.greet(EventMessage.current(database, known));
            if (resumes) {
                newest.ask(database);
            }
        });
    }

    /** Forgets a connection and gives its place back; again is harmless. */
    void remove(EventConnection connection) {
        connections.computeIfPresent(connection.database(), (database, known) -> {
            if (known.remove(connection)) {
                free(database.user());
            }
            return known.isEmpty() ? null : known;
        });
    }

    private void beat() {
        try {
            tellAllAlive();
        } catch (RuntimeException e) {
            log.warn("heartbeat failed", e); // and the next one must come
        }
    }

    private void tellAllAlive() {
        long now = nanoTime.getAsLong();
        for (Set<EventConnection> some : connections.values()) {
            for (EventConnection connection : some) {
                if (connection.isGone()) {
                    remove(connection);
                } else if (now - connection.openedNanos() >= settings.lifetime().toNanos()) {
                    close(connection, Closing.LIFETIME);
                } else {
                    send(connection, EventMessage.HEARTBEAT);
                }
            }
        }
    }

    Executor dispatcher() {
        return dispatcher;
    }

    Executor blocking() {
        return blocking;
    }

    RandomGenerator random() {
        return random;
    }

    long nanoTime() {
        return nanoTime.getAsLong();
    }

    private static boolean execute(Executor executor, Runnable work) {
        try {
            executor.execute(work);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    /** The feed tells of this node's own events too, of which {@link #onEvent} hears from the node itself. */
    private void onFeed(VersionEvent event) {
        if (!event.writer().equals(satchel.writer())) {
            onEvent(event);
        }
    }

    @Override
    public void start() {
        if (running) {
            return;
        }
        otherNodes = feed.subscribe(this::onFeed);
        long pause = settings.heartbeat().toNanos();
        heartbeats = dispatcher.scheduleWithFixedDelay(this::beat, pause, pause, TimeUnit.NANOSECONDS);
        running = true;
    }

    /** Tells every browser to connect again, which this node refuses until {@link #admit()}: they go to another one. */
    void turnAway() {
        turningAway = true;
        closeAll();
    }

    /** Lets browsers listen again. */
    void admit() {
        turningAway = false;
    }

    private void closeAll() {
        execute(
                dispatcher,
                () -> connections.values().forEach(some -> some.forEach(one -> close(one, Closing.STOPPING))));
    }

    /**
     * Tells every browser to connect again, to another node if there is one, and waits a few seconds until they are told. Comes before
     * the server waits for its requests.
     */
    @Override
    public void stop() {
        running = false;
        if (otherNodes != null) {
            otherNodes.close();
        }
        if (heartbeats != null) {
            heartbeats.cancel(false);
        }
        CompletableFuture<@Nullable Void> told = new CompletableFuture<>();
        allGone = told;
        closeAll();
        if (places.get() > 0) {
            await(told);
        }
        allGone = null;
        execute(dispatcher, this::forgetAll);
    }

    private static void await(Future<?> told) {
        try {
            told.get(STOP_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            log.debug("browsers are still being told");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Nobody waits for those who did not hear it. */
    private void forgetAll() {
        newest.forget();
        connections
                .values()
                .forEach(some -> some.forEach(one -> {
                    one.gone();
                    remove(one);
                }));
    }

    /** Ends what it runs on; it cannot be started again. */
    @Override
    public void close() {
        if (running) {
            stop();
        }
        dispatcher.shutdown();
        blocking.shutdown();
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** The first to stop: open connections are requests that would otherwise be waited for. */
    @Override
    public int getPhase() {
        return Integer.MAX_VALUE;
    }
}
