package dev.satchel.testkit.exploration;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * All schedules of a system that does the same whenever the same moves are chosen, one after the other: depth first, by
 * starting anew and repeating the moves up to the point where the next schedule differs. Of schedules that differ only in the
 * order of moves that commute, one is gone through to its end (sleep sets: P. Godefroid, Partial-Order Methods for the
 * Verification of Concurrent Systems, 1996). Confined to a thread.
 */
final class Schedules {
    private final boolean reduced;
    private final List<Point> path = new ArrayList<>();
    private int depth;

    /** All schedules, or only those that differ in more than the order of moves that commute. */
    Schedules(boolean reduced) {
        this.reduced = reduced;
    }

    /**
     * A move that has been tried.
     *
     * @param tells whether somebody was told something in consequence, which whoever begins later relies upon
     */
    private record Tried(Move move, boolean tells) {
        boolean commutesWith(Tried other) {
            return !move.meets(other.move) && !(tells && other.move.begins()) && !(other.tells && move.begins());
        }
    }

    /** A point where something was chosen. */
    private static final class Point {
        final List<Move> enabled;
        final Set<Tried> asleep;
        final List<Move> awake;
        final List<Tried> tried = new ArrayList<>();
        boolean tells;

        Point(List<Move> enabled, Set<Tried> asleep) {
            this.enabled = enabled;
            this.asleep = asleep;
            this.awake = new ArrayList<>(enabled);
            asleep.forEach(each -> awake.remove(each.move()));
        }

        Move move() {
            return awake.get(tried.size());
        }

        /** What need not be tried after the move: it commutes with it, and has been tried before it. */
        Set<Tried> asleepAfterwards() {
            Tried taken = new Tried(move(), tells);
            Set<Tried> next = new LinkedHashSet<>(asleep);
            next.addAll(tried);
            next.removeIf(each -> !each.commutesWith(taken));
            return next;
        }

        /** False if there is no other move to try. */
        boolean next() {
            tried.add(new Tried(move(), tells));
            tells = false;
            return tried.size() < awake.size();
        }
    }

    /** The next move of this schedule; empty if every continuation has been gone through in another order. */
    Optional<Move> choose(List<Move> enabled) {
        if (depth == path.size()) {
            Set<Tried> asleep =
                    depth == 0 || !reduced ? Set.of() : path.get(depth - 1).asleepAfterwards();
            Point fresh = new Point(enabled, asleep);
            if (fresh.awake.isEmpty()) {
                return Optional.empty();
            }
            path.add(fresh);
        }
        Point point = path.get(depth);
        if (!point.enabled.equals(enabled)) {
            throw new IllegalStateException(
                    "the same moves led to another place: " + enabled + " instead of " + point.enabled);
        }
        depth++;
        return Optional.of(point.move());
    }

    /** In consequence of the last move, somebody was told something that whoever begins later relies upon. */
    void told() {
        path.get(depth - 1).tells = true;
    }

    /** The moves chosen so far. */
    List<Move> moves() {
        return path.subList(0, depth).stream().map(Point::move).toList();
    }

    /** Goes back to the beginning for the next schedule; false if there is none. */
    boolean next() {
        depth = 0;
        while (!path.isEmpty()) {
            if (path.get(path.size() - 1).next()) {
                return true;
            }
            path.remove(path.size() - 1);
        }
        return false;
    }
}
