package dev.satchel.internal.replica;

import dev.satchel.BusyException;
import dev.satchel.CorruptException;
import dev.satchel.DatabaseId;
import dev.satchel.LocalStorageException;
import dev.satchel.SatchelConfig;
import dev.satchel.SatchelException;
import dev.satchel.TransactionTooLargeException;
import dev.satchel.internal.log.Commit;
import dev.satchel.internal.log.DatabaseKeys;
import dev.satchel.internal.ltx.LtxFormat;
import dev.satchel.internal.ltx.PageChecksum;
import dev.satchel.internal.wal.WalCommits;
import dev.satchel.internal.wal.WalDamagedException;
import dev.satchel.internal.wal.WalFormat;
import dev.satchel.internal.wal.WalHeader;
import dev.satchel.internal.wal.WalPageIndex;
import dev.satchel.internal.wal.WalPosition;
import dev.satchel.internal.wal.WalReader;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * An open database on this machine: the baseline it shares with the store, what was committed on top of it, and the
 * connections that commit.
 *
 * <p>The main file plus the WAL up to the published position is the baseline; the frames after that are unpublished. Only this
 * class checkpoints, only when nothing is unpublished, and never while the baseline is being copied.
 *
 * <p>Connections are leased by many threads at once. Baseline, published position and page checksums are changed by one
 * thread at a time (the one that publishes or refreshes) under {@code state}, which is held for local work only.
 */
public final class Replica {
    /** Beyond so many frames the WAL is emptied at the next quiet moment. */
    private static final int CHECKPOINT_FRAMES = 1000;
    /** Beyond so many frames sessions are made to wait for it. */
    private static final int CHECKPOINT_FRAMES_AT_MOST = 20_000;

    private static final int MAX_IDLE_CONNECTIONS = 4;

    private final DatabaseId id;
    private final ReplicaFiles files;
    private final SatchelConfig config;
    private final HoldGate gate = new HoldGate();
    private final WriteLease writeLease;
    private final Semaphore slots;

    private final ReentrantLock state = new ReentrantLock();
    private final Condition unpinned = state.newCondition();
    private final PageFile main;
    private final WalReader wal;
    private final WalPageIndex index = new WalPageIndex();
    private final Deque<PhysicalConnection> idle = new ArrayDeque<>();
    private Baseline baseline;
    private @Nullable PageSums sums;
    /** The main file as this class or SQLite has left it. */
    private @Nullable FileMark mark;

    private WalPosition publishedPosition = WalPosition.START;
    private WalPosition committedPosition = WalPosition.START;
    /** Frames of earlier WAL generations, so that sequences only grow. */
    private long earlierFrames;

    private int openConnections;
    private int pins;
    private volatile long committed;
    private volatile long published;
    private volatile @Nullable Exception broken;

    private Replica(
            DatabaseId id,
            ReplicaFiles files,
            SatchelConfig config,
            PageFile main,
            Baseline baseline,
            @Nullable PageSums sums)
            throws IOException {
        this.id = id;
        this.files = files;
        this.config = config;
        this.main = main;
        this.baseline = baseline;
        this.sums = sums;
        this.mark = FileMark.of(files.database());
        this.wal = WalReader.open(files.wal());
        this.writeLease = new WriteLease(id.path());
        this.slots = new Semaphore(config.maxConnectionsPerDatabase(), true);
    }

    /**
     * Opens what an earlier {@link #close()} left, if there is anything.
     *
     * @throws CorruptException if it is not what it was closed with
     */
    public static Optional<Replica> reopen(DatabaseId id, ReplicaFiles files, SatchelConfig config) throws IOException {
        return reopen(id, files, config, true);
    }

    /**
     * As {@link #reopen(DatabaseId, ReplicaFiles, SatchelConfig)}.
     *
     * @param checked whether its pages must be the ones it was closed with: always, but in tests that show what that is good for
     */
    public static Optional<Replica> reopen(DatabaseId id, ReplicaFiles files, SatchelConfig config, boolean checked)
            throws IOException {
        Optional<Baseline> closed = Sidecar.read(files.sidecar(), id);
        if (closed.isEmpty()) {
            return Optional.empty();
        }
        if (!Files.exists(files.database())) {
            throw DatabaseFile.damagedReplica(id, files.database(), "it is gone, its sidecar is there", null);
        }
        for (Path foreign : List.of(files.wal(), files.journal())) {
            if (Files.exists(foreign) && Files.size(foreign) > 0) {
                throw DatabaseFile.damagedReplica(
                        id, foreign, "it was put beside a database that was closed without one", null);
            }
        }
        DatabaseFile file = DatabaseFile.ofReplica(id, files.database(), closed.get(), checked);
        try (file) {
            Files.delete(files.sidecar());
        }
        return Optional.of(new Replica(id, files, config, PageFile.open(files.database()), closed.get(), file.sums()));
    }

    /** Makes a freshly loaded file the replica. The file is closed and moved; an older replica is replaced. */
    public static Replica install(DatabaseId id, ReplicaFiles files, SatchelConfig config, DatabaseFile loaded)
            throws IOException {
        loaded.close();
        Baseline baseline = loaded.baseline();
        Files.deleteIfExists(files.sidecar());
        // Whatever else lies there, SQLite would play it into the new file.
        Files.deleteIfExists(files.wal());
        Files.deleteIfExists(files.walIndex());
        Files.deleteIfExists(files.journal());
        Files.move(
                loaded.path(), files.database(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        return new Replica(
                id,
                files,
                config,
                PageFile.open(files.database()),
                baseline,
                baseline.isEmpty() ? null : loaded.sums());
    }

    /** Which database. */
    public DatabaseId id() {
        return id;
    }

    /** Who may use it now. */
    public HoldGate gate() {
        return gate;
    }

    /** The published state it is based on. */
    public Baseline baseline() {
        state.lock();
        try {
            return baseline;
        } finally {
            state.unlock();
        }
    }

    /** Bytes of the database at its baseline. */
    public long sizeInBytes() {
        state.lock();
        try {
            return (long) baseline.sizeInPages() * main.pageSize();
        } finally {
            state.unlock();
        }
    }

    /**
     * How far this replica has committed, as a number that grows with every commit and never repeats. Costs nothing: commits
     * are noticed when their write lease ends.
     */
    public long committed() {
        return committed;
    }

    /**
     * How far a reader may have seen this replica committed: as {@link #committed()}, and what a writer has committed and not
     * given notice of yet. Looks at the WAL only while somebody writes.
     */
    public long visible() {
        // In this order: whoever gives the lease back has given notice before.
        return writeLease.isFree() ? committed : checkCommitted();
    }

    /** How much of it is published, or needs no publishing. */
    public long published() {
        return published;
    }

    /** As {@link #committed()}, but looks at the WAL itself. */
    public long checkCommitted() {
        state.lock();
        try {
            noticeCommits();
            return committed;
        } catch (IOException | CorruptException e) {
            throw breakDown("reading the write-ahead log", e);
        } finally {
            state.unlock();
        }
    }

    private void noticeCommits() throws IOException {
        WalPosition end = wal.end(committedPosition);
        if (!end.equals(committedPosition)) {
            if (!committedPosition.isStart() && !end.isAtOrAfter(committedPosition)) {
                throw changedOutside(files.wal());
            }
            committedPosition = end;
            committed = earlierFrames + end.frames();
        }
    }

    /** Fails if an earlier failure has made this replica unusable; it must then be dropped and loaded again. */
    public void requireUsable() {
        Exception cause = broken;
        if (cause instanceof TransactionTooLargeException) {
            throw new BusyException(
                    "database " + id
                            + ": the local copy is being loaded again, because somebody's transaction was too large;"
                            + " run it again",
                    cause);
        }
        if (cause != null) {
            throw failure("using the local copy", cause);
        }
    }

    /**
     * Finds out whether something else has changed or removed the files under this replica, before anybody reads them or they are
     * published. Costs two looks at the file system as long as all is well.
     *
     * @throws CorruptException if so; the replica must then be dropped and loaded again
     */
    public void requireUntouched() {
        state.lock();
        try {
            requireUsable();
            noticeTouch();
        } catch (IOException | CorruptException e) {
            throw breakDown("looking at the local copy", e);
        } finally {
            state.unlock();
        }
    }

    private void noticeTouch() throws IOException {
        FileMark now = FileMark.of(files.database());
        if (baseline.isEmpty()) {
            mark = now; // SQLite writes the first page of a new database by itself.
            return;
        }
        if (mark == null || !mark.isSameFile(now)) {
            throw changedOutside(files.database());
        }
        if (!mark.equals(now)) {
            requireContent();
            mark = now; // Touched, and still what it was.
        }
        FileMark log = FileMark.of(files.wal());
        if (!committedPosition.isStart()
                && (log == null || log.size() < WalFormat.frameOffset(main.pageSize(), committedPosition.frames()))) {
            throw changedOutside(files.wal());
        }
    }

    private void requireContent() throws IOException {
        int lockPage = LtxFormat.lockPage(main.pageSize());
        for (int page = 1; page <= baseline.sizeInPages(); page++) {
            if (page != lockPage && index.frameOf(page) == WalPageIndex.ABSENT) {
                requireSum(page, main.read(page));
            }
        }
    }

    /** A page of the baseline must be the one that was loaded or published. */
    private void requireSum(int page, byte[] content) {
        if (sums != null && !sums.mayEqual(page, content)) {
            throw DatabaseFile.damagedReplica(
                    id,
                    files.database(),
                    "page " + page + " is not that of version " + baseline.version()
                            + ", something else wrote to it or the disk failed",
                    null);
        }
    }

    private CorruptException changedOutside(Path file) {
        return DatabaseFile.damagedReplica(
                id,
                file,
                "it was changed from outside while the node had it open; changes not saved yet are lost",
                null);
    }

    /** The transaction that made it unusable, if one did. */
    public Optional<TransactionTooLargeException> tooLarge() {
        return broken instanceof TransactionTooLargeException transaction ? Optional.of(transaction) : Optional.empty();
    }

    /** What made it unusable, if something damaged did. */
    public Optional<CorruptException> damage() {
        return broken instanceof CorruptException corrupt ? Optional.of(corrupt) : Optional.empty();
    }

    /** Whether it must be dropped. */
    public boolean isBroken() {
        return broken != null;
    }

    private RuntimeException breakDown(String doing, Exception cause) {
        Exception known = broken;
        if (known == null) {
            known = cause instanceof WalDamagedException
                    ? DatabaseFile.damagedReplica(id, files.wal(), String.valueOf(cause.getMessage()), cause)
                    : cause;
            broken = known;
        }
        return failure(doing, known);
    }

    private RuntimeException failure(String doing, Exception cause) {
        if (cause instanceof SatchelException told) {
            return told;
        }
        return new LocalStorageException(
                "database " + id + ": " + doing + " failed: " + cause
                        + "; check the disk's space and permissions, the local copy will be loaded again from the"
                        + " store",
                cause);
    }

    /**
     * Leases a connection.
     *
     * @param onCommit called when something was committed through it
     * @throws SQLException if too many are open, or SQLite cannot open the file
     */
    public ConnectionLease lease(CommitListener onCommit) throws SQLException {
        requireUsable();
        try {
            if (!slots.tryAcquire(config.localTimeout().toNanos(), TimeUnit.NANOSECONDS)) {
                throw new SQLTransientConnectionException("database " + id + ": "
                        + config.maxConnectionsPerDatabase()
                        + " connections are open; close connections after use, or raise maxConnectionsPerDatabase");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SQLTransientConnectionException(
                    "interrupted while waiting for a connection to database " + id, e);
        }
        try {
            return new Lease(borrow(), onCommit);
        } catch (SQLException | RuntimeException e) {
            slots.release();
            throw e;
        }
    }

    private PhysicalConnection borrow() throws SQLException {
        state.lock();
        try {
            PhysicalConnection connection = idle.pollFirst();
            if (connection != null) {
                return connection;
            }
            connection = PhysicalConnection.open(files.database(), false);
            openConnections++;
            return connection;
        } finally {
            state.unlock();
        }
    }

    /** Collects what is committed and not published; null if there is nothing. */
    public @Nullable Unpublished collect() {
        return collect(Integer.MAX_VALUE, Integer.MAX_VALUE);
    }

    /**
     * As {@link #collect()}, but only the first transactions if all would be more than what may be saved at once.
     *
     * @throws TransactionTooLargeException if already the first is more than that; the replica must then be dropped
     */
    public @Nullable Unpublished collectForUpload() {
        return collect(maxPages(), maxPages());
    }

    /** As {@link #collect()}, but what was committed up to a sequence. */
    public @Nullable Unpublished collectUpTo(long sequence) {
        return sequence <= published ? null : collect(frames(sequence - published), Integer.MAX_VALUE);
    }

    private static int frames(long difference) {
        return (int) Math.min(difference, Integer.MAX_VALUE);
    }

    /**
     * Whether what is committed up to a sequence and not published is too much to be collected at once. Reads all of it if it may
     * be.
     *
     * @param behind what has been collected of it already; null for nothing
     */
    public boolean isTooMuchAtOnce(@Nullable Unpublished behind, long sequence) {
        state.lock();
        try {
            int maxPages = maxPages();
            long after = behind == null ? published : behind.sequence();
            if (sequence - after <= maxPages) {
                return false;
            }
            WalPosition from =
                    behind == null ? publishedPosition : behind.commits().position();
            return wal.read(from, frames(sequence - after)).pageCount() > maxPages;
        } catch (IOException e) {
            throw breakDown("reading the write-ahead log", e);
        } finally {
            state.unlock();
        }
    }

    private int maxPages() {
        state.lock();
        try {
            WalHeader header = wal.header();
            return header == null ? Integer.MAX_VALUE : (int) (config.maxTransactionBytes() / header.pageSize());
        } catch (IOException e) {
            throw breakDown("reading the write-ahead log", e);
        } finally {
            state.unlock();
        }
    }

    private @Nullable Unpublished collect(int maxFrames, int maxPages) {
        state.lock();
        try {
            noticeTouch();
            noticeCommits();
            WalCommits commits = wal.read(publishedPosition, maxFrames);
            if (commits.isEmpty()) {
                return null;
            }
            if (!publishedPosition.isStart() && commits.isRestarted()) {
                throw changedOutside(files.wal());
            }
            int pageSize = commits.pageSize();
            if (commits.pageCount() > maxPages) {
                throw new TransactionTooLargeException(
                        id, (long) commits.pageCount() * pageSize, config.maxTransactionBytes());
            }
            if (main.pageSize() == 0) {
                main.pageSize(pageSize);
            }
            int size = commits.databaseSizeInPages();
            SortedMap<Integer, byte[]> pages = changedPages(commits, size);
            PageSums after = sums == null ? new PageSums(pageSize) : sums.copy();
            after.apply(pages, size);
            return new Unpublished(earlierFrames + commits.position().frames(), commits, pageSize, size, pages, after);
        } catch (IOException | CorruptException | TransactionTooLargeException e) {
            throw breakDown("reading the write-ahead log", e);
        } finally {
            state.unlock();
        }
    }

    private SortedMap<Integer, byte[]> changedPages(WalCommits commits, int size) throws IOException {
        int lockPage = LtxFormat.lockPage(commits.pageSize());
        SortedMap<Integer, byte[]> pages = new TreeMap<>();
        for (int i = 0; i < commits.pageCount(); i++) {
            int page = commits.pageNumber(i);
            byte[] content = wal.page(commits.frameIndex(i));
            boolean unchanged = false;
            if (sums != null && page != lockPage && page <= baseline.sizeInPages()) {
                // What SQLite changed is what it had read: that must have been sound.
                byte[] before = pageOfBaseline(page);
                requireSum(page, before);
                unchanged = Arrays.equals(content, before);
            }
            if (page <= size && page != lockPage && !unchanged) {
                pages.put(page, content);
            }
        }
        // A page beyond the old end always counts as changed, also one that SQLite counted but never wrote.
        for (int page = baseline.sizeInPages() + 1; page <= size; page++) {
            if (page != lockPage && !pages.containsKey(page)) {
                pages.put(page, main.read(page));
            }
        }
        return pages;
    }

    /** A page as of the baseline, whatever has been committed since. */
    public byte[] publishedPage(int page) {
        state.lock();
        try {
            return pageOfBaseline(page);
        } catch (IOException e) {
            throw breakDown("reading page " + page, e);
        } finally {
            state.unlock();
        }
    }

    private byte[] pageOfBaseline(int page) throws IOException {
        int frame = index.frameOf(page);
        return frame == WalPageIndex.ABSENT ? main.read(page) : wal.page(frame);
    }

    /**
     * Collects what is committed after an earlier collection and up to a sequence; null if there is nothing. Pages may be among
     * it that did not change.
     */
    public @Nullable Unpublished collectAfter(Unpublished earlier, long sequence) {
        if (sequence <= earlier.sequence()) {
            return null;
        }
        state.lock();
        try {
            noticeCommits();
            WalCommits commits = wal.read(earlier.commits().position(), frames(sequence - earlier.sequence()));
            if (commits.isEmpty()) {
                return null;
            }
            int size = commits.databaseSizeInPages();
            int lockPage = LtxFormat.lockPage(commits.pageSize());
            SortedMap<Integer, byte[]> pages = new TreeMap<>();
            for (int i = 0; i < commits.pageCount(); i++) {
                if (commits.pageNumber(i) <= size && commits.pageNumber(i) != lockPage) {
                    pages.put(commits.pageNumber(i), wal.page(commits.frameIndex(i)));
                }
            }
            for (int page = earlier.sizeInPages() + 1; page <= size; page++) {
                if (page != lockPage && !pages.containsKey(page)) {
                    pages.put(page, main.read(page));
                }
            }
            PageSums after = earlier.sums().copy();
            after.apply(pages, size);
            return new Unpublished(
                    earlierFrames + commits.position().frames(), commits, commits.pageSize(), size, pages, after);
        } catch (IOException | CorruptException e) {
            throw breakDown("reading the write-ahead log", e);
        } finally {
            state.unlock();
        }
    }

    /** What was collected is now part of the store's version {@code to}, or needed no version. */
    public void advance(Unpublished change, Baseline to) {
        state.lock();
        try {
            index.advance(change.commits());
            publishedPosition = change.commits().position();
            baseline = to;
            sums = change.sums();
            published = change.sequence();
        } finally {
            state.unlock();
        }
    }

    /**
     * Checks commits of other machines against the baseline, in order.
     *
     * @throws CorruptException if they do not continue it
     */
    public RemoteState remoteState(List<Commit> commits) {
        return remoteState(commits, true);
    }

    /**
     * As {@link #remoteState(List)}.
     *
     * @param checked whether the pages must sum up to what the commits name: always, but in tests that show what that is good for
     */
    public RemoteState remoteState(List<Commit> commits, boolean checked) {
        state.lock();
        try {
            Baseline at = baseline;
            int pageSize = main.pageSize() == 0 ? commits.get(0).pageSize() : main.pageSize();
            if (at.isEmpty()) {
                pageSize = commits.get(0).pageSize();
            }
            PageSums after = sums == null || at.isEmpty() ? new PageSums(pageSize) : sums.copy();
            SortedMap<Integer, byte[]> pages = new TreeMap<>();
            for (Commit commit : commits) {
                Chain.requireNext(id, at, pageSize, commit);
                after.apply(commit.content().pages(), commit.sizeInPages());
                if (checked) {
                    Chain.requireChecksum(
                            id,
                            CorruptException.Kind.COMMIT,
                            new DatabaseKeys(id).commit(commit.version()),
                            after.rolling(),
                            commit.provenance().checksum());
                }
                pages.tailMap(commit.sizeInPages() + 1).clear();
                pages.putAll(commit.content().pages());
                at = Baseline.of(commit.provenance(), commit.sizeInPages());
            }
            return new RemoteState(at, Collections.unmodifiableSortedMap(pages), after, pageSize);
        } finally {
            state.unlock();
        }
    }

    /**
     * Takes back everything unpublished, and moves to a newer version if one is given. The caller holds the gate exclusively.
     * A crash in the middle leaves a file without a sidecar, which nobody trusts.
     */
    public void resetTo(@Nullable RemoteState newer) {
        state.lock();
        try {
            awaitUnpinned();
            Baseline target = newer == null ? baseline : newer.baseline();
            SortedMap<Integer, byte[]> pages = newer == null ? new TreeMap<>() : new TreeMap<>(newer.pages());
            Unpublished lost = collect();
            if (lost != null) {
                addPublishedPages(lost, target, pages);
            }
            emptyWal();
            if (newer != null && baseline.isEmpty()) {
                main.pageSize(newer.pageSize());
            }
            for (Map.Entry<Integer, byte[]> page : pages.entrySet()) {
                main.write(page.getKey(), page.getValue());
            }
            main.resize(target.sizeInPages());
            mark = FileMark.of(files.database());
            baseline = target;
            if (newer != null) {
                sums = newer.sums();
            }
            published = committed;
        } catch (IOException | SQLException | CorruptException e) {
            throw breakDown(
                    "applying version "
                            + (newer == null
                                    ? baseline.version()
                                    : newer.baseline().version()),
                    e);
        } finally {
            state.unlock();
        }
    }

    private void addPublishedPages(Unpublished lost, Baseline target, SortedMap<Integer, byte[]> pages) {
        int last = Math.min(baseline.sizeInPages(), target.sizeInPages());
        for (int page : lost.pages().keySet()) {
            if (page <= last && !pages.containsKey(page)) {
                pages.put(page, publishedPage(page));
            }
        }
        int lockPage = LtxFormat.lockPage(lost.pageSize());
        for (int page = lost.sizeInPages() + 1; page <= last; page++) {
            if (page != lockPage && !pages.containsKey(page)) {
                pages.put(page, publishedPage(page));
            }
        }
    }

    /** Empties the WAL if it has grown, nothing is unpublished and nobody uses the replica, or if it has grown too much. */
    public void checkpointIfGrown() {
        int frames = committedFrames();
        if (frames < CHECKPOINT_FRAMES) {
            return;
        }
        if (frames < CHECKPOINT_FRAMES_AT_MOST) {
            if (!gate.tryAcquireExclusive()) {
                return;
            }
        } else {
            try {
                gate.acquireExclusive(id.path(), config.localTimeout());
            } catch (BusyException e) {
                return; // The next publish tries again; a long log only costs disk space.
            }
        }
        state.lock();
        try {
            noticeCommits();
            if (committed == published && pins == 0) {
                emptyWal();
            }
        } catch (IOException | SQLException | CorruptException e) {
            throw breakDown("checkpointing", e);
        } finally {
            state.unlock();
            gate.releaseExclusive();
        }
    }

    private int committedFrames() {
        state.lock();
        try {
            return committedPosition.frames();
        } finally {
            state.unlock();
        }
    }

    /** Merges the WAL into the main file and closes all connections, which are all idle. */
    private void emptyWal() throws IOException, SQLException {
        if (openConnections != idle.size()) {
            throw new IOException(openConnections - idle.size() + " connections are in use");
        }
        if (openConnections > 0) {
            try (Statement statement = idle.getFirst().connection().createStatement();
                    ResultSet result = statement.executeQuery("PRAGMA wal_checkpoint(TRUNCATE)")) {
                if (!result.next() || result.getInt(1) != 0) {
                    throw new IOException("the write-ahead log could not be merged into the main file");
                }
            }
        }
        earlierFrames += committedPosition.frames();
        committedPosition = WalPosition.START;
        publishedPosition = WalPosition.START;
        index.clear();
        closeConnections();
        mark = FileMark.of(files.database());
    }

    private void closeConnections() throws SQLException {
        PhysicalConnection connection;
        while ((connection = idle.pollFirst()) != null) {
            openConnections--;
            connection.close();
        }
    }

    private void awaitUnpinned() {
        while (pins > 0) {
            unpinned.awaitUninterruptibly();
        }
    }

    /**
     * Copies the baseline into a file, whatever is committed or published meanwhile.
     *
     * @return the state that was copied
     * @throws CorruptException if the copy is not that state: the local copy is damaged
     */
    public Baseline copyBaseline(Path target) throws IOException {
        Baseline copied;
        WalPageIndex frames;
        int pageSize;
        state.lock();
        try {
            requireUsable();
            noticeTouch();
            pins++;
            copied = baseline;
            pageSize = main.pageSize();
            frames = index.copy();
        } finally {
            state.unlock();
        }
        long checksum = PageChecksum.EMPTY;
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(target), 1 << 16)) {
            int lockPage = LtxFormat.lockPage(pageSize);
            byte[] nothing = new byte[pageSize];
            for (int page = 1; page <= copied.sizeInPages(); page++) {
                byte[] content = page == lockPage ? nothing : pageAt(page, frames.frameOf(page));
                out.write(content);
                checksum = page == lockPage ? checksum : PageChecksum.add(checksum, PageChecksum.of(page, content));
            }
        } finally {
            state.lock();
            try {
                pins--;
                unpinned.signalAll();
            } finally {
                state.unlock();
            }
        }
        if (checksum != copied.checksum()) {
            Files.deleteIfExists(target);
            throw breakDown(
                    "copying the database",
                    DatabaseFile.damagedReplica(
                            id,
                            files.database(),
                            "its pages are not those of version " + copied.version()
                                    + ", something else wrote to it or the disk failed",
                            null));
        }
        return copied;
    }

    private byte[] pageAt(int page, int frame) throws IOException {
        if (frame == WalPageIndex.ABSENT) {
            return main.read(page);
        }
        state.lock();
        try {
            return wal.page(frame);
        } finally {
            state.unlock();
        }
    }

    /**
     * Closes a replica that has nothing unpublished and leaves it trusted for the next start. The caller holds the gate
     * exclusively, for ever.
     */
    public void close() {
        state.lock();
        try {
            awaitUnpinned();
            noticeCommits();
            if (committed != published || broken != null || baseline.isEmpty()) {
                drop();
                return;
            }
            emptyWal();
            main.close();
            wal.close();
            Sidecar.write(files.sidecar(), id, baseline);
        } catch (IOException | SQLException | CorruptException e) {
            broken = e;
            drop();
        } finally {
            state.unlock();
        }
    }

    /**
     * Closes and removes the replica with whatever is unpublished in it. The caller holds the gate exclusively, for ever.
     */
    public void drop() {
        state.lock();
        try {
            awaitUnpinned();
            Exception failure = null;
            for (AutoCloseable each : List.<AutoCloseable>of(this::closeConnections, main, wal, files::deleteCopy)) {
                try {
                    each.close();
                } catch (Exception e) {
                    failure = e;
                }
            }
            if (failure != null) {
                throw failure("removing the local copy", failure);
            }
        } finally {
            state.unlock();
        }
    }

    /** A connection on loan. */
    private final class Lease implements ConnectionLease {
        private final PhysicalConnection connection;
        private final CommitListener onCommit;
        private boolean writing;
        private boolean ended;
        private long committedBefore;

        Lease(PhysicalConnection connection, CommitListener onCommit) {
            this.connection = connection;
            this.onCommit = onCommit;
        }

        @Override
        public PhysicalConnection physical() {
            return connection;
        }

        @Override
        public void beginWrite() throws SQLException {
            if (ended) {
                throw new SQLException("the connection has been given back");
            }
            if (!writing) {
                writeLease.acquire(config.localTimeout());
                writing = true;
                committedBefore = committed;
            }
        }

        @Override
        public void endWrite() {
            if (!writing) {
                return;
            }
            state.lock();
            try {
                noticeCommits();
                if (FileMark.of(files.wal()) == null) {
                    throw changedOutside(files.wal()); // SQLite may have written to one that has no name any more.
                }
            } catch (IOException | CorruptException e) {
                broken = e;
            } finally {
                state.unlock();
            }
            long committedNow = committed;
            writing = false;
            writeLease.release();
            if (committedNow != committedBefore) {
                onCommit.committed(committedBefore, committedNow);
            }
        }

        @Override
        public boolean holdsWrite() {
            return writing;
        }

        @Override
        public boolean readOnly() {
            return false;
        }

        @Override
        public void release() {
            if (ended) {
                return;
            }
            try {
                connection.reset();
            } catch (SQLException e) {
                discard();
                return;
            }
            endWrite();
            ended = true;
            state.lock();
            try {
                // The last connection stays: closing it would merge unpublished frames into the main file.
                if (idle.size() < MAX_IDLE_CONNECTIONS) {
                    idle.addFirst(connection);
                } else {
                    openConnections--;
                    connection.close();
                }
            } catch (SQLException e) {
                broken = e;
            } finally {
                state.unlock();
                slots.release();
            }
        }

        @Override
        public void discard() {
            if (ended) {
                return;
            }
            ended = true;
            state.lock();
            try {
                if (idle.isEmpty()) {
                    // Another connection must be there before this one closes, or closing it would merge unpublished
                    // frames.
                    idle.addFirst(PhysicalConnection.open(files.database(), false));
                    openConnections++;
                }
                openConnections--;
                connection.close();
            } catch (SQLException e) {
                broken = e;
            } finally {
                state.unlock();
                endWrite();
                slots.release();
            }
        }
    }
}
