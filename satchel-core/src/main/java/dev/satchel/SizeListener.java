package dev.satchel;

/**
 * Hears that a session has made a database larger than a threshold of {@link SizeThresholds}, after that session has ended. Called
 * in the background; may block, and may open sessions, to archive for instance.
 */
@FunctionalInterface
public interface SizeListener {
    /** A database has grown beyond the threshold of the report's level. */
    void onGrowth(SizeReport report);
}
