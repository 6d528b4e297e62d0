package dev.satchel;

import java.util.Objects;

/**
 * Something happened to a database's versions. A hint: correctness never depends on one arriving. A {@link VersionListener} of a
 * {@link Satchel} is told what happened on its machine, a subscriber of a {@link VersionFeed} what happened on any; {@link
 * Kind#APPLIED} is never on a feed.
 *
 * @param database which
 * @param version the new version
 * @param kind what happened
 * @param writer the node that did it
 */
public record VersionEvent(DatabaseId database, Version version, Kind kind, String writer) {
    /** What can happen. */
    public enum Kind {
        /** A commit of the writer is in the store. */
        PUBLISHED,
        /** A commit of another machine was applied here. */
        APPLIED,
        /** Two machines had committed on the same base. */
        CONFLICT,
        /** The database was deleted: there is nothing in it at this version. */
        DELETED,
        /** The content of an older version has become the newest version. */
        RESTORED
    }

    /** Checks for nulls. */
    public VersionEvent {
        Objects.requireNonNull(database, "database");
        Objects.requireNonNull(version, "version");
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(writer, "writer");
    }
}
