package dev.satchel.testkit.cluster;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/** Durations, in buckets that grow by a hundredth. Thread-safe. */
final class Stopwatch {
    private static final double GROWTH = Math.log(1.01);
    /** Some hours. */
    private static final int BUCKETS = 2400;

    private final AtomicLongArray buckets = new AtomicLongArray(BUCKETS);
    private final AtomicLong most = new AtomicLong();

    void took(long micros) {
        long real = Math.max(1, micros);
        buckets.incrementAndGet(Math.min(BUCKETS - 1, (int) (Math.log((double) real) / GROWTH)));
        most.accumulateAndGet(real, Math::max);
    }

    Latency latency() {
        long count = 0;
        for (int i = 0; i < BUCKETS; i++) {
            count += buckets.get(i);
        }
        return new Latency(count, quantile(count, 0.5), quantile(count, 0.99), most.get());
    }

    private long quantile(long count, double share) {
        long left = (long) Math.ceil(count * share);
        for (int i = 0; i < BUCKETS && left > 0; i++) {
            left -= buckets.get(i);
            if (left <= 0) {
                return Math.min(most.get(), Math.round(Math.exp((i + 1) * GROWTH)));
            }
        }
        return 0;
    }
}
