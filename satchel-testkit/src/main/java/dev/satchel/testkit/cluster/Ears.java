package dev.satchel.testkit.cluster;

import dev.satchel.DatabaseId;
import dev.satchel.UserId;
import dev.satchel.Version;
import dev.satchel.VersionEvent;
import dev.satchel.VersionFeed;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Listens to a feed as one more process, and compares with when nodes gave their versions to it. Thread-safe. */
final class Ears implements AutoCloseable {
    private static final long CONNECT_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final long STRAGGLERS_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long LOOK_MILLIS = 10;

    private final VersionFeed feed;
    private final VersionFeed.Subscription subscription;
    private final Map<Published, Long> published = new ConcurrentHashMap<>();
    private final Map<Published, Long> heard = new ConcurrentHashMap<>();

    private record Published(DatabaseId database, Version version) {}

    Ears(VersionFeed feed) {
        this.feed = feed;
        this.subscription = feed.subscribe(this::hear);
    }

    private void hear(VersionEvent event) {
        if (event.kind() == VersionEvent.Kind.PUBLISHED) {
            heard.putIfAbsent(new Published(event.database(), event.version()), TimedFeed.micros());
        }
    }

    /** A node has published a version of which it said when. */
    void published(UserId user, long version, long micros) {
        published.put(new Published(DatabaseId.of(user), Version.of(version)), micros);
    }

    /** Waits until the feed works; false if it does not. */
    boolean awaitConnected() throws InterruptedException {
        long began = System.nanoTime();
        while (feed.coverage().isEmpty()) {
            if (System.nanoTime() - began > CONNECT_NANOS) {
                return false;
            }
            Thread.sleep(LOOK_MILLIS);
        }
        return true;
    }

    /** What became of all events, those that are still on their way included. */
    Latency sum(Findings findings) throws InterruptedException {
        long began = System.nanoTime();
        while (!heard.keySet().containsAll(published.keySet()) && System.nanoTime() - began < STRAGGLERS_NANOS) {
            Thread.sleep(LOOK_MILLIS);
        }
        Stopwatch stopwatch = new Stopwatch();
        published.forEach((version, micros) -> {
            findings.count(ClusterFigure.EVENTS);
            Long arrived = heard.get(version);
            if (arrived == null) {
                findings.count(ClusterFigure.EVENTS_MISSED);
            } else {
                stopwatch.took(arrived - micros);
            }
        });
        return stopwatch.latency();
    }

    @Override
    public void close() {
        subscription.close();
        feed.close();
    }
}
