package dev.satchel.spring.boot;

import dev.satchel.store.ByteRange;
import dev.satchel.store.ListPage;
import dev.satchel.store.ObjectBody;
import dev.satchel.store.ObjectInfo;
import dev.satchel.store.ObjectStore;
import dev.satchel.store.PutCondition;
import dev.satchel.store.PutResult;
import dev.satchel.store.StoreException;
import dev.satchel.store.StoredObject;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Tells observers of the requests to another store, which is closed with this one. Thread-safe. */
final class ObservedObjectStore implements ObjectStore {
    private static final String OK = "ok";
    private static final String ABSENT = "absent";

    private final ObjectStore delegate;
    private final List<StoreObserver> observers;
    private final LongSupplier nanoTime;

    ObservedObjectStore(ObjectStore delegate, List<StoreObserver> observers, LongSupplier nanoTime) {
        this.delegate = delegate;
        this.observers = List.copyOf(observers);
        this.nanoTime = nanoTime;
    }

    @Override
    public Optional<StoredObject> get(String key, ByteRange range) {
        return observed(
                "get",
                () -> delegate.get(key, range),
                ObservedObjectStore::presence,
                0,
                found -> found.map(StoredObject::expectedBytes).orElse(0L));
    }

    @Override
    public Optional<ObjectInfo> head(String key) {
        return observed("head", () -> delegate.head(key), ObservedObjectStore::presence, 0, found -> 0);
    }

    @Override
    public PutResult put(String key, ObjectBody body, Map<String, String> metadata, PutCondition condition) {
        return observed(
                "put",
                () -> delegate.put(key, body, metadata, condition),
                result -> result instanceof PutResult.Stored ? OK : "precondition_failed",
                sizeOf(body),
                result -> 0);
    }

    @Override
    public ListPage list(String prefix, String startAfter, int limit) {
        return observed("list", () -> delegate.list(prefix, startAfter, limit), page -> OK, 0, page -> 0);
    }

    @Override
    public void delete(String key) {
        observed(
                "delete",
                () -> {
                    delegate.delete(key);
                    return Boolean.TRUE;
                },
                done -> OK,
                0,
                done -> 0);
    }

    @Override
    public String location() {
        return delegate.location();
    }

    @Override
    public void close() {
        delegate.close();
    }

    private <T> T observed(
            String operation, Supplier<T> request, Function<T, String> outcome, long sent, ToLongFunction<T> received) {
        long began = nanoTime.getAsLong();
        T answer;
        try {
            answer = request.get();
        } catch (StoreException e) {
            tell(operation, e.reason().name().toLowerCase(Locale.ROOT), began, sent, 0, e);
            throw e;
        }
        tell(operation, outcome.apply(answer), began, sent, received.applyAsLong(answer), null);
        return answer;
    }

    private void tell(
            String operation, String outcome, long began, long sent, long received, @Nullable StoreException failure) {
        Duration elapsed = Duration.ofNanos(nanoTime.getAsLong() - began);
        for (StoreObserver observer : observers) {
            observer.requestEnded(operation, outcome, elapsed, sent, received, failure);
        }
    }

    private static String presence(Optional<?> found) {
        return found.isPresent() ? OK : ABSENT;
    }

    private static long sizeOf(ObjectBody body) {
        try {
            return body.size();
        } catch (IOException e) {
            return 0; // The store meets the same failure and reports it.
        }
    }
}
