package dev.satchel.testkit.torture;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Figures and violations of a run under way. Thread-safe. */
final class Tally {
    private static final int MOST_VIOLATIONS = 50;

    /** Complete from the beginning. */
    private final Map<Figure, LongAdder> figures = counters(Figure.class);

    private final Map<KillPoint, LongAdder> killed = counters(KillPoint.class);
    private final List<String> violations = new CopyOnWriteArrayList<>();

    private static <E extends Enum<E>> Map<E, LongAdder> counters(Class<E> type) {
        return Arrays.stream(type.getEnumConstants())
                .collect(Collectors.toMap(
                        Function.identity(), each -> new LongAdder(), (a, b) -> a, () -> new EnumMap<>(type)));
    }

    private static <E extends Enum<E>> LongAdder counter(Map<E, LongAdder> counters, E of) {
        return Objects.requireNonNull(counters.get(of));
    }

    void count(Figure figure) {
        add(figure, 1);
    }

    void add(Figure figure, long number) {
        counter(figures, figure).add(number);
    }

    long figure(Figure figure) {
        return counter(figures, figure).sum();
    }

    void killedAt(KillPoint point) {
        counter(killed, point).increment();
        count(Figure.KILLED_AT_POINT);
    }

    long killsAt(KillPoint point) {
        return counter(killed, point).sum();
    }

    long kills() {
        return figure(Figure.KILLED_AT_POINT) + figure(Figure.KILLED_AT_RANDOM);
    }

    long acknowledged() {
        return figure(Figure.DURABLE) + figure(Figure.PENDING);
    }

    void violation(String what) {
        if (violations.size() < MOST_VIOLATIONS) {
            violations.add(what.strip().replaceAll("\\s*\\R\\s*", " | "));
        }
    }

    List<String> violations() {
        return violations;
    }

    Map<String, Long> figures() {
        Map<String, Long> named = new LinkedHashMap<>();
        figures.forEach((figure, times) -> named.put(figure.token(), times.sum()));
        return named;
    }

    Map<KillPoint, Long> killed() {
        Map<KillPoint, Long> named = new EnumMap<>(KillPoint.class);
        killed.forEach((point, times) -> named.put(point, times.sum()));
        return named;
    }
}
