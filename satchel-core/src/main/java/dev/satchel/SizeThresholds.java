package dev.satchel;

import java.util.Locale;

/**
 * From which sizes on a database is worth a word. When a session makes one larger than a threshold, that is logged once, counted and
 * told to each {@link SizeListener}; again when it is twice as large as the last threshold, four times and so on, or after it has been
 * a tenth below.
 *
 * @param infoBytes logged at INFO from here on; 512 KiB by default
 * @param warningBytes logged at WARN from here on; 1 MiB by default
 * @param quotaBytes no database becomes larger than that: what would make it fails with {@link QuotaExceededException}, and
 *     deleting works, with room up to {@link #ceilingBytes}; 0, the default, for no limit. Migrations of the schema and archive
 *     databases are not limited
 */
public record SizeThresholds(long infoBytes, long warningBytes, long quotaBytes) {
    private static final long LEAST_ROOM = 256 << 10;

    /** 512 KiB, 1 MiB, no quota. */
    public static final SizeThresholds DEFAULTS = new SizeThresholds(512 << 10, 1 << 20, 0);

    /** What a size means. */
    public enum Level {
        /** Below the thresholds. */
        NORMAL,
        /** From the first threshold on. */
        INFO,
        /** From the second threshold on. */
        WARNING;

        /** The name in figures and JSON, lower case. */
        public String token() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Refuses thresholds out of order. */
    public SizeThresholds {
        if (infoBytes <= 0 || warningBytes < infoBytes) {
            throw new IllegalArgumentException("the size thresholds must be greater than 0 and in order: info "
                    + infoBytes + ", warning " + warningBytes);
        }
        if (quotaBytes < 0) {
            throw new IllegalArgumentException("the quota must not be negative: " + quotaBytes);
        }
    }

    /**
     * How large deleting may make a database that has a quota: half as large again, and at least 256 KiB more. A full-text index that
     * triggers keep notes what was deleted before it gives anything back, and so does a log of what was deleted. 0 without a quota.
     */
    public long ceilingBytes() {
        if (quotaBytes == 0) {
            return 0;
        }
        long room = Math.max(LEAST_ROOM, quotaBytes / 2);
        return quotaBytes > Long.MAX_VALUE - room ? Long.MAX_VALUE : quotaBytes + room;
    }

    /** What a size means. */
    public Level levelOf(long bytes) {
        if (bytes >= warningBytes) {
            return Level.WARNING;
        }
        return bytes >= infoBytes ? Level.INFO : Level.NORMAL;
    }

    /** From which size on a level is reached; 0 for {@code NORMAL}. */
    public long bytesOf(Level level) {
        return switch (level) {
            case NORMAL -> 0;
            case INFO -> infoBytes;
            case WARNING -> warningBytes;
        };
    }

    /** With a quota. */
    public SizeThresholds withQuota(long bytes) {
        return new SizeThresholds(infoBytes, warningBytes, bytes);
    }
}
