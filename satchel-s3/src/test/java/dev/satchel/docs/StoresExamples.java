package dev.satchel.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.store.ObjectStore;
import dev.satchel.store.ObjectStores;
import dev.satchel.testkit.cloudflare.LocalR2;
import dev.satchel.testkit.cloudflare.LocalR2Extension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The examples of docs/stores.md. Compiled only; LocalR2ContractIT runs the like. */
final class StoresExamples {
    private StoresExamples() {}

    static ObjectStore open() {
        // snippet: stores-open
        ObjectStore store = ObjectStores.open("r2://my-bucket/app?account=0123456789abcdef", System.getenv());
        // end
        return store;
    }

    // snippet: stores-local-r2
    @ExtendWith(LocalR2Extension.class)
    static class MyTest {
        @Test
        void storesInR2(LocalR2 r2) {
            try (ObjectStore store = ObjectStores.open(r2.uri("my-prefix"), r2.environment())) {
                assertThat(store.head("nothing")).isEmpty();
            }
        }
    }
    // end
}
