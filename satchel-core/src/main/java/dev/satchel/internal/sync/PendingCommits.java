package dev.satchel.internal.sync;

import dev.satchel.DatabaseId;
import dev.satchel.LocalStorageException;
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
    private volatile boolean owing;

    PendingCommits(DatabaseId id, ReplicaFiles files, SyncState state, ConflictResolution conflicts) {
        this.id = id;
        this.files = files;
        this.state = state;
        this.conflicts = conflicts;
    }

    /**
     * Blocks until everything up to a sequence is on the local disk, for an answer that says pending; returns at once if its fate is
     * known.
     *
     * @throws LocalStorageException if that is too much
     */
    void add(Replica of, long sequence) {
        lock.lock();
        try {
            if (sequence <= spooledUpTo(of)) {
                return;
            }
            if (state.isRestTooMuch(of, sequence)) {
                throw new LocalStorageException(
                        "database " + id + ": more than maxTransactionBytes waits for the store already", null);
            }
            // What has been taken back meanwhile is not to come again.
            Snapshot snapshot = state.atomically(() -> state.isSettled(of, sequence) ? null : snapshot(of, sequence));
            if (snapshot == null) {
                return;
            }
            keep(snapshot);
            spooledOf = of;
            spooled = sequence;
            if (sequence <= of.published()) {
                // It was published while it was written here.
                spool().removeUpTo(of.baseline().version());
            }
        } finally {
            lock.unlock();
        }
    }

    private Snapshot snapshot(Replica of, long sequence) {
        Attempt sending = state.attempt();
        Unpublished rest = state.collectRest(of, sequence);
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

    private void keep(Snapshot snapshot) {
        Attempt sending = snapshot.sending();
        Commit rest = snapshot.rest();
        if (sending == null) {
            if (rest != null) {
                spool().replace(rest, null);
            }
        } else if (!spool().beginsWith(sending.commit())) {
            spool().replace(sending.commit(), rest);
        } else if (rest != null) {
            spool().replaceRest(rest);
        }
        owing = !spool().isEmpty();
    }

    /**
     * A commit that contains pending ones is pending itself: after a crash its id must be known. What is pending behind it is
     * kept anew, for it continues this commit and no other.
     */
    void addIfOwed(Replica of, Attempt sending) {
        lock.lock();
        try {
            if (!spool().isEmpty() && !spool().beginsWith(sending.commit())) {
                long acknowledged = Math.max(spooledUpTo(of), sending.change().sequence());
                keep(state.atomically(() -> snapshot(of, acknowledged)));
                spooled = acknowledged;
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
            owing = !spool().isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** Nothing is owed any more. */
    void removeAll() {
        lock.lock();
        try {
            spool().removeAll();
            owing = false;
        } finally {
            lock.unlock();
        }
    }

    /** Whether something is kept here, as far as this process has looked. Waits for nobody. */
    boolean isOwing() {
        return owing;
    }

    boolean isEmpty() {
        lock.lock();
        try {
            return spool().isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** Runs local work before anything is acknowledged as pending; false if something has been, and nothing was done. */
    boolean ifEmpty(Runnable work) {
        lock.lock();
        try {
            if (!spool().isEmpty()) {
                return false;
            }
            work.run();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Publishes what an earlier process left. Nobody has the database open yet, so the lock may be held meanwhile. */
    void recover() {
        lock.lock();
        try {
            owing = !spool().isEmpty();
            if (owing) {
                conflicts.publishPending(spool());
                owing = false;
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
