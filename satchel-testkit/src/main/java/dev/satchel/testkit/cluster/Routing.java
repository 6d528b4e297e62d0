package dev.satchel.testkit.cluster;

/** Which of the nodes that are ready gets a request. */
public enum Routing {
    /** One after the other: the hardest case, since the nodes meet in every database. */
    ROUND_ROBIN,
    /** The user's own, by {@link dev.satchel.Placement}. */
    PLACED
}
