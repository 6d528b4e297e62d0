package dev.satchel.cli;

import dev.satchel.internal.sync.ProtocolRule;
import dev.satchel.testkit.simulation.Shrinker;
import dev.satchel.testkit.simulation.Simulation;
import dev.satchel.testkit.simulation.SimulationPlan;
import dev.satchel.testkit.simulation.SimulationReport;
import dev.satchel.testkit.simulation.Simulations;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Nodes, faults and crashes from a seed. */
@Command(
        name = "simulate",
        header = "Run the engine through simulated faults and crashes, and hold it against its promise.",
        description = {
            "Several nodes share a store in memory; requests fail, are late or arrive twice, disks fill up, clocks jump,"
                    + " processes die at any step. Whatever was acknowledged must be there afterwards.",
            "The same seed is the same run. A violation is shrunk to the steps that matter and told with the command"
                    + " that runs it again."
        },
        sortOptions = false)
final class SimulateCommand implements Callable<Integer> {
    private static final Path IN_MEMORY = Path.of("/dev/shm");
    private static final double DEFAULT_MINUTES = 1;
    private static final double DEFAULT_PLANT_MINUTES = 15;
    private static final Pattern RANGE = Pattern.compile("(\\d{1,9})(?:-(\\d{1,9}))?(?:,|$)");

    /** A rule that needs more seeds than this to be missed is not looked for well enough. */
    private static final int PLANT_SEEDS = 2_000;

    @Option(names = "--seeds", paramLabel = "N", description = "How many seeds. Default: as many as the time allows.")
    private @Nullable Long seeds;

    @Option(
            names = "--minutes",
            paramLabel = "M",
            description =
                    "How long; 0.5 is half a minute. Default: 1, and 15 at most for each rule with --plant, if neither"
                            + " --seeds nor --seed is given.")
    private @Nullable Double minutes;

    @Option(
            names = "--seed",
            paramLabel = "S",
            description = "The first seed. Without --seeds and --minutes, the only one.")
    private @Nullable Long seed;

    @Option(
            names = "--steps",
            paramLabel = "N",
            defaultValue = "" + SimulationPlan.DEFAULT_STEPS,
            description = "Steps of each seed. Default: ${DEFAULT-VALUE}.")
    private int steps = SimulationPlan.DEFAULT_STEPS;

    @Option(names = "--only", paramLabel = "LIST", description = "Of --seed, these steps alone, as in 3,17-21.")
    private @Nullable String only;

    @Option(
            names = "--plant",
            paramLabel = "RULE",
            arity = "0..1",
            fallbackValue = Planted.ALL,
            description =
                    "Break a rule of the protocol, and succeed only if that is noticed; without RULE each of them,"
                            + " one after the other.")
    private @Nullable String plant;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    private final RootCommand root;
    private final Surroundings surroundings;

    SimulateCommand(RootCommand root, Surroundings surroundings) {
        this.root = root;
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        requirePositive("--seeds", seeds);
        requirePositive("--minutes", minutes);
        requirePositive("--steps", steps);
        if (only != null && seed == null) {
            throw Trials.wrong(spec, "--only needs the --seed whose steps it names");
        }
        List<ProtocolRule> planted = plant == null ? List.of() : Planted.rules(spec, plant);
        Path folder = Files.createTempDirectory(
                Files.isWritable(IN_MEMORY) ? IN_MEMORY : Path.of(System.getProperty("java.io.tmpdir")),
                "satchel-simulate");
        try {
            Simulations simulations =
                    new Simulations(folder, Math.max(1, Runtime.getRuntime().availableProcessors()));
            return planted.isEmpty() ? search(simulations, folder) : plant(planted, simulations);
        } finally {
            Trials.delete(folder);
        }
    }

    private void requirePositive(String option, @Nullable Number value) {
        Trials.require(spec, option, value == null || value.doubleValue() > 0, "greater than 0");
    }

    // ---- looking for violations -------------------------------------------------------------------------------------

    private int search(Simulations simulations, Path folder) throws InterruptedException {
        long began = System.nanoTime();
        Simulations.Summary summary;
        if (only != null && seed != null) {
            SimulationReport report = Simulation.run(plan(seed).only(numbers(only)), folder);
            summary = Simulations.Summary.of(report);
        } else {
            summary = run(simulations, extent(null), "simulating");
        }
        Duration took = Duration.ofNanos(System.nanoTime() - began);
        SimulationReport failed = summary.failed().orElse(null);
        SimulationReport shrunk = failed == null || failed.plan().only() != null
                ? failed
                : Shrinker.shrink(failed, folder, Duration.ofMinutes(1));
        PrintWriter out = spec.commandLine().getOut();
        if (root.json()) {
            json(summary, shrunk, took).print(out);
        } else {
            print(summary, failed, shrunk, took, out);
        }
        return failed == null ? ExitCode.OK : ExitCode.FAILURE;
    }

    private SimulationPlan plan(long ofSeed) {
        return SimulationPlan.of(ofSeed, steps);
    }

    private Simulations.Extent extent(@Nullable ProtocolRule broken) {
        long count = seeds != null ? seeds : seed != null && minutes == null ? 1 : Long.MAX_VALUE;
        double most = broken == null ? DEFAULT_MINUTES : DEFAULT_PLANT_MINUTES;
        Double limit = minutes != null ? minutes : count == Long.MAX_VALUE ? most : null;
        return new Simulations.Extent(
                seed == null ? 1 : seed,
                count,
                limit == null ? Duration.ofDays(365) : Duration.ofMillis(Math.round(limit * 60_000)),
                steps,
                broken);
    }

    private Simulations.Summary run(Simulations simulations, Simulations.Extent extent, String what)
            throws InterruptedException {
        try (ProgressBars progress = new ProgressBars(surroundings.terminal() && !root.json())) {
            boolean bySeeds = extent.count() != Long.MAX_VALUE;
            long began = System.nanoTime();
            progress.begin(what, bySeeds ? extent.count() : extent.time().toSeconds(), bySeeds ? " seeds" : " s");
            long[] ended = new long[2];
            return simulations.run(extent, report -> {
                ended[0]++;
                ended[1] += report.figure(SimulationReport.COMMITS);
                progress.reached(
                        bySeeds
                                ? ended[0]
                                : Duration.ofNanos(System.nanoTime() - began).toSeconds(),
                        String.format(Locale.ROOT, "%,d commits", ended[1]));
            });
        }
    }

    private SortedSet<Integer> numbers(String list) {
        SortedSet<Integer> numbers = new TreeSet<>();
        Matcher ranges = RANGE.matcher(list);
        while (ranges.lookingAt()) {
            int first = Integer.parseInt(ranges.group(1));
            int last = ranges.group(2) == null ? first : Integer.parseInt(ranges.group(2));
            for (int number = first; number <= last; number++) {
                numbers.add(number);
            }
            if (ranges.end() == list.length()) {
                return numbers;
            }
            ranges.region(ranges.end(), list.length());
        }
        throw Trials.wrong(spec, "--only is a list of steps as in 3,17-21, not \"" + list + "\"");
    }

    private static void print(
            Simulations.Summary summary,
            @Nullable SimulationReport failed,
            @Nullable SimulationReport shrunk,
            Duration took,
            PrintWriter out) {
        Table table = new Table("WHAT", "HOW OFTEN");
        table.row("seeds", Trials.number(summary.seeds()));
        table.row("commits", Trials.number(summary.figure(SimulationReport.COMMITS)));
        table.row("versions", Trials.number(summary.figure(SimulationReport.VERSIONS)));
        table.row("faults", Trials.number(summary.faults()));
        new TreeMap<>(summary.figures()).forEach((name, figure) -> {
            if (!name.equals(SimulationReport.COMMITS) && !name.equals(SimulationReport.VERSIONS)) {
                table.row("  " + name, Trials.number(figure));
            }
        });
        table.row(
                "violations",
                Trials.number(failed == null ? 0 : failed.violations().size()));
        table.print(out);
        out.println();
        double seconds = Math.max(0.001, took.toMillis() / 1000.0);
        out.printf(
                Locale.ROOT,
                "%.0f s, %,.0f commits a second%n",
                seconds,
                summary.figure(SimulationReport.COMMITS) / seconds);
        if (failed != null && shrunk != null) {
            out.println();
            failed.violations().forEach(violation -> out.println("VIOLATION: " + violation));
            out.println("again: " + failed.plan().command());
            if (!shrunk.plan().equals(failed.plan())) {
                out.println();
                out.println("shrunk to " + shrunk.trace().size() + " steps:");
                shrunk.violations().forEach(violation -> out.println("VIOLATION: " + violation));
                out.println("again: " + shrunk.plan().command());
            }
            shrunk.trace().forEach(line -> out.println("  " + line));
        }
    }

    private static Json json(Simulations.Summary summary, @Nullable SimulationReport shrunk, Duration took) {
        return Json.object()
                .with("seeds", summary.seeds())
                .with("commits", summary.figure(SimulationReport.COMMITS))
                .with("versions", summary.figure(SimulationReport.VERSIONS))
                .with("faults", summary.faults())
                .with("figures", new TreeMap<>(summary.figures()))
                .with("milliseconds", took.toMillis())
                .with("violations", shrunk == null ? List.of() : shrunk.violations())
                .with("replay", shrunk == null ? null : shrunk.plan().command())
                .with("trace", shrunk == null ? null : shrunk.trace());
    }

    // ---- planting them ----------------------------------------------------------------------------------------------

    /** What became of a broken rule. */
    private record Catch(ProtocolRule rule, Simulations.Summary summary) {
        boolean caught() {
            // A seed that violates with the rule kept says nothing of the rule.
            return summary.failed()
                    .filter(report -> report.plan().broken() != null)
                    .isPresent();
        }
    }

    private int plant(List<ProtocolRule> rules, Simulations simulations) throws InterruptedException {
        List<Catch> catches = new ArrayList<>();
        for (ProtocolRule rule : rules) {
            Simulations.Extent wanted = extent(rule);
            Simulations.Extent extent = seeds == null && seed == null && minutes == null
                    ? new Simulations.Extent(1, PLANT_SEEDS, wanted.time(), steps, rule)
                    : wanted;
            catches.add(new Catch(rule, run(simulations, extent, rule.name())));
        }
        PrintWriter out = spec.commandLine().getOut();
        boolean all = catches.stream().allMatch(Catch::caught);
        if (root.json()) {
            Json.object()
                    .with("caught", all)
                    .with("rules", catches.stream().map(SimulateCommand::json).toList())
                    .print(out);
        } else {
            Table table = new Table("BROKEN RULE", "CAUGHT", "COMMITS", "BY");
            for (Catch each : catches) {
                table.row(
                        each.rule().name(),
                        each.summary()
                                .failed()
                                .map(report ->
                                        (report.plan().broken() == null ? "NO: violated without it, seed " : "seed ")
                                                + report.plan().seed())
                                .orElse("NO, in " + each.summary().seeds() + " seeds"),
                        Trials.number(each.summary().figure(SimulationReport.COMMITS)),
                        each.summary()
                                .failed()
                                .map(report -> report.violations().get(0))
                                .orElse(""));
            }
            table.print(out);
            out.println();
            long missed = catches.stream().filter(each -> !each.caught()).count();
            out.println(missed == 0 ? "Each was caught." : missed + " of " + catches.size() + " were missed.");
        }
        return all ? ExitCode.OK : ExitCode.FAILURE;
    }

    private static Map<String, Object> json(Catch each) {
        SimulationReport report = each.summary().failed().orElse(null);
        return Json.object()
                .with("rule", each.rule().name())
                .with("caught", each.caught())
                .with("seed", report == null ? null : report.plan().seed())
                .with("commits", each.summary().figure(SimulationReport.COMMITS))
                .with("violation", report == null ? null : report.violations().get(0))
                .with("replay", report == null ? null : report.plan().command())
                .fields();
    }
}
