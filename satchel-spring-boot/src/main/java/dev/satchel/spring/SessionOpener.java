package dev.satchel.spring;

import dev.satchel.DatabaseId;
import dev.satchel.Durability;
import dev.satchel.Freshness;
import dev.satchel.Satchel;
import dev.satchel.Session;
import java.time.Duration;
import java.util.Objects;

/** What this module needs of {@link Satchel}: its {@code open}. */
@FunctionalInterface
public interface SessionOpener {
    /** Opens a session, as {@link Satchel#open(DatabaseId, Freshness, Durability)} does. */
    Session open(DatabaseId database, Freshness freshness, Durability durability);

    /**
     * Opens a session, as {@link Satchel#open(DatabaseId, Freshness, Durability, Duration)} does.
     *
     * @param atMost how long to wait for a large database that is being loaded; one that is no {@link #of} waits to the end
     */
    default Session open(DatabaseId database, Freshness freshness, Durability durability, Duration atMost) {
        return open(database, freshness, durability);
    }

    /** All of what {@link Satchel} can do. */
    static SessionOpener of(Satchel satchel) {
        Objects.requireNonNull(satchel, "satchel");
        return new SessionOpener() {
            @Override
            public Session open(DatabaseId database, Freshness freshness, Durability durability) {
                return satchel.open(database, freshness, durability);
            }

            @Override
            public Session open(DatabaseId database, Freshness freshness, Durability durability, Duration atMost) {
                return satchel.open(database, freshness, durability, atMost);
            }
        };
    }
}
