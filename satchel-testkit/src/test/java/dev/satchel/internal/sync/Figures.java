package dev.satchel.internal.sync;

import dev.satchel.ConflictPolicy;
import dev.satchel.CorruptException;
import dev.satchel.SatchelMetrics;
import dev.satchel.SyncStatus;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** The figures a node has reported. */
public final class Figures implements SatchelMetrics {
    public final AtomicInteger conflicts = new AtomicInteger();
    public final AtomicInteger loads = new AtomicInteger();
    public final AtomicInteger images = new AtomicInteger();
    public final AtomicInteger opened = new AtomicInteger();
    public final List<Eviction> evicted = new CopyOnWriteArrayList<>();
    public final List<Duration> lags = new CopyOnWriteArrayList<>();
    public final AtomicInteger corruptions = new AtomicInteger();
    public final List<CorruptException.Kind> damaged = new CopyOnWriteArrayList<>();
    public final List<Outcome> published = new CopyOnWriteArrayList<>();
    public final List<Outcome> refreshed = new CopyOnWriteArrayList<>();
    public final List<SyncStatus> sessions = new CopyOnWriteArrayList<>();

    @Override
    public void refreshed(Outcome outcome, Duration elapsed) {
        refreshed.add(outcome);
    }

    @Override
    public void published(Outcome outcome, long bytes, Duration elapsed) {
        published.add(outcome);
    }

    @Override
    public void saved(Duration lag) {
        lags.add(lag);
    }

    @Override
    public void sessionOpened() {
        opened.incrementAndGet();
    }

    @Override
    public void sessionEnded(SyncStatus status) {
        sessions.add(status);
    }

    @Override
    public void conflicted(ConflictPolicy policy) {
        conflicts.incrementAndGet();
    }

    @Override
    public void loaded(long bytes, Duration elapsed) {
        loads.incrementAndGet();
    }

    @Override
    public void imageWritten(long bytes, Duration elapsed) {
        images.incrementAndGet();
    }

    @Override
    public void evicted(Eviction cause) {
        evicted.add(cause);
    }

    @Override
    public void corruptionFound(CorruptException.Kind kind) {
        corruptions.incrementAndGet();
        damaged.add(kind);
    }
}
