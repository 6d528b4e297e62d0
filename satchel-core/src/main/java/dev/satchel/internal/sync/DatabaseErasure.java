package dev.satchel.internal.sync;

import dev.satchel.CorruptException;
import dev.satchel.internal.log.CommitEntry;
import dev.satchel.internal.log.ConflictKey;
import dev.satchel.internal.log.DatabaseLog;
import dev.satchel.internal.log.Digest;
import dev.satchel.internal.log.ImageInfo;
import dev.satchel.internal.log.Provenance;
import dev.satchel.store.StoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * Takes the contents of a deleted database out of the store. Keys of commits and snapshots stay, without bytes, so that no late
 * request takes them. It may be begun and broken off any number of times: the image is replaced last, and says that all is
 * done. Stateless and thread-safe.
 */
final class DatabaseErasure {
    private static final int AT_ONCE = 64;

    private final Executor executor;
    private final Patience patience;

    /** Runs its requests side by side. */
    DatabaseErasure(Executor executor, Patience patience) {
        this.executor = executor;
        this.patience = patience;
    }

    /**
     * What was taken out.
     *
     * @param bytes of all of it
     */
    record Erased(int commits, int snapshots, int conflicts, int images, long bytes) {}

    /**
     * Erases everything before a deletion.
     *
     * @param life version of the deletion
     * @throws StoreException if the store does not answer, or refuses; what is erased stays erased
     */
    Erased finish(DatabaseLog log, long life) {
        Optional<Provenance> found = patience.repeat(() -> log.commitProvenance(life));
        if (found.isEmpty() || !found.get().isTombstone()) {
            return new Erased(0, 0, 0, 0, 0); // Retention has removed it: it was at its end long ago.
        }
        Provenance deletion = found.get();
        // 1. Commits. Whoever keeps something of this life afterwards finds its commit erased, and removes it again.
        List<CommitEntry> commits = filled(patience.repeat(() -> log.commitsAfter(0)), life);
        each(commits, commit -> log.erase(log.keys().commit(commit.version()), tombstone(deletion, commit.version())));
        // 2. What may hold pages of them.
        List<CommitEntry> snapshots = filled(patience.repeat(log::snapshotEntries), life);
        each(
                snapshots,
                snapshot ->
                        log.erase(log.keys().snapshot(snapshot.version()), tombstone(deletion, snapshot.version())));
        List<ConflictKey> conflicts = patience.repeat(log::conflictEntries).stream()
                .filter(conflict -> conflict.version() <= life)
                .toList();
        each(conflicts, conflict -> log.deleteConflict(conflict.id()));
        // 3. The image, whose mark says that 1 and 2 are done.
        Optional<ImageInfo> image = replaceImage(log, deletion);
        long bytes = commits.stream().mapToLong(CommitEntry::size).sum()
                + snapshots.stream().mapToLong(CommitEntry::size).sum()
                + conflicts.stream().mapToLong(ConflictKey::size).sum()
                + image.map(ImageInfo::size).orElse(0L);
        return new Erased(commits.size(), snapshots.size(), conflicts.size(), image.isPresent() ? 1 : 0, bytes);
    }

    private static List<CommitEntry> filled(List<CommitEntry> entries, long life) {
        return entries.stream()
                .filter(entry -> entry.version() < life && !entry.isEmpty())
                .toList();
    }

    private static Provenance tombstone(Provenance deletion, long version) {
        return Provenance.tombstone(
                deletion.database(),
                version,
                deletion.version(),
                deletion.commitId(),
                deletion.writer(),
                deletion.timestamp(),
                Digest.sha256(new byte[0]));
    }

    /** The image that was there, if it held anything. */
    private Optional<ImageInfo> replaceImage(DatabaseLog log, Provenance deletion) {
        while (true) {
            Optional<ImageInfo> image;
            try {
                image = patience.repeat(log::image);
            } catch (CorruptException e) {
                log.passedOver(e);
                String damaged = patience.repeat(log::imageEtag).orElse(null);
                if (patience.repeat(() -> log.putDeletedImage(deletion, damaged))) {
                    return Optional.empty();
                }
                continue;
            }
            if (image.isPresent() && image.get().provenance().life() >= deletion.life()) {
                return Optional.empty();
            }
            String etag = image.map(ImageInfo::etag).orElse(null);
            if (patience.repeat(() -> log.putDeletedImage(deletion, etag))) {
                return image.filter(before -> !before.isDeletion());
            }
        }
    }

    private <T> void each(List<T> objects, java.util.function.Consumer<T> request) {
        for (int begin = 0; begin < objects.size(); begin += AT_ONCE) {
            List<CompletableFuture<Boolean>> requests = new ArrayList<>();
            for (T object : objects.subList(begin, Math.min(objects.size(), begin + AT_ONCE))) {
                requests.add(CompletableFuture.supplyAsync(
                        () -> patience.repeat(() -> {
                            request.accept(object);
                            return Boolean.TRUE;
                        }),
                        executor));
            }
            requests.forEach(Requests::join);
        }
    }
}
