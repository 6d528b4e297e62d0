package dev.satchel.testkit.simulation;

import dev.satchel.internal.sync.ProtocolRule;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Runs seeds side by side, each on one thread. Thread-safe. */
public final class Simulations {
    private final Path folder;
    private final int threads;

    /**
     * Runs simulations.
     *
     * @param folder for the nodes' files; best one in memory
     * @param threads how many seeds run at once
     */
    public Simulations(Path folder, int threads) {
        this.folder = folder;
        this.threads = threads;
    }

    /**
     * How many seeds.
     *
     * @param first the first of them
     * @param count at most so many
     * @param time none is begun after that
     * @param steps of each
     * @param broken a rule that all nodes break; null for none
     */
    public record Extent(
            long first,
            long count,
            Duration time,
            int steps,
            @Nullable ProtocolRule broken) {}

    /** Hears of each run that has ended, one at a time. */
    public interface Listener {
        /** A run has ended. */
        void ended(SimulationReport report);
    }

    /**
     * What all runs together did and found.
     *
     * @param seeds how many were run
     * @param figures of all of them
     * @param failed the first that violated the promise
     */
    public record Summary(long seeds, Map<String, Long> figures, Optional<SimulationReport> failed) {
        /** Copies the map. */
        public Summary {
            figures = Map.copyOf(figures);
        }

        /** Of one run. */
        public static Summary of(SimulationReport report) {
            return new Summary(
                    1, report.figures(), report.violations().isEmpty() ? Optional.empty() : Optional.of(report));
        }

        /** How often something happened. */
        public long figure(String name) {
            return figures.getOrDefault(name, 0L);
        }

        /** How many faults there were, of all kinds. */
        public long faults() {
            return SimulationReport.faults(figures);
        }
    }

    /** Runs seeds until there are enough, the time is up, or one violates the promise. Blocks. */
    public Summary run(Extent extent, Listener listener) throws InterruptedException {
        Tally tally = new Tally(extent, listener);
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            for (Future<?> worker : IntStream.range(0, threads)
                    .<Future<?>>mapToObj(number -> executor.submit(() -> work(extent, tally)))
                    .toList()) {
                worker.get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("the simulation itself failed: " + e.getCause(), e.getCause());
        } finally {
            executor.shutdownNow();
        }
        return tally.summary();
    }

    private void work(Extent extent, Tally tally) {
        long seed;
        while ((seed = tally.next()) != Tally.NONE) {
            SimulationPlan plan = SimulationPlan.of(seed, extent.steps()).breaking(extent.broken());
            SimulationReport report = Simulation.run(plan, folder);
            boolean noticed = extent.broken() != null && !report.violations().isEmpty();
            // A violation counts as the broken rule's only if the same seed is clean with the rule kept.
            tally.add(noticed ? cleanOr(report, Simulation.run(plan.breaking(null), folder)) : report);
        }
    }

    /** What was found with a rule broken, or what the seed violates by itself. */
    private static SimulationReport cleanOr(SimulationReport broken, SimulationReport kept) {
        return kept.violations().isEmpty() ? broken : kept;
    }

    /** What the workers share. */
    private static final class Tally {
        /** No seed any more. */
        static final long NONE = Long.MIN_VALUE;

        private final Extent extent;
        private final Listener listener;
        private final long end;
        private final Map<String, Long> figures = new TreeMap<>();
        private long begun;
        private long ended;
        private @Nullable SimulationReport failed;

        Tally(Extent extent, Listener listener) {
            this.extent = extent;
            this.listener = listener;
            this.end = System.nanoTime() + extent.time().toNanos();
        }

        synchronized long next() {
            if (failed != null || begun == extent.count() || System.nanoTime() - end >= 0) {
                return NONE;
            }
            return extent.first() + begun++;
        }

        synchronized void add(SimulationReport report) {
            ended++;
            report.figures().forEach((name, figure) -> figures.merge(name, figure, Long::sum));
            if (!report.violations().isEmpty() && failed == null) {
                failed = report;
            }
            listener.ended(report);
        }

        synchronized Summary summary() {
            return new Summary(ended, figures, Optional.ofNullable(failed));
        }
    }
}
