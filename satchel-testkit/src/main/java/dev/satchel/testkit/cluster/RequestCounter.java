package dev.satchel.testkit.cluster;

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
import java.util.concurrent.atomic.AtomicLong;

/** Counts store requests, those of each thread apart. Thread-safe. */
final class RequestCounter extends ForwardingObjectStore {
    private final AtomicLong all = new AtomicLong();
    private final ThreadLocal<AtomicLong> ofThread = ThreadLocal.withInitial(AtomicLong::new);

    RequestCounter(ObjectStore delegate) {
        super(delegate);
    }

    long all() {
        return all.get();
    }

    /** Those of the calling thread. */
    long ofThisThread() {
        return ofThread.get().get();
    }

    private void count() {
        all.incrementAndGet();
        ofThread.get().incrementAndGet();
    }

    @Override
    public Optional<StoredObject> get(String key, ByteRange range) {
        count();
        return super.get(key, range);
    }

    @Override
    public Optional<ObjectInfo> head(String key) {
        count();
        return super.head(key);
    }

    @Override
    public PutResult put(String key, ObjectBody body, Map<String, String> metadata, PutCondition condition) {
        count();
        return super.put(key, body, metadata, condition);
    }

    @Override
    public ListPage list(String prefix, String startAfter, int limit) {
        count();
        return super.list(prefix, startAfter, limit);
    }

    @Override
    public void delete(String key) {
        count();
        super.delete(key);
    }
}
