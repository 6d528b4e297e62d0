package dev.satchel.cli;

import dev.satchel.Bucket;
import dev.satchel.DatabaseAt;
import dev.satchel.DatabaseId;
import dev.satchel.NotFoundException;
import dev.satchel.SizeReport;
import dev.satchel.SizeThresholds;
import dev.satchel.VersionInfo;
import dev.satchel.store.ObjectStore;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What a database's size is made of. */
@Command(
        name = "size",
        header = "Show what takes the space in a user's database.",
        description = "The newest version is read into a private copy and looked into; nothing is changed.",
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {"  satchel size alice", "  satchel size alice --limit 3 --json"})
final class SizeCommand implements Callable<Integer> {
    @Mixin
    private final DatabaseArguments database = new DatabaseArguments();

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "10",
            description = "So many tables and indexes. Default: ${DEFAULT-VALUE}.")
    private int limit = 10;

    @Mixin
    private final StoreOption store;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    private final RootCommand root;

    SizeCommand(RootCommand root, Surroundings surroundings) {
        this.root = root;
        this.store = new StoreOption(surroundings);
    }

    /** What the ledger of a database says in all. */
    private record Archived(long batches, long rows, long bytes) {}

    @Override
    public Integer call() throws SQLException {
        DatabaseId id = database.id();
        try (ObjectStore opened = store.openExisting();
                Bucket bucket = Bucket.of(opened)) {
            VersionInfo head = bucket.head(id);
            if (head.state() != VersionInfo.State.PRESENT) {
                throw new NotFoundException(
                        "database " + Names.of(id) + " was deleted at version " + head.version(), null);
            }
            try (DatabaseAt at = bucket.openAt(id, head.version());
                    Connection connection = at.connection()) {
                tell(id, head, SizeReport.of(id, SizeThresholds.DEFAULTS, connection), archived(connection));
            }
        }
        return ExitCode.OK;
    }

    private static Archived archived(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            try (ResultSet rows = statement.executeQuery(
                    "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'satchel_archive'")) {
                if (!rows.next() || rows.getInt(1) == 0) {
                    return new Archived(0, 0, 0);
                }
            }
            try (ResultSet rows =
                    statement.executeQuery("SELECT count(*), total(row_count), total(bytes) FROM satchel_archive")) {
                rows.next();
                return new Archived(rows.getLong(1), rows.getLong(2), rows.getLong(3));
            }
        }
    }

    private void tell(DatabaseId id, VersionInfo head, SizeReport report, Archived archived) {
        PrintWriter out = spec.commandLine().getOut();
        if (root.json()) {
            Json.object()
                    .with("user", id.user().value())
                    .with("database", id.name())
                    .with("version", head.version().number())
                    .with("bytes", report.bytes())
                    .with("level", report.level().token())
                    .with("freeBytes", report.freeBytes())
                    .with("archivedBatches", archived.batches())
                    .with("archivedRows", archived.rows())
                    .with("archivedBytes", archived.bytes())
                    .with(
                            "parts",
                            report.parts().stream()
                                    .limit(limit)
                                    .map(SizeCommand::json)
                                    .toList())
                    .print(out);
            return;
        }
        out.println(Names.of(id) + ", version " + head.version() + ": " + Sizes.of(report.bytes()) + level(report));
        out.println();
        Table table = new Table("TABLE OR INDEX", "ROWS", "SIZE", "SHARE");
        for (SizeReport.Part part : report.parts().stream().limit(limit).toList()) {
            table.row(
                    part.name() + (part.isIndex() ? " (index of " + part.table() + ")" : ""),
                    Long.toString(part.rows()),
                    Sizes.of(part.bytes()),
                    part.bytes() * 100 / Math.max(1, report.bytes()) + "%");
        }
        table.print(out);
        if (report.parts().size() > limit) {
            out.println("and " + (report.parts().size() - limit) + " more");
        }
        out.println();
        out.println("compaction would free " + Sizes.of(report.freeBytes()) + "; archived: "
                + (archived.batches() == 0
                        ? "nothing"
                        : archived.rows() + " rows in " + archived.batches() + " batches, "
                                + Sizes.of(archived.bytes())));
    }

    private static String level(SizeReport report) {
        return switch (report.level()) {
            case NORMAL -> "";
            case INFO -> ", which is large";
            case WARNING -> ", which is much; archive what is seldom used";
        };
    }

    private static Object json(SizeReport.Part part) {
        return Json.object()
                .with("name", part.name())
                .with("table", part.table())
                .with("index", part.isIndex())
                .with("rows", part.rows())
                .with("bytes", part.bytes())
                .fields();
    }
}
