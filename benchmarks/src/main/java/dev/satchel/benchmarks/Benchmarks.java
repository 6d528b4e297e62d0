package dev.satchel.benchmarks;

import java.lang.management.ManagementFactory;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.CommandLineOptions;

/**
 * The command line.
 *
 * <pre>
 * java -jar benchmarks.jar                       what there is
 * java -jar benchmarks.jar scenarios [NAME ...]  tables of whole-system figures; all without a name
 * java -jar benchmarks.jar jmh [OPTIONS]         JMH with its own options
 * java -jar benchmarks.jar NAME                  the scenario of that name, else the JMH classes that match
 * </pre>
 */
public final class Benchmarks {
    private static final List<Scenario> SCENARIOS = List.of(
            new LocalReads(),
            new UploadSize(),
            new DurableWrite(),
            new ManyWriters(),
            new ManyUsers(),
            new ColdOpen(),
            new DurablePeers());

    private static final List<Class<?>> JMH = List.of(LocalRead.class, LocalWrite.class, SessionOverhead.class);

    /** The exit status when a target was missed. */
    private static final int MISSED = 3;

    private Benchmarks() {}

    /** Runs what is asked for. */
    public static void main(String... args) throws Exception {
        String first = args.length == 0 ? "help" : args[0];
        String[] rest = Arrays.copyOfRange(args, Math.min(1, args.length), args.length);
        if (first.equals("help") || first.equals("--help") || first.equals("-h")) {
            listAll();
        } else if (first.equals("scenarios")) {
            runScenarios(rest);
        } else if (first.equals("jmh")) {
            runJmh(rest);
        } else if (SCENARIOS.stream().anyMatch(s -> s.name().equals(first))) {
            runScenarios(args);
        } else {
            runJmh(args);
        }
    }

    private static void listAll() {
        System.out.println("scenarios [NAME ...]");
        for (Scenario scenario : SCENARIOS) {
            System.out.printf("    %-16s%s%n", scenario.name(), scenario.title());
        }
        System.out.println("jmh [OPTIONS]");
        for (Class<?> each : JMH) {
            System.out.println("    " + each.getSimpleName());
        }
    }

    private static void runScenarios(String... names) throws Exception {
        for (String name : names) {
            if (SCENARIOS.stream().noneMatch(s -> s.name().equals(name))) {
                System.err.println("There is no scenario " + name + ".");
                listAll();
                System.exit(2);
            }
        }
        List<String> asked =
                names.length == 0 ? SCENARIOS.stream().map(Scenario::name).toList() : List.of(names);
        if (asked.size() > 1) {
            runEachInItsOwnProcess(asked);
            return;
        }
        Scenario scenario = SCENARIOS.stream()
                .filter(s -> s.name().equals(asked.get(0)))
                .findFirst()
                .orElseThrow();
        int missed;
        try (Bench bench = new Bench()) {
            long start = System.nanoTime();
            scenario.run(bench);
            System.out.printf(
                    Locale.ROOT,
                    "%n%s (%s, %.0f s, Java %s)%n%n%s",
                    scenario.title(),
                    scenario.name(),
                    (System.nanoTime() - start) / 1e9,
                    System.getProperty("java.version"),
                    bench.report().toTable());
            missed = bench.report().targetsMissed();
        }
        if (missed > 0) {
            System.exit(MISSED);
        }
    }

    /** So that none finds what another left: compiled code, memory, threads. */
    private static void runEachInItsOwnProcess(List<String> names) throws Exception {
        List<String> missed = new ArrayList<>();
        for (String name : names) {
            List<String> command = new ArrayList<>();
            command.add(ProcessHandle.current().info().command().orElse("java"));
            command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
            command.addAll(List.of(
                    "--enable-native-access=ALL-UNNAMED",
                    "-cp",
                    System.getProperty("java.class.path"),
                    Benchmarks.class.getName(),
                    "scenarios",
                    name));
            int exit = new ProcessBuilder(command).inheritIO().start().waitFor();
            if (exit != 0) {
                missed.add(name + (exit == MISSED ? "" : " (failed)"));
            }
        }
        System.out.printf(
                "%n%s%n", missed.isEmpty() ? "All targets met." : "Targets missed in: " + String.join(", ", missed));
        if (!missed.isEmpty()) {
            System.exit(MISSED);
        }
    }

    private static void runJmh(String... args) throws Exception {
        CommandLineOptions options = new CommandLineOptions(args);
        if (options.shouldHelp()) {
            options.showHelp();
            return;
        }
        if (options.shouldList()) {
            new Runner(options).list();
            return;
        }
        Collection<RunResult> results = new Runner(options).run();
        Map<String, Double> medians = new HashMap<>();
        for (RunResult result : results) {
            // The median: a mean says more about what else the machine did.
            medians.put(
                    result.getParams().getBenchmark(),
                    result.getPrimaryResult().getStatistics().getPercentile(50));
        }
        Report report = new Report();
        for (Class<?> each : JMH) {
            for (Method method : each.getMethods()) {
                Beside beside = method.getAnnotation(Beside.class);
                if (beside != null) {
                    compare(report, medians, each, method.getName(), beside);
                }
            }
        }
        System.out.printf("%n%s", report.toTable());
    }

    private static void compare(Report report, Map<String, Double> medians, Class<?> in, String name, Beside beside) {
        Double ours = medians.get(in.getName() + "." + name);
        Double peer = medians.get(in.getName() + "." + beside.value());
        if (ours == null || peer == null) {
            return;
        }
        String measured = in.getSimpleName() + "." + name;
        String theirs = beside.value() + " " + Report.time(peer * 1e3);
        if (Double.isFinite(beside.atMost())) {
            report.atMostTimes(measured, Report.time(ours * 1e3), theirs, ours / peer, beside.atMost());
        } else {
            report.beside(measured, Report.time(ours * 1e3), theirs, ours / peer);
        }
    }
}
