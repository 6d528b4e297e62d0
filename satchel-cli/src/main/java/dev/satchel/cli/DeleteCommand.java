package dev.satchel.cli;

import dev.satchel.Bucket;
import dev.satchel.CorruptException;
import dev.satchel.DatabaseAt;
import dev.satchel.DatabaseId;
import dev.satchel.DeletionReport;
import dev.satchel.HistoryInfo;
import dev.satchel.OutcomeUnknownException;
import dev.satchel.UnavailableException;
import dev.satchel.VersionInfo;
import dev.satchel.archive.Archive;
import dev.satchel.archive.ArchiveTier;
import dev.satchel.archive.ArchivedEntry;
import dev.satchel.archive.BucketTier;
import dev.satchel.store.ObjectStore;
import java.io.PrintWriter;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A database gone for good. */
@Command(
        name = "delete",
        header = "Delete a user's database for good, with its history.",
        description =
                "The deletion is a version; every version before it is emptied, snapshots, conflict records and the image"
                        + " with them, and nothing can be restored. A later use begins with an empty database. If it is"
                        + " broken off, the same command goes on where it ended.",
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {
            "  satchel delete alice --dry-run",
            "  satchel pull alice last.sqlite          keep a copy first",
            "  satchel delete alice",
            "  satchel delete alice --name notes --yes --json"
        })
final class DeleteCommand implements Callable<Integer> {
    @Mixin
    private final DatabaseArguments database = new DatabaseArguments();

    @Option(names = "--dry-run", description = "Say what would be deleted, and do nothing.")
    private boolean dryRun;

    @Mixin
    private final Confirmation confirmation = new Confirmation();

    @Option(
            names = "--leave-archive",
            description = "Delete although what the database has archived elsewhere stays there.")
    private boolean leaveArchive;

    @Mixin
    private final StoreOption store;

    @Mixin
    private final ArchiveTierOption tier;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    private final RootCommand root;
    private final Surroundings surroundings;

    DeleteCommand(RootCommand root, Surroundings surroundings) {
        this.root = root;
        this.surroundings = surroundings;
        this.store = new StoreOption(surroundings);
        this.tier = new ArchiveTierOption(surroundings);
    }

    @Override
    public Integer call() throws SQLException {
        DatabaseId id = database.id();
        try (ArchiveTier elsewhere = tier.open();
                ObjectStore opened = store.openExisting();
                Bucket bucket = bucket(opened, elsewhere)) {
            // Unlike head() not stopped by damage, which is a reason to delete.
            VersionInfo head = bucket.log(id, 1).get(0);
            HistoryInfo history = bucket.history(id);
            int conflicts = bucket.conflicts(id).size();
            if (elsewhere == null && !leaveArchive) {
                requireNothingLeft(bucket, id, head);
            }
            if (dryRun) {
                foretell(id, head, history, conflicts);
                return ExitCode.OK;
            }
            if (history.oldest().isPresent()) {
                confirmation.requireWord(
                        what(id, head, history, conflicts) + " cannot be brought back.",
                        id.user().value(),
                        surroundings.terminal() && !root.json());
            }
            tell(id, delete(bucket, id), others(bucket, id));
        }
        return ExitCode.OK;
    }

    private static Bucket bucket(ObjectStore store, @Nullable ArchiveTier elsewhere) {
        Bucket.Builder builder = Bucket.builder(store);
        if (elsewhere != null) {
            builder.archiveTier(elsewhere);
        }
        return builder.build();
    }

    /** Nobody could find what a tier that was not named has of a database that is gone. */
    private void requireNothingLeft(Bucket bucket, DatabaseId id, VersionInfo head) throws SQLException {
        if (head.state() != VersionInfo.State.PRESENT) {
            return;
        }
        List<ArchivedEntry> archived;
        try (DatabaseAt at = bucket.openAt(id, head.version());
                Connection connection = at.connection()) {
            archived = Archive.list(connection);
        } catch (CorruptException e) {
            return; // It cannot be told, and damage is a reason to delete.
        }
        Map<String, Long> elsewhere = archived.stream()
                .map(ArchivedEntry::tier)
                .filter(name -> !name.equals(BucketTier.NAME))
                .collect(Collectors.groupingBy(name -> name, TreeMap::new, Collectors.counting()));
        if (!elsewhere.isEmpty()) {
            throw new FailedException(Names.of(id) + " has archived "
                    + elsewhere.entrySet().stream()
                            .map(each -> each.getValue() + (each.getValue() == 1 ? " batch" : " batches") + " in \""
                                    + each.getKey() + "\"")
                            .collect(Collectors.joining(" and "))
                    + "; name it with --archive-tier, and it is deleted there too, or leave it there with"
                    + " --leave-archive; nothing was done");
        }
    }

    private DeletionReport delete(Bucket bucket, DatabaseId id) {
        try {
            return bucket.delete(id);
        } catch (UnavailableException | OutcomeUnknownException e) {
            if (!root.json()) {
                spec.commandLine()
                        .getErr()
                        .println("satchel: the deletion may have begun; delete again, and it goes on where it ended");
            }
            throw e;
        }
    }

    private static List<String> others(Bucket bucket, DatabaseId id) {
        return bucket.databases(id.user()).stream()
                .filter(other -> !other.equals(id))
                .filter(other -> bucket.history(other).oldest().isPresent())
                .map(DatabaseId::name)
                .toList();
    }

    private String what(DatabaseId id, VersionInfo head, HistoryInfo history, int conflicts) {
        return "The database " + Names.of(id) + ", version " + head.version() + " of "
                + Times.of(head.timestamp(), surroundings.zone()) + " ("
                + (head.state() == VersionInfo.State.DAMAGED ? "damaged" : Sizes.of(head.databaseBytes()))
                + "), with all earlier versions, snapshots ("
                + history.snapshots().size() + ") and conflict records ("
                + conflicts + "),";
    }

    private void foretell(DatabaseId id, VersionInfo head, HistoryInfo history, int conflicts) {
        PrintWriter out = spec.commandLine().getOut();
        boolean deleted = history.oldest().isEmpty();
        if (root.json()) {
            VersionFields.add(Json.object().with("user", id.user().value()).with("database", id.name()), head)
                    .with("dryRun", true)
                    .with("deleted", deleted)
                    .with("snapshots", history.snapshots().size())
                    .with("conflicts", conflicts)
                    .print(out);
        } else if (deleted) {
            out.println(Names.of(id) + " was deleted at version " + head.version() + " of "
                    + Times.of(head.timestamp(), surroundings.zone())
                    + "; delete would erase what may be left; nothing was done");
        } else {
            out.println(what(id, head, history, conflicts) + " would be deleted for good as version "
                    + head.version().next() + "; nothing was done");
        }
    }

    private void tell(DatabaseId id, DeletionReport report, List<String> others) {
        PrintWriter out = spec.commandLine().getOut();
        int objects = report.commits() + report.snapshots() + report.conflicts() + report.images();
        if (root.json()) {
            Json.object()
                    .with("user", id.user().value())
                    .with("database", id.name())
                    .with("version", report.version().number())
                    .with("resumed", report.resumed())
                    .with("commits", report.commits())
                    .with("snapshots", report.snapshots())
                    .with("conflicts", report.conflicts())
                    .with("images", report.images())
                    .with("objects", objects)
                    .with("bytes", report.bytes())
                    .with("otherDatabases", others)
                    .print(out);
            return;
        }
        if (report.resumed() && objects == 0) {
            out.println(Names.of(id) + " was deleted already, at version " + report.version()
                    + "; there was nothing left to erase");
        } else {
            out.println((report.resumed() ? "finished the deletion of " : "deleted ") + Names.of(id) + " at version "
                    + report.version() + ":");
            Table table = new Table("ERASED", "OBJECTS");
            table.row("commits", Integer.toString(report.commits()));
            table.row("snapshots", Integer.toString(report.snapshots()));
            table.row("conflict records", Integer.toString(report.conflicts()));
            table.row("image", Integer.toString(report.images()));
            table.row("in all", objects + ", " + Sizes.of(report.bytes()));
            table.print(out);
        }
        if (!others.isEmpty()) {
            out.println(id.user() + " has other databases: " + String.join(", ", others) + "; --name deletes one");
        }
    }
}
