package dev.satchel.internal.sync;

import dev.satchel.SizeThresholds;
import dev.satchel.SizeThresholds.Level;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Notices that what this node publishes makes a database larger than a threshold, once for each time: those that are set, and from
 * the last one on each that is twice as large. What other nodes publish is theirs to tell.
 */
final class SizeWatch {
    /** A database has to be a tenth below a threshold before it is told to be beyond it again. */
    private static final double AGAIN_BELOW = 0.9;

    private final SizeThresholds thresholds;
    /** The threshold that nobody has taken yet, 0 for none. */
    private final AtomicLong crossed = new AtomicLong();

    private long noticed;

    SizeWatch(SizeThresholds thresholds) {
        this.thresholds = thresholds;
    }

    /** A commit of this node has become a version. One at a time, as commits are published. */
    void published(long bytesBefore, long bytesAfter) {
        if (bytesBefore < noticed * AGAIN_BELOW) {
            noticed = thresholdBelow(bytesBefore);
        }
        long threshold = thresholdBelow(bytesAfter);
        if (threshold > thresholdBelow(bytesBefore) && threshold > noticed) {
            noticed = threshold;
            crossed.set(threshold);
        }
    }

    /** The largest threshold that is not beyond a size; 0 if there is none. */
    private long thresholdBelow(long bytes) {
        Level level = thresholds.levelOf(bytes);
        long set = thresholds.bytesOf(level);
        return level == Level.WARNING ? set * Long.highestOneBit(bytes / set) : set;
    }

    /** The threshold beyond which the database has grown since the last call. On any thread. */
    OptionalLong take() {
        long taken = crossed.getAndSet(0);
        return taken == 0 ? OptionalLong.empty() : OptionalLong.of(taken);
    }
}
