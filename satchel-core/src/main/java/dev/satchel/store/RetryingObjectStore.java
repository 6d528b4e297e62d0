package dev.satchel.store;

import dev.satchel.store.StoreException.Reason;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Tries again what may be tried again without a thought: get (until its body is opened), head, list and delete, when the
 * failure {@linkplain Reason#isRetryable() may heal}. A put is passed on once, always: whether its bytes may be sent again
 * under the same key is for the protocol to decide.
 *
 * <p>Thread-safe. Waits on the calling thread, never longer than the policy's total time; a wait that the store asks for
 * ({@link StoreException#retryAfter()}) is respected, and if it does not fit the total time the failure is reported at once. An
 * interrupt ends the wait with the last failure and stays set.
 */
public final class RetryingObjectStore implements ObjectStore {
    private final ObjectStore store;
    private final RetryPolicy policy;
    private final LongSupplier nanoTime;
    private final Sleeper sleeper;
    private final DoubleSupplier random;

    /**
     * Wraps a store.
     *
     * @param store closed with this one
     * @param nanoTime a monotonic clock
     * @param random thread-safe, evenly in [0, 1)
     */
    public RetryingObjectStore(
            ObjectStore store, RetryPolicy policy, LongSupplier nanoTime, Sleeper sleeper, DoubleSupplier random) {
        this.store = Objects.requireNonNull(store, "store");
        this.policy = Objects.requireNonNull(policy, "policy");
        this.nanoTime = Objects.requireNonNull(nanoTime, "nanoTime");
        this.sleeper = Objects.requireNonNull(sleeper, "sleeper");
        this.random = Objects.requireNonNull(random, "random");
    }

    /** Wraps a store with {@link RetryPolicy#DEFAULT} and the system's clock and randomness. */
    public static RetryingObjectStore of(ObjectStore store) {
        return new RetryingObjectStore(
                store,
                RetryPolicy.DEFAULT,
                System::nanoTime,
                Sleeper.SYSTEM,
                () -> ThreadLocalRandom.current().nextDouble());
    }

    @Override
    public Optional<StoredObject> get(String key, ByteRange range) {
        return retrying(() -> store.get(key, range));
    }

    @Override
    public Optional<ObjectInfo> head(String key) {
        return retrying(() -> store.head(key));
    }

    @Override
    public PutResult put(String key, ObjectBody body, Map<String, String> metadata, PutCondition condition) {
        return store.put(key, body, metadata, condition);
    }

    @Override
    public ListPage list(String prefix, String startAfter, int limit) {
        return retrying(() -> store.list(prefix, startAfter, limit));
    }

    @Override
    public void delete(String key) {
        retrying(() -> {
            store.delete(key);
            return Boolean.TRUE;
        });
    }

    @Override
    public String location() {
        return store.location();
    }

    @Override
    public void close() {
        store.close();
    }

    private <T> T retrying(Supplier<T> request) {
        long begin = nanoTime.getAsLong();
        for (int attempt = 1; ; attempt++) {
            try {
                return request.get();
            } catch (StoreException e) {
                if (!e.reason().isRetryable() || policy.attempts() == 1) {
                    throw e;
                }
                // Jitter comes on top of what the store asks for: everybody it asked would come back at once otherwise.
                Duration delay = e.retryAfter().orElse(Duration.ZERO).plus(policy.delay(attempt, random.getAsDouble()));
                Duration after = Duration.ofNanos(nanoTime.getAsLong() - begin).plus(delay);
                if (attempt == policy.attempts() || after.compareTo(policy.maxElapsed()) > 0) {
                    throw gaveUp(attempt, e);
                }
                sleep(delay, e);
            }
        }
    }

    private static StoreException gaveUp(int attempts, StoreException last) {
        return new StoreException(
                last.reason(),
                last.getMessage() + " (attempts: " + attempts + ")",
                last,
                last.retryAfter().orElse(null));
    }

    private void sleep(Duration delay, StoreException failure) {
        try {
            sleeper.sleep(delay);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            failure.addSuppressed(e);
            throw failure;
        }
    }
}
