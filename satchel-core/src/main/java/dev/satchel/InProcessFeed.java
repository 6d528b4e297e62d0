package dev.satchel;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the subscribers of one process, on the thread of whoever publishes. Thread-safe; holds no resources. */
final class InProcessFeed implements VersionFeed {
    private static final Logger LOG = LoggerFactory.getLogger(InProcessFeed.class);

    /** It never was interrupted: anything a node can have verified is younger. */
    private static final Coverage EVERYTHING = new Coverage(Duration.ofDays(365), Duration.ZERO);

    private final boolean hearsEveryWriter;
    private final List<Told> subscribers = new CopyOnWriteArrayList<>();

    InProcessFeed(boolean hearsEveryWriter) {
        this.hearsEveryWriter = hearsEveryWriter;
    }

    /** A subscriber; the same listener may be there twice. */
    private final class Told implements Subscription {
        private final VersionListener listener;

        Told(VersionListener listener) {
            this.listener = listener;
        }

        @Override
        public void close() {
            subscribers.remove(this);
        }
    }

    @Override
    public void publish(VersionEvent event) {
        Objects.requireNonNull(event, "event");
        for (Told told : subscribers) {
            try {
                told.listener.onEvent(event);
            } catch (RuntimeException e) {
                LOG.warn("version listener failed kind={} version={}", event.kind(), event.version(), e);
            } catch (Error e) { // The others are to hear it all the same, and nobody who publishes is to fail of it.
                LOG.error("version listener failed kind={} version={}", event.kind(), event.version(), e);
            }
        }
    }

    @Override
    public Subscription subscribe(VersionListener listener) {
        Told told = new Told(Objects.requireNonNull(listener, "listener"));
        subscribers.add(told);
        return told;
    }

    @Override
    public Optional<Coverage> coverage() {
        return hearsEveryWriter ? Optional.of(EVERYTHING) : Optional.empty();
    }

    @Override
    public void close() {
        subscribers.clear();
    }
}
