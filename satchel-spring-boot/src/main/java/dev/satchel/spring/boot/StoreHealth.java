package dev.satchel.spring.boot;

import dev.satchel.store.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Remembers how the last requests to the store went, so that nobody has to ask it to know. Thread-safe. */
final class StoreHealth implements StoreObserver {
    private final InstantSource clock;
    private final AtomicReference<State> state = new AtomicReference<>(new State(null, null, 0));

    StoreHealth(InstantSource clock) {
        this.clock = clock;
    }

    State state() {
        return state.get();
    }

    @Override
    public void requestEnded(
            String operation,
            String outcome,
            Duration elapsed,
            long sent,
            long received,
            @Nullable StoreException failure) {
        Instant now = clock.instant();
        if (failure == null) {
            state.updateAndGet(s -> new State(now, s.lastFailure(), 0));
        } else {
            state.updateAndGet(s -> new State(s.lastSuccess(), now, s.failuresInARow() + 1));
        }
    }

    /**
     * What is known.
     *
     * @param lastSuccess when the store last answered
     * @param lastFailure when it last did not, or refused
     * @param failuresInARow how often since it last answered
     */
    record State(@Nullable Instant lastSuccess, @Nullable Instant lastFailure, int failuresInARow) {}
}
