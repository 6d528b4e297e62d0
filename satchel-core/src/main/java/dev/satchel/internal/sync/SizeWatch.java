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
     * Looks at the size at the end of a session that has committed. What had grown before the session began is for others to tell.
     *
     * @param before bytes when the session began to look at the database
     * @param now bytes
     * @return the level that it has grown to meanwhile, told to nobody yet
     */
    Optional<Level> look(long before, long now) {
        Level from = thresholds.levelOf(before);
        Level to = thresholds.levelOf(now);
        while (true) {
            Level last = told.get();
            Level known = last == null ? from : last;
            if (to.compareTo(from) > 0 && to.compareTo(known) > 0) {
                if (told.compareAndSet(last, to)) {
                    return Optional.of(to);
                }
            } else if (last == null || !isWellBelow(now, last) || told.compareAndSet(last, to)) {
                return Optional.empty();
            }
        }
    }

    private boolean isWellBelow(long bytes, Level level) {
        return thresholds.levelOf(bytes).compareTo(level) < 0 && bytes < thresholds.bytesOf(level) * AGAIN_BELOW;
    }
}
