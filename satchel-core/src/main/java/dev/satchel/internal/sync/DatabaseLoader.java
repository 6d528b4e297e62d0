package dev.satchel.internal.sync;

import dev.satchel.CorruptException;
import dev.satchel.DatabaseId;
import dev.satchel.LocalStorageException;
import dev.satchel.NotFoundException;
import dev.satchel.internal.log.Commit;
import dev.satchel.internal.log.CommitEntry;
import dev.satchel.internal.log.DatabaseLog;
import dev.satchel.internal.log.DeletionFound;
import dev.satchel.internal.log.ImageInfo;
import dev.satchel.internal.log.Provenance;
import dev.satchel.internal.replica.DatabaseFile;
import dev.satchel.internal.replica.QuickCheck;
import dev.satchel.store.StoreException;
import dev.satchel.store.StoredObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts a version of a database together from image, snapshots and log: the cold path. Stateless and thread-safe; commits are
 * fetched a few at a time through the executor.
 */
public final class DatabaseLoader {
    private static final Logger LOG = LoggerFactory.getLogger(DatabaseLoader.class);
    /** As many as there are threads for requests, if they are small; a commit is applied while later ones are on their way. */
    private static final int FETCHES_AHEAD = 16;
    /** Longer logs without an image are worth a look for snapshots. */
    private static final int REPLAYED_WITHOUT_ASKING = 256;
    /** A part of a large image or snapshot: long enough that the request does not count, and soon fetched again. */
    public static final int PART_BYTES = 8 << 20;
    /** If it is replaced more often while it is read, it is read in one piece. */
    private static final int MOVES = 2;

    private final Executor executor;
    private final LongSupplier nanoTime;
    private final boolean asksSqlite;
    private final int partBytes;
    private final @Nullable Patience patience;

    /**
     * A loader that fails with the store.
     *
     * @param executor runs store requests
     * @param nanoTime a monotonic clock
     */
    public DatabaseLoader(Executor executor, LongSupplier nanoTime) {
        this(executor, nanoTime, PART_BYTES, null, true);
    }

    /**
     * A loader.
     *
     * @param partBytes images and snapshots of more than twice as much are fetched in parts
     * @param patience what of them the store breaks off is asked for again, as long as it goes on; null not to
     */
    public DatabaseLoader(Executor executor, LongSupplier nanoTime, int partBytes, @Nullable Patience patience) {
        this(executor, nanoTime, partBytes, patience, true);
    }

    private DatabaseLoader(
            Executor executor, LongSupplier nanoTime, int partBytes, @Nullable Patience patience, boolean asksSqlite) {
        this.executor = executor;
        this.nanoTime = nanoTime;
        this.partBytes = partBytes;
        this.patience = patience;
        this.asksSqlite = asksSqlite;
    }

    /**
     * One that takes what was published for what it is, by its checksums, whatever SQLite thinks of it: for what is to be
     * replaced. Nothing may be read of it with SQLite.
     */
    DatabaseLoader ofWhatIsReplaced() {
        return new DatabaseLoader(executor, nanoTime, partBytes, patience, false);
    }

    /** Whether an object of that size is fetched in parts. */
    private boolean isLarge(long bytes) {
        return bytes > 2L * partBytes;
    }

    /** The image is large, and was not to be loaded if so. */
    static final class LargeImage extends RuntimeException {
        private static final long serialVersionUID = 1L;

        LargeImage(DatabaseId id) {
            super("database " + id + " has a large image", null, false, false);
        }
    }

    /** How one load brings images and snapshots here. */
    private final class Copying {
        private final boolean resume;
        private final boolean largeToo;
        private final LoadWatch watch;
        private int moved;

        Copying(boolean resume, boolean largeToo, LoadWatch watch) {
            this.resume = resume;
            this.largeToo = largeToo;
            this.watch = watch;
        }

        /** One that is known to be large is opened for its beginning: the rest is asked for in parts. */
        Optional<StoredObject> openImage(DatabaseLog log) {
            return resume && largeToo && moved < MOVES ? log.openImage(2L * partBytes) : log.openImage();
        }

        void requireSmall(DatabaseLog log, StoredObject opened) {
            if (!largeToo && isLarge(opened.info().size())) {
                throw new LargeImage(log.id());
            }
        }

        /**
         * Copies and checks an opened object.
         *
         * @throws Download.Moved if it is another by now
         */
        void copy(DatabaseLog log, StoredObject opened, Provenance provenance, Path target) throws IOException {
            copy(log, opened, provenance, target, resume);
        }

        /** As the other, but of nothing that an earlier load has left. */
        void copyAnew(DatabaseLog log, StoredObject opened, Provenance provenance, Path target) throws IOException {
            copy(log, opened, provenance, target, false);
        }

        private void copy(DatabaseLog log, StoredObject opened, Provenance provenance, Path target, boolean goOn)
                throws IOException {
            if (!isLarge(opened.info().size()) || moved >= MOVES) {
                ArrivedParts.forget(target);
                watch.begin(opened.info().size(), 0);
                log.copy(opened, provenance, target, watch::arrived);
                return;
            }
            try {
                new Download(log, executor, partBytes, watch, opened.info(), target)
                        .run(opened, provenance, goOn, patience);
            } catch (Download.Moved e) {
                moved++;
                throw e;
            }
        }
    }

    /**
     * A loaded database.
     *
     * @param file at the head, closed by the caller
     * @param headAt when it was known to be the head
     * @param image what the store's image was, or null if there is none, or none that is of use
     * @param deletion version of the deletion it was put together from, or 0
     * @param imageDamaged whether there is an image that is of no use, and should be written again
     */
    public record Loaded(
            DatabaseFile file, long headAt, @Nullable ImageInfo image, long deletion, boolean imageDamaged) {}

    /**
     * Loads the head into {@code target}. No image and no log is a database at version 0, and a deletion an empty one. Where an
     * object is damaged, whatever else the store has is tried: the image, snapshots, the whole log.
     *
     * @throws StoreException if the store cannot be asked; nothing is left that could pass for a database
     * @throws CorruptException if an object is damaged that the store has no other copy of
     * @throws LocalStorageException if the local disk refuses
     */
    public Loaded loadHead(DatabaseLog log, Path target) {
        return loadHead(log, target, new Copying(false, true, LoadWatch.NOBODY));
    }

    /**
     * As the other, going on with what an earlier call for the same target has left.
     *
     * @param largeToo whether a large image is loaded too
     * @throws LargeImage if it is not to be; nothing has been loaded then
     */
    Loaded loadHead(DatabaseLog log, Path target, boolean largeToo, LoadWatch watch) {
        return loadHead(log, target, new Copying(true, largeToo, watch));
    }

    private Loaded loadHead(DatabaseLog log, Path target, Copying copying) {
        return local(log.id(), () -> {
            try {
                return loadUnmoved(log, target, copying);
            } catch (CorruptException e) {
                // What arrives damaged is asked for once more.
                log.passedOver(e);
                LOG.warn("loading again database={} reason={}", log.id(), e.getMessage());
            } catch (DeletionFound e) {
                LOG.debug("deleted while it was loaded, loading again database={}", log.id());
            }
            try {
                return loadUnmoved(log, target, copying);
            } catch (CorruptException e) {
                log.passedOver(e);
                return rescue(log, target, copying, e);
            }
        });
    }

    /**
     * Loads one version into {@code target}: the newest image or snapshot that is not newer, and the commits after it. Damaged
     * ones are passed over for older ones.
     *
     * @throws NotFoundException if the store cannot produce it any more, or not yet
     * @throws CorruptException if an object is damaged that the store has no other copy of
     */
    public DatabaseFile loadVersion(DatabaseLog log, long version, Path target) {
        Copying copying = new Copying(false, true, LoadWatch.NOBODY);
        return local(log.id(), () -> reach(log, version, target, copying).file());
    }

    /** Is shown a state on the way from one version to another. */
    interface Waypoint {
        /** False to end there. */
        boolean goOn(DatabaseFile file) throws IOException;
    }

    /**
     * Loads a version as {@link #loadVersion} does, and goes on to a newer one, commit by commit.
     *
     * @throws NotFoundException if the store cannot produce the first one, or one on the way was erased meanwhile
     * @throws CorruptException if an object is damaged that the store has no other copy of
     */
    void walk(DatabaseLog log, long from, long to, Path target, Waypoint waypoint) {
        local(log.id(), () -> {
            Copying copying = new Copying(false, true, LoadWatch.NOBODY);
            try (DatabaseFile file = reach(log, from, target, copying).file()) {
                if (waypoint.goOn(file)) {
                    forward(log, file, to, waypoint);
                }
                return true;
            } catch (Impassable e) {
                throw beyondHelp(e.damage);
            } catch (DeletionFound e) {
                throw new NotFoundException("database " + log.id() + ": its history was erased while it was read", e);
            }
        });
    }

    /** There is no image or snapshot of this life that is old enough: it begins with the deletion before it. */
    private DatabaseFile afterDeletion(DatabaseLog log, long deletion, long version, Path target) throws IOException {
        for (long life = deletion; life <= version; ) {
            Optional<Provenance> tombstone = log.commitProvenance(life);
            if (tombstone.isEmpty()) {
                break;
            }
            Provenance empty = tombstone.get();
            if (empty.isErased()) {
                life = empty.life();
                continue;
            }
            try {
                return Objects.requireNonNull(
                        forwarded(log, version, () -> DatabaseFile.deleted(log.id(), target, empty)));
            } catch (DeletionFound e) {
                life = e.deletion(); // Its versions were erased in their turn.
            } catch (Impassable e) {
                throw beyondHelp(e.damage);
            }
        }
        throw new NotFoundException(
                "database " + log.id() + ": version " + version
                        + " was erased when the database was deleted at version " + deletion,
                null);
    }

    private Loaded loadUnmoved(DatabaseLog log, Path target, Copying copying) throws IOException {
        while (true) {
            try {
                return load(log, target, copying);
            } catch (Download.Moved e) {
                LOG.debug("the image was replaced while it was loaded, loading again database={}", log.id());
            }
        }
    }

    private Loaded load(DatabaseLog log, Path target, Copying copying) throws IOException {
        ImageInfo image = null;
        long headAt = nanoTime.getAsLong();
        List<CommitEntry> entries;
        @Nullable DatabaseFile file;
        Optional<StoredObject> opened = copying.openImage(log);
        if (opened.isPresent()) {
            try (StoredObject object = opened.get()) {
                copying.requireSmall(log, object);
                image = log.imageInfo(object.info());
                long after = image.version();
                CompletableFuture<List<CommitEntry>> listing =
                        CompletableFuture.supplyAsync(() -> log.commitsAfter(after), executor);
                if (image.isDeletion()) {
                    entries = Requests.join(listing);
                    file = DatabaseFile.deleted(log.id(), target, image.provenance());
                } else {
                    copying.copy(log, object, image.provenance(), target);
                    entries = Requests.join(listing);
                    file = DatabaseFile.ofImage(log.id(), target, image.provenance());
                }
            }
        } else {
            entries = log.commitsAfter(0);
            file = null;
        }
        Optional<Provenance> deletion = lastDeletion(log, entries, file);
        if (deletion.isPresent()) {
            file = DatabaseFile.deleted(log.id(), target, deletion.get());
        } else if (file == null) {
            if (!entries.isEmpty() && (entries.get(0).version() > 1 || entries.size() > REPLAYED_WITHOUT_ASKING)) {
                return new Loaded(reachHead(log, entries, target, copying).file(), headAt, null, 0, false);
            }
            file = DatabaseFile.create(log.id(), target);
        }
        return replayed(log, file, entries, headAt, image, false);
    }

    /** Puts the listed commits on top of a file. */
    private Loaded replayed(
            DatabaseLog log,
            DatabaseFile file,
            List<CommitEntry> entries,
            long headAt,
            @Nullable ImageInfo image,
            boolean imageDamaged)
            throws IOException {
        long from = file.baseline().isEmpty() ? file.baseline().version() : 0;
        try {
            applyAll(log, file, entries);
            if (asksSqlite) {
                QuickCheck.requireSound(log.id(), file);
            }
            return new Loaded(file, headAt, image, from, imageDamaged);
        } catch (Impassable e) {
            file.close();
            throw e.damage;
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /** Closes what was loaded of an earlier life if there is one. */
    private static Optional<Provenance> lastDeletion(
            DatabaseLog log, List<CommitEntry> entries, @Nullable DatabaseFile loaded) throws IOException {
        boolean superseded = true;
        try {
            Optional<Provenance> deletion = log.lastDeletion(entries);
            superseded = deletion.isPresent();
            return deletion;
        } finally {
            if (superseded && loaded != null) {
                loaded.close();
            }
        }
    }

    private static long newest(List<CommitEntry> entries) {
        return entries.get(entries.size() - 1).version();
    }

    /** Loads the head by any way there is; the straight one is damaged. */
    private Loaded rescue(DatabaseLog log, Path target, Copying copying, CorruptException damage) throws IOException {
        long headAt = nanoTime.getAsLong();
        List<CommitEntry> entries = log.commitsAfter(0);
        if (damage.kind() == CorruptException.Kind.CONTENT || entries.isEmpty()) {
            throw beyondHelp(damage);
        }
        boolean imageDamaged = damage.kind() == CorruptException.Kind.IMAGE;
        Optional<Provenance> deletion;
        try {
            deletion = log.lastDeletion(entries);
        } catch (CorruptException e) {
            throw beyondHelp(e); // It may be a deletion, behind which nothing may come back.
        }
        if (deletion.isPresent()) {
            try {
                DatabaseFile file = DatabaseFile.deleted(log.id(), target, deletion.get());
                return replayed(log, file, entries, headAt, null, imageDamaged);
            } catch (CorruptException e) {
                passOver(log, e);
            }
        }
        Reached reached = reachHead(log, entries, target, copying);
        return new Loaded(reached.file(), headAt, null, 0, reached.imageDamaged() || imageDamaged);
    }

    // ---- where to begin ---------------------------------------------------------------------------------------------

    /**
     * A version that was put together.
     *
     * @param file holds it
     * @param imageDamaged whether the image should have led to it, and did not
     */
    private record Reached(DatabaseFile file, boolean imageDamaged) {}

    /** No other beginning leads further: a commit that cannot be read, or content that SQLite finds fault with. */
    private static final class Impassable extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final CorruptException damage;

        Impassable(CorruptException damage) {
            super(damage);
            this.damage = damage;
        }
    }

    /** A state in the store that takes no commits to make. */
    private interface Beginning {
        /** Null if it is gone by now, or of no use. */
        @Nullable
        DatabaseFile open() throws IOException;
    }

    /** Makes the newest version of a log, which must be possible. */
    private Reached reachHead(DatabaseLog log, List<CommitEntry> entries, Path target, Copying copying)
            throws IOException {
        try {
            return reach(log, newest(entries), target, copying);
        } catch (NotFoundException e) {
            throw beyondHelp(new CorruptException(
                    CorruptException.Kind.COMMIT,
                    "object " + log.keys().commit(entries.get(0).version() - 1)
                            + " is missing, the log begins behind it, and no image or snapshot leads to it",
                    e));
        }
    }

    /** Makes a version from the newest beginning that leads to it. */
    private Reached reach(DatabaseLog log, long version, Path target, Copying copying) throws IOException {
        try {
            return reachFromNewest(log, version, target, copying);
        } catch (Impassable e) {
            throw beyondHelp(e.damage);
        } catch (DeletionFound e) {
            return new Reached(afterDeletion(log, e.deletion(), version, target), false);
        }
    }

    private Reached reachFromNewest(DatabaseLog log, long version, Path target, Copying copying) throws IOException {
        List<Long> snapshots = log.snapshots(1, version);
        long newest = snapshots.isEmpty() ? 0 : snapshots.get(snapshots.size() - 1);
        @Nullable CorruptException first = null;
        boolean imageDamaged = false;
        try {
            Optional<ImageInfo> image = log.image();
            if (image.isPresent()
                    && image.get().version() >= newest
                    && image.get().version() <= version) {
                DatabaseFile file = forwarded(log, version, () -> ofImage(log, version, target, copying));
                if (file != null) {
                    return new Reached(file, false);
                }
            }
        } catch (CorruptException e) {
            first = passOver(log, e);
            imageDamaged = true;
        }
        for (int i = snapshots.size() - 1; i >= 0; i--) {
            long snapshot = snapshots.get(i);
            try {
                DatabaseFile file = forwarded(log, version, () -> ofSnapshot(log, snapshot, target, copying));
                if (file != null) {
                    return new Reached(file, imageDamaged);
                }
            } catch (CorruptException e) {
                passOver(log, e);
                first = first == null ? e : first;
            }
        }
        if (first != null && !hasFirstCommit(log)) {
            throw beyondHelp(first);
        }
        try {
            DatabaseFile file = forwarded(log, version, () -> DatabaseFile.create(log.id(), target));
            return new Reached(Objects.requireNonNull(file), imageDamaged);
        } catch (CorruptException e) {
            throw beyondHelp(first == null ? e : first);
        }
    }

    private static boolean hasFirstCommit(DatabaseLog log) {
        try {
            return log.commitProvenance(1).isPresent();
        } catch (CorruptException e) {
            log.passedOver(e);
            return false;
        }
    }

    private static CorruptException passOver(DatabaseLog log, CorruptException damage) {
        log.passedOver(damage);
        LOG.warn("passing over a damaged object database={} reason={}", log.id(), damage.getMessage());
        return damage;
    }

    private static CorruptException beyondHelp(CorruptException damage) {
        if (damage.kind() == CorruptException.Kind.CONTENT) {
            return damage;
        }
        return new CorruptException(
                damage.kind(),
                damage.getMessage()
                        + "; the store has no other copy that leads past it: restore the object from a copy of the"
                        + " bucket; versions before it can still be pulled",
                damage);
    }

    /** The version, made from a beginning; null if that is gone. */
    private @Nullable DatabaseFile forwarded(DatabaseLog log, long version, Beginning beginning) throws IOException {
        DatabaseFile file = beginning.open();
        if (file == null) {
            return null;
        }
        try {
            forward(log, file, version);
            if (file.baseline().isEmpty()) {
                throw new NotFoundException(
                        "database " + log.id() + ": version " + version + " is its deletion, there is nothing in it",
                        null);
            }
            if (asksSqlite) {
                QuickCheck.requireSound(log.id(), file);
            }
            return file;
        } catch (CorruptException e) {
            file.close();
            throw e.kind() == CorruptException.Kind.CONTENT ? new Impassable(e) : e;
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /** Null if the image is gone or newer by now. */
    private @Nullable DatabaseFile ofImage(DatabaseLog log, long atMost, Path target, Copying copying)
            throws IOException {
        while (true) {
            Optional<StoredObject> opened = log.openImage();
            if (opened.isEmpty()) {
                return null;
            }
            try (StoredObject object = opened.get()) {
                ImageInfo image = log.imageInfo(object.info());
                if (image.version() > atMost) {
                    return null;
                }
                if (image.isDeletion()) {
                    return DatabaseFile.deleted(log.id(), target, image.provenance());
                }
                copying.copy(log, object, image.provenance(), target);
                return DatabaseFile.ofImage(log.id(), target, image.provenance());
            } catch (Download.Moved e) {
                LOG.debug("the image was replaced while it was loaded, loading again database={}", log.id());
            }
        }
    }

    /** Null if it is gone by now. */
    private @Nullable DatabaseFile ofSnapshot(DatabaseLog log, long version, Path target, Copying copying)
            throws IOException {
        Path copy = target.resolveSibling(target.getFileName() + "-snapshot");
        try {
            while (true) {
                Optional<StoredObject> opened = log.openSnapshot(version);
                if (opened.isEmpty()) {
                    return null;
                }
                try (StoredObject object = opened.get()) {
                    Provenance provenance = log.snapshotProvenance(version, object);
                    copying.copyAnew(log, object, provenance, copy);
                    return DatabaseFile.ofSnapshot(log.id(), target, copy, provenance);
                } catch (Download.Moved e) {
                    LOG.debug("a snapshot was replaced while it was loaded, loading again database={}", log.id());
                }
            }
        } finally {
            Files.deleteIfExists(copy);
        }
    }

    // ---- commits ----------------------------------------------------------------------------------------------------

    /**
     * Applies commit after commit up to a version, without a listing: there are no holes. How many are fetched at once is guessed
     * from the last one's size, so that memory does not hold many large ones.
     */
    private void forward(DatabaseLog log, DatabaseFile file, long version) throws IOException {
        forward(log, file, version, state -> true);
    }

    private void forward(DatabaseLog log, DatabaseFile file, long version, Waypoint waypoint) throws IOException {
        Queue<CompletableFuture<Optional<Commit>>> ahead = new ArrayDeque<>();
        long next = file.baseline().version() + 1;
        long atOnce = 1;
        while (file.baseline().version() < version) {
            while (next <= version && ahead.size() < atOnce) {
                long wanted = next;
                ahead.add(CompletableFuture.supplyAsync(() -> log.commit(wanted), executor));
                next++;
            }
            long following = file.baseline().version() + 1;
            Optional<Commit> commit = fetched(ahead.remove());
            Commit applied = commit.orElseThrow(() -> missing(log, following, version));
            file.apply(applied);
            if (!waypoint.goOn(file)) {
                return;
            }
            atOnce = Math.max(1, Math.min(FETCHES_AHEAD, partBytes / Math.max(1, applied.bytes().length)));
        }
    }

    /** A commit that is not there: removed with everything before it, not made yet, or lost. */
    private static RuntimeException missing(DatabaseLog log, long commit, long version) {
        List<CommitEntry> entries = log.commitsAfter(0);
        Optional<CommitEntry> erased = entries.stream()
                .filter(entry -> entry.isEmpty() && entry.version() > commit && entry.version() <= version)
                .findFirst();
        if (erased.isPresent()) {
            return new DeletionFound(log.id(), erased.get().version()); // What was before it has been removed since.
        }
        if (!entries.isEmpty() && entries.get(0).version() < commit && commit < newest(entries)) {
            return new Impassable(new CorruptException(
                    CorruptException.Kind.COMMIT,
                    "object " + log.keys().commit(commit) + " is missing, the log goes on behind it to version "
                            + newest(entries),
                    null));
        }
        String there = entries.isEmpty()
                ? log.image().map(image -> "version " + image.version()).orElse("no versions")
                : "versions " + entries.get(0).version() + " to " + newest(entries);
        return new NotFoundException(
                "database " + log.id() + ": version " + version + " is not in the store; it has " + there, null);
    }

    private void applyAll(DatabaseLog log, DatabaseFile file, List<CommitEntry> entries) throws IOException {
        long loaded = file.baseline().version();
        Queue<CompletableFuture<Commit>> ahead = new ArrayDeque<>();
        Queue<Long> sizes = new ArrayDeque<>();
        long bytes = 0;
        for (CommitEntry entry : entries) {
            if (entry.version() <= loaded) {
                continue;
            }
            while (!ahead.isEmpty() && (ahead.size() == FETCHES_AHEAD || bytes + entry.size() > partBytes)) {
                file.apply(fetched(ahead.remove()));
                bytes -= sizes.remove();
            }
            ahead.add(fetch(log, entry.version()));
            sizes.add(entry.size());
            bytes += entry.size();
        }
        while (!ahead.isEmpty()) {
            file.apply(fetched(ahead.remove()));
        }
    }

    /**
     * Fetches commits side by side, in order.
     *
     * @throws CorruptException if one that was listed is not there
     */
    List<Commit> fetch(DatabaseLog log, List<Long> versions) {
        List<CompletableFuture<Commit>> requests = new ArrayList<>();
        for (long version : versions) {
            requests.add(fetch(log, version));
        }
        List<Commit> commits = new ArrayList<>();
        for (CompletableFuture<Commit> request : requests) {
            commits.add(Requests.join(request));
        }
        return commits;
    }

    private CompletableFuture<Commit> fetch(DatabaseLog log, long version) {
        return CompletableFuture.supplyAsync(
                () -> log.commit(version)
                        .orElseThrow(() -> new CorruptException(
                                CorruptException.Kind.COMMIT,
                                "database " + log.id() + ": object "
                                        + log.keys().commit(version) + " was listed and is not there",
                                null)),
                executor);
    }

    private static <T> T fetched(CompletableFuture<T> commit) {
        try {
            return Requests.join(commit);
        } catch (CorruptException e) {
            throw new Impassable(e);
        }
    }

    private static <T> T local(DatabaseId id, LocalWork<T> work) {
        try {
            return work.run();
        } catch (IOException e) {
            throw new LocalStorageException(
                    "database " + id + ": writing the local copy failed: " + e.getMessage()
                            + "; check the disk's space and permissions",
                    e);
        }
    }

    /** Work that the local disk may refuse. */
    private interface LocalWork<T> {
        T run() throws IOException;
    }
}
