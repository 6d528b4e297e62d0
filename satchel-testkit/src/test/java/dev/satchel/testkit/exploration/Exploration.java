package dev.satchel.testkit.exploration;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Goes through all schedules of a scenario on the real engine, until one violates the promise. */
final class Exploration {
    private Exploration() {}

    /**
     * What was found.
     *
     * @param schedules how many were gone through to their end
     * @param cutShort how many were left off, since they differ from others only in the order of moves that commute
     * @param violations of the last schedule; empty if none violated anything
     * @param moves of the schedule that did
     */
    record Findings(long schedules, long cutShort, List<String> violations, List<Move> moves) {
        /** The moves, one a line, and what they led to. */
        String schedule() {
            return Stream.concat(moves.stream().map(move -> "  " + move), violations.stream())
                    .collect(Collectors.joining("\n"));
        }
    }

    /** Explores; {@code folder} is for the nodes' files, which are removed after each schedule. */
    static Findings explore(Scenario scenario, Path folder) {
        return explore(scenario, folder, new Schedules(true), end -> {});
    }

    /** The same, with schedules of the caller's; {@code ends} is told how each of them ended. */
    static Findings explore(Scenario scenario, Path folder, Schedules schedules, Consumer<String> ends) {
        ExecutorService threads = Executors.newCachedThreadPool();
        long whole = 0;
        long cutShort = 0;
        try {
            do {
                Path files = folder.resolve("schedule-" + (whole + cutShort));
                World world = new World(scenario, files);
                Optional<List<String>> violations = world.run(schedules, threads);
                delete(files);
                if (violations.isEmpty()) {
                    cutShort++;
                    continue;
                }
                whole++;
                ends.accept(world.end());
                if (!violations.get().isEmpty()) {
                    return new Findings(whole, cutShort, violations.get(), schedules.moves());
                }
            } while (schedules.next());
        } finally {
            threads.shutdownNow();
        }
        return new Findings(whole, cutShort, List.of(), List.of());
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
