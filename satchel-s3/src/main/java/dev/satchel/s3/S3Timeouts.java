package dev.satchel.s3;

import java.time.Duration;

/**
 * How long a request may take. Nothing waits for ever: a request that moves bytes is allowed its share for them, everything
 * else is bounded by constants.
 *
 * @param connect to open a connection, and to get a free one of the pool
 * @param silence between two packets of an answer or a body
 * @param call for a whole request, besides its body's share
 * @param slowestBytesPerSecond what a body's share is counted with: below it a transfer is given up
 */
public record S3Timeouts(Duration connect, Duration silence, Duration call, long slowestBytesPerSecond) {
    /** 3 s to connect, 10 s of silence, 20 s for a call and a second more for every 64 KiB. */
    public static final S3Timeouts DEFAULT =
            new S3Timeouts(Duration.ofSeconds(3), Duration.ofSeconds(10), Duration.ofSeconds(20), 64 * 1024);

    /** Checks the bounds. */
    public S3Timeouts {
        if (!isPositive(connect) || !isPositive(silence) || !isPositive(call) || slowestBytesPerSecond <= 0) {
            throw new IllegalArgumentException("time-outs must be positive: " + connect + ", " + silence + ", " + call
                    + ", " + slowestBytesPerSecond);
        }
    }

    /** How long a call with a body of so many bytes may take. */
    Duration callWith(long bytes) {
        return call.plusSeconds(bytes / slowestBytesPerSecond);
    }

    private static boolean isPositive(Duration duration) {
        return !duration.isNegative() && !duration.isZero();
    }
}
