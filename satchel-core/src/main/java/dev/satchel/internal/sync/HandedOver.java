package dev.satchel.internal.sync;

/** A remote step takes too long for the thread of a session, and is to be finished in the background. */
final class HandedOver extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Runnable rest;

    HandedOver(Runnable rest) {
        super("the rest is done in the background", null, false, false);
        this.rest = rest;
    }

    Runnable rest() {
        return rest;
    }
}
