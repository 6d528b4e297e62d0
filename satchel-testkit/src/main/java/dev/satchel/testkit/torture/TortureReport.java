package dev.satchel.testkit.torture;

import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a run did and found.
 *
 * @param seed of the run
 * @param elapsed from the first start to the last look
 * @param figures how often what happened, in an order for people
 * @param killed how often a process was killed at each point, those that were never reached included
 * @param violations of the promise, in words; empty if there were none
 */
public record TortureReport(
        long seed, Duration elapsed, Map<String, Long> figures, Map<KillPoint, Long> killed, List<String> violations) {
    /** Copies the collections. */
    public TortureReport {
        figures = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(figures));
        killed = java.util.Collections.unmodifiableMap(new EnumMap<>(killed));
        violations = List.copyOf(violations);
    }

    /** How often a process was killed, wherever it was. */
    public long kills() {
        return figure(Figure.KILLED_AT_POINT) + figure(Figure.KILLED_AT_RANDOM);
    }

    /** How many changes were acknowledged, as saved or as pending. */
    public long acknowledged() {
        return figure(Figure.DURABLE) + figure(Figure.PENDING);
    }

    /** How often something happened; 0 for what never did. */
    public long figure(Figure figure) {
        return figures.getOrDefault(figure.token(), 0L);
    }
}
