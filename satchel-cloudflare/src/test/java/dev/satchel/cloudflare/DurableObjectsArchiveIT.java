package dev.satchel.cloudflare;

import dev.satchel.archive.ArchiveTier;
import dev.satchel.testkit.ArchiveTierContract;
import dev.satchel.testkit.cloudflare.LocalDurableObjects;
import dev.satchel.testkit.cloudflare.LocalDurableObjectsExtension;
import org.junit.jupiter.api.extension.ExtendWith;

/** The contract against the real Worker and real Durable Objects, in Cloudflare's own runtime. */
@ExtendWith(LocalDurableObjectsExtension.class)
class DurableObjectsArchiveIT extends ArchiveTierContract {
    private final DurableObjectsConfig config;

    DurableObjectsArchiveIT(LocalDurableObjects cloudflare) {
        config = DurableObjectsConfig.of(cloudflare.url(), cloudflare.key());
    }

    @Override
    protected ArchiveTier tier() {
        return DurableObjectsArchive.connect(config);
    }

    @Override
    protected int batchesToPageOver() {
        return 9;
    }
}
