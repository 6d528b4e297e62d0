package dev.satchel.archive;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.CorruptException;
import dev.satchel.DatabaseId;
import dev.satchel.testkit.ArchiveTierContract;
import dev.satchel.testkit.InMemoryArchiveTier;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class InMemoryArchiveTierTest extends ArchiveTierContract {
    private final InMemoryArchiveTier.Content content = new InMemoryArchiveTier.Content();

    @Override
    protected ArchiveTier tier() {
        return new InMemoryArchiveTier(content, ArchiveLimits.SMALLEST);
    }

    @Test
    void aDamagedBatchIsNotServed() {
        InMemoryArchiveTier tier = new InMemoryArchiveTier();
        DatabaseId ann = DatabaseId.of("ann");
        ArchiveBatch batch = new ArchiveBatch(
                BatchId.create(Instant.EPOCH, 0, new Random(1)), ann, "rule", Instant.EPOCH, List.of());
        tier.store(batch);
        tier.damage(ann, batch.id());

        assertThatThrownBy(() -> tier.load(ann, batch.id())).isInstanceOf(CorruptException.class);
    }
}
