package dev.satchel.testkit.cluster;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Speaks to node processes. Thread-safe. */
final class NodeClient {
    /** Longer than a node may take for anything. */
    static final Duration PATIENCE = Duration.ofSeconds(45);

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /**
     * A request of a user.
     *
     * @param key of the change that is asked for; null for a read
     */
    record Request(String user, @Nullable String key, Asked asked, long bookmark) {
        String path() {
            return (key == null ? ClusterNode.CHANGES + "?" : ClusterNode.CHANGE + "?key=" + key + "&") + "user=" + user
                    + "&asked=" + asked + "&bookmark=" + bookmark;
        }
    }

    /** What comes back. */
    sealed interface Reply {}

    /**
     * An answer.
     *
     * @param version that has all that the answer shows
     * @param shown the newest version of which it shows everything
     * @param storeRequests that it took on its own thread
     * @param published when its version was given to the feed, in microseconds
     */
    record Answer(int code, long version, long shown, long storeRequests, OptionalLong published, String text)
            implements Reply {
        List<String> rows() {
            return text.isEmpty() ? List.of() : List.of(text.split("\n", -1));
        }
    }

    /** None. */
    enum NoAnswer implements Reply {
        /** Nobody listened; the request was not sent. */
        REFUSED,
        /** The connection broke off, and the request may have been done. */
        BROKEN_OFF,
        /** A time has passed in which every living node answers. */
        HUNG
    }

    boolean isReady(Member member) throws InterruptedException {
        try {
            HttpRequest request = HttpRequest.newBuilder(URI.create(member.address() + ClusterNode.READINESS))
                    .timeout(PATIENCE)
                    .build();
            return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == ClusterNode.OK;
        } catch (IOException e) {
            return false;
        }
    }

    Reply ask(Member member, Request request) throws InterruptedException {
        HttpRequest.Builder asking = HttpRequest.newBuilder(URI.create(member.address() + request.path()))
                .timeout(PATIENCE);
        if (request.key() != null) {
            asking.POST(HttpRequest.BodyPublishers.noBody()); // Java sends a GET again by itself.
        }
        try {
            HttpResponse<String> response = http.send(asking.build(), HttpResponse.BodyHandlers.ofString());
            member.answered(number(response, ClusterNode.ALL_REQUESTS_HEADER).orElse(0));
            return new Answer(
                    response.statusCode(),
                    number(response, ClusterNode.VERSION_HEADER).orElse(0),
                    number(response, ClusterNode.SHOWN_HEADER).orElse(0),
                    number(response, ClusterNode.REQUESTS_HEADER).orElse(0),
                    number(response, ClusterNode.PUBLISHED_HEADER),
                    response.body());
        } catch (ConnectException e) {
            return NoAnswer.REFUSED;
        } catch (HttpTimeoutException e) {
            return NoAnswer.HUNG;
        } catch (IOException e) {
            return NoAnswer.BROKEN_OFF;
        }
    }

    private static OptionalLong number(HttpResponse<?> response, String header) {
        return response.headers().firstValueAsLong(header);
    }
}
