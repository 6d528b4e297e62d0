package dev.satchel.spring.web;

import dev.satchel.DatabaseId;
import dev.satchel.DatabaseStatus;
import dev.satchel.Satchel;
import dev.satchel.SatchelException;
import dev.satchel.Session;
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
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Tells browsers what happens to the databases whose pages they show. One thread sends to all of them and never waits for any:
 * whoever does not read is dropped and may resume. Neither a commit nor a request ever waits for a browser.
 *
 * <p>The first message of a connection names the newest version. A connection that says from which version it resumes, when this
 * node knows of nothing newer, costs one session with {@link dev.satchel.Freshness#latest()}, on a small pool. Thread-safe.
 */
public final class VersionEvents implements VersionListener, SmartLifecycle {
    /** The request header by which a page says which of the user's pages it is. */
    public static final String CLIENT_HEADER = "X-Satchel-Client";

    private static final Logger log = LoggerFactory.getLogger(VersionEvents.class);
    private static final Pattern CLIENT = Pattern.compile("[A-Za-z0-9-]{1,64}");
    private static final long STOP_SECONDS = 5;

    private final Satchel satchel;
    private final VersionFeed feed;
    private final Settings settings;
    private final ScheduledExecutorService dispatcher;
    private final ExecutorService blocking;
    private final LongSupplier nanoTime;
    private final Map<DatabaseId, Set<EventConnection>> connections = new ConcurrentHashMap<>();
    private final Map<UserId, Integer> perUser = new ConcurrentHashMap<>();
    private final AtomicInteger places = new AtomicInteger();
    private VersionFeed.@Nullable Subscription otherNodes;
    private volatile boolean running;
    private volatile boolean turningAway;

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
     * @param blocking a few threads, for asking the store and for closing; both are shut down by {@link #stop()}
     */
    public VersionEvents(
            Satchel satchel,
            VersionFeed feed,
            Settings settings,
            ScheduledExecutorService dispatcher,
            ExecutorService blocking,
            LongSupplier nanoTime) {
        this.satchel = Objects.requireNonNull(satchel, "satchel");
        this.feed = Objects.requireNonNull(feed, "feed");
        this.settings = Objects.requireNonNull(settings, "settings");
        this.dispatcher = Objects.requireNonNull(dispatcher, "dispatcher");
        this.blocking = Objects.requireNonNull(blocking, "blocking");
        this.nanoTime = Objects.requireNonNull(nanoTime, "nanoTime");
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

    private void send(EventConnection connection, EventMessage message) {
        try {
            if (!connection.offer(message)) {
                log.debug("browser does not read what it is sent, dropped database={}", connection.database());
                connection.close(Closing.SLOW);
                remove(connection);
            }
        } catch (RuntimeException e) {
            log.warn("browser could not be told", e);
            connection.gone();
            remove(connection);
        }
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
        places.decrementAndGet();
        perUser.computeIfPresent(user, (ignored, count) -> count == 1 ? null : count - 1);
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
            execute(dispatcher, () -> connection.close(Closing.STOPPING));
            return;
        }
        Optional<Version> here = here(database);
        if (last.isEmpty() || here.isPresent() && here.get().isAfter(last.get())) {
            greet(connection, here);
        } else if (!execute(blocking, () -> greet(connection, newest(database)))) {
            greet(connection, here);
        }
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

    private void greet(EventConnection connection, Optional<Version> newest) {
        execute(dispatcher, () -> connection.greet(EventMessage.current(connection.database(), newest)));
    }

    private Optional<Version> here(DatabaseId database) {
        return satchel.status(database).map(DatabaseStatus::version);
    }

    private Optional<Version> newest(DatabaseId database) {
        try {
            return Optional.of(satchel.read(database, Session::version));
        } catch (SatchelException e) {
            log.debug("newest version is not known database={}", database, e);
            return here(database);
        }
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
                    connection.close(Closing.LIFETIME);
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
        running = true;
        otherNodes = feed.subscribe(this::onFeed);
        long pause = settings.heartbeat().toNanos();
        Future<?> unused = dispatcher.scheduleWithFixedDelay(this::beat, pause, pause, TimeUnit.NANOSECONDS);
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
                () -> connections.values().forEach(some -> some.forEach(one -> one.close(Closing.STOPPING))));
    }

    /** Tells every browser to connect again, to another node if there is one. Comes before the server waits for its requests. */
    @Override
    public void stop() {
        running = false;
        if (otherNodes != null) {
            otherNodes.close();
        }
        closeAll();
        dispatcher.shutdown();
        try {
            if (!dispatcher.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
                log.debug("browsers are still being told");
            }
            blocking.shutdown();
            if (!blocking.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
                log.debug("connections are still being closed");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        blocking.shutdown();
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** What it runs on ends with it. */
    @Override
    public boolean isPauseable() {
        return false;
    }

    /** The first to stop: open connections are requests that would otherwise be waited for. */
    @Override
    public int getPhase() {
        return Integer.MAX_VALUE;
    }
}
