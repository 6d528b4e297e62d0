package dev.satchel.spring.boot;

import dev.satchel.ConflictPolicy;
import dev.satchel.CorruptException;
import dev.satchel.SatchelMetrics;
import dev.satchel.SizeThresholds;
import dev.satchel.SyncStatus;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** Reports to several. Thread-safe if they are. */
final class CompositeSatchelMetrics implements SatchelMetrics {
    private final List<SatchelMetrics> all;

    CompositeSatchelMetrics(List<SatchelMetrics> all) {
        this.all = List.copyOf(all);
    }

    @Override
    public void refreshed(Outcome outcome, Duration elapsed) {
        each(metrics -> metrics.refreshed(outcome, elapsed));
    }

    @Override
    public void published(Outcome outcome, long bytes, Duration elapsed) {
        each(metrics -> metrics.published(outcome, bytes, elapsed));
    }

    @Override
    public void saved(Duration lag) {
        each(metrics -> metrics.saved(lag));
    }

    @Override
    public void sessionOpened() {
        each(SatchelMetrics::sessionOpened);
    }

    @Override
    public void sessionEnded(SyncStatus status) {
        each(metrics -> metrics.sessionEnded(status));
    }

    @Override
    public void conflicted(ConflictPolicy policy) {
        each(metrics -> metrics.conflicted(policy));
    }

    @Override
    public void loaded(long bytes, Duration elapsed) {
        each(metrics -> metrics.loaded(bytes, elapsed));
    }

    @Override
    public void imageWritten(long bytes, Duration elapsed) {
        each(metrics -> metrics.imageWritten(bytes, elapsed));
    }

    @Override
    public void evicted(Eviction cause) {
        each(metrics -> metrics.evicted(cause));
    }

    @Override
    public void corruptionFound(CorruptException.Kind kind) {
        each(metrics -> metrics.corruptionFound(kind));
    }

    @Override
    public void grown(SizeThresholds.Level level) {
        each(metrics -> metrics.grown(level));
    }

    private void each(Consumer<SatchelMetrics> report) {
        all.forEach(report);
    }
}
