package dev.satchel.internal.sync;

/** Another machine committed first, and everything that was lost by it can be run again. Never leaves the room. */
final class LostRace extends RuntimeException {
    private static final long serialVersionUID = 1L;

    LostRace() {
        super("another machine committed first", null, false, false);
    }
}
