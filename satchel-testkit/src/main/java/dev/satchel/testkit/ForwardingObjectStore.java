package dev.satchel.testkit;

import dev.satchel.store.ByteRange;
import dev.satchel.store.ListPage;
import dev.satchel.store.ObjectBody;
import dev.satchel.store.ObjectInfo;
import dev.satchel.store.ObjectStore;
import dev.satchel.store.PutCondition;
import dev.satchel.store.PutResult;
import dev.satchel.store.StoredObject;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Hands every call on to another store; override what is to differ. */
public abstract class ForwardingObjectStore implements ObjectStore {
    private final ObjectStore delegate;

    /** Forwards to the store, which is closed with this one. */
    protected ForwardingObjectStore(ObjectStore delegate) {
        this.delegate = Objects.requireNonNull(delegate, "delegate");
    }

    /** The store behind this one. */
    protected final ObjectStore delegate() {
        return delegate;
    }

    @Override
    public Optional<StoredObject> get(String key, ByteRange range) {
        return delegate.get(key, range);
    }

    @Override
    public Optional<ObjectInfo> head(String key) {
        return delegate.head(key);
    }

    @Override
    public PutResult put(String key, ObjectBody body, Map<String, String> metadata, PutCondition condition) {
        return delegate.put(key, body, metadata, condition);
    }

    @Override
    public ListPage list(String prefix, String startAfter, int limit) {
        return delegate.list(prefix, startAfter, limit);
    }

    @Override
    public void delete(String key) {
        delegate.delete(key);
    }

    @Override
    public String location() {
        return delegate.location();
    }

    @Override
    public void close() {
        delegate.close();
    }
}
