package dev.satchel.cli;

import dev.satchel.Bucket;
import dev.satchel.CorruptException;
import dev.satchel.DatabaseId;
import dev.satchel.NotFoundException;
import dev.satchel.RetentionReport;
import dev.satchel.SatchelConfig;
import dev.satchel.UserDatabases;
import dev.satchel.UserId;
import dev.satchel.store.ObjectStore;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** History made shorter. */
@Command(
        name = "retain",
        header = "Remove versions and conflict records that are older than the retention.",
        description =
                "Nodes do this by themselves with every snapshot. What is younger than the retention can still be restored"
                        + " afterwards. Ages are counted from the newest object of each database, by the store's clock.",
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {
            "  satchel retain alice --dry-run",
            "  satchel retain alice --keep 90d --yes",
            "  satchel retain --all --keep 30d --yes --json"
        })
final class RetainCommand implements Callable<Integer> {
    private static final Pattern KEEP = Pattern.compile("(\\d{1,6})([hdw])");

    @ArgGroup(multiplicity = "1")
    private Whose whose = new Whose();

    @Option(
            names = "--keep",
            paramLabel = "TIME",
            description = "How long, as 30d, 72h or 8w; at least 24h. Default: 30d.")
    private @Nullable String keep;

    @Option(names = "--dry-run", description = "Say what would be removed, and do nothing.")
    private boolean dryRun;

    @Mixin
    private final Confirmation confirmation = new Confirmation();

    @Mixin
    private final StoreOption store;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    private final RootCommand root;
    private final Surroundings surroundings;

    /** Whose databases. */
    static final class Whose {
        @Parameters(paramLabel = "USER", description = "All databases of this user.")
        private @Nullable String user;

        @Option(names = "--all", description = "All databases in the store.")
        @SuppressWarnings("UnusedVariable") // picocli sees to it that either this or a user is given
        private boolean all;
    }

    RetainCommand(RootCommand root, Surroundings surroundings) {
        this.root = root;
        this.surroundings = surroundings;
        this.store = new StoreOption(surroundings);
    }

    @Override
    public Integer call() {
        Duration retention = retention();
        UserId user = user();
        try (ObjectStore opened = store.openExisting();
                Bucket bucket = Bucket.of(opened);
                StatusLine status = new StatusLine(surroundings.terminal() && !root.json())) {
            if (!dryRun) {
                confirmation.require(
                        "What is older than " + hours(retention) + " is removed from the history of "
                                + (user == null ? "all databases in " + bucket.location() : user) + " for good.",
                        surroundings.terminal() && !root.json());
            }
            List<RetentionReport> reports = new ArrayList<>();
            List<CorruptException> damaged = new ArrayList<>();
            if (user == null) {
                try (Stream<UserDatabases> users = bucket.users()) {
                    for (Iterator<UserDatabases> i = users.iterator(); i.hasNext(); ) {
                        trim(bucket, i.next().databases(), retention, status, reports, damaged);
                    }
                }
            } else {
                List<DatabaseId> databases = bucket.databases(user);
                if (databases.isEmpty()) {
                    throw new NotFoundException(
                            "user \"" + user + "\" has no database in the store at " + bucket.location(), null);
                }
                trim(bucket, databases, retention, status, reports, damaged);
            }
            status.close();
            tell(bucket, retention, reports);
            if (!damaged.isEmpty()) {
                throw left(damaged);
            }
        }
        return ExitCode.OK;
    }

    /** What all those say that were left alone. */
    private static CorruptException left(List<CorruptException> damaged) {
        CorruptException first = damaged.get(0);
        return new CorruptException(
                first.kind(),
                "left alone: " + damaged.stream().map(Throwable::getMessage).collect(Collectors.joining("; ")),
                first);
    }

    private void trim(
            Bucket bucket,
            List<DatabaseId> databases,
            Duration retention,
            StatusLine status,
            List<RetentionReport> reports,
            List<CorruptException> damaged) {
        for (DatabaseId id : databases) {
            status.show(Names.of(id));
            try {
                reports.add(bucket.trim(id, retention, dryRun));
            } catch (CorruptException e) {
                damaged.add(e); // The others are not to keep their history because of it.
            }
        }
    }

    private void tell(Bucket bucket, Duration retention, List<RetentionReport> reports) {
        PrintWriter out = spec.commandLine().getOut();
        int objects = reports.stream().mapToInt(RetentionReport::objects).sum();
        long bytes = reports.stream().mapToLong(RetentionReport::bytes).sum();
        if (root.json()) {
            Json.object()
                    .with("store", bucket.location())
                    .with("retentionHours", retention.toHours())
                    .with("dryRun", dryRun)
                    .with("objects", objects)
                    .with("bytes", bytes)
                    .with("databases", reports.stream().map(RetainCommand::json).toList())
                    .print(out);
            return;
        }
        Table table = new Table("DATABASE", "COMMITS", "SNAPSHOTS", "CONFLICTS", "BYTES");
        for (RetentionReport report : reports) {
            if (report.objects() > 0) {
                table.row(
                        Names.of(report.database()),
                        Integer.toString(report.commits()),
                        Integer.toString(report.snapshots()),
                        Integer.toString(report.conflicts()),
                        Sizes.of(report.bytes()));
            }
        }
        if (objects > 0) {
            table.print(out);
            out.println();
        }
        out.println((dryRun ? "would remove " : "removed ") + objects + " objects (" + Sizes.of(bytes) + ") older than "
                + hours(retention) + ", of " + reports.size() + (reports.size() == 1 ? " database" : " databases"));
    }

    private static Object json(RetentionReport report) {
        return Json.object()
                .with("user", report.database().user().value())
                .with("database", report.database().name())
                .with("commits", report.commits())
                .with("snapshots", report.snapshots())
                .with("conflicts", report.conflicts())
                .with("bytes", report.bytes())
                .fields();
    }

    private static String hours(Duration retention) {
        return retention.toHours() % 24 == 0 && retention.toDays() > 1
                ? retention.toDays() + " days"
                : retention.toHours() + " hours";
    }

    private @Nullable UserId user() {
        try {
            return whose.user == null ? null : UserId.of(whose.user);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    private Duration retention() {
        if (keep == null) {
            return SatchelConfig.defaults().retention();
        }
        Matcher matcher = KEEP.matcher(keep.strip().toLowerCase(Locale.ROOT));
        if (matcher.matches()) {
            long count = Long.parseLong(matcher.group(1));
            Duration wanted = switch (matcher.group(2)) {
                case "h" -> Duration.ofHours(count);
                case "d" -> Duration.ofDays(count);
                default -> Duration.ofDays(7 * count);
            };
            if (wanted.compareTo(SatchelConfig.MIN_RETENTION) >= 0) {
                return wanted;
            }
        }
        throw new ParameterException(
                spec.commandLine(), "--keep must be 24h or more, as 30d, 72h or 8w: \"" + keep + "\"");
    }
}
