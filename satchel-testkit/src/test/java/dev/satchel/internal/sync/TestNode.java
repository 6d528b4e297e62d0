package dev.satchel.internal.sync;

import dev.satchel.DatabaseId;
import dev.satchel.DatabaseStatus;
import dev.satchel.Durability;
import dev.satchel.Freshness;
import dev.satchel.SatchelConfig;
import dev.satchel.SchemaMigration;
import dev.satchel.Session;
import dev.satchel.SessionResult;
import dev.satchel.SyncStatus;
import dev.satchel.VersionEvent;
import dev.satchel.VersionFeed;
import dev.satchel.store.ObjectStore;
import dev.satchel.testkit.CountingObjectStore;
import dev.satchel.testkit.FaultyObjectStore;
import dev.satchel.testkit.Operation;
import dev.satchel.testkit.RequestLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One node of a test, with faults, figures and a request count of its own. */
public final class TestNode {
    /** What a test may choose. */
    public static final class Setup {
        private final Nodes nodes;
        private final String name;
        private Path folder;
        private SatchelConfig config = SatchelConfig.defaults();
        private @Nullable SchemaMigration schema;
        private VersionFeed feed = VersionFeed.inProcess();
        private ObjectStore store;
        private @Nullable FaultyObjectStore faults;
        private boolean ownThreads = true;
        private Surroundings.Pause pause = Condition::awaitNanos;
        private int partBytes = DatabaseLoader.PART_BYTES;

        Setup(Nodes nodes, String name) {
            this.nodes = nodes;
            this.name = name;
            this.folder = nodes.folder(name);
            this.store = nodes.store();
        }

        public Setup config(SatchelConfig value) {
            config = value;
            return this;
        }

        public Setup schema(SchemaMigration value) {
            schema = value;
            return this;
        }

        public Setup feed(VersionFeed value) {
            feed = value;
            return this;
        }

        public Setup folder(Path value) {
            folder = value;
            return this;
        }

        public Setup over(ObjectStore value) {
            store = value;
            return this;
        }

        /** Background work is done by whoever asks for it. */
        public Setup backgroundOnCallersThread() {
            ownThreads = false;
            return this;
        }

        /** Images of more than twice as much are large. */
        public Setup parts(int bytes) {
            partBytes = bytes;
            return this;
        }

        /** Is told when a thread begins to wait for a remote step of another. */
        public Setup onWait(Runnable told) {
            pause = (condition, nanos) -> {
                told.run();
                return condition.awaitNanos(nanos);
            };
            return this;
        }

        /** What goes wrong from the start; the store is chosen by now. */
        public FaultyObjectStore faults() {
            FaultyObjectStore made = faults;
            if (made == null) {
                made = new FaultyObjectStore(store);
                faults = made;
            }
            return made;
        }

        /** The store cannot be reached until the faults are cleared. */
        public Setup unreachable() {
            faults().on(".*").always().inject(FaultyObjectStore.Fault.NOT_SENT);
            return this;
        }

        public TestNode start() {
            return nodes.add(new TestNode(this));
        }
    }

    private final Nodes nodes;
    private final Path folder;
    private final FaultyObjectStore faults;
    private final MortalObjectStore line;
    private final CountingObjectStore counted;
    private final List<VersionEvent> events = new CopyOnWriteArrayList<>();
    private final Figures figures = new Figures();
    private final Engine engine;

    private TestNode(Setup setup) {
        this.nodes = setup.nodes;
        this.folder = setup.folder;
        this.faults = setup.faults();
        this.line = new MortalObjectStore(faults);
        this.counted = new CountingObjectStore(line);
        this.engine = Engine.start(
                counted,
                folder,
                setup.config,
                figures,
                nodes.wallClock(),
                setup.name,
                setup.schema,
                List.of(events::add),
                setup.feed,
                new Surroundings(
                                nodes::nanoTime,
                                new Random(nodes.nextSeed()),
                                Nodes.NEVER,
                                setup.pause,
                                setup.ownThreads)
                        .withParts(setup.partBytes));
    }

    public Engine engine() {
        return engine;
    }

    public Path folder() {
        return folder;
    }

    public FaultyObjectStore faults() {
        return faults;
    }

    public RequestLog requests() {
        return counted.requests();
    }

    public int puts() {
        return requests().count(Operation.PUT);
    }

    /** How many commits were sent. */
    public int commitsSent() {
        return (int) requests().entries().stream()
                .filter(e -> e.operation() == Operation.PUT && e.key().contains(".ltx/0000/"))
                .count();
    }

    public List<VersionEvent> events() {
        return events;
    }

    public Figures figures() {
        return figures;
    }

    /** The newest version, made durable. */
    public Session open(DatabaseId id) {
        return engine.open(id, Freshness.latest(), Durability.DURABLE);
    }

    /** What is here, made durable. */
    public Session openLocal(DatabaseId id) {
        return engine.open(id, Freshness.local(), Durability.DURABLE);
    }

    /** What is here, answered when it is on the local disk. */
    public Session openDeferred(DatabaseId id) {
        return engine.open(id, Freshness.local(), Durability.DEFERRED);
    }

    /** A session on the newest version that runs statements. */
    public SessionResult run(DatabaseId id, String... statements) {
        return run(open(id), statements);
    }

    /** A session on what is here that runs statements: what a slow request does when another node is faster. */
    public SessionResult runLocal(DatabaseId id, String... statements) {
        return run(openLocal(id), statements);
    }

    /** A session that is answered before the upload. */
    public SessionResult runDeferred(DatabaseId id, String... statements) {
        return run(openDeferred(id), statements);
    }

    private static SessionResult run(Session session, String... statements) {
        try (session) {
            Sql.run(session, statements);
            return session.complete();
        }
    }

    /** The notes of the newest version. */
    public List<String> notes(DatabaseId id) {
        try (Session session = open(id)) {
            return Sql.notes(session);
        }
    }

    /** The notes that are here. */
    public List<String> localNotes(DatabaseId id) {
        try (Session session = openLocal(id)) {
            return Sql.notes(session);
        }
    }

    public SyncStatus status(DatabaseId id) {
        return engine.status(id).orElseThrow().status();
    }

    /** Looks around until a database has a status. */
    public void awaitStatus(DatabaseId id, SyncStatus wanted) {
        awaitBackground(id + " is " + wanted, () -> statusOf(id) == wanted);
    }

    /** A database that was closed meanwhile, because time went by, owes nothing. */
    private SyncStatus statusOf(DatabaseId id) {
        return engine.status(id).map(DatabaseStatus::status).orElse(SyncStatus.SYNCED);
    }

    /** Lets time go by until nothing is owed, however long the pauses between attempts have become. */
    public void awaitUploaded(DatabaseId id) {
        awaitBackground(id + " is uploaded", () -> {
            nodes.skip(Duration.ofSeconds(10));
            // A database that owes nothing is closed when it has been left alone.
            return engine.status(id)
                    .filter(s -> s.status() != SyncStatus.SYNCED)
                    .isEmpty();
        });
    }

    /** Looks around until something has come about. */
    public void awaitBackground(String what, BooleanSupplier condition) {
        Await.until(what, () -> {
            engine.lookAround();
            return condition.getAsBoolean();
        });
    }

    /** Starts the background work that is due. */
    public void lookAround() {
        engine.lookAround();
    }

    /**
     * Ends the node as a kill would: nothing reaches the store any more, and its files are as they were at that moment.
     *
     * @return a copy of its folder
     */
    public Path crash() {
        line.die();
        while (true) {
            Path copy = nodes.folder(folder.getFileName() + "-after-crash-" + nodes.nextSeed());
            List<String> before = listing();
            try {
                copyTo(copy);
            } catch (NoSuchFileException | UncheckedIOException e) {
                continue; // Something was still being written.
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            if (before.equals(listing())) {
                return copy;
            }
        }
    }

    private void copyTo(Path copy) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.toList()) {
                Path target = copy.resolve(folder.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else if (!file.getFileName().toString().equals(".lock")) {
                    Files.copy(file, target);
                }
            }
        }
    }

    private List<String> listing() {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.map(file -> file + " " + file.toFile().length() + " "
                            + file.toFile().lastModified())
                    .sorted()
                    .toList();
        } catch (IOException | UncheckedIOException e) {
            return List.of("changing " + nodes.nextSeed());
        }
    }

    /** Ends the node in order. */
    public void close() {
        engine.close();
    }
}
