package dev.satchel.cli;

import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** A bar on standard error while something takes its time, if somebody watches. Thread-safe. */
final class ProgressBars implements AutoCloseable {
    /** Less is there before anybody could read a bar. */
    private static final long WORTH_A_BAR = 4 << 20;

    private static final int UPDATE_MILLIS = 200;
    private static final long MEGABYTE = 1 << 20;

    private final boolean wanted;
    private @Nullable ProgressBar bar;

    ProgressBars(boolean wanted) {
        this.wanted = wanted;
    }

    /** So many bytes are to come or to go. */
    synchronized void expect(String what, long bytes) {
        if (bar == null && wanted && bytes >= WORTH_A_BAR) {
            bar = new ProgressBarBuilder()
                    .setTaskName(what)
                    .setInitialMax(bytes)
                    .setUnit(" MB", MEGABYTE)
                    .setStyle(ProgressBarStyle.ASCII)
                    .setUpdateIntervalMillis(UPDATE_MILLIS)
                    .setConsumer(new ConsoleProgressBarConsumer(System.err))
                    .build();
        } else if (bar != null) {
            bar.maxHint(bar.getMax() + bytes);
        }
    }

    /** There are so many of something to get through. */
    synchronized void begin(String what, long total, String unit) {
        if (bar == null && wanted) {
            bar = new ProgressBarBuilder()
                    .setTaskName(what)
                    .setInitialMax(total)
                    .setUnit(unit, 1)
                    .setStyle(ProgressBarStyle.ASCII)
                    .setUpdateIntervalMillis(UPDATE_MILLIS)
                    .setConsumer(new ConsoleProgressBarConsumer(System.err))
                    .build();
        }
    }

    /** So many of them are done. */
    synchronized void reached(long done, String note) {
        if (bar != null) {
            bar.stepTo(done);
            bar.setExtraMessage(note);
        }
    }

    /** So many of them have. */
    synchronized void moved(long bytes) {
        if (bar != null) {
            bar.stepBy(bytes);
        }
    }

    @Override
    public synchronized void close() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }
}
