package dev.satchel.spring;

import dev.satchel.DatabaseId;
import dev.satchel.Durability;
import dev.satchel.Freshness;
import dev.satchel.Session;

/** What this module needs of {@link dev.satchel.Satchel}: its {@code open}. */
@FunctionalInterface
public interface SessionOpener {
    /** Opens a session, as {@link dev.satchel.Satchel#open(DatabaseId, Freshness, Durability)} does. */
    Session open(DatabaseId database, Freshness freshness, Durability durability);
}
