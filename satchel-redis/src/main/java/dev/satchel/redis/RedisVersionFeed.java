package dev.satchel.redis;

import dev.satchel.VersionEvent;
import dev.satchel.VersionFeed;
import dev.satchel.VersionListener;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.JedisClientConfig;
import redis.clients.jedis.JedisPubSub;
import redis.clients.jedis.SslOptions;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.util.JedisURIHelper;

/**
 * Carries version events between nodes over a channel of Redis pub/sub. Two connections and two threads for a node, however many
 * users it has: one sends, one listens. Thread-safe.
 *
 * <p>A connection that breaks is made again, with growing pauses and jitter. Events wait meanwhile, at most {@value #QUEUED}; what
 * does not fit is dropped, and the other nodes are told that there is a gap as soon as that is possible. Twice a second the
 * listening connection is asked for a sign of life, and {@link #coverage()} ends where the last one that came was asked for.
 */
public final class RedisVersionFeed implements VersionFeed {
    /** The channel of a feed for which none is named. */
    public static final String DEFAULT_CHANNEL = "satchel:versions";

    private static final Logger LOG = LoggerFactory.getLogger(RedisVersionFeed.class);
    private static final int QUEUED = 10_000;
    private static final int DEFAULT_PORT = 6379;
    private static final Duration HEARTBEAT = Duration.ofMillis(500);
    private static final int TIMEOUT_MILLIS = 2_000;
    /** Far longer than a heartbeat: a connection that is silent for so long is dead. */
    private static final int SILENCE_MILLIS = 10_000;

    private static final long FIRST_PAUSE_MILLIS = 100;
    private static final long LONGEST_PAUSE_MILLIS = 5_000;
    private static final int SENDER_BYTES = 8;
    private static final long CLOSING_MILLIS = 3_000;

    private final HostAndPort server;
    private final JedisClientConfig connection;
    private final String channel;
    private final String sender;
    private final RandomGenerator random = new SecureRandom();
    private final VersionFeed here = VersionFeed.inProcess();
    private final BlockingQueue<VersionEvent> queue = new ArrayBlockingQueue<>(QUEUED);
    private final AtomicLong dropped = new AtomicLong();
    private final AtomicBoolean gap = new AtomicBoolean();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread sending = new Thread(this::send, "satchel-redis-send");
    private final Thread listening = new Thread(this::listen, "satchel-redis-listen");
    /** The sending thread's: taken from the queue, and to be sent again if the connection broke. */
    private @Nullable VersionEvent unsent;
    /** Written by the listening thread alone; null while it is not connected. */
    private volatile @Nullable Heard heard;

    private volatile @Nullable Listener listener;
    private volatile @Nullable Jedis listeningConnection;

    /** Moments of the monotonic clock between which everything was heard. */
    private record Heard(long since, long until) {}

    private RedisVersionFeed(URI url, String channel) {
        this.server = new HostAndPort(url.getHost(), url.getPort() < 0 ? DEFAULT_PORT : url.getPort());
        DefaultJedisClientConfig.Builder settings = DefaultJedisClientConfig.builder()
                .connectionTimeoutMillis(TIMEOUT_MILLIS)
                .socketTimeoutMillis(TIMEOUT_MILLIS)
                .blockingSocketTimeoutMillis(SILENCE_MILLIS)
                .user(JedisURIHelper.getUser(url))
                .password(JedisURIHelper.getPassword(url));
        if (JedisURIHelper.isRedisSSLScheme(url)) {
            // As SslOptions.defaults(), which the Jedis that Spring Boot manages does not have.
            settings.sslOptions(SslOptions.builder().build());
        }
        this.connection = settings.build();
        this.channel = Objects.requireNonNull(channel, "channel");
        byte[] name = new byte[SENDER_BYTES];
        random.nextBytes(name);
        this.sender = HexFormat.of().formatHex(name);
        sending.setDaemon(true);
        listening.setDaemon(true);
    }

    /** A feed over the channel {@value #DEFAULT_CHANNEL}; see {@link #connect(String, String)}. */
    public static RedisVersionFeed connect(String url) {
        return connect(url, DEFAULT_CHANNEL);
    }

    /**
     * Begins to connect, and goes on in the background: the feed can be used at once, and Redis may be started later.
     *
     * @param url {@code redis://user:password@host:port}, or {@code rediss:} for TLS
     * @param channel the same for all nodes of an application, and no other's
     * @throws IllegalArgumentException if the URL is not of that form
     */
    public static RedisVersionFeed connect(String url, String channel) {
        RedisVersionFeed feed = new RedisVersionFeed(checked(url), channel);
        feed.sending.start();
        feed.listening.start();
        return feed;
    }

    /** The message does not repeat the URL: there may be a password in it. */
    private static URI checked(String url) {
        String expected = "the URL of Redis must have the form redis://host:port or rediss://user:password@host:port";
        URI uri;
        try {
            uri = URI.create(url.trim());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(expected);
        }
        if (uri.getHost() == null || !(JedisURIHelper.isRedisScheme(uri) || JedisURIHelper.isRedisSSLScheme(uri))) {
            throw new IllegalArgumentException(expected);
        }
        return uri;
    }

    @Override
    public void publish(VersionEvent event) {
        here.publish(event);
        if (event.kind() != VersionEvent.Kind.APPLIED && !queue.offer(event)) {
            dropped.incrementAndGet();
            gap.set(true);
        }
    }

    @Override
    public Subscription subscribe(VersionListener subscriber) {
        return here.subscribe(subscriber);
    }

    @Override
    public Optional<Coverage> coverage() {
        Heard last = heard;
        if (last == null) {
            return Optional.empty();
        }
        long now = System.nanoTime();
        return Optional.of(new Coverage(Duration.ofNanos(now - last.since()), Duration.ofNanos(now - last.until())));
    }

    /** How many events of this node could not be sent because too many were waiting. */
    public long dropped() {
        return dropped.get();
    }

    @Override
    public void close() {
        closing.countDown();
        here.close();
        sending.interrupt();
        Jedis open = listeningConnection;
        if (open != null) {
            disconnect(open);
        }
        try {
            sending.join(CLOSING_MILLIS);
            listening.join(CLOSING_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean isClosing() {
        return closing.getCount() == 0;
    }

    private static void disconnect(Jedis open) {
        try {
            open.disconnect();
        } catch (RuntimeException e) {
            LOG.debug("closing a connection to Redis failed", e);
        }
    }

    // ---- sending ----------------------------------------------------------------------------------------------------

    private void send() {
        int failures = 0;
        while (!isClosing()) {
            try (Jedis jedis = new Jedis(server, connection)) {
                while (!isClosing()) {
                    sendNext(jedis);
                    failures = 0;
                }
            } catch (JedisException e) {
                failures++;
                if (failures == 1) {
                    LOG.warn(
                            "other nodes hear nothing of this one for now server={} reason={}", server, e.getMessage());
                } else {
                    LOG.debug("version events cannot be sent now server={} waiting={}", server, queue.size(), e);
                }
                pause(failures);
            } catch (InterruptedException e) {
                return; // Only close() interrupts.
            } catch (RuntimeException | Error e) { // The thread must live: there is no other.
                failures++;
                LOG.warn("sending version events failed server={}", server, e);
                pause(failures);
            }
        }
    }

    private void sendNext(Jedis jedis) throws InterruptedException {
        Listener asked = listener;
        if (asked != null) {
            asked.askForLife();
        }
        if (gap.getAndSet(false)) {
            try {
                jedis.publish(channel, new FeedMessage(sender, null).encode());
            } catch (JedisException e) {
                gap.set(true);
                throw e;
            }
        }
        VersionEvent next = unsent;
        if (next == null) {
            next = queue.poll(HEARTBEAT.toMillis(), TimeUnit.MILLISECONDS);
            unsent = next;
        }
        if (next != null) {
            jedis.publish(channel, new FeedMessage(sender, next).encode());
            unsent = null;
        }
    }

    /** Waits longer the more attempts have failed, but not all nodes equally long. */
    private void pause(int failures) {
        long longest = Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << Math.min(failures, 10));
        try {
            if (closing.await(longest / 2 + random.nextLong(longest / 2), TimeUnit.MILLISECONDS)) {
                LOG.debug("the feed is being closed");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    // ---- listening --------------------------------------------------------------------------------------------------

    private void listen() {
        int failures = 0;
        while (!isClosing()) {
            Listener next = new Listener();
            try (Jedis jedis = new Jedis(server, connection)) {
                listeningConnection = jedis;
                if (!isClosing()) {
                    jedis.subscribe(next, channel);
                }
            } catch (RuntimeException e) {
                if (isClosing()) {
                    return;
                }
                failures = next.subscribed ? 1 : failures + 1;
                if (failures == 1) {
                    LOG.warn("no version events of other nodes for now server={} reason={}", server, e.getMessage());
                }
            } catch (Error e) { // The thread must live: there is no other.
                failures++;
                LOG.error("listening to version events failed server={}", server, e);
            } finally {
                heard = null;
                listener = null;
                listeningConnection = null;
            }
            if (!isClosing()) {
                pause(failures);
            }
        }
    }

    /** One life of the listening connection; called on the listening thread, but for {@link #askForLife()}. */
    private final class Listener extends JedisPubSub {
        private volatile boolean subscribed;
        private volatile long asked = System.nanoTime();

        /** Redis answers behind all events that it had when it was asked. */
        void askForLife() {
            long now = System.nanoTime();
            if (!subscribed || now - asked < HEARTBEAT.toNanos()) {
                return;
            }
            asked = now;
            try {
                ping(Long.toString(now));
            } catch (RuntimeException e) {
                LOG.debug("asking for a sign of life failed; the listening thread notices", e);
            }
        }

        @Override
        public void onSubscribe(String name, int count) {
            long now = System.nanoTime();
            heard = new Heard(now, now);
            subscribed = true;
            listener = this;
            LOG.info("listening to version events server={} channel={}", server, name);
        }

        @Override
        public void onPong(String argument) {
            Heard before = heard;
            if (before != null) {
                heard = new Heard(before.since(), Math.max(before.until(), Long.parseLong(argument)));
            }
        }

        @Override
        public void onMessage(String name, String text) {
            FeedMessage message;
            try {
                message = FeedMessage.parse(text);
            } catch (IllegalArgumentException e) {
                LOG.warn("version event ignored, it cannot be read channel={} reason={}", name, e.getMessage());
                return;
            }
            if (message.sender().equals(sender)) {
                return;
            }
            VersionEvent event = message.event();
            if (event == null) {
                long now = System.nanoTime();
                heard = new Heard(now, now);
            } else {
                here.publish(event);
            }
        }
    }
}
