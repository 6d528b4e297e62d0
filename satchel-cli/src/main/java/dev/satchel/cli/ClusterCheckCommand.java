package dev.satchel.cli;

import dev.satchel.ShutdownReport;
import dev.satchel.testkit.cloudflare.LocalR2;
import dev.satchel.testkit.cluster.ClusterCheck;
import dev.satchel.testkit.cluster.ClusterFigure;
import dev.satchel.testkit.cluster.ClusterProgress;
import dev.satchel.testkit.cluster.ClusterReport;
import dev.satchel.testkit.cluster.ClusterSettings;
import dev.satchel.testkit.cluster.DrainReport;
import dev.satchel.testkit.cluster.Latency;
import dev.satchel.testkit.cluster.Routing;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Several nodes as an application runs them, and nobody may notice what happens to them. */
@Command(
        name = "cluster-check",
        header = "Run several nodes on one bucket, kill one and drain one under load, and check that nobody notices.",
        description = {
            "Starts node processes on one bucket, with Redis between them if there is one, and has many users read and write at"
                    + " whichever node is next, each with the bookmark of the answers before. In the middle one node is killed by"
                    + " SIGKILL and started again, and one is drained and replaced by a node with an empty disk. At the end every"
                    + " acknowledged change must be there, and no read with a bookmark may have missed anything.",
            "Listens on this machine only. What it puts into the bucket it removes again, unless something was wrong."
        },
        sortOptions = false)
final class ClusterCheckCommand implements Callable<Integer> {
    private static final double DEFAULT_MINUTES = 1;
    private static final double MOST_MINUTES = 24 * 60;
    private static final String NO_REDIS = "none";

    @Option(
            names = "--minutes",
            paramLabel = "M",
            description =
                    "How long there is load; 0.5 is half a minute. Default: 1. Starting and the last look come on top.")
    private double minutes = DEFAULT_MINUTES;

    @Option(
            names = "--nodes",
            paramLabel = "N",
            description = "How many processes. Default: " + ClusterSettings.NODES + ".")
    private int nodes = ClusterSettings.NODES;

    @Option(
            names = "--users",
            paramLabel = "N",
            description = "How many users. Default: " + ClusterSettings.USERS + ".")
    private int users = ClusterSettings.USERS;

    @Option(
            names = "--clients",
            paramLabel = "N",
            description = "How many requests are made at once. Default: " + ClusterSettings.CLIENTS + ".")
    private int clients = ClusterSettings.CLIENTS;

    @Option(
            names = "--store",
            paramLabel = "STORE",
            description = "Folder, file:, r2: or s3: URI. Default: a folder of its own, whatever SATCHEL_STORE says.")
    private @Nullable String store;

    @Option(
            names = "--local-r2",
            description =
                    "On Cloudflare's local R2, which is started for it. Needs Node; the first time npm fetches it.")
    private boolean localR2;

    @Option(
            names = "--redis",
            paramLabel = "URI",
            description = "Redis that carries the version events, such as redis://127.0.0.1:6379; \"" + NO_REDIS
                    + "\" for no events. Default: one of its own, if redis-server is on the PATH.")
    private @Nullable String redis;

    @Option(
            names = "--placed",
            description = "Send a user's requests to the user's own node, by rendezvous hashing, not to each in turn.")
    private boolean placed;

    @Option(names = "--rolling", description = "Drain and replace every node, one after the other, not only one.")
    private boolean rolling;

    @Option(
            names = "--seed",
            paramLabel = "S",
            description =
                    "For every choice. The same seed is a similar run, not the same: the machine's timing is not in it.")
    private @Nullable Long seed;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    private final RootCommand root;
    private final Surroundings surroundings;

    ClusterCheckCommand(RootCommand root, Surroundings surroundings) {
        this.root = root;
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Trials.require(spec, "--minutes", minutes > 0 && minutes <= MOST_MINUTES, "more than 0, and a day at most");
        Trials.require(spec, "--nodes", nodes >= 2 && nodes <= 32, "2 to 32");
        Trials.require(spec, "--users", users > 0 && users <= 10_000, "1 to 10000");
        Trials.require(spec, "--clients", clients > 0 && clients <= 256, "1 to 256");
        if (localR2 && store != null) {
            throw Trials.wrong(spec, "--store and --local-r2 are two stores; give one of them");
        }
        String given = store == null ? null : Trials.location(spec, surroundings, store);
        Path folder = Files.createTempDirectory("satchel-cluster-check");
        boolean kept = false;
        try {
            ClusterReport report = run(folder, given);
            kept = !report.violations().isEmpty();
            print(report, folder);
            return kept ? ExitCode.FAILURE : ExitCode.OK;
        } finally {
            if (!kept) {
                Trials.delete(folder);
            }
        }
    }

    // ---- what there is ----------------------------------------------------------------------------------------------

    private ClusterReport run(Path folder, @Nullable String given) throws IOException, InterruptedException {
        try (LocalR2 r2 = localR2 ? LocalR2.start() : null;
                RedisProcess own = ownRedis(folder)) {
            Map<String, String> environment = new HashMap<>(surroundings.environment());
            String bucket = folder.resolve("bucket").toString();
            if (r2 != null) {
                environment.putAll(r2.environment());
                bucket = r2.uri();
            } else if (given != null) {
                bucket = given;
            }
            String feed = own != null ? own.uri() : NO_REDIS.equals(redis) ? null : redis;
            ClusterSettings settings = new ClusterSettings(
                    folder,
                    bucket,
                    given != null,
                    environment,
                    feed == null ? null : ClusterNodeProcess.location(channel(), feed),
                    Duration.ofMillis(Math.max(1, Math.round(minutes * 60_000))),
                    nodes,
                    users,
                    clients,
                    placed ? Routing.PLACED : Routing.ROUND_ROBIN,
                    rolling,
                    Objects.requireNonNullElseGet(seed, () -> (long) new SecureRandom().nextInt(1_000_000)));
            try (ProgressBars bars = new ProgressBars(surroundings.terminal() && !root.json())) {
                bars.begin("load", settings.duration().toSeconds(), " s");
                return ClusterCheck.run(
                        settings,
                        ClusterNodeProcess.class,
                        ClusterNodeProcess::feed,
                        progress -> bars.reached(progress.elapsed().toSeconds(), note(progress)));
            }
        }
    }

    private @Nullable RedisProcess ownRedis(Path folder) throws IOException {
        if (redis != null) {
            return null;
        }
        Optional<Path> program = RedisProcess.program(surroundings.environment());
        return program.isPresent() ? RedisProcess.start(program.get(), folder) : null;
    }

    /** Nodes of an application that uses the same Redis hear nothing of this. */
    private static String channel() {
        return "satchel:cluster-check-" + HexFormat.of().toHexDigits(new SecureRandom().nextInt());
    }

    private static String note(ClusterProgress progress) {
        return String.format(
                Locale.ROOT,
                "%,d writes, %,d reads, %,d violations; %s",
                progress.writes(),
                progress.reads(),
                progress.violations(),
                progress.doing());
    }

    // ---- what comes out ---------------------------------------------------------------------------------------------

    private void print(ClusterReport report, Path folder) {
        PrintWriter out = spec.commandLine().getOut();
        if (root.json()) {
            printJson(report, folder, out);
            return;
        }
        double seconds = Math.max(0.001, report.loaded().toMillis() / 1000.0);
        Table table = new Table("WHAT", "FIGURE", "");
        row(table, report, ClusterFigure.REQUESTS, rate(report.figure(ClusterFigure.REQUESTS), seconds));
        row(table, report, ClusterFigure.WRITES, rate(report.figure(ClusterFigure.WRITES), seconds));
        row(table, report, ClusterFigure.READS, rate(report.figure(ClusterFigure.READS), seconds));
        row(table, report, ClusterFigure.READS_WITH_BOOKMARK, "");
        row(table, report, ClusterFigure.RETRIES, "");
        row(table, report, ClusterFigure.CONFLICTS, "");
        row(table, report, ClusterFigure.TURNED_AWAY, "");
        row(table, report, ClusterFigure.UNANSWERED, "");
        latency(table, "write", report.write());
        latency(table, "read", report.read());
        table.row(
                "store requests a write",
                ratio(report, ClusterFigure.STORE_REQUESTS_OF_WRITES, ClusterFigure.WRITES),
                "attempts that conflicted included");
        table.row(
                "store requests a read", ratio(report, ClusterFigure.STORE_REQUESTS_OF_READS, ClusterFigure.READS), "");
        row(table, report, ClusterFigure.STORE_REQUESTS_BESIDE, "side by side in cold starts, images");
        if (report.event().isPresent()) {
            row(table, report, ClusterFigure.EVENTS, "");
            row(table, report, ClusterFigure.EVENTS_MISSED, "");
            latency(table, "event", report.event().get());
        } else {
            table.row("events", "none", redis == null ? "no redis-server on the PATH; --redis URI" : "");
        }
        row(table, report, ClusterFigure.STARTS, "");
        row(table, report, ClusterFigure.KILLED, "");
        row(table, report, ClusterFigure.DRAINED, "");
        row(table, report, ClusterFigure.LOST_CHANGES, "");
        row(table, report, ClusterFigure.WRONG_READS, "");
        table.row("violations", Trials.number(report.violations().size()), "");
        table.print(out);
        out.println();
        for (DrainReport drain : report.drains()) {
            ShutdownReport left = drain.left();
            out.printf(
                    Locale.ROOT,
                    "%s left %,d databases: %,d uploaded, %,d pending, %,d unfinished, %s%n",
                    drain.node(),
                    left.databases(),
                    left.uploaded(),
                    left.pending(),
                    left.unfinished(),
                    millis(left.elapsed().toNanos() / 1000));
        }
        out.printf(
                Locale.ROOT,
                "%d nodes, %,d users, %d clients, %s, %.0f s of load, seed %d%n",
                nodes,
                users,
                clients,
                placed ? "each user at the user's own node" : "each node in turn",
                seconds,
                report.seed());
        if (!report.violations().isEmpty()) {
            out.println();
            report.violations().forEach(violation -> out.println("VIOLATION: " + violation));
            out.println("what is left: " + folder);
        }
    }

    private static void row(Table table, ClusterReport report, ClusterFigure figure, String note) {
        table.row(figure.token().replace('-', ' '), Trials.number(report.figure(figure)), note);
    }

    private static void latency(Table table, String what, Latency latency) {
        table.row(what + " p50", millis(latency.p50()), "");
        table.row(what + " p99", millis(latency.p99()), "at most " + millis(latency.most()));
    }

    private static String ratio(ClusterReport report, ClusterFigure requests, ClusterFigure of) {
        return String.format(Locale.ROOT, "%.2f", (double) report.figure(requests) / Math.max(1, report.figure(of)));
    }

    private static String rate(long number, double seconds) {
        return String.format(Locale.ROOT, "%,.0f/s", number / seconds);
    }

    private static String millis(long micros) {
        return String.format(Locale.ROOT, "%,.1f ms", micros / 1000.0);
    }

    private void printJson(ClusterReport report, Path folder, PrintWriter out) {
        Map<String, Object> figures = new LinkedHashMap<>();
        for (ClusterFigure figure : ClusterFigure.values()) {
            figures.put(figure.token(), report.figure(figure));
        }
        Json.object()
                .with("seed", report.seed())
                .with("milliseconds", report.elapsed().toMillis())
                .with("loadMilliseconds", report.loaded().toMillis())
                .with("figures", figures)
                .with("write", json(report.write()))
                .with("read", json(report.read()))
                .with("event", report.event().map(ClusterCheckCommand::json).orElse(null))
                .with(
                        "drains",
                        report.drains().stream().map(ClusterCheckCommand::json).toList())
                .with("violations", report.violations())
                .with("kept", report.violations().isEmpty() ? null : folder)
                .print(out);
    }

    private static Map<String, Object> json(Latency latency) {
        return Json.object()
                .with("count", latency.count())
                .with("p50Micros", latency.p50())
                .with("p99Micros", latency.p99())
                .with("maxMicros", latency.most())
                .fields();
    }

    private static Map<String, Object> json(DrainReport drain) {
        return Json.object()
                .with("node", drain.node())
                .with("databases", drain.left().databases())
                .with("uploaded", drain.left().uploaded())
                .with("pending", drain.left().pending())
                .with("unfinished", drain.left().unfinished())
                .with("milliseconds", drain.left().elapsed().toMillis())
                .fields();
    }
}
