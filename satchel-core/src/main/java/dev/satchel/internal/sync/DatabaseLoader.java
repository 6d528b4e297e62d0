package dev.satchel.internal.sync;

import dev.satchel.CorruptException;
import dev.satchel.DatabaseId;
import dev.satchel.LocalStorageException;
import dev.satchel.NotFoundException;
import dev.satchel.internal.log.Commit;
import dev.satchel.internal.log.CommitEntry;
import dev.satchel.internal.log.DatabaseLog;
import dev.satchel.internal.log.ImageInfo;
import dev.satchel.internal.replica.DatabaseFile;
import dev.satchel.internal.replica.QuickCheck;
import dev.satchel.store.StoreException;
import dev.satchel.store.StoredObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts a version of a database together from the image and the log: the cold path. Stateless and thread-safe; commits are
 * fetched a few at a time through the executor.
 */
public final class DatabaseLoader {
    private static final Logger LOG = LoggerFactory.getLogger(DatabaseLoader.class);
    /** As many as there are threads for requests; a commit is applied while later ones are on their way. */
    private static final int FETCHES_AHEAD = 16;

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
     */
    public record Loaded(
            DatabaseFile file, long headAt, @Nullable ImageInfo image) {}

    /**
     * Loads the head into {@code target}. No image and no log is a database at version 0.
     *
     * @throws StoreException if the store cannot be asked; nothing is left that could pass for a database
     * @throws CorruptException if an object is damaged
     * @throws LocalStorageException if the local disk refuses
     */
    public Loaded loadHead(DatabaseLog log, Path target) {
        return local(log.id(), () -> twice(log, target, OptionalLong.empty()));
    }

    /**
     * Loads one version into {@code target}.
     *
     * @throws NotFoundException if the store cannot produce it any more, or not yet
     */
    public DatabaseFile loadVersion(DatabaseLog log, long version, Path target) {
        return local(log.id(), () -> load(log, target, OptionalLong.of(version)))
                .file();
    }

    /** What arrives damaged is asked for once more. */
    private Loaded twice(DatabaseLog log, Path target, OptionalLong wanted) throws IOException {
        try {
            return load(log, target, wanted);
        } catch (CorruptException e) {
            LOG.warn("loading again database={} reason={}", log.id(), e.getMessage());
            return load(log, target, wanted);
        }
    }

    private Loaded load(DatabaseLog log, Path target, OptionalLong wanted) throws IOException {
        ImageInfo image = null;
        DatabaseFile file = null;
        long headAt = nanoTime.getAsLong();
        List<CommitEntry> entries;
        Optional<StoredObject> opened = log.openImage();
        if (opened.isPresent()) {
            try (StoredObject object = opened.get()) {
                image = log.imageInfo(object.info());
                long from = image.version();
                if (wanted.isEmpty() || wanted.getAsLong() >= from) {
                    CompletableFuture<List<CommitEntry>> listing =
                            CompletableFuture.supplyAsync(() -> log.commitsAfter(from), executor);
                    log.copyImage(object, image.provenance(), target);
                    entries = join(listing);
                    file = DatabaseFile.ofImage(log.id(), target, image.provenance());
                } else {
                    entries = log.commitsAfter(0);
                }
            }
        } else {
            entries = log.commitsAfter(0);
        }
        if (file == null) {
            file = DatabaseFile.create(log.id(), target);
        }
        try {
            applyAll(log, file, entries, wanted.orElse(Long.MAX_VALUE));
            if (wanted.isPresent() && file.baseline().version() != wanted.getAsLong()) {
                throw new NotFoundException(
                        "database " + log.id() + ": version " + wanted.getAsLong() + " is not in the store; it has "
                                + describe(entries, image),
                        null);
            }
            QuickCheck.requireSound(log.id(), file);
            return new Loaded(file, headAt, image);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static String describe(List<CommitEntry> entries, @Nullable ImageInfo image) {
        if (entries.isEmpty()) {
            return image == null ? "no versions" : "version " + image.version();
        }
        return "versions " + entries.get(0).version() + " to "
                + entries.get(entries.size() - 1).version();
    }

    private void applyAll(DatabaseLog log, DatabaseFile file, List<CommitEntry> entries, long last) throws IOException {
        List<Long> versions = new ArrayList<>();
        for (CommitEntry entry : entries) {
            if (entry.version() > file.baseline().version() && entry.version() <= last) {
                versions.add(entry.version());
            }
        }
        Queue<CompletableFuture<Commit>> ahead = new ArrayDeque<>();
        for (long version : versions) {
            if (ahead.size() == FETCHES_AHEAD) {
                file.apply(join(ahead.remove()));
            }
            ahead.add(fetch(log, version));
        }
        while (!ahead.isEmpty()) {
            file.apply(join(ahead.remove()));
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
            commits.add(join(request));
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

    private static <T> T join(CompletableFuture<T> future) {
        try {
            return future.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
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
