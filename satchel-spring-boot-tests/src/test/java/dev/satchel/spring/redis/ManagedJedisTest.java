package dev.satchel.spring.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.DatabaseId;
import dev.satchel.Version;
import dev.satchel.VersionEvent;
import dev.satchel.VersionFeed;
import dev.satchel.redis.RedisVersionFeed;
import dev.satchel.spring.boot.SatchelAutoConfiguration;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import redis.clients.jedis.Jedis;
import redis.embedded.RedisServer;

/** satchel-redis is built with a newer Jedis than applications have whose versions Spring Boot manages. */
@Timeout(120)
class ManagedJedisTest {
    private static final int TLS_HANDSHAKE = 0x16;

    @TempDir
    private Path folder;

    @Test
    void clientIsTheOneThatSpringBootManages() {
        assertThat(Jedis.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .getPath())
                .contains("jedis-7.");
    }

    @Test
    void nodesHearOfEachOther() throws IOException {
        int port = freePort();
        RedisServer redis = RedisServer.newRedisServer()
                .port(port)
                .bind("127.0.0.1")
                .setting("save \"\"")
                .build();
        redis.start();
        try (RedisVersionFeed other = RedisVersionFeed.connect("redis://127.0.0.1:" + port)) {
            node(port).run(context -> {
                BlockingQueue<VersionEvent> heard = new LinkedBlockingQueue<>();
                VersionFeed feed = context.getBean(VersionFeed.class);
                feed.subscribe(heard::add);
                VersionEvent event = new VersionEvent(
                        DatabaseId.of("alice"), Version.of(7), VersionEvent.Kind.PUBLISHED, "another-node");
                do {
                    other.publish(event); // whoever is not connected yet misses it
                } while (heard.poll(100, TimeUnit.MILLISECONDS) == null);
                assertThat(feed.coverage()).isPresent();
            });
        } finally {
            redis.stop();
        }
    }

    @Test
    void connectionsAreEncryptedIfTheUrlSaysSo() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
                RedisVersionFeed feed = RedisVersionFeed.connect("rediss://127.0.0.1:" + server.getLocalPort());
                Socket connection = server.accept()) {
            assertThat(connection.getInputStream().read()).isEqualTo(TLS_HANDSHAKE);
            assertThat(feed.coverage()).isEmpty();
        }
    }

    private ApplicationContextRunner node(int port) {
        return new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(SatchelAutoConfiguration.class))
                .withPropertyValues(
                        "satchel.redis.url=redis://127.0.0.1:" + port,
                        "satchel.store=" + folder.resolve("bucket"),
                        "satchel.local-directory=" + folder.resolve("node"));
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }
}
