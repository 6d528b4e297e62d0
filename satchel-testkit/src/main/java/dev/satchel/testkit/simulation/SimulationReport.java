package dev.satchel.testkit.simulation;

import java.util.List;
import java.util.Map;

/**
 * What a run did and found.
 *
 * @param plan of the run
 * @param figures how often what happened: commits, faults by kind, crashes, outcomes
 * @param violations of the promise, in words; empty if there were none
 * @param trace what each step did, in words; empty unless asked for
 */
public record SimulationReport(
        SimulationPlan plan, Map<String, Long> figures, List<String> violations, List<String> trace) {
    /** The figure of changes that were acknowledged. */
    public static final String COMMITS = "commits";

    /** The figure of commit objects in the store. */
    public static final String VERSIONS = "versions";

    /** What the figures of faults begin with, a kind each. */
    public static final String FAULT = "fault: ";

    /** Copies the collections. */
    public SimulationReport {
        figures = Map.copyOf(figures);
        violations = List.copyOf(violations);
        trace = List.copyOf(trace);
    }

    /** How often something happened. */
    public long figure(String name) {
        return figures.getOrDefault(name, 0L);
    }

    /** How many faults there were, of all kinds. */
    public long faults() {
        return faults(figures);
    }

    static long faults(Map<String, Long> figures) {
        return figures.entrySet().stream()
                .filter(figure -> figure.getKey().startsWith(FAULT))
                .mapToLong(Map.Entry::getValue)
                .sum();
    }
}
