package dev.satchel.testkit.torture;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Where in its work a node process can be killed on purpose. The process announces that it has come there, and then either
 * waits for its death or goes on into the work at which it is to be hit.
 */
public enum KillPoint {
    /** A commit has been made on the local disk, and nothing of it is anywhere else. */
    AFTER_LOCAL_COMMIT(When.RUNNING, true),
    /** The commit object is about to be sent. */
    BEFORE_COMMIT_PUT(When.RUNNING, true),
    /** The commit object is being sent. */
    WHILE_COMMIT_PUT(When.RUNNING, false),
    /** The commit object is in the store; the node has not heard of it. */
    AFTER_COMMIT_PUT(When.RUNNING, true),
    /** A durable change is saved and its answer not yet given. */
    BEFORE_DURABLE_ANSWER(When.RUNNING, true),
    /** A deferred change is on its way into the spool. */
    WHILE_SPOOLING(When.RUNNING, false),
    /** A deferred change is in the spool and its answer not yet given. */
    BEFORE_PENDING_ANSWER(When.RUNNING, true),
    /** A pending commit is in the store, and what is pending behind it is about to be sent. */
    BEFORE_REST_PUT(When.RUNNING, true),
    /** The image is about to be sent. */
    BEFORE_IMAGE_PUT(When.RUNNING, true),
    /** The image is being sent. */
    WHILE_IMAGE_PUT(When.RUNNING, false),
    /** The image is in the store; the node has not heard of it. */
    AFTER_IMAGE_PUT(When.RUNNING, true),
    /** A snapshot is about to be sent. */
    BEFORE_SNAPSHOT_PUT(When.RUNNING, true),
    /** A snapshot is in the store; the node has not heard of it. */
    AFTER_SNAPSHOT_PUT(When.RUNNING, true),
    /** What lost a conflict is about to be kept. */
    BEFORE_CONFLICT_PUT(When.RUNNING, true),
    /** What lost a conflict is kept; nothing else of the decision has happened. */
    AFTER_CONFLICT_PUT(When.RUNNING, true),
    /** Another node's commit has been fetched and not yet looked at. */
    COMMIT_FETCHED(When.RUNNING, true),
    /** Another node's commit has been fetched and is being applied. */
    WHILE_APPLYING(When.RUNNING, false),
    /** Another node's commit has been applied. */
    AFTER_APPLYING(When.RUNNING, true),
    /** The schema of a database is being made or changed. */
    IN_SCHEMA_MIGRATION(When.RUNNING, true),
    /** A database is being loaded from the store. */
    IN_COLD_LOAD(When.STARTING, true),
    /** What an earlier process left pending is about to be sent. */
    BEFORE_RECOVERY_PUT(When.STARTING, true),
    /** What an earlier process left pending is in the store; the node has not heard of it. */
    AFTER_RECOVERY_PUT(When.STARTING, true),
    /** The process is closing everything in order. */
    IN_SHUTDOWN(When.STOPPING, false);

    /** In which part of a process's life a point is waited for. */
    enum When {
        STARTING,
        RUNNING,
        STOPPING
    }

    private final When when;
    private final boolean waiting;

    KillPoint(When when, boolean waiting) {
        this.when = when;
        this.waiting = waiting;
    }

    /** The form in figures: the name in lower case, with hyphens. */
    public String token() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Whether the thread that comes here waits to be killed; else it goes on. */
    boolean isWaiting() {
        return waiting;
    }

    boolean needsRecovery() {
        return this == BEFORE_RECOVERY_PUT || this == AFTER_RECOVERY_PUT;
    }

    /** The form on command lines and in queries. */
    static String names(Set<KillPoint> points) {
        return points.stream().map(KillPoint::name).collect(Collectors.joining(","));
    }

    static Set<KillPoint> ofNames(String names) {
        return names.isEmpty()
                ? Set.of()
                : Arrays.stream(names.split(",", -1)).map(KillPoint::valueOf).collect(Collectors.toSet());
    }

    static List<KillPoint> during(When when) {
        return Arrays.stream(values()).filter(point -> point.when == when).toList();
    }
}
