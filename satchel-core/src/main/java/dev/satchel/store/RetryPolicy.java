package dev.satchel.store;

import java.time.Duration;

/**
 * How often and how long to try again. Delays grow by doubling, and each is drawn evenly between zero and its bound (full
 * jitter), so that many callers which failed together do not come back together.
 *
 * @param attempts how many times in all, the first included; 1 means no retry
 * @param maxElapsed no further attempt begins later than this after the first began
 * @param firstDelay the bound of the first delay
 * @param maxDelay the bound that doubling stops at
 */
public record RetryPolicy(int attempts, Duration maxElapsed, Duration firstDelay, Duration maxDelay) {
    /** Four attempts within ten seconds, delays of up to 0.1, 0.2 and 0.4 seconds. */
    public static final RetryPolicy DEFAULT =
            new RetryPolicy(4, Duration.ofSeconds(10), Duration.ofMillis(100), Duration.ofSeconds(2));

    /** Checks the bounds. */
    public RetryPolicy {
        if (attempts < 1) {
            throw new IllegalArgumentException("attempts must be at least 1: " + attempts);
        }
        if (maxElapsed.isNegative() || firstDelay.isNegative() || maxDelay.compareTo(firstDelay) < 0) {
            throw new IllegalArgumentException("durations must not be negative, and maxDelay not below firstDelay: "
                    + maxElapsed + ", " + firstDelay + ", " + maxDelay);
        }
    }

    /**
     * How long to wait before another attempt.
     *
     * @param failed how many attempts have failed, from 1
     * @param random in [0, 1)
     */
    public Duration delay(int failed, double random) {
        long bound = firstDelay.toNanos();
        long max = maxDelay.toNanos();
        for (int i = 1; i < failed && bound < max; i++) {
            bound = bound > max / 2 ? max : bound * 2;
        }
        return Duration.ofNanos((long) (Math.min(bound, max) * random));
    }
}
