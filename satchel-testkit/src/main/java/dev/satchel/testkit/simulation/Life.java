package dev.satchel.testkit.simulation;

/** How many steps a process has left to live: requests to the store and changes of its disk. Confined to the simulation's thread. */
final class Life {
    private int left = Integer.MAX_VALUE;
    private boolean over;

    /** The process has died in the middle of something. */
    static final class Died extends Error {
        private static final long serialVersionUID = 1L;

        Died() {
            super("the simulated process died", null, false, false);
        }
    }

    /** Dies at the nth step from now. */
    void endsAfter(int steps) {
        left = steps;
    }

    /** Lives on. */
    void goesOn() {
        left = Integer.MAX_VALUE;
    }

    /** Dies now. */
    void end() {
        over = true;
    }

    boolean isOver() {
        return over;
    }

    /** Whether this very step is the last; the process is dead after it. */
    boolean isLastStep() {
        if (over) {
            throw new Died();
        }
        if (left != Integer.MAX_VALUE && --left <= 0) {
            over = true;
        }
        return over;
    }
}
