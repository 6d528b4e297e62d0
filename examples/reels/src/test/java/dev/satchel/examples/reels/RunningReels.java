package dev.satchel.examples.reels;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The whole application on a free port, and a client that talks to it as anybody could. */
final class RunningReels implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final ConfigurableApplicationContext context;
    private final HttpClient http = HttpClient.newHttpClient();
    private final URI base;

    private RunningReels(ConfigurableApplicationContext context) {
        this.context = context;
        this.base = URI.create("http://localhost:" + context.getEnvironment().getRequiredProperty("local.server.port"));
    }

    /** Starts it the way the command line does. */
    static RunningReels start(Path bucket, Path local, String... more) {
        List<String> arguments = new ArrayList<>(
                List.of("--server.port=0", "--satchel.store=" + bucket, "--satchel.local-directory=" + local));
        arguments.addAll(List.of(more));
        return new RunningReels(SpringApplication.run(ReelsApplication.class, arguments.toArray(String[]::new)));
    }

    /** Starts it with a bucket and local files of its own in a folder; what is completed may be archived at once. */
    static RunningReels start(Path folder) {
        return start(folder.resolve("bucket"), folder.resolve("user_data"), "--reels.archive-after=0s");
    }

    URI base() {
        return base;
    }

    /** A client that says who it is by the header of the demo mode. */
    Client as(String user) {
        return new Client(user);
    }

    Answer send(HttpRequest.Builder request) {
        try {
            return new Answer(http.send(request.build(), BodyHandlers.ofString()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(base.resolve(path));
    }

    @Override
    public void close() {
        context.close();
    }

    /** One user's client. */
    final class Client {
        private final String user;

        private Client(String user) {
            this.user = user;
        }

        Answer get(String path) {
            return send(request(path).header("X-User-ID", user));
        }

        Answer post(String path, String body) {
            return with("POST", path, body);
        }

        Answer put(String path, String body) {
            return with("PUT", path, body);
        }

        Answer delete(String path) {
            return send(request(path).header("X-User-ID", user).DELETE());
        }

        /** Creates something and tells its id. */
        long create(String path, String body) {
            return post(path, body).json().get("id").longValue();
        }

        private Answer with(String method, String path, String body) {
            return send(request(path)
                    .header("X-User-ID", user)
                    .header("Content-Type", "application/json")
                    .method(method, HttpRequest.BodyPublishers.ofString(body)));
        }
    }

    /** What the server said. */
    record Answer(HttpResponse<String> response) {
        int status() {
            return response.statusCode();
        }

        String body() {
            return response.body();
        }

        String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }

        JsonNode json() {
            return JSON.readTree(body());
        }

        /** The version that it reflects. */
        long version() {
            return Long.parseLong(header("X-Satchel-Version"));
        }

        /** What is wrong with a field, empty if nothing is. */
        String errorOf(String field) {
            for (JsonNode error : json().path("errors")) {
                if (error.get("field").stringValue().equals(field)) {
                    return error.get("message").stringValue();
                }
            }
            return "";
        }
    }
}
