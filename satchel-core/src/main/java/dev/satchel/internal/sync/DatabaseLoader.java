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
    /** As many as there are threads for requests; a commit is applied while later ones are on their way. */
    private static final int FETCHES_AHEAD = 16;
    /** Longer logs without an image are worth a look for snapshots. */
    private static final int REPLAYED_WITHOUT_ASKING = 256;

    private final Executor executor;
    private final LongSupplier nanoTime;

    /**
     * A loader.
     *
     * @param executor runs store requests
     * @param nanoTime a monotonic clock
     */
    public DatabaseLoader(Executor executor, LongSupplier nanoTime) {
        this.executor = executor;
        this.nanoTime = nanoTime;
    }

    /**
     * A loaded database.
     *
     * @param file at the head, closed by the caller
     * @param headAt when it was known to be the head
     * @param image what the store's image was, or null if there is none
     * @param deletion version of the deletion it was put together from, or 0
     */
    public record Loaded(
            DatabaseFile file, long headAt, @Nullable ImageInfo image, long deletion) {}

    /**
     * Loads the head into {@code target}. No image and no log is a database at version 0, and a deletion an empty one.
     *
     * @throws StoreException if the store cannot be asked; nothing is left that could pass for a database
     * @throws CorruptException if an object is damaged
     * @throws LocalStorageException if the local disk refuses
     */
    public Loaded loadHead(DatabaseLog log, Path target) {
        return local(log.id(), () -> twice(log, target));
    }

    /**
     * Loads one version into {@code target}: the newest image or snapshot that is not newer, and the commits after it. Damaged
     * snapshots are passed over for older ones.
     *
     * @throws NotFoundException if the store cannot produce it any more, or not yet
     * @throws CorruptException if an object it takes is damaged
     */
    public DatabaseFile loadVersion(DatabaseLog log, long version, Path target) {
        return local(log.id(), () -> {
            try {
                return forwarded(log, startOf(log, version, target), version);
            } catch (DeletionFound e) {
                return afterDeletion(log, e.deletion(), version, target);
            }
        });
    }

    private DatabaseFile forwarded(DatabaseLog log, DatabaseFile start, long version) throws IOException {
        try {
            forward(log, start, version);
            if (start.baseline().isEmpty()) {
                throw new NotFoundException(
                        "database " + log.id() + ": version " + version + " is its deletion, there is nothing in it",
                        null);
            }
            QuickCheck.requireSound(log.id(), start);
            return start;
        } catch (IOException | RuntimeException e) {
            start.close();
            throw e;
        }
    }

    /** There is no image or snapshot of this life that is old enough: it begins with the deletion before it. */
    private DatabaseFile afterDeletion(DatabaseLog log, long deletion, long version, Path target) throws IOException {
        for (long life = deletion; life <= version; ) {
            Optional<Provenance> tombstone = log.commitProvenance(life);
            if (tombstone.isEmpty()) {
                break;
            }
            if (!tombstone.get().isErased()) {
                return forwarded(log, DatabaseFile.deleted(log.id(), target, tombstone.get()), version);
            }
            life = tombstone.get().life();
        }
        throw new NotFoundException(
                "database " + log.id() + ": version " + version
                        + " was erased when the database was deleted at version " + deletion,
                null);
    }

    /** What arrives damaged is asked for once more. */
    private Loaded twice(DatabaseLog log, Path target) throws IOException {
        try {
            return load(log, target);
        } catch (CorruptException e) {
            LOG.warn("loading again database={} reason={}", log.id(), e.getMessage());
            return load(log, target);
        } catch (DeletionFound e) {
            LOG.debug("deleted while it was loaded, loading again database={}", log.id());
            return load(log, target);
        }
    }

    private Loaded load(DatabaseLog log, Path target) throws IOException {
        ImageInfo image = null;
        long headAt = nanoTime.getAsLong();
        List<CommitEntry> entries;
        @Nullable DatabaseFile file;
        Optional<StoredObject> opened = log.openImage();
        if (opened.isPresent()) {
            try (StoredObject object = opened.get()) {
                image = log.imageInfo(object.info());
                long after = image.version();
                CompletableFuture<List<CommitEntry>> listing =
                        CompletableFuture.supplyAsync(() -> log.commitsAfter(after), executor);
                if (image.isDeletion()) {
                    entries = Requests.join(listing);
                    file = DatabaseFile.deleted(log.id(), target, image.provenance());
                } else {
                    log.copyImage(object, image.provenance(), target);
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
            file = startWithoutImage(log, entries, target);
        }
        long from = file.baseline().isEmpty() ? file.baseline().version() : 0;
        try {
            applyAll(log, file, entries);
            QuickCheck.requireSound(log.id(), file);
            return new Loaded(file, headAt, image, from);
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

    // ---- where to begin ---------------------------------------------------------------------------------------------

    private DatabaseFile startWithoutImage(DatabaseLog log, List<CommitEntry> entries, Path target) throws IOException {
        if (entries.isEmpty() || (entries.get(0).version() == 1 && entries.size() <= REPLAYED_WITHOUT_ASKING)) {
            return DatabaseFile.create(log.id(), target);
        }
        return startOf(log, entries.get(entries.size() - 1).version(), target);
    }

    /** The newest state in the store that is at most {@code version} and takes no commits to make. */
    private DatabaseFile startOf(DatabaseLog log, long version, Path target) throws IOException {
        List<Long> snapshots = log.snapshots(1, version);
        long newest = snapshots.isEmpty() ? 0 : snapshots.get(snapshots.size() - 1);
        CorruptException damage = null;
        try {
            Optional<ImageInfo> image = log.image();
            if (image.isPresent()
                    && image.get().version() >= newest
                    && image.get().version() <= version) {
                DatabaseFile file = ofImage(log, version, target);
                if (file != null) {
                    return file;
                }
            }
        } catch (CorruptException e) {
            damage = e;
        }
        for (int i = snapshots.size() - 1; i >= 0; i--) {
            try {
                DatabaseFile file = ofSnapshot(log, snapshots.get(i), target);
                if (file != null) {
                    return file;
                }
            } catch (CorruptException e) {
                LOG.warn("passing over a snapshot database={} reason={}", log.id(), e.getMessage());
                damage = damage == null ? e : damage;
            }
        }
        if (damage != null && log.commitProvenance(1).isEmpty()) {
            throw damage;
        }
        return DatabaseFile.create(log.id(), target);
    }

    /** Null if the image is gone or newer by now. */
    private static @Nullable DatabaseFile ofImage(DatabaseLog log, long atMost, Path target) throws IOException {
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
            log.copyImage(object, image.provenance(), target);
            return DatabaseFile.ofImage(log.id(), target, image.provenance());
        }
    }

    /** Null if it is gone by now. */
    private static @Nullable DatabaseFile ofSnapshot(DatabaseLog log, long version, Path target) throws IOException {
        Path copy = target.resolveSibling(target.getFileName() + ".snapshot");
        try {
            Optional<Provenance> provenance = log.copySnapshot(version, copy);
            return provenance.isEmpty() ? null : DatabaseFile.ofSnapshot(log.id(), target, copy, provenance.get());
        } finally {
            Files.deleteIfExists(copy);
        }
    }

    // ---- commits ----------------------------------------------------------------------------------------------------

    /** Applies commit after commit up to a version, without a listing: there are no holes. */
    private void forward(DatabaseLog log, DatabaseFile file, long version) throws IOException {
        Queue<CompletableFuture<Optional<Commit>>> ahead = new ArrayDeque<>();
        long next = file.baseline().version() + 1;
        while (file.baseline().version() < version) {
            while (next <= version && ahead.size() < FETCHES_AHEAD) {
                long wanted = next;
                ahead.add(CompletableFuture.supplyAsync(() -> log.commit(wanted), executor));
                next++;
            }
            file.apply(Requests.join(ahead.remove())
                    .orElseThrow(() -> new NotFoundException(
                            "database " + log.id() + ": version " + version + " is not in the store; it has "
                                    + describe(log),
                            null)));
        }
    }

    private static String describe(DatabaseLog log) {
        List<CommitEntry> entries = log.commitsAfter(0);
        if (entries.isEmpty()) {
            return log.image().map(image -> "version " + image.version()).orElse("no versions");
        }
        return "versions " + entries.get(0).version() + " to "
                + entries.get(entries.size() - 1).version();
    }

    private void applyAll(DatabaseLog log, DatabaseFile file, List<CommitEntry> entries) throws IOException {
        List<Long> versions = new ArrayList<>();
        for (CommitEntry entry : entries) {
            if (entry.version() > file.baseline().version()) {
                versions.add(entry.version());
            }
        }
        Queue<CompletableFuture<Commit>> ahead = new ArrayDeque<>();
        for (long version : versions) {
            if (ahead.size() == FETCHES_AHEAD) {
                file.apply(Requests.join(ahead.remove()));
            }
            ahead.add(fetch(log, version));
        }
        while (!ahead.isEmpty()) {
            file.apply(Requests.join(ahead.remove()));
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
                                "database " + log.id() + ": object "
                                        + log.keys().commit(version) + " was listed and is not there",
                                null)),
                executor);
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
