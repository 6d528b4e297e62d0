package dev.satchel;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * Carries version events between the nodes of an application: that a version was published, that there was a conflict, that a
 * database was deleted or restored. Events are hints. Losing all of them only costs freshness {@link Freshness#within}; what
 * {@link Freshness#latest()} and {@link Freshness#atLeast} promise does not depend on them.
 *
 * <p>Thread-safe. Made and closed by the application, after the {@link Satchel} instances that use it.
 */
public interface VersionFeed extends AutoCloseable {
    /**
     * Carries events within this process, and claims nothing about other processes: {@link #coverage()} is empty, so that {@code
     * within} asks the store as if there were no feed. What a {@link Satchel} has that is given no feed.
     */
    static VersionFeed inProcess() {
        return new InProcessFeed(false);
    }

    /**
     * Carries events within this process, for an application that is the only process which writes to its store. All instances in
     * the process must share this one object.
     */
    static VersionFeed onlyProcess() {
        return new InProcessFeed(true);
    }

    /**
     * Sends an event to all subscribers: to those of this object at once, on the caller's thread, and to those of other nodes soon.
     * Never blocks and never throws; what cannot be sent is dropped. Called while a commit is being acknowledged.
     */
    void publish(VersionEvent event);

    /**
     * Tells a listener of all events from now on, from this object and from other nodes. The listener must return quickly and not
     * throw. It may be told of an event twice, late, and in any order.
     */
    Subscription subscribe(VersionListener listener);

    /**
     * Up to when, and since when, all that was published has certainly been delivered here; empty while that is not known, for
     * instance because the connection is lost. A connection that was lost and made again covers only what came after. Does not
     * block.
     */
    Optional<Coverage> coverage();

    /** Ends the subscriptions, and whatever carries the events. A second call does nothing. */
    @Override
    void close();

    /** A listener that is being told. */
    interface Subscription extends AutoCloseable {
        /** Tells the listener nothing more; it may be in the middle of an event. A second call does nothing. */
        @Override
        void close();
    }

    /**
     * A time without a gap: what any node gave to the feed from {@code unbroken} ago until {@code lag} ago has been delivered here.
     *
     * @param unbroken how long ago it began
     * @param lag how long ago it ended; zero if every event is there at once
     */
    record Coverage(Duration unbroken, Duration lag) {
        /** Refuses negative durations. */
        public Coverage {
            Objects.requireNonNull(unbroken, "unbroken");
            Objects.requireNonNull(lag, "lag");
            if (unbroken.isNegative() || lag.isNegative()) {
                throw new IllegalArgumentException(
                        "unbroken and lag must not be negative: " + unbroken + " and " + lag);
            }
        }
    }
}
