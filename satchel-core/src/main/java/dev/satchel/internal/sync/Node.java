package dev.satchel.internal.sync;

import dev.satchel.SatchelConfig;
import dev.satchel.SatchelMetrics;
import dev.satchel.SchemaMigration;
import dev.satchel.SizeListener;
import dev.satchel.VersionEvent;
import dev.satchel.VersionFeed;
import dev.satchel.VersionListener;
import dev.satchel.store.ObjectStore;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What all databases of a node share. Immutable, thread-safe.
 *
 * @param store where databases are durable
 * @param localFolder where their copies live
 * @param config settings
 * @param metrics receives figures
 * @param clock wall clock, for time stamps in the store
 * @param nanoTime monotonic clock, for everything else
 * @param random for commit ids and jitter
 * @param pause how threads wait for remote steps
 * @param snapshotEvery versions between two snapshots
 * @param partBytes size of a part of a large object
 * @param switchedOff rules of the protocol that are not kept; see {@link Surroundings}
 * @param refusals databases whose changes were refused
 * @param writer node and start, as it stands in commits
 * @param schema migrates each database, if the application wants that
 * @param listeners of version events
 * @param sizeListeners hear that databases grow
 * @param feed to and from other nodes
 * @param requests runs single store requests; never waits for another task
 * @param background runs whole background tasks
 * @param large runs what takes long because a database is large, a few at a time
 * @param scheduler for time-outs of statements
 */
record Node(
        ObjectStore store,
        Path localFolder,
        SatchelConfig config,
        SatchelMetrics metrics,
        InstantSource clock,
        LongSupplier nanoTime,
        RandomGenerator random,
        Surroundings.Pause pause,
        int snapshotEvery,
        int partBytes,
        Set<ProtocolRule> switchedOff,
        Refusals refusals,
        String writer,
        @Nullable SchemaMigration schema,
        List<VersionListener> listeners,
        List<SizeListener> sizeListeners,
        VersionFeed feed,
        Executor requests,
        Executor background,
        Executor large,
        ScheduledExecutorService scheduler) {
    private static final Logger LOG = LoggerFactory.getLogger(Node.class);
    private static final int COMMIT_ID_BYTES = 16;

    /** Whether a rule of the protocol holds here: always, but in tests that show what it is good for. */
    boolean keeps(ProtocolRule rule) {
        return !switchedOff.contains(rule);
    }

    /** A fresh commit id: 32 hex digits. */
    String newCommitId() {
        byte[] bytes = new byte[COMMIT_ID_BYTES];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** Patience for work that no session waits for. */
    Patience patience() {
        return new Patience(this::sleep, random);
    }

    private void sleep(Duration duration) throws InterruptedException {
        ReentrantLock lock = new ReentrantLock();
        Condition never = lock.newCondition();
        lock.lock();
        try {
            long left = duration.toNanos();
            while (left > 0) {
                left = pause.await(never, left);
            }
        } finally {
            lock.unlock();
        }
    }

    /** The time stamp of a commit after one of {@code previous}: now, but never out of order. */
    Instant timestampAfter(Instant previous) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        Instant earliest = previous.plusMillis(1);
        return now.isBefore(earliest) && keeps(ProtocolRule.TIMESTAMPS_ASCEND) ? earliest : now;
    }

    /** Tells the listeners and the feed of something that this node did. */
    void announce(VersionEvent event) {
        tell(event);
        publish(event);
    }

    /** Tells the feed; what it throws is logged and goes no further. */
    void publish(VersionEvent event) {
        try {
            feed.publish(event);
        } catch (RuntimeException e) {
            LOG.warn("version feed failed kind={} version={}", event.kind(), event.version(), e);
        } catch (Error e) { // What it is about is in the store: whoever waits for that must not be told otherwise.
            LOG.error("version feed failed kind={} version={}", event.kind(), event.version(), e);
        }
    }

    /** Up to when, and since when, the feed has told of everything; empty if that is not known. */
    Optional<VersionFeed.Coverage> coverage() {
        try {
            return feed.coverage();
        } catch (RuntimeException e) {
            LOG.warn("version feed failed", e);
            return Optional.empty();
        }
    }

    /** Tells the listeners of something that this node found; what they throw is logged and goes no further. */
    void tell(VersionEvent event) {
        for (VersionListener listener : listeners) {
            try {
                listener.onEvent(event);
            } catch (RuntimeException e) {
                LOG.warn("version listener failed event={}", event, e);
            } catch (Error e) {
                LOG.error("version listener failed event={}", event, e);
            }
        }
    }
}
