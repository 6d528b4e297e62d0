package dev.satchel.cloudflare;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** An HTTP server that answers as a test says, one answer for each request: what a Worker or something before it might do. */
final class ScriptedWorker implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Queue<Reply> replies = new ConcurrentLinkedQueue<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final CountDownLatch end = new CountDownLatch(1);

    /** What it does with a request. */
    interface Reply {
        void to(HttpExchange exchange) throws IOException;
    }

    ScriptedWorker() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            requests.add(
                    exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath());
            exchange.getRequestBody().readAllBytes();
            Reply reply = replies.poll();
            try (exchange) {
                (reply == null ? json(500, "{\"error\":{\"code\":\"internal\",\"message\":\"no reply left\"}}") : reply)
                        .to(exchange);
            }
        });
        server.start();
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** Its next replies, in order. */
    ScriptedWorker then(Reply... next) {
        replies.addAll(List.of(next));
        return this;
    }

    /** What it was asked: the method, and the last segment of the path. */
    List<String> requests() {
        return requests.stream().map(request -> request.replaceAll(" .*/", " ")).toList();
    }

    static Reply json(int status, String body) {
        return bytes(status, body.getBytes(StandardCharsets.UTF_8));
    }

    static Reply error(int status, String code) {
        return json(status, "{\"error\":{\"code\":\"" + code + "\",\"message\":\"said so\"}}");
    }

    static Reply bytes(int status, byte[] body) {
        return exchange -> {
            exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        };
    }

    static Reply withHeader(String name, String value, Reply reply) {
        return exchange -> {
            exchange.getResponseHeaders().set(name, value);
            reply.to(exchange);
        };
    }

    /** Does what was asked, and breaks the connection before the answer. */
    static Reply lost() {
        return exchange -> {
            throw new IOException("lost");
        };
    }

    /** Answers nothing until the test ends. */
    Reply silence() {
        return exchange -> awaitEnd();
    }

    /** Answers with a head and a part of the body. */
    Reply half(byte[] body) {
        return exchange -> {
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body, 0, body.length / 2);
            exchange.getResponseBody().flush();
            awaitEnd();
        };
    }

    private void awaitEnd() throws IOException {
        try {
            end.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    @Override
    public void close() {
        end.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
