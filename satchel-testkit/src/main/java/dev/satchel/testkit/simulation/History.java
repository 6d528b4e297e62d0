package dev.satchel.testkit.simulation;

import dev.satchel.ConflictPolicy;
import dev.satchel.DatabaseId;
import dev.satchel.internal.log.Commit;
import dev.satchel.internal.log.ConflictEntry;
import dev.satchel.internal.log.ConflictFacts;
import dev.satchel.internal.log.DatabaseLog;
import dev.satchel.internal.log.Provenance;
import dev.satchel.internal.ltx.PageChecksum;
import dev.satchel.store.ObjectInfo;
import dev.satchel.store.ObjectStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What the store says of one database, read as soon as it is there by somebody who sees every version and trusts nobody.
 * Confined to the simulation's thread.
 */
final class History {
    private final DatabaseId id;
    private final ObjectStore store;
    private final DatabaseLog log;
    private final ConflictPolicy policy;
    private final Consumer<String> violations;
    private final List<Seen> versions = new ArrayList<>();
    private final BitSet ever = new BitSet();
    private final Map<String, Kept> kept = new HashMap<>();
    private final PageRows pages = new PageRows();

    /** A version. */
    private record Seen(Provenance provenance, String etag, BitSet rows, long landedBefore) {}

    /** The version of the newest deletion, 0 if there is none, and all rows that had been written before it. */
    private int deletion;

    private BitSet deleted = new BitSet();

    /** A conflict object, and when it was found. */
    private record Kept(ConflictEntry entry, BitSet rows, long foundAt) {}

    private long now;

    /**
     * The history of a database.
     *
     * @param violations told of what must not be
     */
    History(DatabaseId id, ObjectStore store, ConflictPolicy policy, Consumer<String> violations) {
        this.id = id;
        this.store = store;
        this.log = new DatabaseLog(store, id);
        this.policy = policy;
        this.violations = violations;
        versions.add(new Seen(
                new Provenance(
                        id.path(), 0, "", "", PageChecksum.EMPTY, PageChecksum.EMPTY, java.time.Instant.MIN, "", 0),
                "",
                new BitSet(),
                Long.MIN_VALUE));
    }

    /** The newest version that was seen. */
    int head() {
        return versions.size() - 1;
    }

    /** The rows of a version. */
    BitSet rows(long version) {
        return versions.get(Math.toIntExact(version)).rows();
    }

    /** The rows of all versions. */
    BitSet ever() {
        return ever;
    }

    /** The newest version that had landed by a moment. */
    int headAt(long nanos) {
        int version = head();
        while (version > 0 && versions.get(version).landedBefore() > nanos) {
            version--;
        }
        return version;
    }

    /** The version of the newest deletion; 0 if there is none. */
    int deletion() {
        return deletion;
    }

    /** All rows that were in a version before the newest deletion. */
    BitSet deleted() {
        return deleted;
    }

    /** The oldest version that must still be there when nothing is kept that had landed by a moment. */
    int oldestAfter(long nanos) {
        return Math.max(deletion + 1, Math.max(1, headAt(nanos)));
    }

    /** Reads what has come since, by a moment. */
    void follow(long now) {
        this.now = now;
        try {
            Optional<ObjectInfo> next = next();
            while (next.isPresent()) {
                take(Provenance.of(id, next.get()), next.get(), now);
                next = next();
            }
        } catch (RuntimeException e) {
            violations.accept("version " + (head() + 1) + " of " + id + " cannot be read from the store: " + e);
        }
    }

    private Optional<ObjectInfo> next() {
        return store.head(log.keys().commit(head() + 1L));
    }

    private void take(Provenance provenance, ObjectInfo object, long now) {
        BitSet before = rows(head());
        Provenance previous = versions.get(head()).provenance();
        if (provenance.isTombstone()) {
            pages.clear();
            if (!provenance.isErased()) {
                deletion = head() + 1;
                deleted = (BitSet) ever.clone();
            }
        } else {
            Commit commit = log.commit(head() + 1L).orElseThrow();
            if (provenance.parentChecksum() != previous.checksum()) {
                throw new IllegalStateException("it does not continue version " + head());
            }
            pages.apply(commit);
        }
        Seen seen = new Seen(provenance, object.etag(), pages.rows(), now);
        if (seen.rows().intersects(deleted)) {
            violations.accept("version " + (head() + 1) + " of " + id
                    + " has rows again that were deleted with version " + deletion);
        }
        versions.add(seen);
        ever.or(seen.rows());
        if (!provenance.isErased() && !provenance.timestamp().isAfter(previous.timestamp())) {
            violations.accept("version " + head() + " of " + id + " is stamped "
                    + seen.provenance().timestamp() + ", not after the version before it, " + previous.timestamp());
        }
        BitSet lost = Rows.without(before, seen.rows());
        if (!lost.isEmpty() && !provenance.isTombstone()) {
            requireRecord(seen.provenance(), lost);
        }
    }

    /** Rows may disappear where one side of a conflict overwrites the other, and only if that other is kept. */
    private void requireRecord(Provenance winner, BitSet lost) {
        if (policy == ConflictPolicy.LAST_WRITE_WINS) {
            findKept();
            for (Kept each : kept.values()) {
                if (each.entry().facts().winnerCommit().equals(winner.commitId())
                        && Rows.without(lost, each.rows()).isEmpty()) {
                    return;
                }
            }
        }
        violations.accept("version " + winner.version() + " of " + id + " by " + winner.writer() + " lacks rows " + lost
                + " of the version before, and no conflict record has them");
    }

    /** Looks at conflict records that are new; retention may remove them later. */
    void findKept() {
        for (String conflict : log.conflicts()) {
            if (!kept.containsKey(conflict)) {
                BitSet rows = new BitSet();
                log.conflictChanges(conflict)
                        .orElseThrow()
                        .content()
                        .pages()
                        .values()
                        .forEach(page -> Rows.scan(page, rows));
                kept.put(conflict, new Kept(log.conflict(conflict).orElseThrow(), rows, now));
            }
        }
    }

    /**
     * That what conflict records keep is what lost, and not what is in the versions after all: somebody would put it back, or
     * look for what went wrong, for nothing.
     *
     * @param repeated rows of functions that were run again if they lost
     * @param retention who sleeps for longer, in the middle of a put, cannot be told any more whether it was a version
     */
    void requireRealConflicts(BitSet repeated, Duration retention) {
        for (Kept each : kept.values()) {
            ConflictFacts facts = each.entry().facts();
            if (facts.base() >= versions.size()) {
                continue;
            }
            BitSet lost = Rows.without(Rows.without(each.rows(), rows(facts.base())), repeated);
            if (policy == ConflictPolicy.REJECT) {
                lost.and(ever);
                lost.andNot(rows(headAt(each.foundAt() - retention.toNanos())));
                if (!lost.isEmpty()) {
                    violations.accept("conflict record " + each.entry().key() + " says that rows " + lost
                            + " are not saved, and they are in a version");
                }
            } else {
                Optional<Seen> winner = versions.stream()
                        .filter(seen -> seen.provenance().commitId().equals(facts.winnerCommit()))
                        .findFirst();
                if (winner.isPresent()
                        && !lost.isEmpty()
                        && Rows.without(lost, winner.get().rows()).isEmpty()) {
                    violations.accept("conflict record " + each.entry().key() + " says that rows " + lost
                            + " are overwritten, and they are in the version that is said to have done so");
                }
            }
        }
    }

    /** Whether a conflict object has kept a row. */
    boolean isKept(int row) {
        if (kept.values().stream().anyMatch(each -> each.rows().get(row))) {
            return true;
        }
        findKept();
        return kept.values().stream().anyMatch(each -> each.rows().get(row));
    }

    /**
     * That the store still has what it had, and nothing that nobody can explain.
     *
     * @param keptSince what had landed before may be gone
     */
    void requireNothingElse(List<ObjectInfo> objects, long keptSince) {
        findKept();
        Map<String, String> etags = new HashMap<>();
        Set<String> explained = new HashSet<>();
        Set<String> erased = new HashSet<>();
        for (int version = 1; version < versions.size(); version++) {
            if (version > oldestAfter(keptSince)) { // a snapshot may stand for that one
                etags.put(log.keys().commit(version), versions.get(version).etag());
            }
            explained.add(log.keys().commit(version));
            explained.add(log.keys().snapshot(version));
            if (version < deletion) {
                erased.add(log.keys().commit(version));
                erased.add(log.keys().snapshot(version));
            }
        }
        explained.add(log.keys().image());
        for (Kept each : kept.values()) {
            long base = each.entry().facts().base();
            long head = each.entry().facts().head();
            if (base < head && head <= head()) {
                explained.add(each.entry().key());
            }
        }
        for (ObjectInfo object : objects) {
            String etag = etags.remove(object.key());
            if (etag != null && !etag.equals(object.etag())) {
                violations.accept("object " + object.key() + " was changed");
            }
            boolean ofADeletedLife = erased.contains(object.key());
            if (ofADeletedLife && object.size() > 0) {
                violations.accept("object " + object.key() + " of a deleted database still has bytes");
            }
            if (!explained.contains(object.key())) {
                violations.accept("object " + object.key() + " is nobody's");
            }
        }
        if (!etags.isEmpty()) {
            violations.accept("objects are gone: " + etags.keySet());
        }
    }
}
