package dev.satchel;

import java.time.Duration;
import java.util.function.Consumer;

/**
 * Settings of one node. {@link #defaults()} works; change with the {@code with} methods of {@link Satchel.Builder}.
 *
 * @param conflictPolicy what happens when two machines commit on the same base
 * @param maxOpenDatabases how many databases may be open at once; each costs some memory and file handles
 * @param maxLocalBytes how much disk the local copies may take; files of idle users are removed beyond it
 * @param maxConnectionsPerDatabase JDBC connections of one database at once
 * @param maxTransactionBytes how much one transaction may change, in bytes of whole pages: it is collected and encoded in memory,
 *     several times that
 * @param storeTimeout how long a session waits for the store in all, attempts and pauses together
 * @param localTimeout how long a session waits for something local: another transaction, a free connection, a version to be applied
 * @param verifyWindow how long a local copy may rely on the log alone; the protocol's {@code W}
 * @param imageEveryVersions an image is written when it is this many versions behind
 * @param imageIdle an image is written when a database has been left alone this long
 * @param closeIdle an open database that nobody used this long is closed
 * @param feedTrust how long a {@link VersionFeed} without a gap is believed, that a local copy is still the newest, before the store
 *     is asked again; bounds how old {@link Freshness#within} may get when an event is lost
 * @param retention how long an older version can be restored, and a conflict record is kept; at least 24 hours
 * @param sizes from which sizes on a database is worth a word, and how large it may become
 */
public record SatchelConfig(
        ConflictPolicy conflictPolicy,
        int maxOpenDatabases,
        long maxLocalBytes,
        int maxConnectionsPerDatabase,
        long maxTransactionBytes,
        Duration storeTimeout,
        Duration localTimeout,
        Duration verifyWindow,
        int imageEveryVersions,
        Duration imageIdle,
        Duration closeIdle,
        Duration feedTrust,
        Duration retention,
        SizeThresholds sizes) {
    /** Below it, a node that slept might rely on commits that are gone. */
    public static final Duration MIN_RETENTION = Duration.ofHours(24);

    private static final long MIN_TRANSACTION_BYTES = 64L << 10;
    private static final long MAX_TRANSACTION_BYTES = 1L << 30;

    private static final SatchelConfig DEFAULTS = new SatchelConfig(
            ConflictPolicy.LAST_WRITE_WINS,
            500,
            10L << 30,
            16,
            Math.max(
                    16L << 20,
                    Math.min(MAX_TRANSACTION_BYTES, Runtime.getRuntime().maxMemory() / 8)),
            Duration.ofSeconds(10),
            Duration.ofSeconds(10),
            Duration.ofMinutes(10),
            64,
            Duration.ofSeconds(3),
            Duration.ofMinutes(5),
            Duration.ofMinutes(1),
            Duration.ofDays(30),
            SizeThresholds.DEFAULTS);

    /** Refuses what cannot work, naming the setting and the value. */
    public SatchelConfig {
        positive("maxOpenDatabases", maxOpenDatabases);
        positive("maxLocalBytes", maxLocalBytes);
        positive("maxConnectionsPerDatabase", maxConnectionsPerDatabase);
        if (maxTransactionBytes < MIN_TRANSACTION_BYTES || maxTransactionBytes > MAX_TRANSACTION_BYTES) {
            throw new IllegalArgumentException(
                    "maxTransactionBytes must be between 64 KiB and 1 GiB: " + maxTransactionBytes);
        }
        positive("storeTimeout", storeTimeout.toMillis());
        positive("localTimeout", localTimeout.toMillis());
        positive("verifyWindow", verifyWindow.toMillis());
        positive("imageEveryVersions", imageEveryVersions);
        positive("imageIdle", imageIdle.toMillis());
        positive("closeIdle", closeIdle.toMillis());
        if (feedTrust.isNegative()) {
            throw new IllegalArgumentException("feedTrust must not be negative: " + feedTrust);
        }
        if (retention.compareTo(MIN_RETENTION) < 0) {
            throw new IllegalArgumentException("retention must be at least 24 hours: " + retention);
        }
        if (verifyWindow.compareTo(retention.dividedBy(2)) > 0) {
            throw new IllegalArgumentException(
                    "verifyWindow must be far smaller than the retention of " + retention + ": " + verifyWindow);
        }
    }

    /** What applies unless something else is said. */
    public static SatchelConfig defaults() {
        return DEFAULTS;
    }

    private static void positive(String name, long value) {
        if (value <= 0) {
            throw new IllegalArgumentException(name + " must be greater than 0: " + value);
        }
    }

    /** With another conflict policy. */
    public SatchelConfig withConflictPolicy(ConflictPolicy value) {
        return with(draft -> draft.conflictPolicy = value);
    }

    /** With other bounds for open databases and their disk space. */
    public SatchelConfig withLocalBounds(int openDatabases, long localBytes) {
        return with(draft -> {
            draft.maxOpenDatabases = openDatabases;
            draft.maxLocalBytes = localBytes;
        });
    }

    /** With another bound for the JDBC connections of one database. */
    public SatchelConfig withMaxConnectionsPerDatabase(int value) {
        return with(draft -> draft.maxConnectionsPerDatabase = value);
    }

    /** With another bound for what one transaction may change. */
    public SatchelConfig withMaxTransactionBytes(long value) {
        return with(draft -> draft.maxTransactionBytes = value);
    }

    /** With other time-outs. */
    public SatchelConfig withTimeouts(Duration store, Duration local) {
        return with(draft -> {
            draft.storeTimeout = store;
            draft.localTimeout = local;
        });
    }

    /** With another verify window. */
    public SatchelConfig withVerifyWindow(Duration value) {
        return with(draft -> draft.verifyWindow = value);
    }

    /** With another rhythm of images and closing. */
    public SatchelConfig withIdle(int imageVersions, Duration image, Duration close) {
        return with(draft -> {
            draft.imageEveryVersions = imageVersions;
            draft.imageIdle = image;
            draft.closeIdle = close;
        });
    }

    /** With another trust in the feed; zero means that {@link Freshness#within} asks the store as if there were none. */
    public SatchelConfig withFeedTrust(Duration value) {
        return with(draft -> draft.feedTrust = value);
    }

    /** With another retention. */
    public SatchelConfig withRetention(Duration value) {
        return with(draft -> draft.retention = value);
    }

    /** With other size thresholds. */
    public SatchelConfig withSizes(SizeThresholds value) {
        return with(draft -> draft.sizes = value);
    }

    private SatchelConfig with(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.config();
    }

    /** A copy in the making. */
    private static final class Draft {
        private ConflictPolicy conflictPolicy;
        private int maxOpenDatabases;
        private long maxLocalBytes;
        private int maxConnectionsPerDatabase;
        private long maxTransactionBytes;
        private Duration storeTimeout;
        private Duration localTimeout;
        private Duration verifyWindow;
        private int imageEveryVersions;
        private Duration imageIdle;
        private Duration closeIdle;
        private Duration feedTrust;
        private Duration retention;
        private SizeThresholds sizes;

        Draft(SatchelConfig from) {
            conflictPolicy = from.conflictPolicy;
            maxOpenDatabases = from.maxOpenDatabases;
            maxLocalBytes = from.maxLocalBytes;
            maxConnectionsPerDatabase = from.maxConnectionsPerDatabase;
            maxTransactionBytes = from.maxTransactionBytes;
            storeTimeout = from.storeTimeout;
            localTimeout = from.localTimeout;
            verifyWindow = from.verifyWindow;
            imageEveryVersions = from.imageEveryVersions;
            imageIdle = from.imageIdle;
            closeIdle = from.closeIdle;
            feedTrust = from.feedTrust;
            retention = from.retention;
            sizes = from.sizes;
        }

        SatchelConfig config() {
            return new SatchelConfig(
                    conflictPolicy,
                    maxOpenDatabases,
                    maxLocalBytes,
                    maxConnectionsPerDatabase,
                    maxTransactionBytes,
                    storeTimeout,
                    localTimeout,
                    verifyWindow,
                    imageEveryVersions,
                    imageIdle,
                    closeIdle,
                    feedTrust,
                    retention,
                    sizes);
        }
    }
}
