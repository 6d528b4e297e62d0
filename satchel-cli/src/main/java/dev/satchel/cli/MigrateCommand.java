package dev.satchel.cli;

import dev.satchel.Bucket;
import dev.satchel.ConflictException;
import dev.satchel.DatabaseAt;
import dev.satchel.DatabaseId;
import dev.satchel.NotFoundException;
import dev.satchel.PushCondition;
import dev.satchel.RestoreResult;
import dev.satchel.SchemaScripts;
import dev.satchel.UserDatabases;
import dev.satchel.UserId;
import dev.satchel.Version;
import dev.satchel.VersionInfo;
import dev.satchel.cli.MigrationRecord.State;
import dev.satchel.store.ObjectStore;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The schema of a fleet. */
@Command(
        name = "migrate",
        header = "Bring the schema of users' databases up to date with SQL scripts.",
        description = {
            "Each migration is a new version of that database; the version before is its restore point. Databases that are in"
                    + " use may be migrated: a change that comes in between is kept, and the migration made again on top of it.",
            "One line for each database goes into a report, a file from which the same command goes on when it was broken off, and"
                    + " which --undo needs. The exit code is 0 if every database has the wanted schema."
        },
        sortOptions = false,
        footerHeading = "%nExamples:%n",
        footer = {
            "  satchel migrate --all --scripts migrations --dry-run",
            "  satchel migrate --all --scripts migrations --canary 5 --pause",
            "  satchel migrate --all --scripts migrations --waves 100,25%% --error-budget 1%%",
            "  satchel migrate alice --scripts migrations --yes",
            "  satchel migrate --undo canary --state satchel-migrate-1a2b3c4d.jsonl"
        })
final class MigrateCommand implements Callable<Integer> {
    private static final int MAX_PARALLEL = 64;
    /** How many versions back a migration that is not in the report is looked for. */
    private static final int LOOK_BACK = 16;

    private static final String ALL_WAVES = "all";

    @ArgGroup(multiplicity = "1")
    private What what = new What();

    @Option(
            names = "--scripts",
            paramLabel = "FOLDER",
            description = "Scripts with names as V1__notes.sql, V2_1__done.sql.")
    private @Nullable Path scripts;

    @Option(
            names = {"--database", "--name"},
            paramLabel = "NAME",
            defaultValue = DatabaseId.DEFAULT_NAME,
            description = "Only databases of this name; a * at its end stands for anything. Default: ${DEFAULT-VALUE}.")
    private String name = DatabaseId.DEFAULT_NAME;

    @Option(names = "--canary", paramLabel = "N", description = "Do so many first, as a wave of their own.")
    private int canary;

    @Option(
            names = "--waves",
            paramLabel = "SIZES",
            description = "Then waves of so many, as 100,10%%,50%%; percentages are of all. The rest is the last wave.")
    private @Nullable String waves;

    @Option(names = "--pause", description = "Stop after a wave; the same command goes on with the next.")
    private boolean pause;

    @Option(
            names = "--error-budget",
            paramLabel = "N",
            defaultValue = "0",
            description = "Stop when more than so many, or N%%, have failed. Default: ${DEFAULT-VALUE}.")
    private String errorBudget = "0";

    @Option(
            names = "--parallel",
            paramLabel = "N",
            defaultValue = "4",
            description = "So many databases at a time. Default: ${DEFAULT-VALUE}.")
    private int parallel = 4;

    @Option(
            names = "--state",
            paramLabel = "FILE",
            description =
                    "The report. Default: satchel-migrate-XXXXXXXX.jsonl, named after store, databases and scripts.")
    private @Nullable Path state;

    @Option(names = "--dry-run", description = "Migrate copies, say what would happen, and publish nothing.")
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

    /** Which databases, or what to undo. */
    static final class What {
        @Parameters(paramLabel = "USER", description = "The databases of this user.")
        private @Nullable String user;

        @Option(names = "--all", description = "The databases of all users in the store.")
        @SuppressWarnings("UnusedVariable") // picocli sees to it that one of the three is given
        private boolean all;

        @Option(
                names = "--undo",
                paramLabel = "WAVE",
                description =
                        "Restore what a wave of the report had migrated: canary, a number, or all. Databases that were written"
                                + " since stay as they are, and are told.")
        private @Nullable String undo;
    }

    MigrateCommand(RootCommand root, Surroundings surroundings) {
        this.root = root;
        this.surroundings = surroundings;
        this.store = new StoreOption(surroundings);
    }

    /** What a run has come to. */
    private static final class Tally {
        private final List<MigrationRecord> records = new ArrayList<>();
        private @Nullable String stopped;
        private int failed;
        private int fresh;
    }

    /**
     * What was done with one database.
     *
     * @param fresh whether it is to be added to the report
     */
    private record Step(MigrationRecord record, boolean fresh) {}

    @Override
    public Integer call() {
        if (parallel < 1 || parallel > MAX_PARALLEL) {
            throw wrong("--parallel must be 1 to " + MAX_PARALLEL + ": " + parallel);
        }
        if (canary < 0) {
            throw wrong("--canary must be 0 or more: " + canary);
        }
        try (ObjectStore opened = store.openExisting()) {
            return what.undo == null ? migrate(opened) : undo(opened, what.undo);
        }
    }

    private boolean somebodyThere() {
        return surroundings.terminal() && !root.json();
    }

    // ---- migrating --------------------------------------------------------------------------------------------------

    private int migrate(ObjectStore opened) {
        SchemaScripts schema = schema();
        MigrationFile.Header fresh = header(opened, schema);
        List<DatabaseId> all;
        try (Bucket bucket = Bucket.of(opened);
                StatusLine status = new StatusLine(somebodyThere())) {
            status.show("listing the databases in " + bucket.location());
            all = databases(bucket);
        }
        List<Waves.Wave<DatabaseId>> cut = cut(all);
        int budget = budget(all.size());
        Tally tally = new Tally();
        if (dryRun) {
            try (Bucket bucket = Bucket.of(opened)) {
                for (Waves.Wave<DatabaseId> wave : cut) {
                    if (tally.stopped == null) {
                        work(wave, budget, null, tally, id -> attempt(bucket, schema, id, wave.name()));
                    }
                }
            }
            return tell(opened, schema, all.size(), null, tally);
        }
        confirmation.require(question(opened, schema, all.size(), cut), somebodyThere());
        try (MigrationFile file = MigrationFile.open(report(fresh), fresh);
                Bucket bucket = Bucket.builder(opened).node(writer(file)).build()) {
            for (int i = 0; i < cut.size() && tally.stopped == null; i++) {
                Waves.Wave<DatabaseId> wave = cut.get(i);
                Map<DatabaseId, MigrationRecord> earlier = file.latest();
                int before = tally.fresh;
                work(wave, budget, file, tally, id -> migrate(bucket, schema, file, earlier.get(id), id, wave.name()));
                if (tally.stopped == null && tally.fresh > before && i + 1 < cut.size()) {
                    tally.stopped = betweenWaves(wave.name(), cut.get(i + 1), tally);
                }
            }
            return tell(opened, schema, all.size(), file, tally);
        }
    }

    /** Does something with every member of a wave, several at a time, until too many have failed. */
    private <T> void work(
            Waves.Wave<T> wave, int budget, @Nullable MigrationFile file, Tally tally, Function<T, Step> task) {
        AtomicBoolean enough = new AtomicBoolean();
        ExecutorService workers = Executors.newFixedThreadPool(parallel);
        try (ProgressBars bar = new ProgressBars(somebodyThere())) {
            bar.begin(label(wave.name()), wave.members().size(), " databases");
            CompletionService<@Nullable Step> steps = new ExecutorCompletionService<>(workers);
            for (T member : wave.members()) {
                steps.submit(() -> enough.get() ? null : task.apply(member));
            }
            for (int done = 1; done <= wave.members().size(); done++) {
                Step step = steps.take().get();
                if (step != null) {
                    add(step, file, tally);
                }
                bar.reached(done, tally.failed == 0 ? "" : tally.failed + " failed");
                if (tally.failed > budget) {
                    enough.set(true);
                    tally.stopped = tally.failed + " failed, and the error budget is " + budget;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new FailedException("interrupted; the same command goes on");
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } finally {
            enough.set(true);
            workers.shutdown();
        }
    }

    private static void add(Step step, @Nullable MigrationFile file, Tally tally) {
        tally.records.add(step.record());
        if (step.record().state() == State.FAILED) {
            tally.failed++;
        }
        if (step.fresh()) {
            tally.fresh++;
            if (file != null) {
                file.add(step.record());
            }
        }
    }

    private SchemaScripts schema() {
        if (scripts == null) {
            throw wrong("--scripts is missing: the folder with V1__what_it_makes.sql and the like");
        }
        try {
            return SchemaScripts.builder()
                    .folder(surroundings.directory().resolve(scripts))
                    .build();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--scripts: " + e.getMessage(), e);
        }
    }

    private MigrationFile.Header header(ObjectStore opened, SchemaScripts schema) {
        return new MigrationFile.Header(
                String.format(Locale.ROOT, "%08x", new SecureRandom().nextInt()),
                opened.location(),
                String.format(Locale.ROOT, "%08x", schema.checksum()),
                schema.targetVersion());
    }

    private static String undoer(MigrationFile file) {
        return "undo-" + writer(file);
    }

    private Path report(MigrationFile.Header header) {
        String which = what.user == null ? "--all" : what.user;
        int digest = List.of(header.store(), header.scripts(), name, which).hashCode();
        Path file = state != null ? state : Path.of(String.format(Locale.ROOT, "satchel-migrate-%08x.jsonl", digest));
        return surroundings.directory().resolve(file);
    }

    private static String writer(MigrationFile file) {
        return "migrate-" + file.header().run();
    }

    private List<DatabaseId> databases(Bucket bucket) {
        List<DatabaseId> found = new ArrayList<>();
        if (what.user != null) {
            UserId user = user(what.user);
            bucket.databases(user).stream().filter(this::isWanted).forEach(found::add);
            if (found.isEmpty()) {
                throw new NotFoundException(
                        "user \"" + user + "\" has no database \"" + name + "\" in the store at " + bucket.location(),
                        null);
            }
            return found;
        }
        try (Stream<UserDatabases> users = bucket.users()) {
            for (Iterator<UserDatabases> i = users.iterator(); i.hasNext(); ) {
                i.next().databases().stream().filter(this::isWanted).forEach(found::add);
            }
        }
        return found;
    }

    private UserId user(String text) {
        try {
            return UserId.of(text);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    private boolean isWanted(DatabaseId id) {
        return name.endsWith("*")
                ? id.name().startsWith(name.substring(0, name.length() - 1)) && !id.isArchive()
                : id.name().equals(name);
    }

    private List<Waves.Wave<DatabaseId>> cut(List<DatabaseId> all) {
        try {
            return Waves.cut(all, canary, waves);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--waves: " + e.getMessage(), e);
        }
    }

    private int budget(int all) {
        try {
            return Waves.amount(errorBudget.strip(), all);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--error-budget: " + e.getMessage(), e);
        }
    }

    private String question(ObjectStore opened, SchemaScripts schema, int all, List<Waves.Wave<DatabaseId>> cut) {
        String sizes = String.join(
                ", ",
                cut.stream()
                        .map(wave -> label(wave.name()) + ": " + wave.members().size())
                        .toList());
        return databases(all) + " in " + opened.location() + " are brought to schema version " + schema.targetVersion()
                + " (" + schema.nameOf(schema.targetVersion()) + ")" + (cut.size() > 1 ? ", " + sizes : "") + ".";
    }

    private static String databases(int count) {
        return count + (count == 1 ? " database" : " databases");
    }

    private static String label(String wave) {
        return wave.equals(Waves.CANARY) ? wave : "wave " + wave;
    }

    /** Why not to go on with the next wave; null to go on. */
    private @Nullable String betweenWaves(String done, Waves.Wave<DatabaseId> next, Tally tally) {
        String soFar = label(done) + " is done, " + tally.failed + " failed so far";
        if (!pause
                && confirmation.ask(
                        soFar + ". Go on with " + label(next.name()) + ", "
                                + databases(next.members().size()) + "?",
                        somebodyThere())) {
            return null;
        }
        return soFar + "; the same command goes on with " + label(next.name());
    }

    private Step migrate(
            Bucket bucket,
            SchemaScripts schema,
            MigrationFile file,
            @Nullable MigrationRecord earlier,
            DatabaseId id,
            String wave) {
        boolean wasDone = earlier != null && earlier.state().isDone();
        if (earlier != null && wasDone && isHead(bucket, earlier)) {
            return new Step(earlier, false);
        }
        Step step = attempt(bucket, schema, id, wave);
        if (step.record().state() != State.CURRENT) {
            return step;
        }
        if (earlier != null && wasDone) {
            return new Step(earlier, false); // Written since, and still at the wanted schema.
        }
        return earlier == null && file.isResumed() ? untold(bucket, writer(file), step) : step;
    }

    private static boolean isHead(Bucket bucket, MigrationRecord earlier) {
        try {
            return bucket.head(earlier.database()).version().number() == earlier.after();
        } catch (RuntimeException e) {
            return false; // Migrating it will tell why.
        }
    }

    private Step attempt(Bucket bucket, SchemaScripts schema, DatabaseId id, String wave) {
        long began = System.nanoTime();
        try {
            return new Step(MigrationRecord.of(bucket.migrate(id, schema, dryRun), wave, millisSince(began)), true);
        } catch (RuntimeException e) {
            return new Step(MigrationRecord.failed(id, wave, e, millisSince(began)), true);
        }
    }

    /** A run that was killed may have migrated a database without a line in the report: the commit has the migration's name. */
    private static Step untold(Bucket bucket, String writer, Step current) {
        DatabaseId id = current.record().database();
        for (VersionInfo version : bucket.log(id, LOOK_BACK)) {
            if (version.writer().startsWith(writer + "-") && version.version().number() > 1) {
                long after = version.version().number();
                return new Step(
                        new MigrationRecord(
                                id,
                                current.record().wave(),
                                State.MIGRATED,
                                schemaOf(bucket, id, after - 1),
                                current.record().to(),
                                after - 1,
                                after,
                                null,
                                0),
                        true);
            }
        }
        return current;
    }

    private static int schemaOf(Bucket bucket, DatabaseId id, long version) {
        try (DatabaseAt state = bucket.openAt(id, Version.of(version));
                Connection connection = state.dataSource().getConnection();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("PRAGMA user_version")) {
            return result.next() ? result.getInt(1) : 0;
        } catch (SQLException e) {
            throw new IllegalStateException("version " + version + " of " + id + " cannot be read", e);
        }
    }

    private static long millisSince(long began) {
        return (System.nanoTime() - began) / 1_000_000;
    }

    private int tell(ObjectStore opened, SchemaScripts schema, int all, @Nullable MigrationFile file, Tally tally) {
        int below = all
                - (int) tally.records.stream()
                        .filter(record -> record.state().isDone())
                        .count();
        int target = schema.targetVersion();
        if (root.json()) {
            Json object = Json.object()
                    .with("store", opened.location())
                    .with("dryRun", dryRun)
                    .with("target", target)
                    .with("script", schema.nameOf(target))
                    .with("all", all)
                    .with("below", below);
            addResult(object, file, tally).print(out());
        } else {
            table(tally);
            out().println((dryRun ? "would be: " : "") + counts(tally) + " of " + databases(all) + ", schema version "
                    + target + " (" + schema.nameOf(target) + ")"
                    + (below == 0 ? "" : "; " + databases(below) + (dryRun ? " would be" : "") + " below it")
                    + (file == null ? "; nothing was done" : "; report in " + shown(file)));
            if (tally.stopped != null) {
                err().println("satchel: stopped: " + tally.stopped);
            }
        }
        return below == 0 ? ExitCode.OK : ExitCode.FAILURE;
    }

    // ---- undoing ----------------------------------------------------------------------------------------------------

    private int undo(ObjectStore opened, String wave) {
        if (state == null) {
            throw wrong("--undo needs --state: the report of the migration");
        }
        if (dryRun || scripts != null || pause || waves != null || canary > 0) {
            throw wrong("--undo goes with --state, --parallel, --yes and --store only");
        }
        try (MigrationFile file = MigrationFile.open(surroundings.directory().resolve(state), null);
                Bucket bucket = Bucket.builder(opened).node(undoer(file)).build()) {
            if (!file.header().store().equals(opened.location())) {
                throw new FailedException("the report " + file.path() + " is of "
                        + file.header().store() + ", not of " + opened.location() + "; name that with --store");
            }
            List<MigrationRecord> migrated = file.latest().values().stream()
                    .filter(record -> wave.equals(ALL_WAVES) || record.wave().equals(wave))
                    .filter(record -> record.state() == State.MIGRATED || record.state() == State.KEPT)
                    .toList();
            if (!migrated.isEmpty()) {
                confirmation.require(
                        databases(migrated.size()) + " in " + opened.location()
                                + " are brought back to what they were before the migration, as new versions.",
                        somebodyThere());
            }
            Tally tally = new Tally();
            work(
                    new Waves.Wave<>(wave, migrated),
                    migrated.size(),
                    file,
                    tally,
                    record -> restore(bucket, record, undoer(file)));
            return tellUndone(opened, wave, file, tally);
        }
    }

    private static Step restore(Bucket bucket, MigrationRecord migrated, String undoer) {
        try {
            RestoreResult restored = bucket.restore(
                    migrated.database(),
                    Version.of(migrated.before()),
                    PushCondition.ifHead(Version.of(migrated.after())));
            return new Step(migrated.undone(restored.head().version().number()), true);
        } catch (ConflictException e) {
            if (e.conflict().theirWriter().startsWith(undoer + "-")) {
                // A run that was killed has restored it, and told nobody.
                return new Step(migrated.undone(e.conflict().head().number()), true);
            }
            return new Step(
                    migrated.kept("written since, version " + e.conflict().head()
                            + " is the newest; to lose that: satchel restore " + Names.of(migrated.database())
                            + " --version " + migrated.before()),
                    true);
        } catch (RuntimeException e) {
            return new Step(MigrationRecord.failed(migrated.database(), migrated.wave(), e, 0), false);
        }
    }

    private int tellUndone(ObjectStore opened, String wave, MigrationFile file, Tally tally) {
        long left = tally.records.stream()
                .filter(record -> record.state() != State.UNDONE)
                .count();
        if (root.json()) {
            addResult(
                            Json.object()
                                    .with("store", opened.location())
                                    .with("undo", wave)
                                    .with("left", left),
                            file,
                            tally)
                    .print(out());
        } else if (tally.records.isEmpty()) {
            out().println("nothing to undo: the report " + shown(file) + " has no migrated database"
                    + (wave.equals(ALL_WAVES) ? "" : " in " + label(wave)));
        } else {
            table(tally);
            out().println(counts(tally) + " of " + databases(tally.records.size()) + "; report in " + shown(file));
        }
        return left == 0 ? ExitCode.OK : ExitCode.FAILURE;
    }

    // ---- telling ----------------------------------------------------------------------------------------------------

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private PrintWriter err() {
        return spec.commandLine().getErr();
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private String shown(MigrationFile file) {
        Path path = file.path();
        return String.valueOf(
                path.startsWith(surroundings.directory())
                        ? surroundings.directory().relativize(path)
                        : path);
    }

    private static Json addResult(Json object, @Nullable MigrationFile file, Tally tally) {
        numbers(tally).forEach((state, count) -> object.with(state.token(), count));
        return object.with("report", file == null ? null : file.path())
                .with("stopped", tally.stopped)
                .with(
                        "databases",
                        sorted(tally).stream().map(MigrationRecord::fields).toList());
    }

    private static Map<State, Integer> numbers(Tally tally) {
        Map<State, Integer> numbers = new EnumMap<>(State.class);
        tally.records.forEach(record -> numbers.merge(record.state(), 1, Integer::sum));
        return numbers;
    }

    private static String counts(Tally tally) {
        List<String> counts = new ArrayList<>();
        numbers(tally).forEach((state, count) -> counts.add(count + " " + state.token()));
        return counts.isEmpty() ? "none" : String.join(", ", counts);
    }

    private static List<MigrationRecord> sorted(Tally tally) {
        return tally.records.stream()
                .sorted(Comparator.comparing(MigrationRecord::database))
                .toList();
    }

    private void table(Tally tally) {
        Table table = new Table("DATABASE", "WAVE", "STATE", "SCHEMA", "VERSION", "REASON");
        for (MigrationRecord record : sorted(tally)) {
            boolean known = record.before() > 0;
            table.row(
                    Names.of(record.database()),
                    record.wave(),
                    record.state().token(),
                    known ? arrow(record.from(), record.to()) : "",
                    known ? arrow(record.before(), record.after()) : "",
                    record.reason() == null ? "" : record.reason());
        }
        if (!tally.records.isEmpty()) {
            table.print(out());
            out().println();
        }
    }

    private static String arrow(long from, long to) {
        return from == to ? Long.toString(from) : from + " -> " + to;
    }
}
