package dev.satchel.cli;

import dev.satchel.Bucket;
import dev.satchel.DatabaseId;
import dev.satchel.VersionInfo;
import dev.satchel.store.ObjectStore;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The versions of a database. */
@Command(
        name = "log",
        aliases = "history",
        header = "Show the versions of a user's database, the newest first.",
        description = "SENT is what the version's commit uploaded, SIZE the database at that version.",
        sortOptions = false)
final class LogCommand implements Callable<Integer> {
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

    LogCommand(RootCommand root, Surroundings surroundings) {
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
                                                .fields())
                                        .toList())
                        .with("more", more)
                        .print(out);
            } else {
                print(shown, out);
                if (more) {
                    spec.commandLine().getErr().println("there are more; --all shows them, --limit N so many");
                }
            }
        }
        return ExitCode.OK;
    }

    private void print(List<VersionInfo> versions, PrintWriter out) {
        Table table = new Table("VERSION", "TIME", "SENT", "SIZE", "WRITER", "COMMIT");
        for (VersionInfo info : versions) {
            table.row(
                    info.version().toString(),
                    Times.of(info.timestamp(), surroundings.zone()),
                    info.commitBytes().isPresent() ? Sizes.of(info.commitBytes().getAsLong()) : "-",
                    Sizes.of(info.databaseBytes()),
                    info.writer(),
                    info.commitId());
        }
        table.print(out);
    }
}
