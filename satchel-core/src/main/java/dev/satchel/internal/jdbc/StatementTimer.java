package dev.satchel.internal.jdbc;

import dev.satchel.internal.replica.PhysicalConnection;
import java.sql.SQLException;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Stops a statement that has been inside SQLite for longer than allowed; the driver's own query time-out does not.
 *
 * <p>It looks {@value #TICKS} times per limit whether the statement is inside SQLite and interrupts it when it was seen there
 * that often, so the time a caller takes between rows does not count, a row costs no clock and no task, and a statement is
 * stopped at most a tenth of the limit late. The interrupt is only ever sent while the statement is inside SQLite, for
 * otherwise it would hit the next one. Thread-safe.
 */
final class StatementTimer {
    private static final int TICKS = 10;

    private final PhysicalConnection physical;
    private final long limitMillis;
    private @Nullable Future<?> task;
    private int ticksInside;
    private boolean inside;
    private boolean expired;
    private boolean stopped;

    private StatementTimer(PhysicalConnection physical, long limitMillis) {
        this.physical = physical;
        this.limitMillis = limitMillis;
    }

    static StatementTimer start(PhysicalConnection physical, ScheduledExecutorService scheduler, long limitMillis) {
        StatementTimer timer = new StatementTimer(physical, limitMillis);
        long period = Math.max(TimeUnit.MILLISECONDS.toNanos(limitMillis) / TICKS, TimeUnit.MILLISECONDS.toNanos(1));
        timer.watch(scheduler.scheduleAtFixedRate(timer::tick, period, period, TimeUnit.NANOSECONDS));
        return timer;
    }

    private synchronized void watch(Future<?> ticking) {
        task = ticking;
    }

    private synchronized void tick() {
        if (!inside || stopped || ++ticksInside < TICKS) {
            return;
        }
        expired = true;
        cancelTask();
        try {
            physical.interrupt();
        } catch (SQLException alreadyClosed) {
            // Nothing is left to interrupt.
        }
    }

    /** The statement enters SQLite. */
    synchronized void enter() throws SQLException {
        if (expired) {
            throw SqlErrors.timeout(new SQLException("interrupted"), limitMillis);
        }
        inside = true;
    }

    /** The statement has left SQLite. After this no interrupt is sent until it enters again. */
    synchronized void exit() {
        inside = false;
    }

    synchronized boolean expired() {
        return expired;
    }

    long limitMillis() {
        return limitMillis;
    }

    synchronized void stop() {
        stopped = true;
        cancelTask();
    }

    private void cancelTask() {
        if (task != null) {
            task.cancel(false);
        }
    }
}
