package dev.satchel.internal.sync;

import dev.satchel.Conflict;
import dev.satchel.DatabaseId;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The databases of a node whose changes were refused, until a session of theirs that began after that has ended well. Known apart
 * from open databases, so that closing one does not make it look healthy. Thread-safe; bounded: beyond that, some are forgotten
 * here, but not in the store.
 */
final class Refusals {
    private static final int MOST = 10_000;

    private final Map<DatabaseId, Conflict> unhealed = new ConcurrentHashMap<>();

    /** Changes of this machine were refused. */
    void add(Conflict conflict) {
        if (unhealed.size() >= MOST) {
            unhealed.keySet().stream().findAny().ifPresent(unhealed::remove);
        }
        unhealed.put(conflict.database(), conflict);
    }

    /** The last refusal that is not healed; null if there is none. */
    @Nullable
    Conflict of(DatabaseId database) {
        return unhealed.get(database);
    }

    /** All databases with one. */
    List<DatabaseId> databases() {
        return List.copyOf(unhealed.keySet());
    }

    /** A session has ended well that began when this was the last refusal; a newer one stays. */
    void heal(@Nullable Conflict asOfBeginning) {
        if (asOfBeginning != null) {
            unhealed.remove(asOfBeginning.database(), asOfBeginning);
        }
    }
}
