package dev.satchel.internal.sync;

import dev.satchel.SizeThresholds;
import dev.satchel.SizeThresholds.Level;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Notices that an open database has grown beyond a threshold, once for each time. Thread-safe. */
final class SizeWatch {
    /** A database has to be a tenth below a threshold before it is told to be beyond it again. */
    private static final double AGAIN_BELOW = 0.9;

    private final SizeThresholds thresholds;
    private final AtomicReference<@Nullable Level> told = new AtomicReference<>();

    SizeWatch(SizeThresholds thresholds) {
        this.thresholds = thresholds;
    }

    /**
     * Looks at the size.
     *
     * @param ours whether a session of this node has made it what it is; another node's growth is that node's to tell
     * @return the level that it has grown to just now
     */
    Optional<Level> look(long bytes, boolean ours) {
        Level now = thresholds.levelOf(bytes);
        Level before = told.get();
        if (before == null) {
            told.compareAndSet(null, now);
            return Optional.empty();
        }
        if (now.compareTo(before) > 0) {
            return told.compareAndSet(before, now) && ours ? Optional.of(now) : Optional.empty();
        }
        if (now.compareTo(before) < 0 && bytes < thresholds.bytesOf(before) * AGAIN_BELOW) {
            told.compareAndSet(before, now);
        }
        return Optional.empty();
    }
}
