package dev.satchel.internal.sync;

import dev.satchel.BusyException;
import dev.satchel.ClosedException;
import dev.satchel.ConflictException;
import dev.satchel.DatabaseAt;
import dev.satchel.DatabaseId;
import dev.satchel.DatabaseStatus;
import dev.satchel.DeletionReport;
import dev.satchel.Durability;
import dev.satchel.Freshness;
import dev.satchel.LocalStorageException;
import dev.satchel.SatchelConfig;
import dev.satchel.SatchelException;
import dev.satchel.SatchelMetrics;
import dev.satchel.SchemaMigration;
import dev.satchel.Session;
import dev.satchel.SessionResult;
import dev.satchel.SessionWork;
import dev.satchel.ShutdownReport;
import dev.satchel.SizeListener;
import dev.satchel.SizeReport;
import dev.satchel.SizeThresholds;
import dev.satchel.SyncStatus;
import dev.satchel.UserId;
import dev.satchel.Version;
import dev.satchel.VersionEvent;
import dev.satchel.VersionFeed;
import dev.satchel.VersionListener;
import dev.satchel.VersionVisitor;
import dev.satchel.internal.jdbc.SqlGuard;
import dev.satchel.internal.log.DatabaseLog;
import dev.satchel.internal.replica.ReplicaFiles;
import dev.satchel.internal.sync.OpenDatabases.Background;
import dev.satchel.store.ObjectStore;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One node: its open databases, and everything they share. Thread-safe.
 *
 * <p>Threads: callers' own for whatever a session waits for; {@value #REQUEST_THREADS} for requests made side by side; {@value
 * #BACKGROUND_THREADS} for images and pending uploads; {@value #LARGE_THREADS} for what takes long because a database is large; one that
 * looks around. None per database.
 */
public final class Engine implements AutoCloseable {
    /** How often a repeatable function is run at most. */
    public static final int MAX_RUNS = 10;

    private static final Logger LOG = LoggerFactory.getLogger(Engine.class);
    private static final int REQUEST_THREADS = 16;
    private static final int BACKGROUND_THREADS = 8;
    private static final int LARGE_THREADS = 4;
    private static final int RECOVERIES = 4;

    private final Node node;
    private final OpenDatabases databases;
    private final DatabaseDeletion deletion;
    private final SqlGuard guard = new SqlGuard();
    private final ExecutorService requests;
    private final ExecutorService background;
    private final ExecutorService large;
    private final ScheduledThreadPoolExecutor scheduler;
    private final FileChannel folderLock;
    /** Databases with pending commits of an earlier process, and those of them that nobody is at. */
    private final Set<DatabaseId> owing = ConcurrentHashMap.newKeySet();

    private final Queue<DatabaseId> unrecovered = new ConcurrentLinkedQueue<>();
    /** Those with which it went wrong, until the next look around. */
    private final Queue<DatabaseId> notRecovered = new ConcurrentLinkedQueue<>();

    private final Semaphore recoveries = new Semaphore(RECOVERIES);
    private volatile @Nullable ScheduledFuture<?> lookingAround;
    private final VersionFeed.Subscription heard;
    private final AtomicBoolean closed = new AtomicBoolean();

    private Engine(
            Node node,
            ExecutorService requests,
            ExecutorService background,
            ExecutorService large,
            ScheduledThreadPoolExecutor scheduler,
            FileChannel folderLock) {
        this.node = node;
        this.requests = requests;
        this.background = background;
        this.large = large;
        this.scheduler = scheduler;
        this.folderLock = folderLock;
        this.deletion = new DatabaseDeletion(
                node.store(),
                requests,
                node.clock(),
                node.nanoTime(),
                node.patience(),
                node.writer(),
                node.config().verifyWindow());
        this.databases = new OpenDatabases(node, new DatabaseLoader(requests, node.nanoTime(), node.partBytes(), null));
        this.heard = node.feed().subscribe(this::hear);
    }

    /** Takes a local folder into use; see {@link dev.satchel.Satchel.Builder#build()}. */
    public static Engine start(
            ObjectStore store,
            Path localFolder,
            SatchelConfig config,
            SatchelMetrics metrics,
            InstantSource clock,
            @Nullable String nodeName,
            @Nullable SchemaMigration schema,
            List<VersionListener> listeners,
            VersionFeed feed,
            Surroundings surroundings) {
        return start(
                store, localFolder, config, metrics, clock, nodeName, schema, listeners, List.of(), feed, surroundings);
    }

    /** As the other, with listeners for databases that grow. */
    public static Engine start(
            ObjectStore store,
            Path localFolder,
            SatchelConfig config,
            SatchelMetrics metrics,
            InstantSource clock,
            @Nullable String nodeName,
            @Nullable SchemaMigration schema,
            List<VersionListener> listeners,
            List<SizeListener> sizeListeners,
            VersionFeed feed,
            Surroundings surroundings) {
        FileChannel folderLock = lockFolder(localFolder);
        boolean ownThreads = surroundings.ownThreads();
        ExecutorService requests = ownThreads ? pool("satchel-request", REQUEST_THREADS) : new CallersThread();
        ExecutorService background = ownThreads ? pool("satchel-background", BACKGROUND_THREADS) : new CallersThread();
        ExecutorService large = ownThreads ? pool("satchel-large", LARGE_THREADS) : new CallersThread();
        ScheduledThreadPoolExecutor scheduler = new ScheduledThreadPoolExecutor(1, threads("satchel-scheduler"));
        scheduler.setRemoveOnCancelPolicy(true);
        Node node = new Node(
                store,
                localFolder,
                config,
                metrics,
                clock,
                surroundings.nanoTime(),
                surroundings.random(),
                surroundings.pause(),
                surroundings.snapshotEvery(),
                surroundings.partBytes(),
                surroundings.switchedOff(),
                new Refusals(),
                WriterName.of(nodeName, surroundings.random()),
                schema,
                listeners,
                sizeListeners,
                feed,
                requests,
                background,
                large,
                scheduler);
        Engine engine = new Engine(node, requests, background, large, scheduler, folderLock);
        engine.begin(surroundings);
        return engine;
    }

    private static FileChannel lockFolder(Path folder) {
        try {
            createDurably(folder.toAbsolutePath());
            FileChannel channel =
                    FileChannel.open(folder.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (isLocked(channel)) {
                return channel;
            }
            channel.close();
        } catch (IOException e) {
            throw new LocalStorageException(
                    "the local folder " + folder + " cannot be used: " + e
                            + "; check that it is a folder and may be written",
                    e);
        }
        throw new LocalStorageException(
                "the local folder " + folder + " is used by another instance; give each process a folder of its own",
                null);
    }

    /** Makes a folder, and its name outlive a power failure: what is pending is in it. */
    private static void createDurably(Path folder) throws IOException {
        Path parent = folder.getParent();
        if (parent == null) {
            return;
        }
        boolean isNew = !Files.exists(folder);
        if (!Files.exists(parent)) {
            createDurably(parent);
        }
        Files.createDirectories(folder);
        try (FileChannel names = FileChannel.open(parent, StandardOpenOption.READ)) {
            names.force(true);
        } catch (IOException e) {
            if (isNew) {
                throw e;
            }
            LOG.debug("the folder above the local one cannot be forced to the disk folder={}", parent, e);
        }
    }

    private static boolean isLocked(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false; // Another instance within this process.
        }
    }

    private static ExecutorService pool(String name, int size) {
        ThreadPoolExecutor pool =
                new ThreadPoolExecutor(size, size, 30, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), threads(name));
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    private static ThreadFactory threads(String name) {
        AtomicInteger number = new AtomicInteger();
        return work -> {
            Thread thread = new Thread(work, name + "-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }

    private void begin(Surroundings surroundings) {
        try {
            owing.addAll(ReplicaFiles.withSpool(node.localFolder()));
            unrecovered.addAll(owing);
            databases.adoptLocalFiles();
        } catch (IOException e) {
            close();
            throw new LocalStorageException("the local folder " + node.localFolder() + " cannot be read: " + e, e);
        }
        if (surroundings.ownThreads()) {
            recoverSome();
            long every = surroundings.lookAround().toMillis();
            lookingAround = scheduler.scheduleWithFixedDelay(this::lookAround, every, every, TimeUnit.MILLISECONDS);
        }
    }

    /** A feed tells of a version. Of a database that is not open nothing is kept: it is compared with the store when it is opened. */
    private void hear(VersionEvent event) {
        if (!event.writer().equals(node.writer())) {
            databases
                    .find(event.database())
                    .ifPresent(database -> database.announced(event.version().number()));
        }
    }

    /** Opens a session; see {@link dev.satchel.Satchel#open}. */
    public Session open(DatabaseId id, Freshness freshness, Durability durability) {
        return open(id, freshness, durability, DatabaseSync.HOWEVER_LONG);
    }

    /** The same, but waits no longer than so for a large database. */
    public Session open(DatabaseId id, Freshness freshness, Durability durability, Duration atMost) {
        DatabaseSync database = acquire(id);
        try {
            database.refresh(freshness, durability, atMost);
            return new OpenSession(this, node, guard, database, durability, false, true);
        } catch (RuntimeException e) {
            release(database);
            throw e;
        }
    }

    /** Loads a database; see {@link dev.satchel.Satchel#load}. */
    public void load(DatabaseId id, Duration atMost) {
        DatabaseSync database = acquire(id);
        try {
            database.load(atMost);
        } finally {
            release(database);
        }
    }

    /** Runs work on the newest version; see {@link dev.satchel.Satchel#read}. */
    public <T extends @Nullable Object, X extends Exception> T read(DatabaseId id, SessionWork<T, X> work) throws X {
        return repeat(id, work, false, true);
    }

    /** Runs a repeatable write; see {@link dev.satchel.Satchel#write}. */
    public <T extends @Nullable Object, X extends Exception> T write(DatabaseId id, SessionWork<T, X> work) throws X {
        return repeat(id, work, true, true);
    }

    /** The same without the quota; see {@link dev.satchel.Satchel#writeWithoutQuota}. */
    public <T extends @Nullable Object, X extends Exception> T writeWithoutQuota(DatabaseId id, SessionWork<T, X> work)
            throws X {
        return repeat(id, work, true, false);
    }

    /**
     * Runs work until what it saw and committed stands.
     *
     * @param optimistic begin on the local copy if it was the newest lately: the commit will show whether it still is
     * @param limited whether the quota holds
     */
    private <T extends @Nullable Object, X extends Exception> T repeat(
            DatabaseId id, SessionWork<T, X> work, boolean optimistic, boolean limited) throws X {
        for (int run = 1; run <= MAX_RUNS; run++) {
            DatabaseSync database = acquire(id);
            OpenSession session;
            long began = node.nanoTime().getAsLong();
            Version base;
            try {
                if (!optimistic || !database.isWorthTrying()) {
                    database.refresh(Freshness.latest(), Durability.DURABLE);
                }
                base = database.version();
                session = new OpenSession(this, node, guard, database, Durability.DURABLE, true, limited);
            } catch (RuntimeException e) {
                release(database);
                throw e;
            }
            try {
                T value = work.run(session);
                SessionResult result = session.complete();
                if (!optimistic || result.committed() || hopeHolds(id, base, began)) {
                    return value;
                }
            } catch (LostRace | ConflictException e) {
                LOG.debug("another machine was faster database={} run={}", id, run);
            } catch (Throwable e) {
                boolean lost = closeAfter(session, e);
                boolean interrupted = e instanceof InterruptedException
                        || Thread.currentThread().isInterrupted();
                boolean onOldVersion = lost || (optimistic && sawAnOldVersion(session, e, base, began));
                if (e instanceof Error || interrupted || !onOldVersion) {
                    throw e;
                }
                LOG.debug("work failed on an old version database={} run={}", id, run, e);
            }
        }
        throw new BusyException(
                "database " + id + ": other machines were faster " + MAX_RUNS + " times in a row; try again", null);
    }

    /** Whether what the session had committed was taken back for a newer version. */
    private static boolean closeAfter(OpenSession session, Throwable failure) {
        try {
            session.close();
        } catch (LostRace | ConflictException e) {
            return true;
        } catch (RuntimeException e) {
            if (!e.equals(failure)) {
                failure.addSuppressed(e);
            }
        }
        return false;
    }

    /** Whether work failed on a version that was not the newest: what it missed may be there by now. */
    private boolean sawAnOldVersion(OpenSession session, Throwable failure, Version base, long began) {
        try {
            return !session.hasCommitted() && !isStillHead(session.database(), base, began);
        } catch (RuntimeException e) {
            failure.addSuppressed(e);
            return false;
        }
    }

    /** Whether work that committed nothing had seen the newest version: it was run in the hope that it would. */
    private boolean hopeHolds(DatabaseId id, Version base, long began) {
        return !node.keeps(ProtocolRule.HOPEFUL_READ_IS_VERIFIED) || isStillHead(id, base, began);
    }

    /** Whether a version is still the newest, by an answer that was asked for at or after a moment. */
    private boolean isStillHead(DatabaseId id, Version base, long began) {
        DatabaseSync database = acquire(id);
        try {
            database.verify(began);
            return database.version().equals(base);
        } finally {
            release(database);
        }
    }

    private DatabaseSync acquire(DatabaseId id) {
        if (closed.get()) {
            throw new ClosedException("Satchel has been closed", null);
        }
        return databases.acquire(id);
    }

    void release(DatabaseSync database) {
        tellGrowth(database);
        databases.release(database);
    }

    /** Uploads what is pending, soon and by itself. */
    void drainSoon(DatabaseSync database) {
        inBackground("upload", database, Background.UPLOAD, database::drain, background);
    }

    /** Says, in the background, that this node has made a database larger than a threshold, if it has. */
    private void tellGrowth(DatabaseSync database) {
        database.takeGrowth().ifPresent(threshold -> {
            SizeThresholds.Level level = node.config().sizes().levelOf(threshold);
            node.metrics().grown(level);
            try {
                background.execute(() -> lookIntoGrowth(database.id(), level, threshold));
            } catch (RejectedExecutionException e) {
                LOG.debug("the node is being closed, growth is not told database={}", database.id(), e);
            }
        });
    }

    private void lookIntoGrowth(DatabaseId id, SizeThresholds.Level level, long threshold) {
        try {
            SizeReport report;
            try (Session session = open(id, Freshness.local(), Durability.DURABLE);
                    Connection connection = session.connection()) {
                report = SizeReport.of(id, node.config().sizes(), connection);
            }
            String message =
                    "database has grown database={} bytes={} threshold={} largest=[{}] compaction_would_free={};"
                            + " archive what is seldom used";
            Object[] facts = {id, report.bytes(), threshold, report.largest(5), report.freeBytes()};
            if (level == SizeThresholds.Level.WARNING) {
                LOG.warn(message, facts);
            } else {
                LOG.info(message, facts);
            }
            for (SizeListener listener : node.sizeListeners()) {
                listener.onGrowth(report);
            }
        } catch (ClosedException e) {
            LOG.debug("the node is being closed, growth is not told database={}", id, e);
        } catch (SQLException | RuntimeException e) {
            LOG.warn("growth could not be looked into database={} level={}", id, level, e);
        }
    }

    /** Deletes a database; see {@link dev.satchel.Satchel#delete}. */
    public DeletionReport delete(DatabaseId id) {
        return deleted(id, log -> Optional.of(deletion.delete(log))).orElseThrow();
    }

    /** Deletes a database if that version is its newest, and finishes a deletion; false if another one is by now. */
    public boolean deleteAt(DatabaseId id, Version version) {
        return deleted(id, log -> deletion.deleteAt(log, version.number())).isPresent();
    }

    /** Brings a deletion to its end, if that is the newest version; which. */
    public Optional<Version> finishDeletion(DatabaseId id) {
        return deleted(id, deletion::finish).map(DeletionReport::version);
    }

    private Optional<DeletionReport> deleted(DatabaseId id, Function<DatabaseLog, Optional<DeletionReport>> deleting) {
        DatabaseSync database = acquire(id);
        try {
            Optional<DeletionReport> report = StoreAnswers.asking(
                    node.store(), "database " + id, () -> deleting.apply(new DatabaseLog(node.store(), id)));
            report.ifPresent(one -> {
                node.publish(new VersionEvent(id, one.version(), VersionEvent.Kind.DELETED, node.writer()));
                forgetSoon(database);
            });
            return report;
        } finally {
            release(database);
        }
    }

    /** The newest version in the store, also if it is a deletion or damaged; {@link Version#NONE} if there is no such database. */
    public Version head(DatabaseId id) {
        return StoreAnswers.asking(
                node.store(),
                "database " + id,
                () -> Version.of(DatabaseDeletion.headVersion(new DatabaseLog(node.store(), id))));
    }

    /** Finds the deletion like another machine's, which removes the local copy; if not now, then before its next use. */
    private static void forgetSoon(DatabaseSync database) {
        try {
            database.refresh(Freshness.latest(), Durability.DURABLE);
        } catch (SatchelException e) {
            LOG.debug("the local copy stays until its next use database={}", database.id(), e);
        }
    }

    /** Opens a version to be read; see {@link dev.satchel.Satchel#openAt(DatabaseId, Version)}. */
    public DatabaseAt openAt(DatabaseId id, Version version) {
        return past(id, (versions, log) -> versions.open(log, version.number()));
    }

    /** Opens what was the newest version to be read; see {@link dev.satchel.Satchel#openAt(DatabaseId, Instant)}. */
    public DatabaseAt openAt(DatabaseId id, Instant instant) {
        return past(id, (versions, log) -> versions.open(log, versions.versionAt(log, instant)));
    }

    /** Shows the versions of late; see {@link dev.satchel.Satchel#visitHistory}. */
    public void visitHistory(DatabaseId id, Duration age, VersionVisitor visitor) throws SQLException {
        Optional<SQLException> failure = past(id, (versions, log) -> {
            try {
                versions.visit(log, age, visitor);
                return Optional.<SQLException>empty();
            } catch (SQLException e) {
                return Optional.of(e);
            }
        });
        if (failure.isPresent()) {
            throw failure.get();
        }
    }

    private <T> T past(DatabaseId id, BiFunction<PastVersions, DatabaseLog, T> opening) {
        if (closed.get()) {
            throw new ClosedException("Satchel has been closed", null);
        }
        PastVersions versions =
                new PastVersions(new DatabaseLoader(requests, node.nanoTime(), node.partBytes(), node.patience()));
        Findings findings = new Findings(node.metrics());
        DatabaseLog log = new DatabaseLog(node.store(), id, findings::report, true);
        return StoreAnswers.asking(
                node.store(), "database " + id, () -> findings.during(() -> opening.apply(versions, log)));
    }

    /** What is known here; see {@link dev.satchel.Satchel#status}. */
    public Optional<DatabaseStatus> status(DatabaseId id) {
        return databases
                .status(id)
                .or(() -> owing.contains(id)
                        ? Optional.of(new DatabaseStatus(id, Version.NONE, SyncStatus.PENDING, 0))
                        : Optional.empty())
                .or(() -> Optional.ofNullable(node.refusals().of(id))
                        .map(refused -> new DatabaseStatus(id, refused.head(), SyncStatus.CONFLICT, 0)));
    }

    /** What is known here of a user's databases, by name; see {@link dev.satchel.Satchel#status(UserId)}. */
    public List<DatabaseStatus> status(UserId user) {
        return Stream.of(databases.of(user), owing, node.refusals().databases())
                .flatMap(Collection::stream)
                .filter(id -> id.user().equals(user))
                .distinct()
                .sorted()
                .flatMap(id -> status(id).stream())
                .toList();
    }

    /** Node and start. */
    public String writer() {
        return node.writer();
    }

    /** To and from other nodes. */
    public VersionFeed feed() {
        return node.feed();
    }

    /** How many are open. */
    public int openDatabases() {
        return databases.size();
    }

    /** The longest wait of a change that is not saved yet. */
    public Duration unsavedFor() {
        return databases.all().stream()
                .map(DatabaseSync::unsavedFor)
                .max(Duration::compareTo)
                .orElse(Duration.ZERO);
    }

    // ---- background -------------------------------------------------------------------------------------------------

    /** Starts the background work that is due now; called by itself every now and then. */
    public void lookAround() {
        try {
            for (DatabaseId id = notRecovered.poll(); id != null; id = notRecovered.poll()) {
                unrecovered.add(id);
            }
            recoverSome();
            for (DatabaseSync database : databases.needing(DatabaseSync::needsDrain)) {
                inBackground("upload", database, Background.UPLOAD, database::drain, background);
            }
            for (DatabaseSync database : databases.needing(DatabaseSync::needsImage)) {
                inBackground("image", database, Background.WHOLE, database::writeImage, whole(database));
            }
            for (DatabaseSync database : databases.needing(DatabaseSync::needsSnapshot)) {
                inBackground("snapshot", database, Background.WHOLE, database::writeSnapshot, whole(database));
            }
            databases.closeIdle();
        } catch (RuntimeException e) {
            LOG.warn("background work failed", e);
        }
    }

    /** Uploads what earlier processes left, a few databases at a time. */
    private void recoverSome() {
        while (recoveries.tryAcquire()) {
            DatabaseId id = unrecovered.poll();
            if (id == null) {
                recoveries.release();
                return;
            }
            try {
                background.execute(() -> recover(id));
            } catch (RejectedExecutionException e) {
                recoveries.release(); // The node is being closed; the next start finds it.
                return;
            }
        }
    }

    private void recover(DatabaseId id) {
        boolean recovered = false;
        try {
            DatabaseSync database = databases.acquire(id);
            try {
                database.refresh(Freshness.local(), Durability.DURABLE);
                recovered = true;
            } finally {
                databases.release(database);
            }
        } catch (ClosedException e) {
            LOG.debug("the node is being closed; the next start finds it database={}", id);
        } catch (RuntimeException e) {
            LOG.warn("background recovery failed database={} reason={}", id, e.getMessage());
        } finally {
            if (recovered) {
                owing.remove(id);
            } else {
                notRecovered.add(id);
            }
            recoveries.release();
        }
        if (recovered) {
            recoverSome();
        }
    }

    /** Where something is done with all of a database: pending uploads never queue behind that of large ones. */
    private Executor whole(DatabaseSync database) {
        return database.isLarge() ? large : background;
    }

    /** One background task of a kind per database at a time; a database with one keeps open until it ends. */
    private void inBackground(String what, DatabaseSync database, Background task, Runnable work, Executor executor) {
        DatabaseId id = database.id();
        try {
            if (databases.beginBackground(database, task)) {
                executor.execute(() -> {
                    try {
                        work.run();
                    } catch (RuntimeException e) {
                        LOG.warn("background {} failed database={} reason={}", what, id, e.getMessage());
                    } finally {
                        tellGrowth(database);
                        databases.endBackground(id, task);
                    }
                });
            }
        } catch (RejectedExecutionException e) {
            databases.endBackground(id, task);
        }
    }

    @Override
    public void close() {
        shutDown(node.config().storeTimeout().multipliedBy(2));
    }

    /**
     * Uploads what is owed, all databases side by side, and closes everything; see {@link dev.satchel.Satchel#shutDown}. The second
     * time nothing is left to be done.
     */
    public ShutdownReport shutDown(Duration deadline) {
        if (closed.getAndSet(true)) {
            return new ShutdownReport(0, 0, 0, 0, Duration.ZERO);
        }
        heard.close();
        long began = node.nanoTime().getAsLong();
        ScheduledFuture<?> looking = lookingAround;
        if (looking != null) {
            looking.cancel(false);
        }
        scheduler.shutdownNow();
        Departure departure = new Departure(databases.shut());
        if (departure.isOver(deadline)) {
            letGo();
        } else {
            LOG.warn("{} databases could not be closed in time", departure.left());
            // Nobody else may use the folder as long as this process is at it.
            threads("satchel-closing").newThread(departure::letGoAtTheEnd).start();
        }
        ShutdownReport report =
                departure.report(Duration.ofNanos(node.nanoTime().getAsLong() - began));
        LOG.info(
                "closed databases={} uploaded={} pending={} unfinished={} elapsed_ms={}",
                report.databases(),
                report.uploaded(),
                report.pending(),
                report.unfinished(),
                report.elapsed().toMillis());
        return report;
    }

    /** The databases of a node that is being closed, each in the background. */
    private final class Departure {
        private final int count;
        private final CountDownLatch done;
        private final AtomicInteger uploaded = new AtomicInteger();
        private final AtomicInteger pending = new AtomicInteger();

        Departure(Collection<DatabaseSync> open) {
            this.count = open.size();
            this.done = new CountDownLatch(count);
            open.forEach(database -> background.execute(() -> close(database)));
        }

        private void close(DatabaseSync database) {
            try {
                DatabaseSync.Left left = databases.shutDown(database);
                if (left == DatabaseSync.Left.UPLOADED) {
                    uploaded.incrementAndGet();
                } else if (left == DatabaseSync.Left.PENDING) {
                    pending.incrementAndGet();
                }
                done.countDown();
            } catch (RuntimeException e) {
                LOG.warn("closing failed database={} reason={}", database.id(), e.getMessage());
            }
        }

        /** Waits for all of them, and for what else is being done in the background. */
        boolean isOver(Duration deadline) {
            background.shutdown();
            large.shutdown();
            long until = node.nanoTime().getAsLong() + deadline.toNanos();
            try {
                return background.awaitTermination(deadline.toNanos(), TimeUnit.NANOSECONDS)
                        && large.awaitTermination(until - node.nanoTime().getAsLong(), TimeUnit.NANOSECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }

        void letGoAtTheEnd() {
            try {
                while (!background.awaitTermination(1, TimeUnit.HOURS) || !large.awaitTermination(1, TimeUnit.HOURS)) {
                    LOG.warn("{} databases still could not be closed", left());
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            letGo();
        }

        long left() {
            return done.getCount();
        }

        ShutdownReport report(Duration elapsed) {
            return new ShutdownReport(count, uploaded.get(), pending.get(), Math.toIntExact(done.getCount()), elapsed);
        }
    }

    /** Ends the node as a kill would, as far as that is possible within a process: what was not uploaded is gone. For tests. */
    public void abandon() {
        closed.set(true);
        heard.close();
        scheduler.shutdownNow();
        databases.shut().forEach(DatabaseSync::abandon);
        letGo();
    }

    private void letGo() {
        background.shutdownNow();
        large.shutdownNow();
        requests.shutdownNow();
        try {
            folderLock.close();
        } catch (IOException e) {
            LOG.debug("closing the lock file failed", e);
        }
    }
}
