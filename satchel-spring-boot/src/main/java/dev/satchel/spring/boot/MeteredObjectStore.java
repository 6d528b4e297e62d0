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
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Times the requests to another store and counts their bytes. The time of a get ends when its body begins to arrive.
 * Thread-safe.
 */
final class MeteredObjectStore implements ObjectStore {
    private static final String PRESENT = "ok";
    private static final String ABSENT = "absent";

    private final ObjectStore delegate;
    private final MeterRegistry registry;
    private final Counter sent;
    private final Counter received;

    MeteredObjectStore(ObjectStore delegate, MeterRegistry registry) {
        this.delegate = delegate;
        this.registry = registry;
        this.sent = bytes(registry, "sent");
        this.received = bytes(registry, "received");
    }

    @Override
    public Optional<StoredObject> get(String key, ByteRange range) {
        Optional<StoredObject> found = timed("get", () -> delegate.get(key, range), MeteredObjectStore::presence);
        found.ifPresent(object -> received.increment((double) object.expectedBytes()));
        return found;
    }

    @Override
    public Optional<ObjectInfo> head(String key) {
        return timed("head", () -> delegate.head(key), MeteredObjectStore::presence);
    }

    @Override
    public PutResult put(String key, ObjectBody body, Map<String, String> metadata, PutCondition condition) {
        PutResult result = timed(
                "put",
                () -> delegate.put(key, body, metadata, condition),
                r -> r instanceof PutResult.Stored ? PRESENT : "precondition_failed");
        sent.increment((double) sizeOf(body));
        return result;
    }

    @Override
    public ListPage list(String prefix, String startAfter, int limit) {
        return timed("list", () -> delegate.list(prefix, startAfter, limit), page -> PRESENT);
    }

    @Override
    public void delete(String key) {
        timed(
                "delete",
                () -> {
                    delegate.delete(key);
                    return Boolean.TRUE;
                },
                done -> PRESENT);
    }

    @Override
    public String location() {
        return delegate.location();
    }

    @Override
    public void close() {
        delegate.close();
    }

    private <T> T timed(String operation, Supplier<T> request, Function<T, String> outcome) {
        Timer.Sample sample = Timer.start(registry);
        String tag = "error";
        try {
            T answer = request.get();
            tag = outcome.apply(answer);
            return answer;
        } catch (StoreException e) {
            tag = e.reason().name().toLowerCase(Locale.ROOT);
            throw e;
        } finally {
            sample.stop(registry.timer(
                    SatchelMeter.STORE_REQUESTS.getName(),
                    SatchelMeter.Key.OPERATION.asString(),
                    operation,
                    SatchelMeter.Key.OUTCOME.asString(),
                    tag));
        }
    }

    private static String presence(Optional<?> found) {
        return found.isPresent() ? PRESENT : ABSENT;
    }

    private static Counter bytes(MeterRegistry registry, String direction) {
        return Counter.builder(SatchelMeter.STORE_BYTES.getName())
                .baseUnit(SatchelMeter.STORE_BYTES.getBaseUnit())
                .tag(SatchelMeter.Key.DIRECTION.asString(), direction)
                .register(registry);
    }

    private static long sizeOf(ObjectBody body) {
        try {
            return body.size();
        } catch (IOException e) {
            return 0; // It was sent, so it could be read a moment ago; a figure is not worth a failure.
        }
    }
}
