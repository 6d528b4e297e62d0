package dev.satchel.cli;

import dev.satchel.Bucket;
import dev.satchel.DatabaseId;
import dev.satchel.HistoryInfo;
import dev.satchel.Version;
import dev.satchel.VersionInfo;
import dev.satchel.store.ObjectStore;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The versions of a database. */
@Command(
        name = "history",
        aliases = "log",
        header = "Show the versions of a user's database, the newest first, and how far back it can be restored.",
        description = "SENT is what the version's commit uploaded, SIZE the database at that version.",
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {
            "  satchel history alice",
            "  satchel history alice -n 100 --json",
            "  satchel pull alice then.sqlite --version 41     look at one",
            "  satchel restore alice --version 41              bring it back"
        })
final class HistoryCommand implements Callable<Integer> {
    /** More would be a wall of numbers. */
    private static final int SNAPSHOTS_TOLD = 8;

    @Mixin
    private final DatabaseArguments database = new DatabaseArguments();

    @Option(
            names = {"-n", "--limit"},
            paramLabel = "N",
            defaultValue = "20",
            description = "At most so many. Default: ${DEFAULT-VALUE}.")
    private int limit = 20;

    @Option(names = "--all", description = "All that the store still has; one request for each.")
    private boolean all;

    @Mixin
    private final StoreOption store;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    private final RootCommand root;
    private final Surroundings surroundings;

    HistoryCommand(RootCommand root, Surroundings surroundings) {
        this.root = root;
        this.surroundings = surroundings;
        this.store = new StoreOption(surroundings);
    }

    @Override
    public Integer call() {
        DatabaseId id = database.id();
        if (limit < 1 || limit == Integer.MAX_VALUE) {
            throw new ParameterException(spec.commandLine(), "--limit must be 1 or more: " + limit);
        }
        int wanted = all ? Integer.MAX_VALUE - 1 : limit;
        try (ObjectStore opened = store.openExisting();
                Bucket bucket = Bucket.of(opened)) {
            // One more tells whether there are more.
            List<VersionInfo> found = bucket.log(id, wanted + 1);
            boolean more = found.size() > wanted;
            List<VersionInfo> shown = more ? found.subList(0, wanted) : found;
            HistoryInfo reach = bucket.history(id);
            PrintWriter out = spec.commandLine().getOut();
            if (root.json()) {
                Json.object()
                        .with("store", bucket.location())
                        .with("user", id.user().value())
                        .with("database", id.name())
                        .with(
                                "versions",
                                shown.stream()
                                        .map(info -> VersionFields.add(Json.object(), info)
                                                .with("mark", mark(info))
                                                .fields())
                                        .toList())
                        .with("more", more)
                        .with("oldest", reach.oldest().map(Version::number).orElse(null))
                        .with("image", reach.image().map(Version::number).orElse(null))
                        .with(
                                "snapshots",
                                reach.snapshots().stream().map(Version::number).toList())
                        .print(out);
            } else {
                print(shown, out);
                out.println();
                out.println(told(reach));
                if (more) {
                    spec.commandLine().getErr().println("there are more; --all shows them, --limit N so many");
                }
            }
            return damage(shown);
        }
    }

    /** Says what can be done about damaged versions; the exit code. */
    private int damage(List<VersionInfo> versions) {
        List<String> damaged = versions.stream()
                .filter(info -> info.state() == VersionInfo.State.DAMAGED)
                .map(info -> info.version().toString())
                .toList();
        if (damaged.isEmpty()) {
            return ExitCode.OK;
        }
        if (!root.json()) {
            spec.commandLine()
                    .getErr()
                    .println("satchel: damaged: version " + String.join(", ", damaged)
                            + "; pull --version N tells more and what can be done, restore --dry-run whether a version can"
                            + " still be restored");
        }
        return ExitCode.DAMAGED;
    }

    private void print(List<VersionInfo> versions, PrintWriter out) {
        Table table = new Table("VERSION", "TIME", "SENT", "SIZE", "WRITER", "COMMIT");
        for (VersionInfo info : versions) {
            String mark = mark(info);
            table.row(
                    info.version().toString(),
                    Times.of(info.timestamp(), surroundings.zone()),
                    info.commitBytes().isPresent() && mark == null
                            ? Sizes.of(info.commitBytes().getAsLong())
                            : "-",
                    mark == null ? Sizes.of(info.databaseBytes()) : mark,
                    info.writer().isEmpty() ? "-" : info.writer(),
                    info.commitId().isEmpty() ? "-" : info.commitId());
        }
        table.print(out);
    }

    /** What a version is that cannot be opened as others can: a deletion, what one has erased, or damaged. */
    private static @Nullable String mark(VersionInfo info) {
        return switch (info.state()) {
            case PRESENT -> null;
            case DELETED -> "deleted";
            case ERASED -> "erased";
            case DAMAGED -> "damaged";
        };
    }

    private static String told(HistoryInfo reach) {
        StringBuilder told = new StringBuilder(reach.oldest()
                .map(oldest -> "restorable: "
                        + (oldest.equals(reach.newest())
                                ? "version " + oldest
                                : "every version from " + oldest + " to " + reach.newest()))
                .orElse("nothing can be restored: version " + reach.newest() + " is the deletion of the database"));
        List<Version> snapshots = reach.snapshots();
        if (!snapshots.isEmpty()) {
            int left = Math.max(0, snapshots.size() - SNAPSHOTS_TOLD);
            told.append("; snapshots at ")
                    .append(left == 0 ? "" : left + " older versions, ")
                    .append(snapshots.stream().skip(left).map(Version::toString).collect(Collectors.joining(", ")));
        }
        reach.image().ifPresent(image -> told.append("; image at ").append(image));
        return told.toString();
    }
}
