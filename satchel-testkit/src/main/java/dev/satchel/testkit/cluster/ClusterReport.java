package dev.satchel.testkit.cluster;

import java.time.Duration;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What a run did and found.
 *
 * @param seed of the run
 * @param elapsed from the first start to the last look
 * @param loaded how long there was load
 * @param figures how often what happened, complete
 * @param write from when a change was asked for until it was acknowledged, all attempts included
 * @param read from when a read was asked for until it was answered, all attempts included
 * @param event from when a version was given to the feed until another process heard of it; empty without a feed
 * @param drains how drained nodes left their databases, those at the end included
 * @param violations in words; empty if there were none
 */
public record ClusterReport(
        long seed,
        Duration elapsed,
        Duration loaded,
        Map<ClusterFigure, Long> figures,
        Latency write,
        Latency read,
        Optional<Latency> event,
        List<DrainReport> drains,
        List<String> violations) {
    /** Copies the collections. */
    public ClusterReport {
        figures = Collections.unmodifiableMap(new EnumMap<>(figures));
        drains = List.copyOf(drains);
        violations = List.copyOf(violations);
    }

    /** How often something happened. */
    public long figure(ClusterFigure figure) {
        return Objects.requireNonNullElse(figures.get(figure), 0L);
    }
}
