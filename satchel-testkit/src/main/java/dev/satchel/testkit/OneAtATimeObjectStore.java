package dev.satchel.testkit;

import dev.satchel.store.ObjectBody;
import dev.satchel.store.ObjectStore;
import dev.satchel.store.PutCondition;
import dev.satchel.store.PutResult;
import dev.satchel.store.StoreException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Answers 429 to a second concurrent put of the same key, as R2 does. Thread-safe. */
public final class OneAtATimeObjectStore extends ForwardingObjectStore {
    private final AtomicInteger refused = new AtomicInteger();
    private final Set<String> underWay = ConcurrentHashMap.newKeySet();

    /** In front of another store, which is closed with this one. */
    public OneAtATimeObjectStore(ObjectStore delegate) {
        super(delegate);
    }

    /** How many puts were refused so far. */
    public int refused() {
        return refused.get();
    }

    @Override
    public PutResult put(String key, ObjectBody body, Map<String, String> metadata, PutCondition condition) {
        if (!underWay.add(key)) {
            refused.incrementAndGet();
            throw new StoreException(StoreException.Reason.THROTTLED, "429: a put of " + key + " is running", null);
        }
        try {
            return super.put(key, body, metadata, condition);
        } finally {
            underWay.remove(key);
        }
    }
}
