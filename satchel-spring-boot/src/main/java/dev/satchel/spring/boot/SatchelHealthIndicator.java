package dev.satchel.spring.boot;

import dev.satchel.Satchel;
import dev.satchel.store.ObjectStore;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/**
 * Whether the store answered when it was last asked by a request. A probe asks neither the store nor a database: a node that
 * nobody uses is up, and one whose store has failed is down until a request gets through again.
 */
final class SatchelHealthIndicator extends AbstractHealthIndicator {
    /** One lost answer is not an outage. */
    private static final int FAILURES_THAT_COUNT = 3;

    private final Satchel satchel;
    private final @Nullable ObjectStore store;
    private final StoreHealth storeHealth;

    SatchelHealthIndicator(Satchel satchel, @Nullable ObjectStore store, StoreHealth storeHealth) {
        super("the state of Satchel could not be read");
        this.satchel = satchel;
        this.store = store;
        this.storeHealth = storeHealth;
    }

    @Override
    protected void doHealthCheck(Health.Builder builder) {
        StoreHealth.State state = storeHealth.state();
        if (state.failuresInARow() >= FAILURES_THAT_COUNT) {
            builder.down();
        } else {
            builder.up();
        }
        if (store != null) {
            builder.withDetail("store", store.location());
        }
        builder.withDetail("writer", satchel.writer());
        builder.withDetail("openDatabases", satchel.openDatabases());
        detail(builder, "lastSuccess", state.lastSuccess());
        detail(builder, "lastFailure", state.lastFailure());
        builder.withDetail("failuresInARow", state.failuresInARow());
    }

    private static void detail(Health.Builder builder, String name, @Nullable Instant when) {
        if (when != null) {
            builder.withDetail(name, when.toString());
        }
    }
}
