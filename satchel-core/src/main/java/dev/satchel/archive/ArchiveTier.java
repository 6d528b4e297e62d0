package dev.satchel.archive;

import dev.satchel.DatabaseId;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Where archived rows are: a place for batches, by database and id. It decides nothing: whether a batch is archived says the
 * ledger in the database that its rows come from.
 *
 * <p>Thread-safe. Every call blocks until the tier has answered, and may be repeated: a call that failed with {@code
 * UnavailableException} may or may not have been carried out. What {@link #store} has confirmed is durable, and whoever asks
 * afterwards, from any machine, finds it. Batches of one user are never found under another.
 *
 * <p>All methods but {@link #name}, {@link #limits} and {@link #close} throw {@link dev.satchel.UnavailableException} if the tier
 * cannot be reached (try again), {@link dev.satchel.StoreRefusedException} if it refuses for good (credentials, quota) and {@link
 * dev.satchel.ClosedException} after {@link #close}.
 */
public interface ArchiveTier extends AutoCloseable {
    /** What it is, as ledgers and metrics name it: lower-case words joined by hyphens, the same on every node. */
    String name();

    /** What it takes at most; at least {@link ArchiveLimits#SMALLEST}, at most {@link ArchiveLimits#LARGEST}. */
    ArchiveLimits limits();

    /**
     * Stores a batch. The same batch again, by id and {@link ArchiveBatch#digest() digest}, changes nothing and succeeds.
     *
     * @throws dev.satchel.ArchiveException of kind {@code OTHER_CONTENT} if a batch of this id has another digest; that one stays
     *     as it is. Of kind {@code TOO_LARGE} if it is beyond {@link #limits}
     */
    void store(ArchiveBatch batch);

    /**
     * Stores several batches of one database. Not atomic: if it fails, some may be stored. Tiers that can do it in one go
     * override this.
     */
    default void storeAll(List<ArchiveBatch> batches) {
        batches.forEach(this::store);
    }

    /**
     * Reads a batch back, from the place that {@link #store} has made durable and not from a cache; empty if there is none.
     *
     * @throws dev.satchel.CorruptException of kind {@code ARCHIVE} if what is there is not what was stored
     */
    Optional<ArchiveBatch> load(DatabaseId database, BatchId id);

    /**
     * The batches of a database in the order of their ids.
     *
     * @param after only those behind this id; empty for the first page
     * @param limit at most so many, 1 to 1000; fewer than that mean that there are no more
     */
    List<BatchInfo> list(DatabaseId database, Optional<BatchId> after, int limit);

    /** The ids of all batches of a database; pages of 500. */
    default Set<BatchId> ids(DatabaseId database) {
        Set<BatchId> ids = new LinkedHashSet<>();
        Optional<BatchId> after = Optional.empty();
        List<BatchInfo> page;
        do {
            page = list(database, after, 500);
            for (BatchInfo batch : page) {
                ids.add(batch.id());
                after = Optional.of(batch.id());
            }
        } while (page.size() == 500);
        return ids;
    }

    /**
     * Removes a batch for good.
     *
     * @return false if there was none
     */
    boolean remove(DatabaseId database, BatchId id);

    /**
     * Removes several batches of one database, or those of them that are there. Not atomic: if it fails, some may be removed. Tiers
     * that can do it in one go override this.
     */
    default void removeAll(DatabaseId database, Collection<BatchId> ids) {
        ids.forEach(id -> remove(database, id));
    }

    /**
     * Removes everything of a database for good, whatever it is; nothing happens if there is nothing. Called again it goes on where
     * it was broken off. Deleting a database does not call this, but removes the batches that it finds: its user may begin anew, and
     * archive, meanwhile.
     */
    void erase(DatabaseId database);

    /** Lets go of what it holds on this machine. Idempotent. */
    @Override
    void close();
}
