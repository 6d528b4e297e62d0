package dev.satchel.testkit.simulation;

import dev.satchel.internal.sync.ProtocolRule;
import java.util.Collection;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a run is made of: the same plan is the same run. Immutable.
 *
 * @param seed decides everything that is left to chance
 * @param steps how many are taken
 * @param only the numbers of the steps that are taken, from 0; null for all
 * @param broken a rule of the protocol that all nodes break, so that it shows whether that is noticed; null for none
 */
public record SimulationPlan(
        long seed,
        int steps,
        @Nullable SortedSet<Integer> only,
        @Nullable ProtocolRule broken) {
    /** Enough for each kind of step to happen several times. */
    public static final int DEFAULT_STEPS = 300;

    /** Copies the set. */
    public SimulationPlan {
        only = only == null ? null : new TreeSet<>(only);
    }

    /** All steps of a seed, by all the rules. */
    public static SimulationPlan of(long seed, int steps) {
        return new SimulationPlan(seed, steps, null, null);
    }

    /** The same with a rule broken. */
    public SimulationPlan breaking(@Nullable ProtocolRule rule) {
        return new SimulationPlan(seed, steps, only, rule);
    }

    /** The same with fewer steps: what the others would have done stays undone, what these do stays the same. */
    public SimulationPlan only(Collection<Integer> numbers) {
        return new SimulationPlan(seed, steps, new TreeSet<>(numbers), broken);
    }

    boolean includes(int step) {
        return only == null || only.contains(step);
    }

    /** The command that runs it again. */
    public String command() {
        StringBuilder command = new StringBuilder("./satchel simulate --seed " + seed + " --steps " + steps);
        if (only != null) {
            command.append(" --only ").append(ranges(only));
        }
        if (broken != null) {
            command.append(" --plant ").append(broken);
        }
        return command.toString();
    }

    /** Numbers as {@code 3,7-12}. */
    private static String ranges(SortedSet<Integer> numbers) {
        StringBuilder text = new StringBuilder();
        Integer first = null;
        int last = -2;
        for (int number : numbers) {
            if (first == null || number != last + 1) {
                close(text, first, last);
                text.append(text.isEmpty() ? "" : ",").append(number);
                first = number;
            }
            last = number;
        }
        close(text, first, last);
        return text.toString();
    }

    private static void close(StringBuilder text, @Nullable Integer first, int last) {
        if (first != null && last > first) {
            text.append('-').append(last);
        }
    }
}
