package dev.satchel.testkit.simulation;

import java.util.Locale;

/** What can go wrong. */
enum Fault {
    /** A request never arrives, and nobody says so. */
    LOST_ON_THE_WAY,
    /** A request takes effect, and its answer is lost. */
    ANSWER_LOST,
    /** A request takes effect when its sender has long given up. */
    LATE,
    /** A request takes effect now, and once more later. */
    DUPLICATED,
    /** 5xx, with or without effect. */
    SERVER_ERROR,
    /** The connection is refused. */
    NOT_SENT,
    /** 429. */
    THROTTLED,
    /** 403. */
    DENIED,
    /** A body ends early. */
    TRUNCATED,
    /** A bit of a body is flipped. */
    CORRUPTED,
    /** A body is another, sound in itself. */
    GARBLED,
    /** One node reaches nobody for a while. */
    PARTITION,
    /** A process is killed between two steps. */
    KILL,
    /** A process dies at a request to the store, before or after it takes effect. */
    DEATH_AT_A_REQUEST_OR_WRITE,
    /** The power fails: what was not forced to the disk is damaged or gone. */
    POWER_FAILURE,
    /** A node's disk is gone. */
    DISK_LOST,
    /** A write to a full disk. */
    DISK_FULL,
    /** A node's wall clock jumps. */
    CLOCK_JUMP,
    /** More time passes than old versions are kept. */
    LONGER_THAN_THE_RETENTION,
    /** More time passes than the head that was seen may be relied upon. */
    LONG_SLEEP;

    /** Whether a request can meet it by chance. */
    boolean isOfTheNetwork() {
        return compareTo(PARTITION) < 0;
    }

    /** Its figure in a report. */
    String figure() {
        return SimulationReport.FAULT + name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
