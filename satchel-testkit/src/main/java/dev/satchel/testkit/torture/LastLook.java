package dev.satchel.testkit.torture;

import dev.satchel.Bucket;
import dev.satchel.ConflictPolicy;
import dev.satchel.ConflictRecord;
import dev.satchel.DatabaseAt;
import dev.satchel.DatabaseId;
import dev.satchel.Version;
import dev.satchel.VersionInfo;
import dev.satchel.internal.log.DatabaseKeys;
import dev.satchel.store.ObjectInfo;
import dev.satchel.store.ObjectStore;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Holds what was promised of a database against what the bucket has, when everything has come to rest. Thread-safe. */
final class LastLook {
    private static final int SAMPLES = 2;
    private static final int MOST_VERSIONS = 100_000;

    private final ObjectStore store;
    private final Bucket bucket;
    private final Set<String> lostDisks;
    private final Tally tally;

    LastLook(ObjectStore store, Bucket bucket, Set<String> lostDisks, Tally tally) {
        this.store = store;
        this.bucket = bucket;
        this.lostDisks = lostDisks;
        this.tally = tally;
    }

    /**
     * Looks at one database.
     *
     * @param head what a node on an empty disk has answered
     */
    void at(Ledger ledger, NodeClient.Reply head) throws SQLException {
        DatabaseId id = ledger.id();
        Map<String, Long> durable = ledger.durable();
        if (head.promise() != Promise.DURABLE) {
            tally.violation(id + " cannot be read at the end: " + head.text());
            return;
        }
        Set<String> rows = head.rows();
        if (durable.isEmpty() && rows.isEmpty() && head.version() == 0) {
            return;
        }
        tally.count(Figure.DATABASES);
        tally.add(Figure.VERSIONS, head.version());
        List<ConflictRecord> records = bucket.conflicts(id);
        tally.add(Figure.CONFLICTS_KEPT, records.size());

        Set<String> missing = new TreeSet<>(ledger.pending(lostDisks));
        if (ledger.isNeverOverwritten()) {
            Set<String> gone = new TreeSet<>(durable.keySet());
            gone.removeAll(rows);
            require(gone, id, "acknowledged as saved, never overwritten, and not there:");
        } else {
            missing.addAll(durable.keySet());
        }
        missing.removeAll(rows);
        require(notKept(missing, records), id, "acknowledged and nowhere to be found:");

        Set<String> ghosts = new TreeSet<>(ledger.refused());
        ghosts.retainAll(rows);
        require(ghosts, id, "said not to be saved, and there:");
        require(ledger.unheardOf(rows), id, "there, and nobody has written it:");

        requireNoHoles(id, head.version());
        requireAscendingTimes(id);
        requireRefusedIsNotThere(id, records, rows);
        requireVersionsHaveWhatTheirAnswersSaid(ledger, durable, records);
    }

    private void require(Set<String> none, DatabaseId id, String what) {
        if (!none.isEmpty()) {
            tally.violation(id + ": " + what + " " + none);
        }
    }

    /** Those that no conflict record has. */
    private Set<String> notKept(Set<String> missing, List<ConflictRecord> records) throws SQLException {
        Set<String> left = new TreeSet<>(missing);
        for (ConflictRecord record : records) {
            if (left.isEmpty()) {
                break;
            }
            left.removeAll(rows(record));
        }
        return left;
    }

    private Set<String> rows(ConflictRecord record) throws SQLException {
        try (DatabaseAt lost = bucket.openConflict(record.database(), record.id());
                Connection connection = lost.connection()) {
            return Rows.all(connection);
        }
    }

    private Set<String> rowsAt(DatabaseId id, Version version) throws SQLException {
        if (version.isNone()) {
            return Set.of();
        }
        try (DatabaseAt old = bucket.openAt(id, version);
                Connection connection = old.connection()) {
            return Rows.all(connection);
        }
    }

    private void requireNoHoles(DatabaseId id, long head) {
        DatabaseKeys keys = new DatabaseKeys(id);
        long expected = 0;
        String after = "";
        boolean more = true;
        while (more) {
            var page = store.list(keys.commits(), after, ObjectStore.MAX_LIST_LIMIT);
            for (ObjectInfo object : page.objects()) {
                expected++;
                if (!object.key().equals(keys.commit(expected))) {
                    tally.violation(id + ": instead of version " + expected + " the log has " + object.key());
                    return;
                }
                after = object.key();
            }
            more = page.more();
        }
        if (expected != head) {
            tally.violation(id + ": the log ends at version " + expected + ", and a node reads version " + head);
        }
    }

    private void requireAscendingTimes(DatabaseId id) {
        List<VersionInfo> versions = bucket.log(id, MOST_VERSIONS);
        for (int i = 1; i < versions.size(); i++) {
            VersionInfo newer = versions.get(i - 1);
            VersionInfo older = versions.get(i);
            if (newer.timestamp().isBefore(older.timestamp())) {
                tally.violation(id + ": version " + newer.version() + " is stamped " + newer.timestamp() + ", version "
                        + older.version() + " " + older.timestamp());
                return;
            }
        }
    }

    /** A change that was refused and kept aside is not in the head as well; functions run again are another matter. */
    private void requireRefusedIsNotThere(DatabaseId id, List<ConflictRecord> records, Set<String> head)
            throws SQLException {
        for (ConflictRecord record : records) {
            if (record.policy() == ConflictPolicy.REJECT) {
                Set<String> both = new TreeSet<>(rows(record));
                both.removeIf(key -> !Ledger.isOfSession(key));
                both.removeAll(rowsAt(id, record.base()));
                both.retainAll(head);
                require(both, id, "refused and kept aside as " + record.id() + ", and there:");
            }
        }
    }

    /** What an answer said to be in a version is in that version, unless it was overwritten by then. */
    private void requireVersionsHaveWhatTheirAnswersSaid(
            Ledger ledger, Map<String, Long> durable, List<ConflictRecord> records) throws SQLException {
        List<Map.Entry<String, Long>> told = new ArrayList<>(durable.entrySet());
        told.removeIf(entry -> entry.getValue() == 0);
        for (int i = 0; i < Math.min(SAMPLES, told.size()); i++) {
            Map.Entry<String, Long> sample = told.get(told.size() * i / SAMPLES);
            Set<String> missing = new HashSet<>(Set.of(sample.getKey()));
            missing.removeAll(rowsAt(ledger.id(), Version.of(sample.getValue())));
            Set<String> nowhere = ledger.isNeverOverwritten() ? missing : notKept(missing, records);
            require(nowhere, ledger.id(), "acknowledged at version " + sample.getValue() + ", and not in it:");
        }
    }
}
