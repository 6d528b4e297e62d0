package dev.satchel.testkit.cluster;

import java.util.Locale;

/** What is counted in a run. */
public enum ClusterFigure {
    /** Requests of users; one that had to be made again counts once. */
    REQUESTS,
    /** Changes acknowledged as saved. */
    WRITES,
    /** Reads answered. */
    READS,
    /** Those of them that brought a bookmark. */
    READS_WITH_BOOKMARK,
    /** Requests made again, for one of the reasons that follow. */
    RETRIES,
    /** Changes refused, since another node was faster. */
    CONFLICTS,
    /** Requests turned away, by a node or for its store. */
    TURNED_AWAY,
    /** Requests without an answer: the node was killed, or gone. */
    UNANSWERED,
    /** Store requests of changes, on their own threads. */
    STORE_REQUESTS_OF_WRITES,
    /** Store requests of reads, on their own threads. */
    STORE_REQUESTS_OF_READS,
    /** All other store requests: what loads side by side, images, snapshots. */
    STORE_REQUESTS_BESIDE,
    /** Version events that were given to the feed. */
    EVENTS,
    /** Those of them that were not heard in another process. */
    EVENTS_MISSED,
    /** Process starts. */
    STARTS,
    /** Processes killed. */
    KILLED,
    /** Processes drained under load. */
    DRAINED,
    /** Acknowledged changes that are missing at the end. */
    LOST_CHANGES,
    /** Reads that did not show what they had to. */
    WRONG_READS;

    /** The form in reports: the name in lower case, with hyphens. */
    public String token() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
