package dev.satchel.testkit.simulation;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Finds fewer steps of a run that violate the promise as well. */
public final class Shrinker {
    private Shrinker() {}

    /**
     * Leaves out halves, quarters and so on of the steps as long as something is still violated.
     *
     * @param failed a run that violated the promise
     * @param folder for the nodes' files
     * @param patience no new attempt is begun after that
     * @return the smallest run that was found, with its trace
     */
    public static SimulationReport shrink(SimulationReport failed, Path folder, Duration patience) {
        long end = System.nanoTime() + patience.toNanos();
        SimulationPlan plan = failed.plan();
        List<Integer> steps =
                plan.only() == null ? IntStream.range(0, plan.steps()).boxed().toList() : List.copyOf(plan.only());
        SimulationReport smallest = failed;
        for (int part = (steps.size() + 1) / 2; part > 0 && !steps.isEmpty(); ) {
            boolean smaller = false;
            for (int from = 0; from < steps.size() && System.nanoTime() - end < 0; ) {
                List<Integer> fewer = new ArrayList<>(steps.subList(0, from));
                fewer.addAll(steps.subList(Math.min(steps.size(), from + part), steps.size()));
                SimulationReport attempt = Simulation.run(plan.only(fewer), folder);
                if (attempt.violations().isEmpty()) {
                    from += part;
                } else {
                    smallest = attempt;
                    steps = fewer;
                    smaller = true;
                }
            }
            if (System.nanoTime() - end >= 0) {
                break;
            }
            if (part == 1 && smaller) {
                continue;
            }
            part = part == 1 ? 0 : (part + 1) / 2;
        }
        return smallest;
    }
}
