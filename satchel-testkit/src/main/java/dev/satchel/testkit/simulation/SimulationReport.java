package dev.satchel.testkit.simulation;

import java.util.List;
import java.util.Map;

/**
 * What a run did and found.
 *
 * @param seed of the run
 * @param steps how many were taken
 * @param figures how often what happened: commits, faults by kind, crashes, outcomes
 * @param violations of the promise, in words; empty if there were none
 */
public record SimulationReport(long seed, int steps, Map<String, Long> figures, List<String> violations) {
    /** Copies the collections. */
    public SimulationReport {
        figures = Map.copyOf(figures);
        violations = List.copyOf(violations);
    }

    /** How often something happened. */
    public long figure(String name) {
        return figures.getOrDefault(name, 0L);
    }
}
