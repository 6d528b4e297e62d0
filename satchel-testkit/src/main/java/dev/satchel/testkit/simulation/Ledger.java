package dev.satchel.testkit.simulation;

import dev.satchel.DatabaseId;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** What sessions on one database were told, and what clients remember. Confined to the simulation's thread. */
final class Ledger {
    private final DatabaseId id;
    private final History history;
    private final Consumer<String> violations;
    /** Rows that were said not to be saved. */
    private final BitSet refused = new BitSet();
    /** What was said to be on a disk, by the disk's number. */
    private final Map<Integer, List<Pending>> pending = new HashMap<>();

    private final Map<Integer, Long> bookmarks = new HashMap<>();

    /** Rows that were committed on top of a version. */
    private record Pending(BitSet rows, long base) {}

    Ledger(DatabaseId id, History history, Consumer<String> violations) {
        this.id = id;
        this.history = history;
        this.violations = violations;
    }

    DatabaseId id() {
        return id;
    }

    History history() {
        return history;
    }

    /** A session was told that what it wrote and read is in the store. */
    void saved(BitSet rows, String who, long now) {
        history.follow(now);
        BitSet missing = Rows.without(rows, history.ever());
        if (!missing.isEmpty()) {
            violations.accept(who + " was told that rows " + missing + " of " + id
                    + " are in the store, and no version up to " + history.head() + " has them");
        }
    }

    /** A session was told that what it wrote and read is on a disk. */
    void pending(BitSet rows, long base, int disk, long now) {
        history.follow(now);
        pending.computeIfAbsent(disk, unseen -> new ArrayList<>())
                .add(new Pending(Rows.without(rows, history.ever()), base));
    }

    /** A disk is gone, and with it what was only there: that is what pending means. */
    void diskLost(int disk) {
        pending.remove(disk);
    }

    /** A session was told that what it wrote is not saved. */
    void refused(BitSet rows) {
        refused.or(rows);
    }

    /** A session was told that the database was deleted: what it wrote may have been in a version before that. */
    void deleted(BitSet rows, long now) {
        history.follow(now);
        refused.or(Rows.without(rows, history.deleted()));
    }

    /** A session was told that what it wrote is not saved, but kept aside. */
    void rejected(BitSet rows, String who) {
        refused.or(rows);
        rows.stream()
                .filter(row -> !history.isKept(row))
                .findFirst()
                .ifPresent(row -> violations.accept(who + " was told that row " + row + " of " + id
                        + " lost a conflict, and no conflict record has it"));
    }

    /** The newest version that a client has been told of; 0 for none. */
    long bookmark(int client) {
        return bookmarks.getOrDefault(client, 0L);
    }

    /** A client is told of a version. */
    void bookmark(int client, long version) {
        bookmarks.merge(client, version, Math::max);
    }

    /** That nothing has appeared that was said not to be saved. */
    void requireNoGhosts() {
        BitSet ghosts = (BitSet) refused.clone();
        ghosts.and(history.ever());
        if (!ghosts.isEmpty()) {
            violations.accept("rows " + ghosts + " of " + id + " were said not to be saved, and are in a version");
        }
    }

    /** That everything that was said to be on a disk that is still there has come to the store, or lost a conflict. */
    void requireNothingPending() {
        for (Pending each : pending.values().stream().flatMap(List::stream).toList()) {
            if (each.base() < history.deletion()) {
                continue; // A deletion takes along what was on its way to a version before it.
            }
            BitSet missing = Rows.without(each.rows(), history.ever());
            missing.stream()
                    .filter(row -> !history.isKept(row))
                    .findFirst()
                    .ifPresent(row -> violations.accept(
                            "row " + row + " of " + id + " was said to be pending, and has come to nothing"));
        }
    }
}
