package dev.satchel.cli;

import dev.satchel.DatabaseId;
import dev.satchel.NotFoundException;
import dev.satchel.Satchel;
import dev.satchel.archive.Archive;
import dev.satchel.archive.ArchiveReport;
import dev.satchel.archive.ArchiveRule;
import dev.satchel.archive.ArchiveTier;
import dev.satchel.archive.ArchivedEntry;
import dev.satchel.archive.ArchivedRows;
import dev.satchel.archive.BatchId;
import dev.satchel.archive.LeftBehind;
import dev.satchel.store.ObjectStore;
import java.io.IOException;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** A user's archive. */
@Command(
        name = "archive",
        header = "Move rows that are seldom used out of a user's database, and bring them back.",
        description =
                "The archive is a second database of the same user in the same store, unless --archive-tier or its variable"
                        + " name one in Durable Objects.",
        synopsisSubcommandLabel = "COMMAND",
        sortOptions = false)
final class ArchiveCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    ArchiveCommand() {}

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    /** The command with its verbs. */
    static CommandLine commandLine(RootCommand root, Surroundings surroundings) {
        return new CommandLine(new ArchiveCommand())
                .addSubcommand(new Run(root, surroundings))
                .addSubcommand(new ListCommand(root, surroundings))
                .addSubcommand(new Query(root, surroundings))
                .addSubcommand(new Restore(root, surroundings));
    }

    /** What the verbs have in common: a node of its own for as long as the command runs. */
    abstract static class Verb implements Callable<Integer> {
        @Mixin
        private final DatabaseArguments database = new DatabaseArguments();

        @Mixin
        private final StoreOption store;

        @Mixin
        private final ArchiveTierOption tier;

        @Spec
        @SuppressWarnings("NullAway.Init") // set by picocli
        private CommandSpec spec;

        private final RootCommand root;
        private final Surroundings surroundings;

        Verb(RootCommand root, Surroundings surroundings) {
            this.root = root;
            this.surroundings = surroundings;
            this.store = new StoreOption(surroundings);
            this.tier = new ArchiveTierOption(surroundings);
        }

        abstract void on(Archive archive, DatabaseId id) throws SQLException;

        List<ArchiveRule> rules() {
            return List.of();
        }

        PrintWriter out() {
            return spec.commandLine().getOut();
        }

        boolean json() {
            return root.json();
        }

        String time(Instant instant) {
            return Times.of(instant, surroundings.zone());
        }

        ParameterException usage(String message) {
            return new ParameterException(spec.commandLine(), message);
        }

        @Override
        public Integer call() throws SQLException, IOException {
            DatabaseId id = database.id();
            if (id.isArchive()) {
                throw usage("database " + Names.of(id) + " is an archive itself; name the database that it is of");
            }
            List<ArchiveRule> rules = rules();
            try (ArchiveTier elsewhere = tier.open();
                    ObjectStore opened = store.openExisting();
                    ArchiveNode node = ArchiveNode.start(opened, elsewhere, rules, surroundings.clock())) {
                requireExists(node.node(), id);
                on(node.archive(), id);
            }
            return ExitCode.OK;
        }

        private static void requireExists(Satchel node, DatabaseId id) {
            boolean exists = node.read(id, session -> !session.version().isNone());
            if (!exists) {
                throw new NotFoundException("database " + Names.of(id) + " is not in the store", null);
            }
        }

        static Object json(ArchivedEntry entry) {
            return Json.object()
                    .with("batch", entry.batch().value())
                    .with("rule", entry.rule())
                    .with("tier", entry.tier())
                    .with("keys", entry.keys())
                    .with("label", entry.label().orElse(null))
                    .with("rows", entry.rows())
                    .with("bytes", entry.bytes())
                    .with("digest", entry.digest())
                    .with("archivedAt", entry.archivedAt())
                    .fields();
        }

        void table(List<ArchivedEntry> entries, boolean batches) {
            Table table = new Table(batches ? "BATCH" : "RULE", "KEY", "LABEL", "ROWS", "SIZE", "ARCHIVED");
            for (ArchivedEntry entry : entries) {
                table.row(
                        batches ? entry.batch().value() : entry.rule(),
                        String.join(", ", entry.keys()),
                        entry.label().orElse(""),
                        Integer.toString(entry.rows()),
                        Sizes.of(entry.bytes()),
                        time(entry.archivedAt()));
            }
            table.print(out());
        }
    }

    /** Archives. */
    @Command(
            name = "run",
            header = "Archive the rows that a condition is true for, with all that belongs to them.",
            description = "What belongs to a row are the rows whose foreign keys lead to it.",
            sortOptions = false,
            footerHeading = "%nExamples:%n",
            footer = {
                "  satchel archive run alice --rule finished --table projects \\",
                "      --where \"finished_at < :cutoff\" --older-than 30d --dry-run"
            })
    static final class Run extends Verb {
        private static final Pattern AGE = Pattern.compile("(\\d{1,6})([hdw])");

        @Option(names = "--rule", paramLabel = "NAME", required = true, description = "How the ledger names the rule.")
        private String rule = "";

        @Option(names = "--table", paramLabel = "TABLE", required = true, description = "Whose rows are archived.")
        private String table = "";

        @Option(
                names = "--where",
                paramLabel = "SQL",
                required = true,
                description =
                        "Which rows. :cutoff, :cutoff_seconds and :cutoff_millis stand for now less --older-than.")
        private String where = "";

        @Option(names = "--older-than", paramLabel = "TIME", description = "As 30d, 72h or 8w. Default: 0d.")
        private String olderThan = "0d";

        @Option(names = "--keep", paramLabel = "TABLE", description = "A table whose rows are never taken. Repeatable.")
        private List<String> keep = new ArrayList<>();

        @Option(
                names = "--label",
                paramLabel = "SQL",
                description = "Tells people which row it is, as a column's name.")
        private @Nullable String label;

        @Option(names = "--dry-run", description = "Say what would be archived, and do nothing.")
        private boolean dryRun;

        Run(RootCommand root, Surroundings surroundings) {
            super(root, surroundings);
        }

        @Override
        List<ArchiveRule> rules() {
            Matcher age = AGE.matcher(olderThan.strip().toLowerCase(Locale.ROOT));
            if (!age.matches()) {
                throw usage("--older-than must be as 30d, 72h or 8w: \"" + olderThan + "\"");
            }
            long count = Long.parseLong(Objects.requireNonNull(age.group(1)));
            Duration wanted = switch (Objects.requireNonNull(age.group(2))) {
                case "h" -> Duration.ofHours(count);
                case "d" -> Duration.ofDays(count);
                default -> Duration.ofDays(7 * count);
            };
            try {
                ArchiveRule.Builder builder = ArchiveRule.builder(rule, table)
                        .where(where)
                        .olderThan(wanted)
                        .keep(keep.toArray(String[]::new));
                if (label != null) {
                    builder.label(label);
                }
                return List.of(builder.build());
            } catch (IllegalArgumentException e) {
                throw usage(String.valueOf(e.getMessage()));
            }
        }

        @Override
        void on(Archive archive, DatabaseId id) throws SQLException {
            ArchiveReport report = dryRun ? archive.plan(id) : archive.run(id);
            if (json()) {
                Json.object()
                        .with("user", id.user().value())
                        .with("database", id.name())
                        .with("dryRun", dryRun)
                        .with("batches", report.archived().size())
                        .with("rows", report.rows())
                        .with("archivedBytes", report.archivedBytes())
                        .with("bytesBefore", report.bytesBefore())
                        .with("bytesAfter", report.bytesAfter())
                        .with("removedBatches", report.removed())
                        .with(
                                "archived",
                                report.archived().stream().map(Verb::json).toList())
                        .with("left", report.left().stream().map(Run::json).toList())
                        .print(out());
                return;
            }
            if (!report.archived().isEmpty()) {
                table(report.archived(), !dryRun);
                out().println();
            }
            for (LeftBehind left : report.left()) {
                out().println("left where it is: " + String.join(", ", left.keys()) + ", " + why(left));
            }
            out().println((dryRun ? "would archive " : "archived ") + report.rows() + " rows in "
                    + report.archived().size() + " batches, " + Sizes.of(report.archivedBytes())
                    + (dryRun
                            ? "; nothing was done"
                            : "; the database had " + Sizes.of(report.bytesBefore()) + " and has "
                                    + Sizes.of(report.bytesAfter())));
        }

        private static String why(LeftBehind left) {
            return switch (left.why()) {
                case CHANGED -> "it was changed meanwhile; run again";
                case REFERRED_TO -> "table " + left.detail() + ", which is kept, refers to it";
                case LAST_KEY ->
                    "it has the largest key of table " + left.detail()
                            + ", which SQLite would give again; declare the key AUTOINCREMENT";
                case TOO_LARGE -> "it is too large: " + left.detail();
                case NOT_DELETED -> "a trigger keeps a row of table " + left.detail() + " from being deleted";
            };
        }

        private static Object json(LeftBehind left) {
            return Json.object()
                    .with("rule", left.rule())
                    .with("keys", left.keys())
                    .with("reason", left.why().token())
                    .with("detail", left.detail())
                    .fields();
        }
    }

    /** Lists. */
    @Command(
            name = "list",
            header = "List what a user's database has archived.",
            sortOptions = false,
            footerHeading = "%nExamples:%n",
            footer = {"  satchel archive list alice", "  satchel archive list alice --json"})
    static final class ListCommand extends Verb {
        ListCommand(RootCommand root, Surroundings surroundings) {
            super(root, surroundings);
        }

        @Override
        void on(Archive archive, DatabaseId id) throws SQLException {
            List<ArchivedEntry> entries = archive.list(id);
            if (json()) {
                Json.object()
                        .with("user", id.user().value())
                        .with("database", id.name())
                        .with("archived", entries.stream().map(Verb::json).toList())
                        .print(out());
            } else if (entries.isEmpty()) {
                out().println(Names.of(id) + " has archived nothing");
            } else {
                table(entries, true);
            }
        }
    }

    /** Asks. */
    @Command(
            name = "query",
            header = "Run a query over what a user's database has archived.",
            description = "Each table is as it was, with a column satchel_batch more. Nothing is changed.",
            sortOptions = false,
            footerHeading = "%nExamples:%n",
            footer = {"  satchel archive query alice \"SELECT id, title FROM projects ORDER BY id\""})
    static final class Query extends Verb {
        @Parameters(index = "1", paramLabel = "SQL", description = "The query.")
        private String sql = "";

        Query(RootCommand root, Surroundings surroundings) {
            super(root, surroundings);
        }

        @Override
        void on(Archive archive, DatabaseId id) throws SQLException {
            try (ArchivedRows archived = archive.open(id);
                    Connection connection = archived.connection();
                    Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery(sql)) {
                print(rows);
            } catch (SQLException e) {
                throw new FailedException("the query failed: " + e.getMessage());
            }
        }

        private void print(ResultSet rows) throws SQLException {
            int columns = rows.getMetaData().getColumnCount();
            List<String> names = new ArrayList<>();
            for (int i = 1; i <= columns; i++) {
                names.add(rows.getMetaData().getColumnLabel(i));
            }
            Table table = new Table(names.toArray(String[]::new));
            List<Map<String, Object>> found = new ArrayList<>();
            while (rows.next()) {
                List<String> cells = new ArrayList<>();
                Map<String, Object> fields = new LinkedHashMap<>();
                for (int i = 1; i <= columns; i++) {
                    String text = text(rows, i);
                    cells.add(text == null ? "NULL" : text);
                    if (text != null) {
                        fields.put(names.get(i - 1), rows.getObject(i) instanceof Number number ? json(number) : text);
                    }
                }
                table.row(cells.toArray(String[]::new));
                found.add(fields);
            }
            if (json()) {
                Json.object().with("rows", found).print(out());
            } else {
                table.print(out());
            }
        }

        private static Object json(Number number) {
            return number instanceof Integer || number instanceof Long ? number : number.toString();
        }

        private static @Nullable String text(ResultSet rows, int column) throws SQLException {
            return rows.getObject(column) instanceof byte[] blob
                    ? "x'" + HexFormat.of().formatHex(blob) + "'"
                    : rows.getString(column);
        }
    }

    /** Brings back. */
    @Command(
            name = "restore",
            header = "Bring the rows of a batch back into a user's database.",
            description = "In one version. Refused, and nothing changed, if a key is in use by now.",
            sortOptions = false,
            footerHeading = "%nExamples:%n",
            footer = {"  satchel archive restore alice 01a05cd72a0000003d52b11486ed3e56"})
    static final class Restore extends Verb {
        @Parameters(index = "1", paramLabel = "BATCH", description = "Which; satchel archive list shows them.")
        private String batch = "";

        Restore(RootCommand root, Surroundings surroundings) {
            super(root, surroundings);
        }

        @Override
        void on(Archive archive, DatabaseId id) throws SQLException {
            BatchId wanted;
            try {
                wanted = BatchId.parse(batch);
            } catch (IllegalArgumentException e) {
                throw usage(String.valueOf(e.getMessage()));
            }
            ArchivedEntry entry = archive.restore(id, wanted);
            if (json()) {
                Json.object()
                        .with("user", id.user().value())
                        .with("database", id.name())
                        .with("restored", json(entry))
                        .print(out());
            } else {
                out().println("restored " + entry.rows() + " rows of batch " + entry.batch() + " into " + Names.of(id));
            }
        }
    }
}
