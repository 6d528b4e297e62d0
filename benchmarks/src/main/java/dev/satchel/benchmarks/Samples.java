package dev.satchel.benchmarks;

import java.util.Arrays;

/** Figures of one kind, and where their quantiles lie. Confined to one thread until it is only read. */
final class Samples {
    private double[] values = new double[256];
    private int count;

    void add(double value) {
        if (count == values.length) {
            values = Arrays.copyOf(values, count * 2);
        }
        values[count++] = value;
    }

    void addAll(Samples other) {
        for (int i = 0; i < other.count; i++) {
            add(other.values[i]);
        }
    }

    int count() {
        return count;
    }

    double p50() {
        return quantile(0.5);
    }

    double p90() {
        return quantile(0.9);
    }

    double p99() {
        return quantile(0.99);
    }

    double max() {
        return quantile(1);
    }

    private double quantile(double q) {
        if (count == 0) {
            throw new IllegalStateException("nothing was measured");
        }
        double[] sorted = Arrays.copyOf(values, count);
        Arrays.sort(sorted);
        return sorted[Math.max(0, (int) Math.ceil(q * count) - 1)];
    }
}
