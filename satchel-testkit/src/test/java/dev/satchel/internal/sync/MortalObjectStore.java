package dev.satchel.internal.sync;

import dev.satchel.store.ByteRange;
import dev.satchel.store.ListPage;
import dev.satchel.store.ObjectBody;
import dev.satchel.store.ObjectInfo;
import dev.satchel.store.ObjectStore;
import dev.satchel.store.PutCondition;
import dev.satchel.store.PutResult;
import dev.satchel.store.StoredObject;
import dev.satchel.testkit.ForwardingObjectStore;
import java.util.Map;
import java.util.Optional;

/** A store whose user may die: nothing is asked of the store any more then. */
final class MortalObjectStore extends ForwardingObjectStore {
    static final String DEAD = "the process that asks is dead";

    private volatile boolean dead;

    MortalObjectStore(ObjectStore store) {
        super(store);
    }

    void die() {
        dead = true;
    }

    private ObjectStore alive() {
        if (dead) {
            throw new IllegalStateException(DEAD);
        }
        return delegate();
    }

    @Override
    public Optional<StoredObject> get(String key, ByteRange range) {
        return alive().get(key, range);
    }

    @Override
    public Optional<ObjectInfo> head(String key) {
        return alive().head(key);
    }

    @Override
    public PutResult put(String key, ObjectBody body, Map<String, String> metadata, PutCondition condition) {
        return alive().put(key, body, metadata, condition);
    }

    @Override
    public ListPage list(String prefix, String startAfter, int limit) {
        return alive().list(prefix, startAfter, limit);
    }

    @Override
    public void delete(String key) {
        alive().delete(key);
    }
}
