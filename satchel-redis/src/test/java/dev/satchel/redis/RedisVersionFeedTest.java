package dev.satchel.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.satchel.DatabaseId;
import dev.satchel.Durability;
import dev.satchel.Freshness;
import dev.satchel.Satchel;
import dev.satchel.Session;
import dev.satchel.Version;
import dev.satchel.VersionEvent;
import dev.satchel.VersionEvent.Kind;
import dev.satchel.testkit.CountingObjectStore;
import dev.satchel.testkit.InMemoryObjectStore;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.clients.jedis.Jedis;
import redis.embedded.RedisServer;

/** Over a real Redis, which is stopped and started again. */
class RedisVersionFeedTest {
    private static final DatabaseId ID = DatabaseId.of("alice");

    private final List<RedisVersionFeed> feeds = new ArrayList<>();
    private final List<VersionEvent> heard = new CopyOnWriteArrayList<>();
    private int port;
    private RedisServer redis;

    @BeforeEach
    void aRedis() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        startRedis();
    }

    @AfterEach
    void closeAll() throws IOException {
        feeds.forEach(RedisVersionFeed::close);
        redis.stop();
    }

    private void startRedis() throws IOException {
        redis = RedisServer.newRedisServer()
                .port(port)
                .bind("127.0.0.1")
                .setting("save \"\"")
                .build();
        redis.start();
    }

    private RedisVersionFeed feed() {
        RedisVersionFeed feed = RedisVersionFeed.connect("redis://127.0.0.1:" + port);
        feeds.add(feed);
        return feed;
    }

    private RedisVersionFeed connected() {
        RedisVersionFeed feed = feed();
        eventually().until(() -> feed.coverage().isPresent());
        return feed;
    }

    private static ConditionFactory eventually() {
        return await().atMost(Duration.ofMinutes(2)).pollInterval(Duration.ofMillis(20));
    }

    private static VersionEvent event(long version) {
        return new VersionEvent(ID, Version.of(version), Kind.PUBLISHED, "a");
    }

    @Test
    void eventsReachTheNodeItselfAndAllOthersOnce() {
        RedisVersionFeed a = connected();
        List<VersionEvent> own = new CopyOnWriteArrayList<>();
        a.subscribe(own::add);
        connected().subscribe(heard::add);

        a.publish(event(1));
        assertThat(own).containsExactly(event(1));
        a.publish(event(2));

        eventually().untilAsserted(() -> assertThat(heard).containsExactly(event(1), event(2)));
        assertThat(own).containsExactly(event(1), event(2));
    }

    @Test
    void coverageAdvancesWhileNothingHappens() {
        RedisVersionFeed feed = connected();

        eventually()
                .until(() -> feed.coverage()
                        .filter(c -> c.unbroken().minus(c.lag()).compareTo(Duration.ofSeconds(1)) > 0)
                        .isPresent());
    }

    @Test
    void eventsOfAnOutageArriveAfterItAndCoverageBeginsAnew() throws IOException {
        RedisVersionFeed a = connected();
        RedisVersionFeed b = connected();
        b.subscribe(heard::add);
        redis.stop();
        eventually().until(() -> b.coverage().isEmpty() && a.coverage().isEmpty());

        a.publish(event(1));
        long restarted = System.nanoTime();
        startRedis();
        eventually().until(() -> b.coverage().isPresent());
        a.publish(event(2));

        eventually().untilAsserted(() -> assertThat(heard).contains(event(2)));
        assertThat(b.coverage().orElseThrow().unbroken()).isLessThan(Duration.ofNanos(System.nanoTime() - restarted));
    }

    @Test
    void redisMayBeStartedLater() throws IOException {
        redis.stop();
        RedisVersionFeed feed = feed();
        assertThat(feed.coverage()).isEmpty();

        startRedis();

        eventually().until(() -> feed.coverage().isPresent());
    }

    @Test
    void messageThatCannotBeReadIsIgnored() {
        RedisVersionFeed a = connected();
        connected().subscribe(heard::add);
        try (Jedis stranger = new Jedis("127.0.0.1", port)) {
            stranger.publish(RedisVersionFeed.DEFAULT_CHANNEL, "hello");
        }

        a.publish(event(1));

        eventually().untilAsserted(() -> assertThat(heard).containsExactly(event(1)));
    }

    @Test
    void gapOfAnotherNodeBeginsTheCoverageAnew() {
        RedisVersionFeed feed = connected();
        feed.subscribe(heard::add);
        long before = System.nanoTime();
        try (Jedis stranger = new Jedis("127.0.0.1", port)) {
            stranger.publish(RedisVersionFeed.DEFAULT_CHANNEL, new FeedMessage("b", null).encode());
            stranger.publish(RedisVersionFeed.DEFAULT_CHANNEL, new FeedMessage("b", event(1)).encode());
        }
        eventually().untilAsserted(() -> assertThat(heard).containsExactly(event(1)));

        assertThat(feed.coverage().orElseThrow().unbroken())
                .isLessThanOrEqualTo(Duration.ofNanos(System.nanoTime() - before));
    }

    @Test
    void publishingNeitherWaitsNorFailsWithoutRedis() throws IOException {
        redis.stop();
        RedisVersionFeed feed = feed();

        for (int i = 1; i <= 10_100; i++) {
            feed.publish(event(i));
        }

        assertThat(feed.dropped()).isPositive();
    }

    @Test
    void whatOneNodeWritesAnotherReadsWithoutAskingForItAgain(@TempDir Path folder) throws SQLException {
        InMemoryObjectStore store = new InMemoryObjectStore();
        CountingObjectStore counted = new CountingObjectStore(store);
        Freshness fresh = Freshness.within(Duration.ofSeconds(30));
        RedisVersionFeed reading = connected();
        reading.subscribe(heard::add);
        try (Satchel a = Satchel.builder(store, folder.resolve("a"))
                        .feed(connected())
                        .build();
                Satchel b = Satchel.builder(counted, folder.resolve("b"))
                        .feed(reading)
                        .build()) {
            write(a, "CREATE TABLE note(text TEXT)");
            count(b, Freshness.latest());
            write(a, "INSERT INTO note VALUES ('x')");
            eventually().untilAsserted(() -> assertThat(heard).hasSize(2));

            assertThat(count(b, fresh)).isEqualTo(1); // Compared a moment ago, and yet the new version: the event told.
            counted.requests().reset();
            assertThat(count(b, fresh)).isEqualTo(1);
            assertThat(counted.requests().entries()).isEmpty();
        }
    }

    private static void write(Satchel satchel, String sql) throws SQLException {
        satchel.write(ID, session -> {
            try (Connection connection = session.connection();
                    Statement statement = connection.createStatement()) {
                statement.execute(sql);
            }
            return null;
        });
    }

    private static int count(Satchel satchel, Freshness freshness) throws SQLException {
        try (Session session = satchel.open(ID, freshness, Durability.DURABLE);
                Connection connection = session.connection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT count(*) FROM note")) {
            return rows.next() ? rows.getInt(1) : -1;
        }
    }

    @Test
    void refusesWhatIsNoUrlOfRedisWithoutRepeatingIt() {
        assertThatThrownBy(() -> RedisVersionFeed.connect("http://user:secret@host"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("redis://host:port")
                .hasMessageNotContaining("secret");
    }
}
