package dev.satchel.cli;

import dev.satchel.Bucket;
import dev.satchel.DatabaseId;
import dev.satchel.PushCondition;
import dev.satchel.PushResult;
import dev.satchel.Version;
import dev.satchel.VersionInfo;
import dev.satchel.store.ObjectStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** A database into the store. */
@Command(
        name = "push",
        header = "Make a SQLite file the next version of a user's database.",
        description = {
            "Others may have the file open; what they have committed is taken, and the file stays as it is. Only pages that"
                    + " differ from the newest version are sent, and nothing if none do. What is replaced stays in the log."
        },
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {
            "  satchel push alice alice.sqlite",
            "  satchel push alice alice.sqlite --if-version 41    if 41 is still the newest",
            "  satchel push bob template.sqlite --if-version 0    if bob has no database yet"
        })
final class PushCommand implements Callable<Integer> {
    @Mixin
    private final DatabaseArguments database = new DatabaseArguments();

    @Parameters(index = "1", paramLabel = "FILE", description = "A SQLite database.")
    private Path file = Path.of("");

    @Option(
            names = "--if-version",
            paramLabel = "N",
            description = "Only if the newest version is still N, as when FILE was pulled; 0: only if there is none.")
    private @Nullable String ifVersion;

    @Option(
            names = "--force",
            description = "If another machine commits meanwhile, replace its version too. Without it, the push fails.")
    private boolean force;

    @Mixin
    private final StoreOption store;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    private final RootCommand root;
    private final Surroundings surroundings;

    PushCommand(RootCommand root, Surroundings surroundings) {
        this.root = root;
        this.surroundings = surroundings;
        this.store = new StoreOption(surroundings);
    }

    @Override
    public Integer call() {
        DatabaseId id = database.id();
        PushCondition condition = condition();
        Path source = surroundings.directory().resolve(file);
        if (!Files.exists(source)) {
            throw new FailedException("no file " + source + "; check the path");
        }
        PushResult result;
        try (ProgressBars progress = new ProgressBars(surroundings.terminal() && !root.json());
                ObjectStore opened = new ProgressObjectStore(
                        store.openOrCreate(store.given().orElse(StoreOption.DEFAULT)), progress);
                Bucket bucket = Bucket.of(opened)) {
            result = bucket.push(id, source, condition);
        }
        VersionInfo head = result.head();
        if (root.json()) {
            VersionFields.add(Json.object().with("user", id.user().value()).with("database", id.name()), head)
                    .with("changed", result.changed())
                    .with("file", source)
                    .print(spec.commandLine().getOut());
        } else {
            spec.commandLine().getOut().println(said(id, result));
        }
        return ExitCode.OK;
    }

    private String said(DatabaseId id, PushResult result) {
        VersionInfo head = result.head();
        return result.changed()
                ? "pushed " + file + " as version " + head.version() + " of " + Names.of(id) + " (sent "
                        + Sizes.of(head.commitBytes().orElse(0)) + " for " + Sizes.of(head.databaseBytes()) + ")"
                : "nothing to push: version " + head.version() + " of " + Names.of(id) + " has this content already";
    }

    private PushCondition condition() {
        if (ifVersion != null && force) {
            throw new ParameterException(spec.commandLine(), "--if-version and --force exclude each other");
        }
        if (ifVersion == null) {
            return force ? PushCondition.force() : PushCondition.uncontested();
        }
        try {
            return PushCondition.ifHead(Version.parse(ifVersion));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--if-version: " + e.getMessage(), e);
        }
    }
}
