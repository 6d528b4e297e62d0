package dev.satchel.internal.sync;

import dev.satchel.DatabaseId;
import dev.satchel.internal.log.Commit;
import dev.satchel.internal.replica.Baseline;
import dev.satchel.internal.replica.Replica;
import dev.satchel.internal.replica.ReplicaFiles;
import dev.satchel.internal.replica.Unpublished;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What one database owes the store and has already acknowledged as pending: kept on the local disk until it is uploaded, and
 * uploaded first after a restart. Thread-safe; {@code lock} comes before the state's.
 */
final class PendingCommits {
    private final ReplicaFiles files;
    private final DatabaseId id;
    private final SyncState state;
    private final ConflictResolution conflicts;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable Spool spool;
    private @Nullable Replica spooledOf;
    private long spooled;

    PendingCommits(DatabaseId id, ReplicaFiles files, SyncState state, ConflictResolution conflicts) {
        this.id = id;
        this.files = files;
        this.state = state;
        this.conflicts = conflicts;
    }

    /** Blocks until everything up to a sequence is on the local disk, for an answer that says pending. */
    void add(Replica of, long sequence) {
        lock.lock();
        try {
            if (sequence <= spooledUpTo(of) || sequence <= state.floor(of)) {
                return;
            }
            Snapshot snapshot = state.atomically(() -> snapshot(of));
            Spool to = spool();
            Attempt sending = snapshot.sending();
            if (sending != null && !to.contains(sending.version())) {
                to.write(sending.commit());
            }
            Commit rest = snapshot.rest();
            if (rest != null) {
                to.write(rest);
            }
            spooledOf = of;
            spooled = sequence;
            if (sequence <= of.published()) {
                // It was published while it was written here.
                to.removeUpTo(of.baseline().version());
            }
        } finally {
            lock.unlock();
        }
    }

    private Snapshot snapshot(Replica of) {
        Attempt sending = state.attempt();
        Unpublished rest = state.collectRest(of);
        Baseline base = sending == null ? of.baseline() : sending.becomes();
        if (rest == null || rest.changesNothing(base)) {
            return new Snapshot(sending, null);
        }
        return new Snapshot(
                sending, conflicts.attempt(rest, rest.pages(), base, null).commit());
    }

    private long spooledUpTo(Replica of) {
        return spooledOf == of ? spooled : 0;
    }

    /** A commit that contains pending ones is pending itself: after a crash its id must be known. */
    void addIfOwed(Replica of, Attempt sending) {
        lock.lock();
        try {
            if (!spool().isEmpty()) {
                spool().write(sending.commit());
                spooled = Math.max(spooledUpTo(of), sending.change().sequence());
                spooledOf = of;
            }
        } finally {
            lock.unlock();
        }
    }

    /** The store has everything up to a version, or a conflict object has. */
    void removeUpTo(long version) {
        lock.lock();
        try {
            spool().removeUpTo(version);
        } finally {
            lock.unlock();
        }
    }

    /** Nothing is owed any more. */
    void removeAll() {
        removeUpTo(Long.MAX_VALUE - 1);
    }

    boolean isEmpty() {
        lock.lock();
        try {
            return spool().isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** Publishes what an earlier process left. Nobody has the database open yet, so the lock may be held meanwhile. */
    void recover() {
        lock.lock();
        try {
            if (!spool().isEmpty()) {
                conflicts.publishPending(spool());
            }
        } finally {
            lock.unlock();
        }
    }

    private Spool spool() {
        Spool opened = spool;
        if (opened == null) {
            opened = new Spool(id, files.spool());
            spool = opened;
        }
        return opened;
    }

    /**
     * What is to be kept.
     *
     * @param sending the commit that is on its way, if any
     * @param rest everything behind it, if anything
     */
    private record Snapshot(
            @Nullable Attempt sending, @Nullable Commit rest) {}
}
