package dev.satchel.testkit;

import dev.satchel.store.ObjectStore;
import java.time.Duration;

/** Decorators without faults change nothing. */
class DecoratedObjectStoreTest extends ObjectStoreContract {

    @Override
    protected ObjectStore store() {
        return new CountingObjectStore(
                new FaultyObjectStore(new LatencyObjectStore(new InMemoryObjectStore(), Duration.ZERO)));
    }
}
