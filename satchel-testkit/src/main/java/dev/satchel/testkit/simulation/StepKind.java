package dev.satchel.testkit.simulation;

import java.util.EnumMap;
import java.util.Map;
import java.util.Random;

/** What can happen in a step of a simulation. */
enum StepKind {
    /** A session is opened, and reads. */
    OPEN(20, false),
    /** An open session reads or writes. */
    WORK(16, false),
    /** An open session ends. */
    END(16, false),
    /** Functions write, one after the other. */
    BURST(18, false),
    /** A function writes in two transactions. */
    PARTS(3, false),
    /** A function reads. */
    LOOK(4, false),
    /** A node does what it does in the background. */
    LOOK_AROUND(9, false),
    /** Nothing happens for a while, or for days. */
    TIME(2, true),
    /** Requests that were late take effect. */
    RELEASE(4, true),
    /** From now on all requests of a node fail in one way, or none. */
    NETWORK(3, true),
    /** A disk is full, or not any more. */
    DISK(2, true),
    /** A node's wall clock jumps. */
    CLOCK(1, true),
    /** A node will die at one of its next requests or writes. */
    DEATH_AHEAD(2, true),
    /** A node is closed in good order. */
    RESTART(1, true),
    /** A database is deleted. */
    DELETION(1, true),
    /** A node is killed. */
    KILL(1, true);

    private final int usual;
    private final boolean rare;

    StepKind(int usual, boolean rare) {
        this.usual = usual;
        this.rare = rare;
    }

    /**
     * How often each kind comes in one run. Where everything goes wrong all the time, little gets far enough to go wrong in an
     * interesting way: so each run leaves some of the rare kinds out, and has more of others.
     */
    static Mixture mixture(Random random) {
        Map<StepKind, Integer> weights = new EnumMap<>(StepKind.class);
        for (StepKind kind : values()) {
            int times = kind.rare ? new int[] {0, 2, 2, 2, 6, 12}[random.nextInt(6)] : 1 + random.nextInt(3);
            weights.put(kind, kind.usual * times);
        }
        return new Mixture(weights);
    }

    /** How often each kind comes, as weights. */
    record Mixture(Map<StepKind, Integer> weights) {
        StepKind next(Random random) {
            int left = random.nextInt(
                    weights.values().stream().mapToInt(Integer::intValue).sum());
            for (Map.Entry<StepKind, Integer> each : weights.entrySet()) {
                left -= each.getValue();
                if (left < 0) {
                    return each.getKey();
                }
            }
            throw new IllegalStateException("weights changed");
        }
    }
}
