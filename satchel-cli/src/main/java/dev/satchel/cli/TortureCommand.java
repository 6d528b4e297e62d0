package dev.satchel.cli;

import dev.satchel.internal.sync.ProtocolRule;
import dev.satchel.testkit.torture.Figure;
import dev.satchel.testkit.torture.KillPoint;
import dev.satchel.testkit.torture.Plant;
import dev.satchel.testkit.torture.Torture;
import dev.satchel.testkit.torture.TortureProgress;
import dev.satchel.testkit.torture.TortureReport;
import dev.satchel.testkit.torture.TortureSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Real processes, really killed. */
@Command(
        name = "torture",
        header = "Kill real node processes under load, and hold every answer against what is left.",
        description = {
            "Starts node processes on one bucket, loads them over HTTP, kills them by SIGKILL at random and at named points of"
                    + " their work, terminates and pauses them, and starts them again on their disks and on empty ones. At the"
                    + " end a node on an empty disk must show everything that was acknowledged, and nothing that was not.",
            "Listens on this machine only. What it puts into the bucket it removes again, unless something was wrong."
        },
        sortOptions = false)
final class TortureCommand implements Callable<Integer> {
    private static final double DEFAULT_MINUTES = 1;
    private static final double DEFAULT_PLANT_MINUTES = 5;
    private static final double MOST_MINUTES = 24 * 60;

    @Option(
            names = "--minutes",
            paramLabel = "M",
            description =
                    "How long; 0.5 is half a minute. Default: 1, and 5 at most for each rule with --plant. A few seconds for the"
                            + " last look come on top.")
    private @Nullable Double minutes;

    @Option(
            names = "--nodes",
            paramLabel = "N",
            description =
                    "How many processes. Default: " + TortureSettings.NODES + ", and " + Plant.NODES + " with --plant.")
    private @Nullable Integer nodes;

    @Option(
            names = "--users",
            paramLabel = "N",
            description = "How many databases at a time. Default: " + TortureSettings.USERS + ", and " + Plant.USERS
                    + " with --plant.")
    private @Nullable Integer users;

    @Option(
            names = "--clients",
            paramLabel = "N",
            defaultValue = "" + TortureSettings.CLIENTS,
            description = "How many make requests at once. Default: ${DEFAULT-VALUE}.")
    private int clients = TortureSettings.CLIENTS;

    @Option(
            names = "--seed",
            paramLabel = "S",
            description =
                    "For every choice. The same seed is a similar run, not the same: the machine's timing is not in it.")
    private @Nullable Long seed;

    @Option(
            names = "--store",
            paramLabel = "STORE",
            description = "Folder, file:, r2: or s3: URI. Default: a folder of its own, whatever SATCHEL_STORE says.")
    private @Nullable String store;

    @Option(
            names = "--plant",
            paramLabel = "RULE",
            arity = "0..1",
            fallbackValue = Planted.ALL,
            description =
                    "Break a rule of the protocol in all nodes, and succeed only if that is noticed; without RULE each of"
                            + " them, one after the other.")
    private @Nullable String plant;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    private final RootCommand root;
    private final Surroundings surroundings;

    TortureCommand(RootCommand root, Surroundings surroundings) {
        this.root = root;
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Trials.require(
                spec,
                "--minutes",
                minutes == null || (minutes > 0 && minutes <= MOST_MINUTES),
                "more than 0, and a day at most");
        Trials.require(spec, "--nodes", nodes == null || (nodes > 0 && nodes <= 32), "1 to 32");
        Trials.require(spec, "--users", users == null || (users > 0 && users <= 1000), "1 to 1000");
        Trials.require(spec, "--clients", clients > 0 && clients <= 256, "1 to 256");
        List<ProtocolRule> planted = plant == null ? List.of() : rules(plant);
        Path folder = Files.createTempDirectory("satchel-torture");
        boolean kept = false;
        try {
            if (!planted.isEmpty()) {
                return plant(planted, folder);
            }
            TortureReport report = run(folder);
            kept = !report.violations().isEmpty();
            print(report, folder);
            return kept ? ExitCode.FAILURE : ExitCode.OK;
        } finally {
            if (!kept) {
                Trials.delete(folder);
            }
        }
    }

    private List<ProtocolRule> rules(String name) {
        List<ProtocolRule> found = Planted.rules(spec, name);
        if (found.size() == 1) {
            requireHere(found.get(0));
        }
        return found;
    }

    private void requireHere(ProtocolRule found) {
        Plant.whyNotHere(found).ifPresent(why -> {
            throw Trials.wrong(
                    spec,
                    "--plant " + found + " shows in the simulation only (satchel simulate --plant " + found + "): "
                            + why);
        });
    }

    private TortureSettings settings(Path folder, double time) {
        return new TortureSettings(
                folder,
                store == null ? TortureSettings.bucketIn(folder) : Trials.location(spec, surroundings, store),
                surroundings.environment(),
                Duration.ofMillis(Math.max(1, Math.round(time * 60_000))),
                Objects.requireNonNullElse(nodes, plant == null ? TortureSettings.NODES : Plant.NODES),
                Objects.requireNonNullElse(users, plant == null ? TortureSettings.USERS : Plant.USERS),
                clients,
                seed == null ? new SecureRandom().nextInt(1_000_000) : seed,
                null);
    }

    // ---- looking for violations -------------------------------------------------------------------------------------

    private TortureReport run(Path folder) throws IOException, InterruptedException {
        TortureSettings settings = settings(folder, Objects.requireNonNullElse(minutes, DEFAULT_MINUTES));
        try (ProgressBars bars = bars()) {
            bars.begin("torturing", settings.duration().toSeconds(), " s");
            return Torture.run(settings, progress(bars));
        }
    }

    private ProgressBars bars() {
        return new ProgressBars(surroundings.terminal() && !root.json());
    }

    private static Consumer<TortureProgress> progress(ProgressBars bars) {
        return progress -> bars.reached(
                progress.elapsed().toSeconds(),
                String.format(
                        Locale.ROOT,
                        "%,d acknowledged, %,d kills, %,d violations",
                        progress.acknowledged(),
                        progress.kills(),
                        progress.violations()));
    }

    private void print(TortureReport report, Path folder) {
        PrintWriter out = spec.commandLine().getOut();
        if (root.json()) {
            Map<String, Object> killed = new LinkedHashMap<>();
            report.killed().forEach((point, times) -> killed.put(point.token(), times));
            Json.object()
                    .with("seed", report.seed())
                    .with("milliseconds", report.elapsed().toMillis())
                    .with("acknowledged", report.acknowledged())
                    .with("kills", report.kills())
                    .with("figures", report.figures())
                    .with("killedAt", killed)
                    .with("violations", report.violations())
                    .with("kept", report.violations().isEmpty() ? null : folder)
                    .print(out);
            return;
        }
        Table table = new Table("WHAT", "HOW OFTEN");
        for (Figure figure : Figure.values()) {
            table.row(figure.token(), Trials.number(report.figure(figure)));
        }
        for (Map.Entry<KillPoint, Long> point : report.killed().entrySet()) {
            table.row("  killed " + point.getKey().token(), Trials.number(point.getValue()));
        }
        table.row("violations", Trials.number(report.violations().size()));
        table.print(out);
        out.println();
        out.printf(
                Locale.ROOT,
                "%.0f s, %,d changes acknowledged, %,d processes killed, seed %d%n",
                report.elapsed().toMillis() / 1000.0,
                report.acknowledged(),
                report.kills(),
                report.seed());
        if (!report.violations().isEmpty()) {
            out.println();
            report.violations().forEach(violation -> out.println("VIOLATION: " + violation));
            out.println("what is left: " + folder);
        }
    }

    // ---- planting them ----------------------------------------------------------------------------------------------

    private int plant(List<ProtocolRule> rules, Path folder) throws IOException, InterruptedException {
        double most = Objects.requireNonNullElse(minutes, DEFAULT_PLANT_MINUTES);
        List<Plant> plants = new ArrayList<>();
        for (ProtocolRule rule : rules) {
            if (Plant.whyNotHere(rule).isPresent()) {
                continue;
            }
            try (ProgressBars bars = bars()) {
                TortureSettings settings = settings(folder.resolve(rule.name()), most);
                bars.begin(rule.name(), settings.duration().toSeconds(), " s");
                plants.add(Plant.sow(rule, settings, settings.duration(), progress(bars)));
            }
        }
        boolean all = plants.stream().allMatch(Plant::isCaught);
        PrintWriter out = spec.commandLine().getOut();
        if (root.json()) {
            Json.object()
                    .with("caught", all)
                    .with("rules", plants.stream().map(TortureCommand::json).toList())
                    .print(out);
        } else {
            print(rules, plants, out);
        }
        return all ? ExitCode.OK : ExitCode.FAILURE;
    }

    private static void print(List<ProtocolRule> rules, List<Plant> plants, PrintWriter out) {
        Table table = new Table("BROKEN RULE", "CAUGHT", "KILLS", "BY");
        for (ProtocolRule rule : rules) {
            plants.stream()
                    .filter(each -> each.rule() == rule)
                    .findFirst()
                    .ifPresentOrElse(
                            each -> table.row(
                                    rule.name(),
                                    (each.isCaught() ? "after " : "NO, in ")
                                            + each.elapsed().toSeconds() + " s",
                                    Trials.number(each.kills()),
                                    Objects.requireNonNullElse(each.violation(), "")),
                            () -> table.row(
                                    rule.name(),
                                    "by the simulation only",
                                    "-",
                                    Plant.whyNotHere(rule).orElse("")));
        }
        table.print(out);
        out.println();
        long missed = plants.stream().filter(each -> !each.isCaught()).count();
        out.println(missed == 0 ? "Each was caught." : missed + " of " + plants.size() + " were missed.");
    }

    private static Map<String, Object> json(Plant each) {
        return Json.object()
                .with("rule", each.rule().name())
                .with("caught", each.isCaught())
                .with("milliseconds", each.elapsed().toMillis())
                .with("kills", each.kills())
                .with("seed", each.seed())
                .with("violation", each.violation())
                .fields();
    }
}
