package dev.satchel;

import java.time.Instant;
import java.util.Objects;
import java.util.OptionalLong;

/**
 * A version of a database as the store describes it.
 *
 * @param version which
 * @param timestamp when it was committed, by the clock of the machine that did; never before the version before it
 * @param writer the node that committed it
 * @param commitId names the commit; random
 * @param databaseBytes how large the database was
 * @param commitBytes how large the object is that holds what changed; empty if it was not looked at, or is gone and only the
 *     image is left
 * @param state whether it can be opened
 */
public record VersionInfo(
        Version version,
        Instant timestamp,
        String writer,
        String commitId,
        long databaseBytes,
        OptionalLong commitBytes,
        State state) {
    /** What a version holds. */
    public enum State {
        /** A database. */
        PRESENT,
        /** Nothing: the database was deleted with this version. */
        DELETED,
        /** Nothing any more: a later deletion has erased it. */
        ERASED,
        /**
         * Nobody knows: its commit is damaged. It can be opened only if a snapshot leads to it. The time is the store's, writer
         * and commit id are empty, and the size is 0.
         */
        DAMAGED
    }

    /** Checks for nulls. */
    public VersionInfo {
        Objects.requireNonNull(version, "version");
        Objects.requireNonNull(timestamp, "timestamp");
        Objects.requireNonNull(writer, "writer");
        Objects.requireNonNull(commitId, "commitId");
        Objects.requireNonNull(commitBytes, "commitBytes");
        Objects.requireNonNull(state, "state");
    }
}
