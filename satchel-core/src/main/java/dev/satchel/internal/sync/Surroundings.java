package dev.satchel.internal.sync;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * What a node takes from the machine and a test wants in its own hands.
 *
 * @param nanoTime monotonic clock
 * @param random for commit ids and jitter; thread-safe
 * @param lookAround how often the node looks for background work
 */
record Surroundings(LongSupplier nanoTime, RandomGenerator random, Duration lookAround) {
    private static final Duration TWICE_A_SECOND = Duration.ofMillis(500);

    static Surroundings ofTheMachine() {
        return new Surroundings(System::nanoTime, new SecureRandom(), TWICE_A_SECOND);
    }
}
