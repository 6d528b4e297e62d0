package dev.satchel.testkit.cluster;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;

/** Figures and violations of a run under way. Thread-safe. */
final class Findings {
    private static final int MOST_VIOLATIONS = 50;

    private final Map<ClusterFigure, LongAdder> figures = new EnumMap<>(ClusterFigure.class);
    private final List<String> violations = new CopyOnWriteArrayList<>();
    private final Stopwatch writes = new Stopwatch();
    private final Stopwatch reads = new Stopwatch();

    Findings() {
        Arrays.stream(ClusterFigure.values()).forEach(figure -> figures.put(figure, new LongAdder()));
    }

    void count(ClusterFigure figure) {
        add(figure, 1);
    }

    void add(ClusterFigure figure, long number) {
        Objects.requireNonNull(figures.get(figure)).add(number);
    }

    long figure(ClusterFigure figure) {
        return Objects.requireNonNull(figures.get(figure)).sum();
    }

    Stopwatch writes() {
        return writes;
    }

    Stopwatch reads() {
        return reads;
    }

    void violation(String what) {
        if (violations.size() < MOST_VIOLATIONS) {
            violations.add(what.strip().replaceAll("\\s*\\R\\s*", " | "));
        }
    }

    /** A read that did not show what it had to. */
    void wrongRead(String what) {
        count(ClusterFigure.WRONG_READS);
        violation(what);
    }

    List<String> violations() {
        return violations;
    }

    Map<ClusterFigure, Long> figures() {
        Map<ClusterFigure, Long> sums = new EnumMap<>(ClusterFigure.class);
        figures.forEach((figure, number) -> sums.put(figure, number.sum()));
        return sums;
    }
}
