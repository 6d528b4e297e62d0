package dev.satchel.internal.sync;

import dev.satchel.store.Sleeper;
import dev.satchel.store.StoreException;
import java.time.Duration;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * Trying again after a failure of the store, with growing pauses, for work that no session waits for. Immutable, thread-safe.
 *
 * @param sleeper waits between attempts
 * @param random for jitter
 */
public record Patience(Sleeper sleeper, RandomGenerator random) {
    /** How often something is tried. */
    static final int ATTEMPTS = 6;

    private static final Duration FIRST_PAUSE = Duration.ofMillis(250);

    /** Waits after a failed attempt, longer each time. */
    void pause(int failed) throws InterruptedException {
        long longest = FIRST_PAUSE.toNanos() << (failed - 1);
        sleeper.sleep(Duration.ofNanos(random.nextLong(longest / 2, longest + 1)));
    }

    /**
     * Makes a request that may be made any number of times.
     *
     * @throws StoreException the last failure
     */
    <T> T repeat(Supplier<T> request) {
        for (int attempt = 1; ; attempt++) {
            try {
                return request.get();
            } catch (StoreException e) {
                if (attempt == ATTEMPTS || !e.reason().isRetryable()) {
                    throw e;
                }
                try {
                    pause(attempt);
                } catch (InterruptedException interrupted) {
                    Thread.currentThread().interrupt();
                    throw e;
                }
            }
        }
    }
}
