package dev.satchel.testkit;

import dev.satchel.ArchiveException;
import dev.satchel.ClosedException;
import dev.satchel.DatabaseId;
import dev.satchel.archive.ArchiveBatch;
import dev.satchel.archive.ArchiveLimits;
import dev.satchel.archive.ArchiveTier;
import dev.satchel.archive.BatchId;
import dev.satchel.archive.BatchInfo;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * An archive tier in memory. Several instances that are given one {@link Content} are several nodes at one tier. Thread-safe.
 */
public final class InMemoryArchiveTier implements ArchiveTier {
    private final Content content;
    private final ArchiveLimits limits;
    private volatile boolean closed;

    /** What is stored, for as many tiers as share it. */
    public static final class Content {
        private final Map<DatabaseId, ConcurrentSkipListMap<BatchId, byte[]>> batches = new ConcurrentHashMap<>();

        /** Nothing yet. */
        public Content() {}

        private ConcurrentSkipListMap<BatchId, byte[]> of(DatabaseId database) {
            return batches.computeIfAbsent(database, id -> new ConcurrentSkipListMap<>());
        }
    }

    /** A tier of its own. */
    public InMemoryArchiveTier() {
        this(new Content(), ArchiveLimits.SMALLEST);
    }

    /** A node's tier over shared content. */
    public InMemoryArchiveTier(Content content, ArchiveLimits limits) {
        this.content = content;
        this.limits = limits;
    }

    @Override
    public String name() {
        return "in-memory";
    }

    @Override
    public ArchiveLimits limits() {
        return limits;
    }

    @Override
    public void store(ArchiveBatch batch) {
        checkOpen();
        limits.check(batch);
        byte[] there = content.of(batch.database()).putIfAbsent(batch.id(), batch.encoded());
        if (there != null && !ArchiveBatch.decode(there).equals(batch)) {
            throw new ArchiveException(
                    ArchiveException.Kind.OTHER_CONTENT,
                    "database " + batch.database() + ": batch " + batch.id()
                            + " is there with other content; make a new batch",
                    null);
        }
    }

    @Override
    public Optional<ArchiveBatch> load(DatabaseId database, BatchId id) {
        checkOpen();
        return Optional.ofNullable(content.of(database).get(id)).map(ArchiveBatch::decode);
    }

    @Override
    public List<BatchInfo> list(DatabaseId database, Optional<BatchId> after, int limit) {
        checkOpen();
        if (limit < 1 || limit > 1000) {
            throw new IllegalArgumentException("limit must be 1 to 1000: " + limit);
        }
        var all = content.of(database);
        return after.map(id -> all.tailMap(id, false)).orElse(all).values().stream()
                .limit(limit)
                .map(encoded -> ArchiveBatch.decode(encoded).info())
                .toList();
    }

    @Override
    public boolean remove(DatabaseId database, BatchId id) {
        checkOpen();
        return content.of(database).remove(id) != null;
    }

    @Override
    public void erase(DatabaseId database) {
        checkOpen();
        content.of(database).clear();
    }

    /** Changes one bit of a stored batch, as a damaged disk would. */
    public void damage(DatabaseId database, BatchId id) {
        content.of(database).computeIfPresent(id, (key, encoded) -> {
            byte[] damaged = encoded.clone();
            damaged[damaged.length / 2] ^= 1;
            return damaged;
        });
    }

    private void checkOpen() {
        if (closed) {
            throw new ClosedException("the archive tier has been closed", null);
        }
    }

    @Override
    public void close() {
        closed = true;
    }
}
