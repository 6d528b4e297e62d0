package dev.satchel.testkit;

import dev.satchel.store.ByteRange;
import dev.satchel.store.ListPage;
import dev.satchel.store.ObjectBody;
import dev.satchel.store.ObjectInfo;
import dev.satchel.store.ObjectStore;
import dev.satchel.store.PutCondition;
import dev.satchel.store.PutResult;
import dev.satchel.store.StoredObject;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Sends all five operations through one method, for decorators that treat them alike. */
abstract class InterceptingObjectStore extends ForwardingObjectStore {

    InterceptingObjectStore(ObjectStore delegate) {
        super(delegate);
    }

    /**
     * Runs one request, or does something else instead.
     *
     * @param key the key, or the prefix of a listing
     * @param body what a put carries; null for the other operations
     * @param request asks the store behind; may be called once, later, or never
     */
    abstract <T> T intercept(Operation operation, String key, @Nullable ObjectBody body, Supplier<T> request);

    @Override
    public Optional<StoredObject> get(String key, ByteRange range) {
        return intercept(Operation.GET, key, null, () -> super.get(key, range));
    }

    @Override
    public Optional<ObjectInfo> head(String key) {
        return intercept(Operation.HEAD, key, null, () -> super.head(key));
    }

    @Override
    public PutResult put(String key, ObjectBody body, Map<String, String> metadata, PutCondition condition) {
        return intercept(Operation.PUT, key, body, () -> super.put(key, body, metadata, condition));
    }

    @Override
    public ListPage list(String prefix, String startAfter, int limit) {
        return intercept(Operation.LIST, prefix, null, () -> super.list(prefix, startAfter, limit));
    }

    @Override
    public void delete(String key) {
        intercept(Operation.DELETE, key, null, () -> {
            super.delete(key);
            return Boolean.TRUE;
        });
    }

    static long sizeOf(@Nullable ObjectBody body) {
        try {
            return body == null ? 0 : body.size();
        } catch (IOException e) {
            return 0; // the store reports it
        }
    }
}
