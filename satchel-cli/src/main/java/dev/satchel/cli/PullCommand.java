package dev.satchel.cli;

import dev.satchel.Bucket;
import dev.satchel.DatabaseId;
import dev.satchel.Version;
import dev.satchel.VersionInfo;
import dev.satchel.store.ObjectStore;
import java.nio.file.CopyOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
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
            "  satchel pull alice alice.sqlite --store 'r2://BUCKET/PREFIX?account=ACCOUNT'"
        })
final class PullCommand implements Callable<Integer> {
    @Mixin
    private final DatabaseArguments database = new DatabaseArguments();

    @Parameters(index = "1", paramLabel = "FILE", description = "Where to. An existing file is left alone.")
    private Path file = Path.of("");

    @Option(names = "--version", paramLabel = "N", description = "An older version. Default: the newest.")
    private @Nullable String version;

    @Option(names = "--force", description = "Replace an existing file.")
    private boolean force;

    @Mixin
    private final StoreOption store;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    private final RootCommand root;
    private final Surroundings surroundings;

    PullCommand(RootCommand root, Surroundings surroundings) {
        this.root = root;
        this.surroundings = surroundings;
        this.store = new StoreOption(surroundings);
    }

    @Override
    public Integer call() {
        DatabaseId id = database.id();
        Version wanted = wanted();
        Path target = surroundings.directory().resolve(file);
        if (!force && Files.exists(target) && !Files.isDirectory(target)) {
            throw new FailedException(target + " exists already; name another file, or replace it with --force");
        }
        CopyOption[] options = force ? new CopyOption[] {StandardCopyOption.REPLACE_EXISTING} : new CopyOption[0];
        VersionInfo pulled;
        try (ProgressBars progress = new ProgressBars(surroundings.terminal() && !root.json());
                ObjectStore opened = new ProgressObjectStore(store.openExisting(), progress);
                Bucket bucket = Bucket.of(opened)) {
            pulled = wanted == null ? bucket.pull(id, target, options) : bucket.pull(id, wanted, target, options);
        }
        if (root.json()) {
            VersionFields.add(Json.object().with("user", id.user().value()).with("database", id.name()), pulled)
                    .with("file", target)
                    .print(spec.commandLine().getOut());
        } else {
            spec.commandLine()
                    .getOut()
                    .println("pulled version " + pulled.version() + " of " + Names.of(id) + " into " + file + " ("
                            + Sizes.of(pulled.databaseBytes()) + ")");
        }
        return ExitCode.OK;
    }

    private @Nullable Version wanted() {
        return version == null ? null : VersionFields.parse(spec, version);
    }
}
