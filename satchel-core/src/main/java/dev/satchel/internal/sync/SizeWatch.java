package dev.satchel.internal.sync;

import dev.satchel.SizeThresholds;
import dev.satchel.SizeThresholds.Level;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Notices that what this node publishes makes a database larger than a threshold, once for each time. What other nodes publish is
 * theirs to tell.
 */
final class SizeWatch {
    /** A database has to be a tenth below a threshold before it is told to be beyond it again. */
    private static final double AGAIN_BELOW = 0.9;

    private final SizeThresholds thresholds;
    private final AtomicReference<@Nullable Level> crossed = new AtomicReference<>();
    private Level noticed = Level.NORMAL;

    SizeWatch(SizeThresholds thresholds) {
        this.thresholds = thresholds;
    }

    /** A commit of this node has become a version. One at a time, as commits are published. */
    void published(long bytesBefore, long bytesAfter) {
        if (bytesBefore < thresholds.bytesOf(noticed) * AGAIN_BELOW) {
            noticed = thresholds.levelOf(bytesBefore);
        }
        Level level = thresholds.levelOf(bytesAfter);
        if (level.compareTo(thresholds.levelOf(bytesBefore)) > 0 && level.compareTo(noticed) > 0) {
            noticed = level;
            crossed.set(level);
        }
    }

    /** The level beyond which the database has grown since the last call. On any thread. */
    Optional<Level> take() {
        return Optional.ofNullable(crossed.getAndSet(null));
    }
}
