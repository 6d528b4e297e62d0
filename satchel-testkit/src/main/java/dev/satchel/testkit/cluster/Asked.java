package dev.satchel.testkit.cluster;

/** How new a request wants to have it. */
enum Asked {
    /** At least the version that its user has seen. */
    BOOKMARK,
    /** The newest there is. */
    LATEST,
    /** Some seconds old at most. */
    STALE
}
