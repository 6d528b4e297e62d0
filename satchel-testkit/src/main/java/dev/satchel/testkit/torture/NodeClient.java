package dev.satchel.testkit.torture;

import dev.satchel.ConflictPolicy;
import dev.satchel.Durability;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Speaks to node processes. Thread-safe. */
final class NodeClient {
    /** Longer than a node may take for anything. */
    static final Duration PATIENCE = Duration.ofSeconds(30);

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /** Which database. */
    record Target(ConflictPolicy policy, String user) {
        private String query() {
            return "policy=" + policy + "&user=" + user;
        }
    }

    /**
     * An answer.
     *
     * @param disk of the node that gave it
     * @param text rows, one a line, or what went wrong
     */
    record Reply(Promise promise, int code, long version, String disk, String text) {
        Set<String> rows() {
            return text.isEmpty() ? Set.of() : new LinkedHashSet<>(List.of(text.split("\n", -1)));
        }

        /** Whether header and code say the same. */
        boolean agrees() {
            return promise.code() == code;
        }
    }

    /** Nobody answered in a time in which every living node does. */
    static final class HungException extends Exception {
        private static final long serialVersionUID = 1L;

        HungException(String what, Throwable cause) {
            super(what, cause);
        }
    }

    /** A change in a session. */
    Optional<Reply> write(URI node, Target target, String key, Durability durability)
            throws HungException, InterruptedException {
        return ask(node, "/write?" + target.query() + "&key=" + key + "&durability=" + durability);
    }

    /** A change in a function that may be run again. */
    Optional<Reply> repeat(URI node, Target target, String key) throws HungException, InterruptedException {
        return ask(node, "/repeat?" + target.query() + "&key=" + key);
    }

    /** All rows, in a session. */
    Optional<Reply> read(URI node, Target target, String freshness, boolean hold)
            throws HungException, InterruptedException {
        return ask(node, "/read?" + target.query() + "&freshness=" + freshness + (hold ? "&hold=yes" : ""));
    }

    /** All rows at a bookmark or newer. */
    Optional<Reply> readAtLeast(URI node, Target target, long version) throws HungException, InterruptedException {
        return ask(node, "/read?" + target.query() + "&freshness=at-least&version=" + version);
    }

    /** All rows, in a function that might have written. */
    Optional<Reply> look(URI node, Target target) throws HungException, InterruptedException {
        return ask(node, "/look?" + target.query());
    }

    /** Says where the node is to be killed; false if it does not answer. */
    boolean arm(URI node, Set<KillPoint> points) throws HungException, InterruptedException {
        return ask(node, "/arm?points=" + KillPoint.names(points)).isPresent();
    }

    /** Nothing goes wrong on the way to the store any more. */
    boolean calm(URI node) throws HungException, InterruptedException {
        return ask(node, "/calm").isPresent();
    }

    /** Empty if nobody listens, or the answer breaks off: nothing was said then. */
    private Optional<Reply> ask(URI node, String request) throws HungException, InterruptedException {
        try {
            HttpResponse<String> response = http.send(
                    HttpRequest.newBuilder(URI.create(node + request))
                            .timeout(PATIENCE)
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            return Optional.of(new Reply(
                    response.headers()
                            .firstValue(TortureNode.STATUS_HEADER)
                            .map(Promise::of)
                            .orElse(Promise.BROKEN),
                    response.statusCode(),
                    response.headers()
                            .firstValueAsLong(TortureNode.VERSION_HEADER)
                            .orElse(0),
                    response.headers().firstValue(TortureNode.DISK_HEADER).orElse(""),
                    response.body()));
        } catch (HttpTimeoutException e) {
            throw new HungException("no answer within " + PATIENCE.toSeconds() + " s: " + request, e);
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
