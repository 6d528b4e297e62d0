package dev.satchel.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.DatabaseId;
import dev.satchel.archive.ArchiveTier;
import dev.satchel.cloudflare.DurableObjectsArchive;
import dev.satchel.cloudflare.DurableObjectsConfig;
import dev.satchel.testkit.cloudflare.LocalDurableObjects;
import dev.satchel.testkit.cloudflare.LocalDurableObjectsExtension;
import java.net.URI;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The examples of docs/durable-objects.md. Compiled only; DurableObjectsArchiveIT and WorkerRequestsIT run the like. */
final class DurableObjectsExamples {
    private DurableObjectsExamples() {}

    static ArchiveTier open() {
        // snippet: durable-objects-open
        DurableObjectsArchive archive = DurableObjectsArchive.connect(DurableObjectsConfig.of(
                URI.create("https://satchel-archive.example.workers.dev"), System.getenv("ARCHIVE_KEY")));
        archive.check(); // fails now rather than later if the key is wrong or the Worker is not there
        // end
        return archive;
    }

    // snippet: durable-objects-local
    @ExtendWith(LocalDurableObjectsExtension.class)
    static class MyTest {
        @Test
        void archives(LocalDurableObjects cloudflare) {
            DurableObjectsConfig config = DurableObjectsConfig.of(cloudflare.url(), cloudflare.key());
            try (DurableObjectsArchive archive = DurableObjectsArchive.connect(config)) {
                assertThat(archive.list(DatabaseId.of("ann"), Optional.empty(), 10))
                        .isEmpty();
            }
        }
    }
    // end
}
