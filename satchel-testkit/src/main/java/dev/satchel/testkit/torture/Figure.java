package dev.satchel.testkit.torture;

import java.util.Locale;

/** What is counted in a run. */
public enum Figure {
    /** Requests sent. */
    REQUESTS,
    /** Requests that were not answered, because the node died or was dead. */
    UNANSWERED,
    /** Changes acknowledged as saved. */
    DURABLE,
    /** Those of them that overwrote another node's version. */
    OVERWROTE,
    /** Changes acknowledged as pending. */
    PENDING,
    /** Changes refused, since another node was faster. */
    REFUSED,
    /** Changes that were said not to be saved for another reason. */
    FAILED,
    /** Changes whose outcome was unknown to the node. */
    UNKNOWN,
    /** Changes that were told to come again, and reads that got no rows. */
    BUSY,
    /** Reads that were answered. */
    READS,
    /** Databases. */
    DATABASES,
    /** Versions in the bucket. */
    VERSIONS,
    /** Conflict records in the bucket. */
    CONFLICTS_KEPT,
    /** Process starts. */
    STARTS,
    /** Processes killed at a named point. */
    KILLED_AT_POINT,
    /** Processes killed at any time. */
    KILLED_AT_RANDOM,
    /** Processes ended in order. */
    TERMINATED,
    /** Processes stopped for longer than the verify window, and continued. */
    PAUSED,
    /** Starts on an empty disk after a death. */
    DISKS_LOST,
    /** Starts on an empty disk after an end in order. */
    DISKS_REPLACED,
    /** Bytes that were flipped in local copies while nobody ran. */
    DISKS_DAMAGED;

    /** The form in reports: the name in lower case, with hyphens. */
    public String token() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
