package dev.satchel.archive;

import dev.satchel.DatabaseId;
import java.util.List;
import java.util.Optional;

/** Another tier, for tests that change a part of it. */
class ForwardingTier implements ArchiveTier {
    private final ArchiveTier tier;

    ForwardingTier(ArchiveTier tier) {
        this.tier = tier;
    }

    @Override
    public String name() {
        return tier.name();
    }

    @Override
    public ArchiveLimits limits() {
        return tier.limits();
    }

    @Override
    public void store(ArchiveBatch batch) {
        tier.store(batch);
    }

    @Override
    public void storeAll(List<ArchiveBatch> batches) {
        tier.storeAll(batches);
    }

    @Override
    public Optional<ArchiveBatch> load(DatabaseId database, BatchId id) {
        return tier.load(database, id);
    }

    @Override
    public List<BatchInfo> list(DatabaseId database, Optional<BatchId> after, int limit) {
        return tier.list(database, after, limit);
    }

    @Override
    public boolean remove(DatabaseId database, BatchId id) {
        return tier.remove(database, id);
    }

    @Override
    public void erase(DatabaseId database) {
        tier.erase(database);
    }

    @Override
    public void close() {}
}
