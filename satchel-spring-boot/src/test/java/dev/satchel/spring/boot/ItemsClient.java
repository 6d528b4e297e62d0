package dev.satchel.spring.boot;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** Requests of users to an {@link ItemsApplication}. Thread-safe. */
public class ItemsClient {
    private static final HttpClient HTTP = HttpClient.newBuilder()
            .executor(Executors.newCachedThreadPool(work -> {
                Thread thread = new Thread(work, "http-client");
                thread.setDaemon(true);
                return thread;
            }))
            .build();

    private final int port;
    private final URI base;

    /** Talks to an application on this machine. */
    public ItemsClient(int port) {
        this.port = port;
        this.base = URI.create("http://localhost:" + port);
    }

    /** Where the application listens. */
    public int port() {
        return port;
    }

    /** The value of a header, or "none". */
    public static String header(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name).orElse("none");
    }

    /** What an answer says of its changes. */
    public static String status(HttpResponse<?> response) {
        return header(response, "X-Sync-Status");
    }

    /** The version that an answer reflects. */
    public static String version(HttpResponse<?> response) {
        return header(response, "X-Satchel-Version");
    }

    /** Asks for something. */
    public HttpResponse<String> get(String path, @Nullable String user, String... headers) {
        return send(request(path, user, headers).GET());
    }

    /** Sends something. */
    public HttpResponse<String> post(String path, String user, String body, String... headers) {
        return send(request(path, user, headers).POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    /** Asks for something, and does not wait for the answer. */
    public CompletableFuture<HttpResponse<String>> getAsync(String path, String user, String... headers) {
        return HTTP.sendAsync(request(path, user, headers).GET().build(), HttpResponse.BodyHandlers.ofString());
    }

    /** Sends something, and does not wait for the answer. */
    public CompletableFuture<HttpResponse<String>> postAsync(String path, String user, String body, String... headers) {
        HttpRequest request = request(path, user, headers)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return HTTP.sendAsync(request, HttpResponse.BodyHandlers.ofString());
    }

    /** The engine pauses between attempts at a store that failed, and may answer for that time without asking it. */
    public HttpResponse<String> postUntilAnswered(String path, String user, String body) {
        HttpResponse<String> response = post(path, user, body);
        for (int i = 0; i < 20 && response.statusCode() == 503; i++) {
            response = post(path, user, body);
        }
        return response;
    }

    private HttpRequest.Builder request(String path, @Nullable String user, String... headers) {
        HttpRequest.Builder builder = HttpRequest.newBuilder(base.resolve(path)).header("Content-Type", "text/plain");
        if (user != null) {
            builder.header("X-User-ID", user);
        }
        return headers.length == 0 ? builder : builder.headers(headers);
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
