package dev.satchel.cli;

import dev.satchel.Bucket;
import dev.satchel.DatabaseId;
import dev.satchel.UserDatabases;
import dev.satchel.UserId;
import dev.satchel.store.ObjectStore;
import java.io.PrintWriter;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Who has databases. */
@Command(
        name = "users",
        header = "List the users who have a database in the store.",
        description = "One user a line; the names of databases follow if there is more than the usual one.",
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {"  satchel users", "  satchel users --after alice --limit 100 --json"})
final class UsersCommand implements Callable<Integer> {
    @Option(names = "--after", paramLabel = "USER", description = "Only users listed after this one.")
    private @Nullable String after;

    @Option(names = "--limit", paramLabel = "N", description = "At most so many. Default: all.")
    private long limit = Long.MAX_VALUE;

    @Mixin
    private final StoreOption store;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    private final RootCommand root;

    UsersCommand(RootCommand root, Surroundings surroundings) {
        this.root = root;
        this.store = new StoreOption(surroundings);
    }

    @Override
    public Integer call() {
        if (limit < 1) {
            throw new ParameterException(spec.commandLine(), "--limit must be 1 or more: " + limit);
        }
        try (ObjectStore opened = store.openExisting();
                Bucket bucket = Bucket.of(opened)) {
            Stream<UserDatabases> users = list(bucket).limit(limit);
            PrintWriter out = spec.commandLine().getOut();
            if (root.json()) {
                Json.object()
                        .with("store", bucket.location())
                        .with("users", users.map(UsersCommand::json).toList())
                        .print(out);
            } else {
                print(users.iterator(), out, bucket.location());
            }
        }
        return ExitCode.OK;
    }

    private Stream<UserDatabases> list(Bucket bucket) {
        if (after == null) {
            return bucket.users();
        }
        try {
            return bucket.usersAfter(UserId.of(after));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--after: " + e.getMessage(), e);
        }
    }

    private static Object json(UserDatabases user) {
        return Json.object()
                .with("user", user.user().value())
                .with(
                        "databases",
                        user.databases().stream().map(DatabaseId::name).toList())
                .fields();
    }

    private void print(Iterator<UserDatabases> users, PrintWriter out, String location) {
        if (!users.hasNext()) {
            spec.commandLine().getErr().println("no users in " + location);
        }
        while (users.hasNext()) {
            UserDatabases user = users.next();
            List<String> names = user.databases().stream()
                    .filter(id -> !id.isArchive() || !user.databases().contains(live(id)))
                    .map(id -> user.databases().contains(id.archive()) ? id.name() + " (with an archive)" : id.name())
                    .toList();
            boolean usual = names.equals(List.of(DatabaseId.DEFAULT_NAME));
            out.println(user.user() + (usual ? "" : "  " + String.join(", ", names)));
            if (out.checkError()) {
                return; // nobody reads any further
            }
        }
    }

    /** Whose archive it is. */
    private static DatabaseId live(DatabaseId archive) {
        String name = archive.name();
        return new DatabaseId(archive.user(), name.substring(0, name.length() - DatabaseId.ARCHIVE_SUFFIX.length()));
    }
}
