package dev.satchel;

import dev.satchel.archive.ArchiveTier;
import dev.satchel.internal.log.CommitEntry;
import dev.satchel.internal.log.DatabaseCatalog;
import dev.satchel.internal.log.DatabaseLog;
import dev.satchel.internal.log.ImageInfo;
import dev.satchel.internal.log.Provenance;
import dev.satchel.internal.replica.Baseline;
import dev.satchel.internal.sync.ConflictArchive;
import dev.satchel.internal.sync.DatabaseDeletion;
import dev.satchel.internal.sync.DatabaseLoader;
import dev.satchel.internal.sync.FileMigration;
import dev.satchel.internal.sync.FilePull;
import dev.satchel.internal.sync.FilePush;
import dev.satchel.internal.sync.PastVersions;
import dev.satchel.internal.sync.Patience;
import dev.satchel.internal.sync.Requests;
import dev.satchel.internal.sync.Retention;
import dev.satchel.internal.sync.SleeplessTime;
import dev.satchel.internal.sync.StatePublisher;
import dev.satchel.internal.sync.StoreAnswers;
import dev.satchel.internal.sync.TemporaryFolder;
import dev.satchel.internal.sync.VersionRestore;
import dev.satchel.internal.sync.WriterName;
import dev.satchel.store.ObjectStore;
import dev.satchel.store.Sleeper;
import java.io.IOException;
import java.nio.file.CopyOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.Set;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is in an object store, looked at from outside: who has databases there, their versions, and databases taken out as plain
 * SQLite files and put in. Keeps no local copies and needs no node; for tools, back-ups and moving house. Nodes may use the same
 * store meanwhile.
 *
 * <p>Thread-safe. Every method blocks on the store and throws {@link UnavailableException} or {@link StoreRefusedException} if
 * it cannot be asked, {@link CorruptException} if what it holds is damaged. Close it to end its threads; the store is closed by
 * whoever opened it.
 */
public final class Bucket implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Bucket.class);
    private static final int REQUEST_THREADS = 16;
    private static final int DESCRIBED_AT_ONCE = 256;

    private final ObjectStore store;
    private final VersionFeed feed;
    private final String writer;
    private final ExecutorService requests;
    private final DatabaseLoader loader;
    private final FilePull pulling;
    private final FilePush pushing;
    private final FileMigration migrating;
    private final PastVersions past;
    private final VersionRestore restoring;
    private final ConflictArchive archive;
    private final DatabaseDeletion deletion;
    private final ArchiveErasure archiveErasure;

    private Bucket(Builder builder) {
        SecureRandom random = new SecureRandom();
        this.store = builder.store;
        this.feed = builder.feed;
        this.archiveErasure = new ArchiveErasure(new Logs(), builder.archiveTier);
        this.requests = pool();
        SleeplessTime nanoTime = SleeplessTime.ofTheMachine();
        Patience patience = new Patience(builder.sleeper, random);
        this.loader = new DatabaseLoader(requests, nanoTime, DatabaseLoader.PART_BYTES, patience);
        this.writer = WriterName.of(builder.node, random);
        Duration verifyWindow = SatchelConfig.defaults().verifyWindow();
        StatePublisher publisher =
                new StatePublisher(store, loader, builder.clock, nanoTime, patience, writer, verifyWindow);
        this.deletion = new DatabaseDeletion(store, requests, builder.clock, nanoTime, patience, writer, verifyWindow);
        this.pulling = new FilePull(random);
        this.pushing = new FilePush(publisher);
        this.migrating = new FileMigration(loader, pushing);
        this.past = new PastVersions(loader);
        this.restoring = new VersionRestore(loader, publisher);
        this.archive = new ConflictArchive(loader, requests);
    }

    /** Looks into a store. */
    public static Bucket of(ObjectStore store) {
        return builder(store).build();
    }

    /** Begins the set-up of an instance. */
    public static Builder builder(ObjectStore store) {
        return new Builder(store);
    }

    private static ExecutorService pool() {
        AtomicInteger number = new AtomicInteger();
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                REQUEST_THREADS, REQUEST_THREADS, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), work -> {
                    Thread thread = new Thread(work, "satchel-bucket-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    /** Where the store is, without secrets. */
    public String location() {
        return store.location();
    }

    /** Everybody who has a database here; see {@link #usersAfter}. */
    public Stream<UserDatabases> users() {
        return users(DatabaseCatalog.beginning());
    }

    /**
     * The users that come after one, who need not exist, in the order of their keys. Listed as the stream is read, a thousand
     * keys at a time, passing over what is inside logs. Objects that are not Satchel's are left out.
     */
    public Stream<UserDatabases> usersAfter(UserId user) {
        return users(DatabaseCatalog.behind(user));
    }

    private Stream<UserDatabases> users(String position) {
        Iterator<UserDatabases> users = new Users(new DatabaseCatalog(store), position);
        return StreamSupport.stream(
                Spliterators.spliteratorUnknownSize(
                        users, Spliterator.ORDERED | Spliterator.DISTINCT | Spliterator.NONNULL),
                false);
    }

    /** A user's databases by name; empty if there are none. */
    public List<DatabaseId> databases(UserId user) {
        return asking("user " + user.encoded(), () -> new DatabaseCatalog(store).of(user));
    }

    /**
     * The newest version.
     *
     * @throws NotFoundException if there is no such database
     * @throws CorruptException if its commit is damaged, and the image does not have that version
     */
    public VersionInfo head(DatabaseId database) {
        return asking(
                "database " + database,
                () -> newest(new DatabaseLog(store, database), 1, true).get(0));
    }

    /**
     * The newest versions that the log still has, the newest first. One request for each, several at a time, and two or more to
     * find them. A version whose commit is damaged is {@link VersionInfo.State#DAMAGED}, unless the image has it.
     *
     * @param limit at most so many, 1 or more
     * @return at least one
     * @throws NotFoundException if there is no such database
     */
    public List<VersionInfo> log(DatabaseId database, int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("limit must be 1 or more: " + limit);
        }
        return asking("database " + database, () -> newest(new DatabaseLog(store, database), limit, false));
    }

    /** Newest first; fails at a damaged version, or tells that it is. */
    private List<VersionInfo> newest(DatabaseLog log, int limit, boolean failing) {
        // The image is one of the newest versions, so that the rest of the log need not be listed.
        Optional<ImageInfo> image = log.readableImage();
        long old = Math.max(0, image.map(ImageInfo::version).orElse(0L) - limit);
        List<CommitEntry> entries = log.commitsAfter(old);
        List<VersionInfo> found = new ArrayList<>();
        for (int end = entries.size(); end > 0 && found.size() < limit; end -= DESCRIBED_AT_ONCE) {
            int begin = Math.max(0, end - Math.min(DESCRIBED_AT_ONCE, limit - found.size()));
            found.addAll(described(log, entries.subList(begin, end), image, failing));
        }
        if (found.isEmpty() && image.isPresent()) {
            found.add(info(image.get(), OptionalLong.empty()));
        }
        if (found.isEmpty()) {
            throw notFound(log.id());
        }
        return List.copyOf(found);
    }

    /** Newest first; without those that were deleted meanwhile. */
    private List<VersionInfo> described(
            DatabaseLog log, List<CommitEntry> entries, Optional<ImageInfo> image, boolean failing) {
        List<CompletableFuture<Optional<VersionInfo>>> answers = new ArrayList<>();
        for (int i = entries.size() - 1; i >= 0; i--) {
            CommitEntry entry = entries.get(i);
            answers.add(CompletableFuture.supplyAsync(() -> described(log, entry, image, failing), requests));
        }
        List<VersionInfo> described = new ArrayList<>();
        for (CompletableFuture<Optional<VersionInfo>> answer : answers) {
            Requests.join(answer).ifPresent(described::add);
        }
        return described;
    }

    private static Optional<VersionInfo> described(
            DatabaseLog log, CommitEntry entry, Optional<ImageInfo> image, boolean failing) {
        try {
            return log.describe(entry)
                    .map(commit -> info(commit.provenance(), commit.databaseBytes(), OptionalLong.of(commit.size())));
        } catch (CorruptException e) {
            log.passedOver(e);
            if (image.isPresent() && image.get().version() == entry.version()) {
                return Optional.of(info(image.get(), OptionalLong.of(entry.size())));
            }
            if (failing) {
                throw e;
            }
            return Optional.of(new VersionInfo(
                    Version.of(entry.version()),
                    entry.lastModified(),
                    "",
                    "",
                    0,
                    OptionalLong.of(entry.size()),
                    VersionInfo.State.DAMAGED));
        }
    }

    /**
     * Writes the newest version into a file, which then is exactly that state: a plain SQLite database, checked by SQLite, under
     * its name only when it is complete.
     *
     * @param target must not exist, nor SQLite's files beside it, unless {@link StandardCopyOption#REPLACE_EXISTING} is given; its
     *     folder must
     * @throws NotFoundException if there is no such database
     * @throws LocalStorageException if the file exists or the disk refuses
     */
    public VersionInfo pull(DatabaseId database, Path target, CopyOption... options) {
        return pull(database, OptionalLong.empty(), target, options);
    }

    /**
     * Writes an older version into a file; otherwise as {@link #pull(DatabaseId, Path, CopyOption...)}.
     *
     * @throws NotFoundException if there is no such database, or not that version of it, or not any more
     */
    public VersionInfo pull(DatabaseId database, Version version, Path target, CopyOption... options) {
        requireSome(version);
        return pull(database, OptionalLong.of(version.number()), target, options);
    }

    private static void requireSome(Version version) {
        if (version.isNone()) {
            throw new IllegalArgumentException(
                    "version 0 is the database before its first commit, there is nothing in it");
        }
    }

    private VersionInfo pull(DatabaseId database, OptionalLong version, Path target, CopyOption... options) {
        boolean replace = isReplacing(options);
        return asking("database " + database, () -> {
            DatabaseLog log = existing(database);
            FilePull.Source source = version.isPresent()
                    ? file -> loader.loadVersion(log, version.getAsLong(), file)
                    : file -> loader.loadHead(log, file).file();
            FilePull.Pulled pulled = pulling.pull(log, source, target, replace);
            return info(pulled.baseline(), pulled.bytes(), OptionalLong.empty());
        });
    }

    private static boolean isReplacing(CopyOption... options) {
        for (CopyOption option : options) {
            if (option != StandardCopyOption.REPLACE_EXISTING) {
                throw new IllegalArgumentException("only REPLACE_EXISTING is known: " + option);
            }
        }
        return options.length > 0;
    }

    /** A log that has something in it. */
    private DatabaseLog existing(DatabaseId database) {
        DatabaseLog log = new DatabaseLog(store, database);
        if (log.imageEtag().isEmpty() && log.commitsAfter(0).isEmpty()) {
            throw notFound(database);
        }
        return log;
    }

    /** Pushes if no other machine commits meanwhile; see {@link #push(DatabaseId, Path, PushCondition)}. */
    public PushResult push(DatabaseId database, Path file) {
        return push(database, file, PushCondition.uncontested());
    }

    /**
     * Makes a SQLite file the next version of a database, or the first of a new one. Others may have the file open: what is taken
     * is what a reader would see now, WAL included; the file stays as it is. Only the pages that differ from the newest version
     * are sent, and nothing if none do. Nodes that have the database open see the new version at their next session.
     *
     * @param file a SQLite database of at most 1 GiB, with the page size the database has
     * @throws ConflictException if the condition does not hold, or another machine was faster
     * @throws OutcomeUnknownException if the store did not answer; pushing again is safe
     * @throws IllegalArgumentException if the file cannot be a version of this database; the message says what to do
     * @throws CorruptException if the file is damaged
     * @throws BusyException if another program locks the file
     * @throws LocalStorageException if the file cannot be read or a copy not be written
     */
    public PushResult push(DatabaseId database, Path file, PushCondition condition) {
        Objects.requireNonNull(file, "file");
        Objects.requireNonNull(condition, "condition");
        return asking("database " + database, () -> {
            StatePublisher.Published pushed = pushing.push(new DatabaseLog(store, database), file, condition);
            tell(database, VersionEvent.Kind.PUBLISHED, pushed);
            return new PushResult(
                    info(pushed.baseline(), pushed.databaseBytes(), pushed.commitBytes()),
                    pushed.commitBytes().isPresent());
        });
    }

    /**
     * Brings a database's schema up to date: the newest version is migrated in a private copy in the machine's temporary folder, and
     * that becomes the next version, so that the version before is a restore point. If another machine commits meanwhile it is done
     * again on what that made; if another machine migrates, that counts. Nodes that have the database open see the new version at
     * their next session.
     *
     * @param dryRun migrate the copy, and publish nothing
     * @throws NotFoundException if there is no such database
     * @throws MigrationFailedException if the migration failed, or {@link SchemaMigration#verify} did; the database is as it was
     * @throws ConflictException if other machines were faster every time
     * @throws OutcomeUnknownException if the store did not answer; migrating again is safe
     * @throws LocalStorageException if the temporary folder refuses
     */
    public MigrationReport migrate(DatabaseId database, SchemaMigration schema, boolean dryRun) {
        Objects.requireNonNull(schema, "schema");
        return asking(
                "database " + database, () -> migrating.migrate(new DatabaseLog(store, database), schema, dryRun));
    }

    // ---- history ----------------------------------------------------------------------------------------------------

    /**
     * The version that was the newest at an instant, by the clocks of the machines that committed. A request for each binary
     * digit of the number of versions, and a few.
     *
     * @throws NotFoundException if there was none yet, or it is not in the store any more
     */
    public Version versionAt(DatabaseId database, Instant instant) {
        Objects.requireNonNull(instant, "instant");
        return asking("database " + database, () -> Version.of(past.versionAt(existing(database), instant)));
    }

    /**
     * How far back the database can be brought, and from what. Lists its log, a thousand commits with each request.
     *
     * @throws NotFoundException if there is no such database
     */
    public HistoryInfo history(DatabaseId database) {
        return asking("database " + database, () -> {
            PastVersions.Reach reach =
                    past.reach(new DatabaseLog(store, database)).orElseThrow(() -> notFound(database));
            return new HistoryInfo(
                    reach.oldest().isEmpty()
                            ? Optional.empty()
                            : Optional.of(Version.of(reach.oldest().getAsLong())),
                    Version.of(reach.newest()),
                    reach.image() == 0 ? Optional.empty() : Optional.of(Version.of(reach.image())),
                    reach.snapshots().stream().map(Version::of).toList());
        });
    }

    /**
     * Opens an older version to be read, from a private copy in the machine's temporary folder.
     *
     * @throws NotFoundException if there is no such database, or not that version of it, or not any more
     * @throws LocalStorageException if the temporary folder refuses
     */
    public DatabaseAt openAt(DatabaseId database, Version version) {
        requireSome(version);
        return asking("database " + database, () -> past.open(existing(database), version.number()));
    }

    /** Opens what was the newest version at an instant; see {@link #versionAt} and {@link #openAt(DatabaseId, Version)}. */
    public DatabaseAt openAt(DatabaseId database, Instant instant) {
        return openAt(database, versionAt(database, instant));
    }

    /** Restores if no other machine commits meanwhile; see {@link #restore(DatabaseId, Version, PushCondition)}. */
    public RestoreResult restore(DatabaseId database, Version version) {
        return restore(database, version, PushCondition.uncontested());
    }

    /** Restores what was the newest version at an instant; see {@link #versionAt} and {@link #restore(DatabaseId, Version)}. */
    public RestoreResult restore(DatabaseId database, Instant instant) {
        return restore(database, versionAt(database, instant));
    }

    /**
     * Makes the content of an older version the newest version, byte for byte. What it replaces stays in the log, so that a
     * restore can be taken back by another. Only the pages that differ are sent, and nothing if none do. Nodes that have the
     * database open see the new version at their next session.
     *
     * @throws NotFoundException if there is no such database, or not that version of it, or not any more
     * @throws ConflictException if the condition does not hold, or another machine was faster
     * @throws OutcomeUnknownException if the store did not answer; restoring again is safe
     * @throws LocalStorageException if the temporary folder refuses
     */
    public RestoreResult restore(DatabaseId database, Version version, PushCondition condition) {
        requireSome(version);
        Objects.requireNonNull(condition, "condition");
        return asking("database " + database, () -> {
            StatePublisher.Published published = restoring.restore(existing(database), version.number(), condition);
            tell(database, VersionEvent.Kind.RESTORED, published);
            return new RestoreResult(
                    version,
                    info(published.baseline(), published.databaseBytes(), published.commitBytes()),
                    published.commitBytes().isPresent());
        });
    }

    // ---- conflicts --------------------------------------------------------------------------------------------------

    /**
     * The changes of sides that did not win, by the version they were meant to be; empty if there are none, or no such
     * database. One request for each, several at a time, and one to find them.
     */
    public List<ConflictRecord> conflicts(DatabaseId database) {
        return asking("database " + database, () -> archive.list(new DatabaseLog(store, database)));
    }

    /**
     * One of {@link #conflicts}.
     *
     * @param id {@link ConflictRecord#id()}
     * @throws NotFoundException if there is no such record
     */
    public ConflictRecord conflict(DatabaseId database, String id) {
        return asking("database " + database, () -> archive.describe(new DatabaseLog(store, database), id));
    }

    /**
     * Opens the database as the side that did not win had it: the version it began from and its changes. A private copy in the
     * machine's temporary folder, to be read.
     *
     * @param id {@link ConflictRecord#id()}
     * @throws NotFoundException if there is no such record, or the version it began from is not in the store any more
     * @throws LocalStorageException if the temporary folder refuses
     */
    public DatabaseAt openConflict(DatabaseId database, String id) {
        return asking("database " + database, () -> archive.open(new DatabaseLog(store, database), id));
    }

    /**
     * Writes what {@link #openConflict} opens into a file; otherwise as {@link #pull(DatabaseId, Path, CopyOption...)}. Pushing
     * that file makes it the newest version.
     *
     * @param id {@link ConflictRecord#id()}
     * @throws NotFoundException if there is no such record, or the version it began from is not in the store any more
     * @throws LocalStorageException if the file exists or the disk refuses
     */
    public VersionInfo exportConflict(DatabaseId database, String id, Path target, CopyOption... options) {
        boolean replace = isReplacing(options);
        return asking("database " + database, () -> {
            DatabaseLog log = new DatabaseLog(store, database);
            FilePull.Pulled pulled = pulling.pull(log, file -> archive.load(log, id, file), target, replace);
            return info(pulled.baseline(), pulled.bytes(), OptionalLong.empty());
        });
    }

    /**
     * Removes a conflict record for good. Changes that were refused are then nowhere.
     *
     * @param id {@link ConflictRecord#id()}
     * @throws NotFoundException if there is no such record
     */
    public void dropConflict(DatabaseId database, String id) {
        asking("database " + database, () -> {
            archive.drop(new DatabaseLog(store, database), id);
            return Boolean.TRUE;
        });
    }

    // ---- removal ----------------------------------------------------------------------------------------------------

    /**
     * Deletes a database, with what it has archived; see {@link Satchel#delete}. Nodes that have it open find that out at their next
     * session.
     *
     * @throws NotFoundException if there is no such database
     * @throws OutcomeUnknownException if the store did not say whether it took the deletion; delete again
     */
    public DeletionReport delete(DatabaseId database) {
        DeletionReport report;
        try {
            report = asking("database " + database, () -> deletion.delete(new DatabaseLog(store, database)));
            tellDeleted(report);
        } catch (NotFoundException e) {
            archiveErasure.erase(database, Version.NONE);
            throw e;
        }
        archiveErasure.erase(database, report.version());
        return report;
    }

    private void tellDeleted(DeletionReport report) {
        tell(new VersionEvent(report.database(), report.version(), VersionEvent.Kind.DELETED, writer));
    }

    private final class Logs implements ArchiveErasure.Logs {
        @Override
        public Version head(DatabaseId database) {
            return asking(
                    "database " + database,
                    () -> Version.of(DatabaseDeletion.headVersion(new DatabaseLog(store, database))));
        }

        @Override
        public boolean deleteAt(DatabaseId database, Version version) {
            Optional<DeletionReport> report = asking(
                    "database " + database,
                    () -> deletion.deleteAt(new DatabaseLog(store, database), version.number()));
            report.ifPresent(Bucket.this::tellDeleted);
            return report.isPresent();
        }
    }

    private void tell(DatabaseId database, VersionEvent.Kind kind, StatePublisher.Published published) {
        if (published.commitBytes().isPresent()) {
            tell(new VersionEvent(database, Version.of(published.baseline().version()), kind, writer));
        }
    }

    /** A hint: whatever happens to it, what it is about is in the store. */
    private void tell(VersionEvent event) {
        try {
            feed.publish(event);
        } catch (RuntimeException e) {
            LOG.warn("version feed failed kind={} version={}", event.kind(), event.version(), e);
        } catch (Error e) {
            LOG.error("version feed failed kind={} version={}", event.kind(), event.version(), e);
        }
    }

    /**
     * Removes versions and conflict records that are older than the retention, as nodes do by themselves with every snapshot.
     * What is younger can still be restored afterwards. Ages are counted from the database's newest object.
     *
     * @param retention at least {@link SatchelConfig#MIN_RETENTION}
     * @param dryRun only tell what would be removed
     * @throws LocalStorageException if the temporary folder refuses
     */
    public RetentionReport trim(DatabaseId database, Duration retention, boolean dryRun) {
        if (retention.compareTo(SatchelConfig.MIN_RETENTION) < 0) {
            throw new IllegalArgumentException("retention must be at least 24 hours: " + retention);
        }
        return asking("database " + database, () -> {
            try (TemporaryFolder folder = TemporaryFolder.create("satchel-trim")) {
                return new Retention().trim(existing(database), retention, folder.file("snapshot"), dryRun);
            } catch (IOException e) {
                throw new LocalStorageException(
                        "database " + database + ": checking a snapshot failed locally: " + e
                                + "; check the space and permissions of the temporary folder",
                        e);
            }
        });
    }

    private static VersionInfo info(ImageInfo image, OptionalLong commitBytes) {
        return info(image.provenance(), image.isDeletion() ? 0 : image.size(), commitBytes);
    }

    private static VersionInfo info(Provenance provenance, long databaseBytes, OptionalLong commitBytes) {
        return new VersionInfo(
                Version.of(provenance.version()),
                provenance.timestamp(),
                provenance.writer(),
                provenance.commitId(),
                databaseBytes,
                commitBytes,
                stateOf(provenance));
    }

    private static VersionInfo.State stateOf(Provenance provenance) {
        if (provenance.isErased()) {
            return VersionInfo.State.ERASED;
        }
        return provenance.isTombstone() ? VersionInfo.State.DELETED : VersionInfo.State.PRESENT;
    }

    private static VersionInfo info(Baseline baseline, long databaseBytes, OptionalLong commitBytes) {
        return new VersionInfo(
                Version.of(baseline.version()),
                baseline.timestamp(),
                baseline.writer(),
                baseline.commitId(),
                databaseBytes,
                commitBytes,
                VersionInfo.State.PRESENT);
    }

    private NotFoundException notFound(DatabaseId database) {
        List<DatabaseId> others = new DatabaseCatalog(store).of(database.user());
        if (others.contains(database)) {
            return new NotFoundException(
                    "database " + database + " has no version in the store at " + store.location()
                            + ", only objects under its name that Satchel did not write",
                    null);
        }
        String has = others.isEmpty()
                ? "user \"" + database.user() + "\" has no database in the store at " + store.location()
                : "user \"" + database.user() + "\" has no database \"" + database.name() + "\" in the store at "
                        + store.location() + ", only "
                        + String.join(
                                ", ", others.stream().map(DatabaseId::name).toList());
        return new NotFoundException(has + "; names are told apart by case", null);
    }

    private <T> T asking(String what, Supplier<T> work) {
        return StoreAnswers.asking(store, what, work);
    }

    /** Ends the threads. Calls under way may fail. */
    @Override
    public void close() {
        requests.shutdown();
    }

    /** Users with their databases, page by page. Confined to one thread. */
    private final class Users implements Iterator<UserDatabases> {
        private final DatabaseCatalog catalog;
        private final Queue<DatabaseId> ahead = new ArrayDeque<>();
        private @Nullable String position;

        Users(DatabaseCatalog catalog, String position) {
            this.catalog = catalog;
            this.position = position;
        }

        @Override
        public boolean hasNext() {
            return peek() != null;
        }

        @Override
        public UserDatabases next() {
            DatabaseId first = peek();
            if (first == null) {
                throw new NoSuchElementException();
            }
            Set<DatabaseId> databases = new LinkedHashSet<>();
            for (DatabaseId next = first; next != null && next.user().equals(first.user()); next = peek()) {
                databases.add(next);
                ahead.remove();
            }
            return new UserDatabases(first.user(), databases.stream().sorted().toList());
        }

        private @Nullable DatabaseId peek() {
            String from = position;
            while (ahead.isEmpty() && from != null) {
                String asked = from;
                DatabaseCatalog.Page page = asking("the list of users", () -> catalog.page(asked));
                ahead.addAll(page.databases());
                from = page.next();
            }
            position = from;
            return ahead.peek();
        }
    }

    /** Sets up a {@link Bucket}. */
    public static final class Builder {
        private final ObjectStore store;
        private InstantSource clock = InstantSource.system();
        private Sleeper sleeper = Sleeper.SYSTEM;
        private @Nullable String node;
        private VersionFeed feed = VersionFeed.inProcess();
        private @Nullable ArchiveTier archiveTier;

        private Builder(ObjectStore store) {
            this.store = Objects.requireNonNull(store, "store");
        }

        /** The wall clock, for time stamps in the store. */
        public Builder clock(InstantSource value) {
            this.clock = Objects.requireNonNull(value, "clock");
            return this;
        }

        /** Waits between attempts to send a commit. */
        public Builder sleeper(Sleeper value) {
            this.sleeper = Objects.requireNonNull(value, "sleeper");
            return this;
        }

        /** Names this machine in commits; the host name by default. */
        public Builder node(String value) {
            this.node = Objects.requireNonNull(value, "node");
            return this;
        }

        /** Where databases are archived, other than in the bucket: what is deleted is erased there, too. Closed by whoever made it. */
        public Builder archiveTier(ArchiveTier value) {
            this.archiveTier = Objects.requireNonNull(value, "archiveTier");
            return this;
        }

        /** Tells the nodes there what was pushed, restored and deleted, so that they see it sooner. */
        public Builder feed(VersionFeed value) {
            this.feed = Objects.requireNonNull(value, "feed");
            return this;
        }

        /** Makes it; asks nothing yet. */
        public Bucket build() {
            return new Bucket(this);
        }
    }
}
