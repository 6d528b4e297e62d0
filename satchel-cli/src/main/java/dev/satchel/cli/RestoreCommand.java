package dev.satchel.cli;

import dev.satchel.Bucket;
import dev.satchel.DatabaseAt;
import dev.satchel.DatabaseId;
import dev.satchel.PushCondition;
import dev.satchel.RestoreResult;
import dev.satchel.Version;
import dev.satchel.VersionInfo;
import dev.satchel.store.ObjectStore;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** An older version made the newest. */
@Command(
        name = "restore",
        header = "Make an older version of a user's database the newest.",
        description =
                "Its content becomes a new version. What it replaces stays in the log, so that restoring that takes it"
                        + " back.",
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {
            "  satchel history alice                           which versions there are",
            "  satchel restore alice --version 41 --dry-run    what would happen",
            "  satchel restore alice --version 41",
            "  satchel restore alice --at '2h ago' --yes",
            "  satchel restore alice --at '2026-05-31 12:00 Europe/Berlin'"
        })
final class RestoreCommand implements Callable<Integer> {
    @Mixin
    private final DatabaseArguments database = new DatabaseArguments();

    @ArgGroup(multiplicity = "1")
    private Wanted wanted = new Wanted();

    @Option(names = "--dry-run", description = "Find and check the version, say what would happen, and do nothing.")
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

    /** Which version. */
    static final class Wanted {
        @Option(names = "--version", paramLabel = "N", description = "That version.")
        private @Nullable String version;

        @Option(
                names = "--at",
                paramLabel = "TIME",
                description =
                        "What was the newest at that time: 2026-05-31T12:00:00Z, \"2026-05-31 12:00:00\" in this machine's"
                                + " time zone, \"2026-05-31 12:00 Europe/Berlin\", or \"2h ago\".")
        private @Nullable String at;
    }

    RestoreCommand(RootCommand root, Surroundings surroundings) {
        this.root = root;
        this.surroundings = surroundings;
        this.store = new StoreOption(surroundings);
    }

    @Override
    public Integer call() {
        DatabaseId id = database.id();
        Version number = wanted.version == null ? null : VersionFields.parse(spec, wanted.version);
        Instant at = wanted.at == null ? null : time(wanted.at);
        RestoreResult result;
        try (ProgressBars progress = new ProgressBars(surroundings.terminal() && !root.json());
                ObjectStore opened = new ProgressObjectStore(store.openExisting(), progress);
                Bucket bucket = Bucket.of(opened)) {
            VersionInfo head = bucket.head(id);
            Version version = at == null || number != null ? number : bucket.versionAt(id, at);
            if (version == null) {
                throw new IllegalStateException("picocli insists on one of them");
            }
            if (dryRun) {
                try (DatabaseAt state = bucket.openAt(id, version)) {
                    tell(id, state.version(), head);
                }
                return ExitCode.OK;
            }
            if (!version.equals(head.version())) {
                confirmation.require(
                        "Version " + version + " of " + Names.of(id) + " becomes version "
                                + head.version().next() + ", replacing version " + head.version() + " of "
                                + Times.of(head.timestamp(), surroundings.zone()) + ", which stays in the log.",
                        surroundings.terminal() && !root.json());
            }
            // What was agreed to be replaced, and nothing that came since.
            result = bucket.restore(id, version, PushCondition.ifHead(head.version()));
        }
        if (root.json()) {
            VersionFields.add(Json.object().with("user", id.user().value()).with("database", id.name()), result.head())
                    .with("changed", result.changed())
                    .with("restored", result.restored().number())
                    .print(spec.commandLine().getOut());
        } else {
            spec.commandLine().getOut().println(said(id, result));
        }
        return ExitCode.OK;
    }

    private Instant time(String text) {
        try {
            return Times.parse(text, surroundings.zone(), surroundings.clock().instant());
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--at: " + e.getMessage(), e);
        }
    }

    private void tell(DatabaseId id, VersionInfo wanted, VersionInfo head) {
        boolean same = wanted.version().equals(head.version());
        PrintWriter out = spec.commandLine().getOut();
        if (root.json()) {
            Json.object()
                    .with("user", id.user().value())
                    .with("database", id.name())
                    .with("dryRun", true)
                    .with("wanted", VersionFields.add(Json.object(), wanted).fields())
                    .with("head", VersionFields.add(Json.object(), head).fields())
                    .with("wouldBe", same ? null : head.version().next().number())
                    .print(out);
            return;
        }
        String of = " of " + Times.of(wanted.timestamp(), surroundings.zone()) + " (" + Sizes.of(wanted.databaseBytes())
                + ", sound)";
        out.println(
                same
                        ? "nothing to restore: version " + wanted.version() + of + " is the newest of " + Names.of(id)
                        : "would restore version " + wanted.version() + of + " of " + Names.of(id) + " as version "
                                + head.version().next() + ", replacing version " + head.version() + " of "
                                + Times.of(head.timestamp(), surroundings.zone()) + "; nothing was done");
    }

    private static String said(DatabaseId id, RestoreResult result) {
        Version head = result.head().version();
        return result.changed()
                ? "restored version " + result.restored() + " of " + Names.of(id) + " as version " + head + "; version "
                        + (head.number() - 1) + " is what it replaced: restore that to take it back"
                : "nothing to restore: version " + head + " of " + Names.of(id) + " has this content already";
    }
}
