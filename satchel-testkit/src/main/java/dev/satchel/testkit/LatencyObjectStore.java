package dev.satchel.testkit;

import dev.satchel.store.ObjectBody;
import dev.satchel.store.ObjectStore;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes every request to another store take at least a given time, half of it before the request takes effect and half after,
 * for benchmarks. The calling thread waits; an interrupt ends the wait early and stays set. Thread-safe.
 */
public final class LatencyObjectStore extends InterceptingObjectStore {
    private final Map<Operation, Duration> latencies;

    /** The same latency for every operation. */
    public LatencyObjectStore(ObjectStore delegate, Duration latency) {
        super(delegate);
        this.latencies = new EnumMap<>(Operation.class);
        for (Operation operation : Operation.values()) {
            latencies.put(operation, latency);
        }
    }

    /** A latency by operation; those not named take no time. */
    public LatencyObjectStore(ObjectStore delegate, Map<Operation, Duration> latencies) {
        super(delegate);
        this.latencies = new EnumMap<>(Operation.class);
        this.latencies.putAll(latencies);
    }

    @Override
    <T> T intercept(Operation operation, String key, @Nullable ObjectBody body, Supplier<T> request) {
        long nanos = latencies.getOrDefault(operation, Duration.ZERO).toNanos();
        long start = System.nanoTime();
        waitUntil(start + nanos / 2);
        T answer = request.get();
        waitUntil(start + nanos);
        return answer;
    }

    private static void waitUntil(long deadline) {
        long left = deadline - System.nanoTime();
        while (left > 0 && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(left);
            left = deadline - System.nanoTime();
        }
    }
}
