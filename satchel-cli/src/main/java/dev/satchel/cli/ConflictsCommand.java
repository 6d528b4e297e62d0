package dev.satchel.cli;

import dev.satchel.Bucket;
import dev.satchel.ConflictRecord;
import dev.satchel.DatabaseAt;
import dev.satchel.DatabaseId;
import dev.satchel.NotFoundException;
import dev.satchel.VersionInfo;
import dev.satchel.store.ObjectStore;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What lost a conflict. */
@Command(
        name = "conflicts",
        header = "Show what lost when two machines changed a user's database at once.",
        description =
                "The changes of the side that did not win are kept. ID is a record's id or commit, or the beginning of"
                        + " one.",
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {
            "  satchel conflicts alice",
            "  satchel conflicts alice --show 0000000000000007",
            "  satchel conflicts alice --export 0000000000000007 lost.sqlite",
            "  satchel push alice lost.sqlite                      make it the newest version",
            "  satchel conflicts alice --drop 0000000000000007"
        })
final class ConflictsCommand implements Callable<Integer> {
    @Mixin
    private final DatabaseArguments database = new DatabaseArguments();

    @ArgGroup
    private @Nullable Action action;

    @Mixin
    private final Confirmation confirmation = new Confirmation();

    @Mixin
    private final StoreOption store;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    private final RootCommand root;
    private final Surroundings surroundings;

    /** What to do with one. */
    static final class Action {
        @Option(
                names = "--show",
                paramLabel = "ID",
                description = "Tell about one, with its tables beside those of the newest version.")
        private @Nullable String show;

        @Option(
                names = "--export",
                arity = "2",
                paramLabel = "ID FILE",
                hideParamSyntax = true,
                description = "Write the database as that side had it into FILE. An existing file is left alone.")
        private String @Nullable [] export;

        @Option(names = "--drop", paramLabel = "ID", description = "Remove one for good.")
        private @Nullable String drop;
    }

    ConflictsCommand(RootCommand root, Surroundings surroundings) {
        this.root = root;
        this.surroundings = surroundings;
        this.store = new StoreOption(surroundings);
    }

    @Override
    public Integer call() throws SQLException {
        DatabaseId id = database.id();
        try (ObjectStore opened = store.openExisting();
                Bucket bucket = Bucket.of(opened)) {
            List<ConflictRecord> records = bucket.conflicts(id);
            if (records.isEmpty()) {
                bucket.head(id); // or there is no such database
            }
            if (action == null) {
                list(bucket, id, records);
            } else if (action.show != null) {
                show(bucket, find(id, records, action.show));
            } else if (action.export != null) {
                export(bucket, find(id, records, action.export[0]), action.export[1]);
            } else if (action.drop != null) {
                drop(bucket, find(id, records, action.drop));
            }
        }
        return ExitCode.OK;
    }

    private static ConflictRecord find(DatabaseId id, List<ConflictRecord> records, String wanted) {
        List<ConflictRecord> found = records.stream()
                .filter(record -> !wanted.isEmpty()
                        && (record.id().startsWith(wanted) || record.commitId().startsWith(wanted)))
                .toList();
        if (found.isEmpty()) {
            throw new NotFoundException(
                    "no conflict record \"" + wanted + "\" of " + Names.of(id) + "; satchel conflicts " + id.user()
                            + " lists them",
                    null);
        }
        if (found.size() > 1) {
            throw new FailedException(
                    found.size() + " conflict records begin with \"" + wanted + "\"; name more of it");
        }
        return found.get(0);
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private void list(Bucket bucket, DatabaseId id, List<ConflictRecord> records) {
        if (root.json()) {
            Json.object()
                    .with("store", bucket.location())
                    .with("user", id.user().value())
                    .with("database", id.name())
                    .with(
                            "conflicts",
                            records.stream()
                                    .map(record -> fields(Json.object(), record).fields())
                                    .toList())
                    .print(out());
            return;
        }
        if (records.isEmpty()) {
            out().println("no conflicts of " + Names.of(id));
            return;
        }
        Table table = new Table("CHANGED", "POLICY", "BASE", "HEAD", "SIZE", "LOST", "WON", "ID");
        for (ConflictRecord record : records) {
            table.row(
                    Times.of(record.changedAt(), surroundings.zone()),
                    policy(record),
                    record.base().toString(),
                    record.head().toString(),
                    Sizes.of(record.bytes()),
                    record.writer(),
                    record.winner(),
                    record.id());
        }
        table.print(out());
    }

    private static String policy(ConflictRecord record) {
        return record.policy().name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static Json fields(Json object, ConflictRecord record) {
        return object.with("id", record.id())
                .with("key", record.key())
                .with("policy", policy(record))
                .with("base", record.base().number())
                .with("head", record.head().number())
                .with("writer", record.writer())
                .with("commitId", record.commitId())
                .with("winner", record.winner())
                .with("winnerCommitId", record.winnerCommitId())
                .with("changedAt", record.changedAt())
                .with("keptAt", record.keptAt())
                .with("bytes", record.bytes());
    }

    private void show(Bucket bucket, ConflictRecord record) throws SQLException {
        Map<String, Long> kept;
        Map<String, Long> now;
        try (DatabaseAt lost = bucket.openConflict(record.database(), record.id());
                DatabaseAt head = bucket.openAt(
                        record.database(), bucket.head(record.database()).version())) {
            kept = rows(lost);
            now = rows(head);
        }
        TreeSet<String> names = new TreeSet<>(kept.keySet());
        names.addAll(now.keySet());
        if (root.json()) {
            fields(
                            Json.object()
                                    .with("user", record.database().user().value())
                                    .with("database", record.database().name()),
                            record)
                    .with(
                            "tables",
                            names.stream()
                                    .map(name -> Json.object()
                                            .with("name", name)
                                            .with("rowsKept", kept.get(name))
                                            .with("rowsNow", now.get(name))
                                            .fields())
                                    .toList())
                    .print(out());
            return;
        }
        fields(Json.object(), record).fields().forEach((name, value) -> out().printf("%-16s%s%n", name, value));
        out().println();
        Table table = new Table("TABLE", "ROWS KEPT", "ROWS NOW");
        for (String name : names) {
            table.row(name, count(kept, name), count(now, name));
        }
        table.print(out());
    }

    private static String count(Map<String, Long> rows, String name) {
        Long count = rows.get(name);
        return count == null ? "-" : count.toString();
    }

    private static Map<String, Long> rows(DatabaseAt state) throws SQLException {
        Map<String, Long> rows = new LinkedHashMap<>();
        try (Connection connection = state.connection();
                Statement statement = connection.createStatement()) {
            try (ResultSet tables = statement.executeQuery(
                    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
                            + " ORDER BY name")) {
                while (tables.next()) {
                    rows.put(tables.getString(1), 0L);
                }
            }
            for (Map.Entry<String, Long> table : rows.entrySet()) {
                try (ResultSet count = statement.executeQuery(
                        "SELECT count(*) FROM \"" + table.getKey().replace("\"", "\"\"") + "\"")) {
                    table.setValue(count.getLong(1));
                }
            }
        }
        return rows;
    }

    private void export(Bucket bucket, ConflictRecord record, String file) {
        Path target = surroundings.directory().resolve(file);
        VersionInfo exported = bucket.exportConflict(record.database(), record.id(), target);
        if (root.json()) {
            fields(Json.object(), record)
                    .with("databaseBytes", exported.databaseBytes())
                    .with("file", target)
                    .print(out());
        } else {
            out().println("exported conflict " + record.id() + " of " + Names.of(record.database()) + " into " + file
                    + " (" + Sizes.of(exported.databaseBytes()) + ")");
        }
    }

    private void drop(Bucket bucket, ConflictRecord record) {
        confirmation.require(
                "The changes of " + record.writer() + " of "
                        + Times.of(record.changedAt(), surroundings.zone()) + " to " + Names.of(record.database())
                        + " are removed for good.",
                surroundings.terminal() && !root.json());
        bucket.dropConflict(record.database(), record.id());
        if (root.json()) {
            fields(Json.object(), record).with("dropped", true).print(out());
        } else {
            out().println("dropped conflict " + record.id() + " of " + Names.of(record.database()));
        }
    }
}
