package dev.satchel;

/** Told of version events, on the thread that caused them or received them; it must return quickly and not throw. */
@FunctionalInterface
public interface VersionListener {
    /** Called after the fact. */
    void onEvent(VersionEvent event);
}
