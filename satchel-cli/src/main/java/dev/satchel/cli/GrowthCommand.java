package dev.satchel.cli;

import dev.satchel.store.ObjectStores;
import dev.satchel.testkit.growth.Growth;
import dev.satchel.testkit.growth.GrowthRow;
import dev.satchel.testkit.growth.GrowthSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Whether a save costs the same whatever a user has piled up. */
@Command(
        name = "growth",
        header = "Measure what a change and a cold open cost as a database grows.",
        description = {
            "Grows one database from size to size. At each, changes of one row are measured beside puts of the same"
                    + " bytes, and the first SELECT on a machine without a copy, in a process with a heap of 128 MB,"
                    + " beside a get of the image.",
            "The database is removed at the end. 1 GB takes some minutes and up to 5 GB of disk."
        },
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {
            "  satchel bench growth",
            "  satchel bench growth --sizes 1MB,100MB --store r2://BUCKET/bench?account=ACCOUNT"
        })
final class GrowthCommand implements Callable<Integer> {
    /** Database, log and image in the store, and one more of each copy while it is written. */
    private static final long DISK = 5;

    private static final Pattern SIZE = Pattern.compile("([0-9]{1,6})(KB|MB|GB)", Pattern.CASE_INSENSITIVE);

    @Option(
            names = "--sizes",
            paramLabel = "SIZE",
            split = ",",
            defaultValue = "1MB,10MB,100MB,1GB",
            description = "Sizes to measure at. Default: ${DEFAULT-VALUE}.")
    private List<String> sizes = List.of();

    @Option(
            names = "--store",
            paramLabel = "STORE",
            description = "Folder, file:, r2: or s3: URI. Default: a folder of its own, whatever SATCHEL_STORE says.")
    private @Nullable String store;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    private final RootCommand root;
    private final Surroundings surroundings;

    GrowthCommand(RootCommand root, Surroundings surroundings) {
        this.root = root;
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws Exception {
        List<Long> wanted = sizes.stream().map(this::size).toList();
        long largest = wanted.stream().max(Comparator.naturalOrder()).orElseThrow();
        Path folder = Files.createTempDirectory("satchel-growth");
        Thread interrupted = new Thread(() -> deleteWhatGoes(folder), "satchel-growth-interrupted");
        Runtime.getRuntime().addShutdownHook(interrupted);
        List<GrowthRow> rows = new ArrayList<>();
        try {
            requireSpace(folder, largest);
            GrowthSettings settings = new GrowthSettings(
                    wanted,
                    store == null ? folder.resolve("bucket").toString() : location(store),
                    surroundings.environment(),
                    GrowthSettings.CHANGES,
                    GrowthSettings.OPENINGS,
                    GrowthSettings.HEAP_MEGABYTES,
                    Files.createDirectory(folder.resolve("local")),
                    "growth-" + Integer.toHexString(new SecureRandom().nextInt()));
            try (ProgressBars progress = new ProgressBars(surroundings.terminal() && !root.json())) {
                progress.begin("growing", largest >> 20, " MB");
                new Growth(settings).run(bytes -> progress.reached(bytes >> 20, ""), row -> {
                    rows.add(row);
                    progress.reached(row.bytes() >> 20, "measured");
                });
            }
        } finally {
            delete(folder);
            Runtime.getRuntime().removeShutdownHook(interrupted);
        }
        PrintWriter out = spec.commandLine().getOut();
        if (root.json()) {
            Json.object()
                    .with("sizes", rows.stream().map(GrowthCommand::json).toList())
                    .print(out);
        } else {
            print(rows, out);
        }
        return ExitCode.OK;
    }

    private static void requireSpace(Path folder, long largest) throws IOException {
        long free = Files.getFileStore(folder).getUsableSpace();
        if (free < DISK * largest) {
            throw new FailedException("growing to " + Sizes.of(largest) + " takes up to " + Sizes.of(DISK * largest)
                    + " below " + folder.getParent() + ", and " + Sizes.of(free)
                    + " are free there; make room, or give smaller --sizes");
        }
    }

    private long size(String text) {
        Matcher matcher = SIZE.matcher(text.strip());
        if (!matcher.matches() || Long.parseLong(matcher.group(1)) == 0) {
            throw wrong("--sizes is a list such as 1MB,100MB,1GB, not \"" + text + "\"");
        }
        int shift = switch (matcher.group(2).toUpperCase(Locale.ROOT)) {
            case "KB" -> 10;
            case "MB" -> 20;
            default -> 30;
        };
        return Long.parseLong(matcher.group(1)) << shift;
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    /** The process that opens the database has the same idea of where relative folders are. */
    private String location(String given) {
        try {
            return ObjectStores.folder(given)
                    .map(path ->
                            surroundings.directory().resolve(path).normalize().toString())
                    .orElse(given);
        } catch (IllegalArgumentException e) {
            throw wrong("store: " + e.getMessage());
        }
    }

    private static void print(List<GrowthRow> rows, PrintWriter out) {
        out.println("A change of one row: session, commit, upload");
        out.println();
        Table changes = new Table("DATABASE", "UPLOADED", "PUTS", "TIME", "BARE PUT", "RATIO", "HEAP ALLOCATED");
        for (GrowthRow row : rows) {
            GrowthRow.Change change = row.change();
            changes.row(
                    Sizes.of(row.bytes()),
                    Sizes.of(change.uploaded()),
                    Integer.toString(change.requests()),
                    time(change.time()),
                    time(change.barePut()),
                    ratio(change.ratio()),
                    Sizes.of(change.allocated()));
        }
        changes.row(
                "largest / smallest",
                ratio(flat(rows, row -> row.change().uploaded())),
                ratio(flat(rows, row -> row.change().requests())),
                ratio(flat(rows, row -> row.change().time().toNanos())),
                ratio(flat(rows, row -> row.change().barePut().toNanos())),
                ratio(flat(rows, row -> row.change().ratio())),
                ratio(flat(rows, row -> row.change().allocated())));
        changes.print(out);
        out.println();
        out.println("The first SELECT on a machine without a copy, heap of at most 128 MB");
        out.println();
        Table openings = new Table("DATABASE", "READ", "REQUESTS", "TIME", "BARE GET", "RATIO", "HEAP PEAK");
        for (GrowthRow row : rows) {
            GrowthRow.Opening opening = row.opening();
            openings.row(
                    Sizes.of(row.bytes()),
                    Sizes.of(opening.moved()),
                    Integer.toString(opening.requests()),
                    time(opening.time()),
                    time(opening.bareGet()),
                    ratio(opening.ratio()),
                    Sizes.of(opening.heapPeak()));
        }
        openings.print(out);
    }

    private static double flat(List<GrowthRow> rows, ToDoubleFunction<GrowthRow> figure) {
        return figure.applyAsDouble(rows.get(rows.size() - 1)) / Math.max(1e-9, figure.applyAsDouble(rows.get(0)));
    }

    private static String ratio(double ratio) {
        return String.format(Locale.ROOT, "%.2f", ratio);
    }

    private static String time(Duration time) {
        double millis = time.toNanos() / 1e6;
        return millis < 1000
                ? String.format(Locale.ROOT, "%.2f ms", millis)
                : String.format(Locale.ROOT, "%.2f s", millis / 1000);
    }

    private static Map<String, Object> json(GrowthRow row) {
        GrowthRow.Change change = row.change();
        GrowthRow.Opening opening = row.opening();
        return Json.object()
                .with("databaseBytes", row.bytes())
                .with("uploadedBytes", change.uploaded())
                .with("puts", change.requests())
                .with("changeMicros", change.time().toNanos() / 1000)
                .with("barePutMicros", change.barePut().toNanos() / 1000)
                .with("allocatedBytes", change.allocated())
                .with("readBytes", opening.moved())
                .with("openRequests", opening.requests())
                .with("openMicros", opening.time().toNanos() / 1000)
                .with("bareGetMicros", opening.bareGet().toNanos() / 1000)
                .with("heapLimitBytes", opening.heapLimit())
                .with("heapPeakBytes", opening.heapPeak())
                .fields();
    }

    /** While whoever is interrupted may still write. */
    private static void deleteWhatGoes(Path folder) {
        try {
            delete(folder);
        } catch (UncheckedIOException ignored) {
            return; // What is left is less than it would have been.
        }
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("removing " + folder + " failed", e);
        }
    }
}
