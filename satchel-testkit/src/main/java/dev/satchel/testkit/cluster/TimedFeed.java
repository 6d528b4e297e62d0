package dev.satchel.testkit.cluster;

import dev.satchel.DatabaseId;
import dev.satchel.Version;
import dev.satchel.VersionEvent;
import dev.satchel.VersionFeed;
import dev.satchel.VersionListener;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;

/** Remembers when the newest version of each database was given to a feed. Thread-safe. */
final class TimedFeed implements VersionFeed {
    private final VersionFeed delegate;
    private final Map<DatabaseId, Published> published = new ConcurrentHashMap<>();

    private record Published(Version version, long micros) {}

    TimedFeed(VersionFeed delegate) {
        this.delegate = delegate;
    }

    /** Now, as all processes of a machine see it. */
    static long micros() {
        return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
    }

    /** When a version was published; empty if it was not by this node, or is not the newest one any more. */
    OptionalLong published(DatabaseId id, Version version) {
        Published newest = published.get(id);
        return newest == null || !newest.version().equals(version)
                ? OptionalLong.empty()
                : OptionalLong.of(newest.micros());
    }

    @Override
    public void publish(VersionEvent event) {
        if (event.kind() == VersionEvent.Kind.PUBLISHED) {
            published.put(event.database(), new Published(event.version(), micros()));
        }
        delegate.publish(event);
    }

    @Override
    public Subscription subscribe(VersionListener listener) {
        return delegate.subscribe(listener);
    }

    @Override
    public Optional<Coverage> coverage() {
        return delegate.coverage();
    }

    @Override
    public void close() {
        delegate.close();
    }
}
