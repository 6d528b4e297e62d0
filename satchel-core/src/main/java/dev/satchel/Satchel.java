package dev.satchel;

import dev.satchel.archive.ArchiveTier;
import dev.satchel.internal.sync.Engine;
import dev.satchel.internal.sync.Surroundings;
import dev.satchel.store.ObjectStore;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A SQLite database per user, local and fast, durable and versioned in an object store.
 *
 * <p>One instance per process and local folder. Thread-safe. Close it at shutdown: it publishes what is owed, writes images
 * and marks the local copies clean.
 */
public final class Satchel implements AutoCloseable {
    private final Engine engine;
    private final SatchelConfig config;
    private final @Nullable ArchiveTier archiveTier;
    private final ArchiveErasure archiveErasure;

    private Satchel(Engine engine, SatchelConfig config, @Nullable ArchiveTier archiveTier) {
        this.engine = engine;
        this.config = config;
        this.archiveTier = archiveTier;
        this.archiveErasure = new ArchiveErasure(
                new ArchiveErasure.Logs() {
                    @Override
                    public Version head(DatabaseId database) {
                        return engine.head(database);
                    }

                    @Override
                    public boolean deleteAt(DatabaseId database, Version version) {
                        return engine.deleteAt(database, version);
                    }
                },
                archiveTier);
    }

    /**
     * Begins the set-up of an instance.
     *
     * @param store where the databases are durable; closed by whoever opened it, after this instance
     * @param localFolder where this node's copies live, {@code {user}/{name}.sqlite}; used by one process at a time
     */
    public static Builder builder(ObjectStore store, Path localFolder) {
        return new Builder(store, localFolder);
    }

    /** Opens a session with {@link Freshness#latest()} and {@link Durability#DURABLE}: one store request. */
    public Session open(DatabaseId database) {
        return open(database, Freshness.latest(), Durability.DURABLE);
    }

    /**
     * Opens a session. Blocks while the store is asked, as the freshness wants. A database that does not exist yet is empty,
     * at version 0, and exists from its first commit on.
     *
     * @throws UnavailableException if the store cannot be asked; nothing is ever taken for new because of that
     * @throws StoreRefusedException if the store refuses to be read
     * @throws CorruptException if what the store holds is damaged
     * @throws BusyException if something local took too long
     * @throws ClosedException after {@link #close()}
     */
    public Session open(DatabaseId database, Freshness freshness, Durability durability) {
        return engine.open(
                Objects.requireNonNull(database, "database"),
                Objects.requireNonNull(freshness, "freshness"),
                Objects.requireNonNull(durability, "durability"));
    }

    /**
     * As the other, but waits no longer than it is told for a large database, of more than 16 MiB, that is being loaded from the
     * store because this machine has no copy of it.
     *
     * @param atMost how long to wait for that
     * @throws LoadingException if it takes longer; the loading goes on, without anybody who waits for it too
     */
    public Session open(DatabaseId database, Freshness freshness, Durability durability, Duration atMost) {
        return engine.open(
                Objects.requireNonNull(database, "database"),
                Objects.requireNonNull(freshness, "freshness"),
                Objects.requireNonNull(durability, "durability"),
                Objects.requireNonNull(atMost, "atMost"));
    }

    /**
     * Makes sure that there is a copy of a database on this machine, so that sessions open at once. Without one it is loaded, on
     * the calling thread as long as it is small. A large one, of more than 16 MiB, is loaded in the background, once for all who
     * wait. For warming up; a session need not be preceded by it.
     *
     * @param atMost how long to wait for a large one
     * @throws LoadingException if it takes longer; the loading goes on
     * @throws UnavailableException and everything else that {@link #open} throws
     */
    public void load(DatabaseId database, Duration atMost) {
        engine.load(Objects.requireNonNull(database, "database"), Objects.requireNonNull(atMost, "atMost"));
    }

    /**
     * Runs work on the newest version and completes the session; one store request. It runs again if what it read is taken
     * back, because a change that this machine had not published yet lost against another machine's.
     */
    public <T extends @Nullable Object, X extends Exception> T read(DatabaseId database, SessionWork<T, X> work)
            throws X {
        return engine.read(Objects.requireNonNull(database, "database"), Objects.requireNonNull(work, "work"));
    }

    /**
     * Runs work and makes its commits durable: one store request if the local copy was the newest. If another machine was
     * faster, the work's commits are taken back and it runs again on the newer version, at most {@value Engine#MAX_RUNS} times.
     * What the work throws comes through, unless it had failed on a version that was not the newest: it runs again then, too.
     *
     * @throws BusyException if it lost every time
     * @throws OutcomeUnknownException if the store did not say whether it took the commit; or if work of several transactions
     *     lost after the first was saved, with another session's commit or by {@link Session#flush}: it is not run twice
     */
    public <T extends @Nullable Object, X extends Exception> T write(DatabaseId database, SessionWork<T, X> work)
            throws X {
        return engine.write(Objects.requireNonNull(database, "database"), Objects.requireNonNull(work, "work"));
    }

    /**
     * Like {@link #write}, but the {@link SizeThresholds#quotaBytes() quota} does not hold: for work that makes room and needs room
     * itself, such as {@code UPDATE} or the {@code 'optimize'} of a full-text index, or deleting more than fits below the
     * {@linkplain SizeThresholds#ceilingBytes() ceiling}.
     */
    public <T extends @Nullable Object, X extends Exception> T writeWithoutQuota(
            DatabaseId database, SessionWork<T, X> work) throws X {
        return engine.writeWithoutQuota(
                Objects.requireNonNull(database, "database"), Objects.requireNonNull(work, "work"));
    }

    /**
     * Deletes a database: its deletion becomes the newest version, and its contents are taken out of the store, older versions
     * and conflict records too. Blocks until that is done; a deletion that was broken off goes on when it is called again, or
     * when a node opens the database. Sessions that are at the database anywhere fail with {@link DeletedException}, and nothing
     * of what they did is kept. Afterwards the database is empty; the first commit begins a new life of it at the next version.
     *
     * <p>What the database has archived goes with it, in the bucket and in the {@link Builder#archiveTier archive tier}. If the user
     * has begun anew by then, the archive is left to the next run of the archiver, which removes what the new database does not name.
     *
     * <p>About one request for each version, several at a time. Copies on other machines' disks go when the database is next used
     * there, or when the disk is needed.
     *
     * @throws NotFoundException if there is no such database; what was left of its archive is removed nevertheless
     * @throws OutcomeUnknownException if the store did not say whether it took the deletion; delete again
     * @throws UnavailableException if the store cannot be asked, or broke off in the middle; delete again
     * @throws StoreRefusedException if the store refuses
     */
    public DeletionReport delete(DatabaseId database) {
        DeletionReport report;
        try {
            report = engine.delete(Objects.requireNonNull(database, "database"));
        } catch (NotFoundException e) {
            archiveErasure.erase(database, Version.NONE);
            throw e;
        }
        archiveErasure.erase(database, report.version());
        return report;
    }

    /**
     * Brings the deletion of a database to its end, if the newest version is one: what is left of its contents goes, and of what it
     * has archived. Deletes nothing that is not deleted. For whoever finds something of a deleted database.
     *
     * @return whether the newest version is a deletion
     * @throws UnavailableException if the store cannot be asked, or broke off in the middle; try again
     * @throws StoreRefusedException if the store refuses
     */
    public boolean finishDeletion(DatabaseId database) {
        Optional<Version> deletion = engine.finishDeletion(Objects.requireNonNull(database, "database"));
        deletion.ifPresent(version -> archiveErasure.erase(database, version));
        return deletion.isPresent();
    }

    /**
     * Opens an older version, to be read: a private copy in the machine's temporary folder, put together from the store. What
     * this machine has not published yet is in no version. Blocks on the store.
     *
     * @throws NotFoundException if the store does not have that version any more, or not yet
     * @throws UnavailableException if the store cannot be asked
     * @throws StoreRefusedException if the store refuses to be read
     * @throws CorruptException if what the store holds is damaged
     * @throws LocalStorageException if the temporary folder refuses
     */
    public DatabaseAt openAt(DatabaseId database, Version version) {
        Objects.requireNonNull(database, "database");
        if (version.isNone()) {
            throw new IllegalArgumentException(
                    "version 0 is the database before its first commit; there is nothing to open");
        }
        return engine.openAt(database, version);
    }

    /**
     * Opens what was the newest version at an instant, by the clocks of the machines that committed; otherwise as {@link
     * #openAt(DatabaseId, Version)}.
     *
     * @throws NotFoundException if there was none yet, or it is not in the store any more
     */
    public DatabaseAt openAt(DatabaseId database, Instant instant) {
        return engine.openAt(Objects.requireNonNull(database, "database"), Objects.requireNonNull(instant, "instant"));
    }

    /**
     * Shows every version that was the newest at some time within an age, the oldest first, each as {@link #openAt(DatabaseId, Version)}
     * opens it; what other nodes commit meanwhile may be missing. Time is the store's own, and counted from the newest commit. Blocks on
     * the store: one request for each version, some of them at once, and a few.
     *
     * @throws NotFoundException if there is no such database, it is deleted, or a version is erased meanwhile
     * @throws SQLException what the visitor throws
     */
    public void visitHistory(DatabaseId database, Duration age, VersionVisitor visitor) throws SQLException {
        engine.visitHistory(
                Objects.requireNonNull(database, "database"),
                Objects.requireNonNull(age, "age"),
                Objects.requireNonNull(visitor, "visitor"));
    }

    /** What this machine knows of a database; empty if it has not opened it. Asks nobody. */
    public Optional<DatabaseStatus> status(DatabaseId database) {
        return engine.status(database);
    }

    /**
     * What this machine knows of all databases of a user, the worst first in {@link UserStatus#status()}; empty if it has opened
     * none. Asks nobody.
     */
    public Optional<UserStatus> status(UserId user) {
        List<DatabaseStatus> databases = engine.status(user);
        return databases.isEmpty() ? Optional.empty() : Optional.of(UserStatus.of(databases));
    }

    /** The settings it was built with. */
    public SatchelConfig config() {
        return config;
    }

    /** Where it was told that databases are archived; empty if nowhere else than in the bucket. */
    public Optional<ArchiveTier> archiveTier() {
        return Optional.ofNullable(archiveTier);
    }

    /** The name of this node and start, as it stands in commits: {@code host-pid-random}. */
    public String writer() {
        return engine.writer();
    }

    /** Where this instance publishes its version events and hears those of others; the application may subscribe to it. */
    public VersionFeed feed() {
        return engine.feed();
    }

    /** How many databases are open now. */
    public int openDatabases() {
        return engine.openDatabases();
    }

    /**
     * How long the oldest change waits that was committed on this node since it was started and is not in the store yet, of all
     * databases; zero if none waits. With {@link Durability#DURABLE} it is about as long as an upload takes, with {@link
     * Durability#DEFERRED} it is what could be lost with the machine. Does not ask the store.
     */
    public Duration unsavedFor() {
        return engine.unsavedFor();
    }

    /**
     * Ends this instance in order: refuses new sessions, uploads what is owed, all databases side by side, writes images and
     * marks the local copies clean. Blocks, at most about as long as the deadline. A second call has nothing left to do.
     *
     * @param deadline what is not uploaded by then stays on the local disk; the next start on the same folder uploads it
     */
    public ShutdownReport shutDown(Duration deadline) {
        return engine.shutDown(Objects.requireNonNull(deadline, "deadline"));
    }

    /** {@link #shutDown} with twice the store time-out as the deadline; what it reports is in the log. */
    @Override
    public void close() {
        engine.close();
    }

    /** Sets up a {@link Satchel}. */
    public static final class Builder {
        private final ObjectStore store;
        private final Path localFolder;
        private SatchelConfig config = SatchelConfig.defaults();
        private SatchelMetrics metrics = SatchelMetrics.NONE;
        private InstantSource clock = InstantSource.system();
        private @Nullable SchemaMigration schema;
        private @Nullable String node;
        private VersionFeed feed = VersionFeed.inProcess();
        private @Nullable ArchiveTier archiveTier;
        private final List<VersionListener> listeners = new ArrayList<>();
        private final List<SizeListener> sizeListeners = new ArrayList<>();

        private Builder(ObjectStore store, Path localFolder) {
            this.store = Objects.requireNonNull(store, "store");
            this.localFolder = Objects.requireNonNull(localFolder, "localFolder");
        }

        /** Replaces the settings. */
        public Builder config(SatchelConfig value) {
            this.config = Objects.requireNonNull(value, "config");
            return this;
        }

        /** Receives figures. */
        public Builder metrics(SatchelMetrics value) {
            this.metrics = Objects.requireNonNull(value, "metrics");
            return this;
        }

        /** The wall clock, for time stamps in the store only. */
        public Builder clock(InstantSource value) {
            this.clock = Objects.requireNonNull(value, "clock");
            return this;
        }

        /** Brings each database's schema up to date when it is first used here. */
        public Builder schema(SchemaMigration value) {
            this.schema = Objects.requireNonNull(value, "schema");
            return this;
        }

        /** Names this node in commits and logs; the host name by default. */
        public Builder node(String value) {
            this.node = Objects.requireNonNull(value, "node");
            return this;
        }

        /**
         * Publishes version events there and listens to those of other nodes; {@link VersionFeed#inProcess()} by default. Closed by
         * whoever made it, after this instance.
         */
        public Builder feed(VersionFeed value) {
            this.feed = Objects.requireNonNull(value, "feed");
            return this;
        }

        /**
         * Where databases are archived, other than in the bucket itself: what is deleted is erased there, too, and it is what an {@link
         * dev.satchel.archive.Archive} takes by default. Closed by whoever made it, after this instance.
         */
        public Builder archiveTier(ArchiveTier value) {
            this.archiveTier = Objects.requireNonNull(value, "archiveTier");
            return this;
        }

        /** Adds a listener for what happens to versions on this machine. */
        public Builder listener(VersionListener value) {
            listeners.add(Objects.requireNonNull(value, "listener"));
            return this;
        }

        /** Adds a listener for databases that grow beyond a threshold. */
        public Builder sizeListener(SizeListener value) {
            sizeListeners.add(Objects.requireNonNull(value, "sizeListener"));
            return this;
        }

        /**
         * Takes the local folder into use and begins to publish what an earlier process left there.
         *
         * @throws LocalStorageException if the folder cannot be created or written, or another process uses it
         */
        public Satchel build() {
            Engine engine = Engine.start(
                    store,
                    localFolder,
                    config,
                    metrics,
                    clock,
                    node,
                    schema,
                    List.copyOf(listeners),
                    List.copyOf(sizeListeners),
                    feed,
                    Surroundings.ofTheMachine());
            return new Satchel(engine, config, archiveTier);
        }
    }
}
