package dev.satchel.internal.sync;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * What a node takes from the machine and a test wants in its own hands.
 *
 * @param nanoTime monotonic clock
 * @param random for commit ids and jitter; thread-safe
 * @param lookAround how often the node looks for background work; {@link #NEVER} leaves that to {@link Engine#lookAround()}
 * @param pause how a thread waits for a remote step of another, or for its next attempt
 * @param ownThreads whether the node runs background work on threads of its own; else on whichever thread asks for it
 * @param snapshotEvery versions between two snapshots
 * @param partBytes images and snapshots of more than twice as much are fetched in parts
 * @param switchedOff rules of the protocol that this node breaks, for tests that show that a breach is noticed
 */
public record Surroundings(
        LongSupplier nanoTime,
        RandomGenerator random,
        Duration lookAround,
        Pause pause,
        boolean ownThreads,
        int snapshotEvery,
        int partBytes,
        Set<ProtocolRule> switchedOff) {
    /** Background work only when it is asked for. */
    public static final Duration NEVER = Duration.ofDays(365);

    private static final Duration TWICE_A_SECOND = Duration.ofMillis(500);

    /** Copies the set. */
    public Surroundings {
        switchedOff = Set.copyOf(switchedOff);
    }

    /** Which keep all rules. */
    public Surroundings(
            LongSupplier nanoTime, RandomGenerator random, Duration lookAround, Pause pause, boolean ownThreads) {
        this(
                nanoTime,
                random,
                lookAround,
                pause,
                ownThreads,
                SnapshotWriter.EVERY_VERSIONS,
                DatabaseLoader.PART_BYTES,
                Set.of());
    }

    /** A clock and chance of its own, and otherwise the machine's. */
    public Surroundings(LongSupplier nanoTime, RandomGenerator random, Duration lookAround) {
        this(nanoTime, random, lookAround, Condition::awaitNanos, true);
    }

    /** The same, but a node that breaks these rules. */
    public Surroundings breaking(Set<ProtocolRule> rules) {
        return new Surroundings(nanoTime, random, lookAround, pause, ownThreads, snapshotEvery, partBytes, rules);
    }

    /** The same, but with parts of another size. */
    public Surroundings withParts(int bytes) {
        return new Surroundings(nanoTime, random, lookAround, pause, ownThreads, snapshotEvery, bytes, switchedOff);
    }

    /** What a node has that is no test. */
    public static Surroundings ofTheMachine() {
        return new Surroundings(SleeplessTime.ofTheMachine(), new SecureRandom(), TWICE_A_SECOND);
    }

    /** A bounded wait. */
    public interface Pause {
        /** Waits for the condition, at most so long; see {@link Condition#awaitNanos}. */
        long await(Condition condition, long nanos) throws InterruptedException;
    }
}
