package dev.satchel.internal.sync;

import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;

/**
 * A monotonic clock that counts the time a machine sleeps. {@link System#nanoTime} stands still while it is suspended, hibernated or
 * paused by its hypervisor, and what was known of the store before would seem to be moments old. Thread-safe.
 *
 * <p>A wall clock that runs ahead of the monotonic one by a leap has been asleep, or was set: either way more time counts as gone by, which
 * costs a request. One that is set back takes nothing away.
 */
public final class SleeplessTime implements LongSupplier {
    /** Two clocks are not read at the same moment, nor do they run equally fast. */
    private static final long TOLERANCE = Duration.ofSeconds(1).toNanos();

    private final LongSupplier nanoTime;
    private final InstantSource clock;
    private final AtomicReference<Lead> lead;

    /**
     * How the clocks stood to each other last.
     *
     * @param wall by how much the wall clock was ahead
     * @param slept what is to be added to the monotonic clock
     */
    private record Lead(long wall, long slept) {}

    /** Made of a monotonic clock that may stand still and a wall clock that does not. */
    SleeplessTime(LongSupplier nanoTime, InstantSource clock) {
        this.nanoTime = nanoTime;
        this.clock = clock;
        this.lead = new AtomicReference<>(new Lead(wall(nanoTime.getAsLong()), 0));
    }

    /** That of this machine. */
    public static SleeplessTime ofTheMachine() {
        return new SleeplessTime(System::nanoTime, InstantSource.system());
    }

    @Override
    public long getAsLong() {
        while (true) {
            Lead last = lead.get();
            long nanos = nanoTime.getAsLong();
            long wall = wall(nanos);
            long leap = wall - last.wall();
            if (Math.abs(leap) <= TOLERANCE) {
                return nanos + last.slept();
            }
            Lead now = new Lead(wall, last.slept() + Math.max(0, leap));
            if (lead.compareAndSet(last, now)) {
                return nanos + now.slept();
            }
        }
    }

    private long wall(long nanos) {
        return clock.millis() * 1_000_000 - nanos;
    }
}
