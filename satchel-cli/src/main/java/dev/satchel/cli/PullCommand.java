package dev.satchel.cli;

import dev.satchel.Bucket;
import dev.satchel.DatabaseId;
import dev.satchel.Version;
import dev.satchel.VersionInfo;
import dev.satchel.archive.Archive;
import dev.satchel.archive.ArchiveTier;
import dev.satchel.archive.ArchivedEntry;
import dev.satchel.archive.ArchivedRows;
import dev.satchel.store.ObjectStore;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.CopyOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** A database out of the store. */
@Command(
        name = "pull",
        header = "Write a user's database into a plain SQLite file.",
        description = "The file is exactly one version, checked by SQLite, and appears whole or not at all.",
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {
            "  satchel pull alice alice.sqlite",
            "  satchel pull alice then.sqlite --version 41",
            "  satchel pull alice alice.sqlite --with-archive alice-archive.sqlite",
            "  satchel pull alice alice.sqlite --store 'r2://BUCKET/PREFIX?account=ACCOUNT'"
        })
final class PullCommand implements Callable<Integer> {
    @Mixin
    private final DatabaseArguments database = new DatabaseArguments();

    @Parameters(index = "1", paramLabel = "FILE", description = "Where to. An existing file is left alone.")
    private Path file = Path.of("");

    @Option(names = "--version", paramLabel = "N", description = "An older version. Default: the newest.")
    private @Nullable String version;

    @Option(
            names = "--with-archive",
            paramLabel = "FILE2",
            description = "Write what that version has archived into a file of its own.")
    private @Nullable Path archived;

    @Option(names = "--force", description = "Replace existing files.")
    private boolean force;

    @Mixin
    private final StoreOption store;

    @Mixin
    private final ArchiveTierOption tier;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    private final RootCommand root;
    private final Surroundings surroundings;

    PullCommand(RootCommand root, Surroundings surroundings) {
        this.root = root;
        this.surroundings = surroundings;
        this.store = new StoreOption(surroundings);
        this.tier = new ArchiveTierOption(surroundings);
    }

    @Override
    public Integer call() throws IOException, SQLException {
        DatabaseId id = database.id();
        Version wanted = wanted();
        Path target = target(file);
        Path beside = archived == null ? null : target(archived);
        if (target.equals(beside)) {
            throw new ParameterException(spec.commandLine(), "the archive needs a file of its own");
        }
        CopyOption[] options = force ? new CopyOption[] {StandardCopyOption.REPLACE_EXISTING} : new CopyOption[0];
        VersionInfo pulled;
        OptionalInt batches = OptionalInt.empty();
        try (ProgressBars progress = new ProgressBars(surroundings.terminal() && !root.json());
                ArchiveTier elsewhere = beside == null ? null : tier.open();
                ObjectStore opened = new ProgressObjectStore(store.openExisting(), progress)) {
            try (Bucket bucket = Bucket.of(opened)) {
                pulled = wanted == null ? bucket.pull(id, target, options) : bucket.pull(id, wanted, target, options);
            }
            if (beside != null) {
                try (ArchiveNode node = ArchiveNode.start(opened, elsewhere, List.of(), surroundings.clock())) {
                    batches = OptionalInt.of(pullArchive(node.archive(), id, target, beside, options));
                }
            }
        }
        tell(id, pulled, target, beside, batches);
        return ExitCode.OK;
    }

    private Path target(Path given) {
        Path target = surroundings.directory().resolve(given);
        if (!force && Files.exists(target) && !Files.isDirectory(target)) {
            throw new FailedException(target + " exists already; name another file, or replace it with --force");
        }
        return target;
    }

    /** What the pulled version names as archived, and not what the newest does; how many batches. */
    private static int pullArchive(Archive archive, DatabaseId id, Path live, Path target, CopyOption... options)
            throws SQLException, IOException {
        SQLiteConfig reading = new SQLiteConfig();
        reading.setReadOnly(true);
        List<ArchivedEntry> entries;
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + live, reading.toProperties())) {
            entries = Archive.list(connection);
        }
        Path whole = Files.createTempFile(target.toAbsolutePath().getParent(), target.getFileName() + "-", ".part");
        try (ArchivedRows rows = archive.open(id, entries);
                Connection connection = rows.connection();
                PreparedStatement statement = connection.prepareStatement("VACUUM INTO ?")) {
            statement.setString(1, whole.toString()); // SQLite takes an empty file
            statement.execute();
            Files.move(whole, target, options);
        } finally {
            Files.deleteIfExists(whole);
        }
        return entries.size();
    }

    private void tell(DatabaseId id, VersionInfo pulled, Path target, @Nullable Path beside, OptionalInt batches) {
        PrintWriter out = spec.commandLine().getOut();
        if (root.json()) {
            Json json = VersionFields.add(
                            Json.object().with("user", id.user().value()).with("database", id.name()), pulled)
                    .with("file", target);
            if (beside != null) {
                json.with("archiveFile", beside).with("archivedBatches", batches.orElse(0));
            }
            json.print(out);
            return;
        }
        out.println("pulled version " + pulled.version() + " of " + Names.of(id) + " into " + file + " ("
                + Sizes.of(pulled.databaseBytes()) + ")");
        if (beside != null) {
            out.println("and what it has archived, "
                    + (batches.orElse(0) == 1 ? "1 batch" : batches.orElse(0) + " batches") + ", into " + archived);
        }
    }

    private @Nullable Version wanted() {
        return version == null ? null : VersionFields.parse(spec, version);
    }
}
