package dev.satchel.testkit;

import dev.satchel.store.ObjectBody;
import dev.satchel.store.ObjectStore;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Notes every request to another store. Thread-safe. */
public final class CountingObjectStore extends InterceptingObjectStore {
    private final RequestLog requests = new RequestLog();

    /** Counts what is asked of the store, which is closed with this one. */
    public CountingObjectStore(ObjectStore delegate) {
        super(delegate);
    }

    /** What has been asked. */
    public RequestLog requests() {
        return requests;
    }

    @Override
    <T> T intercept(Operation operation, String key, @Nullable ObjectBody body, Supplier<T> request) {
        return requests.record(operation, key, sizeOf(body), request);
    }
}
