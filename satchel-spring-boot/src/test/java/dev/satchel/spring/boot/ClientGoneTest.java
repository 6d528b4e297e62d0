package dev.satchel.spring.boot;

import static dev.satchel.spring.boot.ItemsApplication.itemsSeenBy;
import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.Satchel;
import dev.satchel.VersionEvent;
import dev.satchel.VersionFeed;
import dev.satchel.spring.boot.ItemsApplication.Step;
import dev.satchel.testkit.InMemoryObjectStore;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.mvc.method.annotation.StreamingResponseBody;

/** Clients that hang up in the middle: what the handler commits is published all the same. */
@Timeout(300)
class ClientGoneTest {
    private static final InMemoryObjectStore BUCKET = new InMemoryObjectStore();
    private static final AtomicInteger USERS = new AtomicInteger();
    /** The gate's buffer and Tomcat's. */
    private static final int BUFFERS = 12 * 1024;

    @TempDir
    private static Path folder;

    private static RunningItems application;

    private final String alice = "alice" + USERS.incrementAndGet();
    private final BlockingQueue<Long> published = new LinkedBlockingQueue<>();
    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch gone = new CountDownLatch(1);

    @BeforeAll
    static void start() {
        application = RunningItems.start(
                BUCKET,
                folder.resolve("node"),
                List.of(Streams.class),
                "satchel.response-buffer=4KB",
                "spring.mvc.async.request-timeout=-1");
    }

    @AfterAll
    static void stop() {
        application.close();
    }

    @Test
    void handlerWhoseClientHangsUpIsPublished() throws Exception {
        try (VersionFeed.Subscription ignored = listen();
                Socket client = send("POST /items-slowly", "theirs")) {
            begun.await();
            hangUp(client);

            assertThat(published.take()).isEqualTo(1);
        }

        assertThat(seenElsewhere()).containsExactly("theirs");
    }

    @Test
    void streamWhoseClientHangsUpIsPublishedToItsEnd() throws Exception {
        try (VersionFeed.Subscription ignored = listen();
                Socket client = send("GET /streamed-on", "")) {
            begun.await();
            client.getInputStream().readNBytes(10);
            hangUp(client);

            awaitVersion(2);
        }

        assertThat(seenElsewhere()).containsExactly("while it listens", "after it has gone");
    }

    @Test
    void streamThatFailsSinceItsClientHangsUpIsPublishedUpToThen() throws Exception {
        try (VersionFeed.Subscription ignored = listen();
                Socket client = send("GET /streamed-until-gone", "")) {
            begun.await();
            client.getInputStream().readNBytes(10);
            hangUp(client);

            awaitVersion(2);
        }

        assertThat(seenElsewhere()).containsExactly("while it listens", "before it fails");
    }

    private VersionFeed.Subscription listen() {
        application.bean(Step.class).inTheMiddle = () -> {
            begun.countDown();
            try {
                assertThat(gone.await(60, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        };
        return application.bean(VersionFeed.class).subscribe(event -> {
            if (event.kind() == VersionEvent.Kind.PUBLISHED
                    && event.database().user().value().equals(alice)) {
                published.add(event.version().number());
            }
        });
    }

    private void awaitVersion(long wanted) throws InterruptedException {
        long version = 0;
        while (version < wanted) {
            version = published.take();
        }
    }

    private Socket send(String request, String body) throws IOException {
        Socket client = new Socket(InetAddress.getLoopbackAddress(), application.port());
        String head = request + " HTTP/1.1\r\nHost: localhost\r\nX-User-ID: " + alice
                + "\r\nContent-Type: text/plain\r\nContent-Length: " + body.length() + "\r\n\r\n";
        client.getOutputStream().write((head + body).getBytes(StandardCharsets.US_ASCII));
        return client;
    }

    /** With a reset, so that the server's next write fails at once. */
    private void hangUp(Socket client) throws IOException {
        client.setSoLinger(true, 0);
        client.close();
        gone.countDown();
    }

    private List<String> seenElsewhere() throws IOException {
        try (Satchel elsewhere =
                Satchel.builder(BUCKET, folder.resolve("elsewhere-" + alice)).build()) {
            return itemsSeenBy(elsewhere, alice);
        }
    }

    @RestController
    static class Streams {
        private final JdbcClient jdbc;
        private final Step step;

        Streams(JdbcClient jdbc, Step step) {
            this.jdbc = jdbc;
            this.step = step;
        }

        @GetMapping("/streamed-on")
        StreamingResponseBody streamedOn() {
            return out -> {
                try {
                    streamUntilGone(out);
                } catch (IOException gone) {
                    awaitInterrupt();
                    insert("after it has gone");
                    Thread.currentThread().interrupt();
                }
            };
        }

        @GetMapping("/streamed-until-gone")
        StreamingResponseBody streamedUntilGone() {
            return out -> {
                try {
                    streamUntilGone(out);
                } catch (IOException gone) {
                    awaitInterrupt();
                    insert("before it fails");
                    throw gone;
                }
            };
        }

        private void streamUntilGone(OutputStream out) throws IOException {
            insert("while it listens");
            out.write(new byte[3 * BUFFERS]); // More than is held: a flush alone does nothing in Spring 7.
            step.inTheMiddle.run();
            while (true) {
                out.write(new byte[BUFFERS]);
            }
        }

        /** By Spring, which cancels work whose client is gone; before that, it could hit the insert. */
        private static void awaitInterrupt() {
            try {
                assertThat(new CountDownLatch(1).await(60, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                assertThat(Thread.currentThread().isInterrupted()).isFalse();
            }
        }

        private void insert(String name) {
            jdbc.sql("insert into item (name) values (?)").param(name).update();
        }
    }
}
