package dev.satchel.internal.sync;

import dev.satchel.internal.replica.Replica;
import dev.satchel.internal.replica.Unpublished;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where one database of this node stands: its replica, the commit that is being sent, when the replica was known to be the
 * head, and what became of commits that were not simply published. Changed by the thread that takes the remote step; read by
 * all. {@code lock} is held for local work only.
 */
final class SyncState {
    /** More than can come about while a session waits for its own. */
    private static final int MAX_SETTLEMENTS = 1024;
    /** Of the uploads that are remembered; who comes later is told the newest version. */
    private static final int MAX_UPLOADS = 64;

    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<Settlement> settled = new ArrayDeque<>();
    /** The last uploads that landed, newest first. */
    private final Deque<Upload> uploads = new ArrayDeque<>();

    private volatile @Nullable Replica replica;
    /** That of the last replica, while there is none. */
    private volatile long lastVersion;

    private volatile @Nullable Attempt attempt;
    /** Whether the attempt may have reached the store. */
    private volatile boolean inDoubt;

    private volatile boolean verified;
    /** When the replica was last known to be at the head; meaningful if {@code verified}. */
    private volatile long verifiedAt;
    /** What other nodes told last; null before. */
    private volatile @Nullable Announcement announced;
    /** Commits up to here need no publishing as long as there is nothing in the database. */
    private volatile long ephemeral;
    /** Commits up to here brought the schema up to date, and are published before anybody works on it. */
    private volatile long schemaToPublish;
    /** Commits up to here were made by sessions that cannot be run again. */
    private volatile long lastUnrepeatable;
    /** The oldest commit that waits to be saved; null or saved already if none does. For figures alone. */
    private volatile @Nullable Waiting oldest;
    /** The oldest one behind the attempt. */
    private volatile @Nullable Waiting oldestBehind;

    /**
     * Another node said that there is a version.
     *
     * @param version at least this one
     * @param heardAt when it was heard
     */
    private record Announcement(long version, long heardAt) {}

    /**
     * A commit that is not saved yet.
     *
     * @param sequence of the local commit
     * @param since when it was made
     */
    private record Waiting(long sequence, long since) {}

    /**
     * A stretch of a replica's commits that became a version.
     *
     * @param replica whose
     * @param upTo the sequence that it ends with
     * @param version which they are
     */
    record Upload(Replica replica, long upTo, long version) {}

    /** Runs local work that must see replica, attempt and settlements as one. */
    <T extends @Nullable Object> T atomically(Supplier<T> work) {
        lock.lock();
        try {
            return work.get();
        } finally {
            lock.unlock();
        }
    }

    /** The replica; null before the first load, and while a broken or outdated one is replaced. */
    @Nullable
    Replica replica() {
        return replica;
    }

    /** A freshly opened replica; nothing is known of it but what it says itself. */
    void become(Replica fresh) {
        atomically(() -> {
            verified = false;
            ephemeral = 0;
            schemaToPublish = 0;
            lastUnrepeatable = 0;
            oldest = null;
            oldestBehind = null;
            attempt = null;
            inDoubt = false;
            replica = fresh;
            return null;
        });
    }

    /** There is no replica any more. */
    void forget() {
        atomically(() -> {
            Replica last = replica;
            if (last != null) {
                lastVersion = last.baseline().version();
            }
            replica = null;
            return null;
        });
    }

    /** The version that the replica is based on, or that the last one was while it is being replaced; 0 before the first. */
    long version() {
        Replica current = replica;
        return current == null ? lastVersion : current.baseline().version();
    }

    /** The commit that is being sent, if there is one. */
    @Nullable
    Attempt attempt() {
        return attempt;
    }

    /** From now on this commit is being sent. */
    void attempt(Attempt next) {
        attempt = next;
    }

    boolean isInDoubt() {
        return inDoubt;
    }

    /** The attempt may have reached the store, or certainly has not. */
    void inDoubt(boolean value) {
        inDoubt = value;
    }

    /** The attempt is in the store for good. */
    void landed(Replica of, Attempt sent) {
        atomically(() -> {
            long before = of.published();
            of.advance(sent.change(), sent.becomes());
            uploads.addFirst(
                    new Upload(of, sent.change().sequence(), sent.becomes().version()));
            if (uploads.size() > MAX_UPLOADS) {
                uploads.removeLast();
            }
            Waiting first = oldest;
            oldest = oldestBehind;
            if (first != null
                    && oldest == null
                    && of.committed() > sent.change().sequence()) {
                oldest = new Waiting(of.committed(), first.since()); // Not all of it was sent.
            }
            oldestBehind = null;
            attempt = null;
            inDoubt = false;
            if (sent.overwrites() != null) {
                settle(new Settlement(of, before, sent.change().sequence(), null, sent.overwrites()));
            }
            return null;
        });
    }

    /** The first upload that had everything up to a sequence; null if it was too long ago. */
    @Nullable
    Upload uploadOf(Replica of, long sequence) {
        return atomically(() -> {
            Upload first = null;
            for (Upload each : uploads) {
                if (each.replica() != of || each.upTo() < sequence) {
                    return first;
                }
                first = each;
            }
            return uploads.size() < MAX_UPLOADS ? first : null; // An older one may have had it.
        });
    }

    /** Everything unpublished is about to be taken back: whoever waits for it is told first. */
    void takenBack(Settlement settlement) {
        atomically(() -> {
            settle(settlement);
            oldest = null;
            oldestBehind = null;
            attempt = null;
            inDoubt = false;
            ephemeral = 0;
            schemaToPublish = 0;
            return null;
        });
    }

    /** A session has committed at a moment. */
    void committed(long sequence, long moment) {
        atomically(() -> {
            Replica current = replica;
            Waiting first = oldest;
            Attempt sending = attempt;
            if (first == null || current == null || first.sequence() <= current.published()) {
                oldest = new Waiting(sequence, moment);
                oldestBehind = null;
            } else if (oldestBehind == null
                    && sending != null
                    && sequence > sending.change().sequence()) {
                oldestBehind = new Waiting(sequence, moment);
            }
            return null;
        });
    }

    /** When the oldest commit was made that is not saved yet; null if all are. */
    @Nullable
    Long oldestUnsaved() {
        return atomically(() -> {
            Waiting first = oldest;
            Replica current = replica;
            return first == null || current == null || first.sequence() <= current.published() ? null : first.since();
        });
    }

    /** The replica was the head at a moment. */
    void provedHead(long moment) {
        verifiedAt = moment;
        verified = true;
    }

    /** Whether the replica was known to be the head at or after a moment. */
    boolean verifiedSince(long moment) {
        return verified && verifiedAt - moment >= 0;
    }

    /** Another node says that there is a version. A hint: what the store says afterwards counts. */
    void announced(long version, long moment) {
        atomically(() -> {
            Announcement earlier = announced;
            // What the store has not been asked about since it was said, still stands.
            long standing = earlier == null || verifiedSince(earlier.heardAt()) ? 0 : earlier.version();
            announced = new Announcement(Math.max(version, standing), moment);
            return null;
        });
    }

    /** Whether another node told of a version that the replica does not have, and the store has not been asked since. */
    boolean isSaidToBeBehind(Replica current) {
        Announcement last = announced;
        return last != null && last.version() > current.baseline().version() && !verifiedSince(last.heardAt());
    }

    /** Everything committed up to a sequence, in a database without a version, is a schema that any node can make again. */
    void schemaCommitted(long sequence) {
        ephemeral = sequence;
    }

    /** A session has brought the schema of a database that has a version up to date, with its commits up to a sequence. */
    void schemaMigrated(long sequence) {
        schemaToPublish = sequence;
    }

    /** Up to where commits are a migration that is not published yet; 0 if there is none. */
    long schemaToPublish(Replica of) {
        long migrated = schemaToPublish;
        return migrated > floor(of) ? migrated : 0;
    }

    /** The database has a version now. */
    void forgetSchema() {
        ephemeral = 0;
    }

    /** A session that cannot be run again has committed. */
    void unrepeatableCommit(long sequence) {
        atomically(() -> {
            lastUnrepeatable = Math.max(lastUnrepeatable, sequence);
            return null;
        });
    }

    /** Whether all who committed what is unpublished can be run again. */
    boolean isRepeatable(Replica of) {
        return lastUnrepeatable <= of.published();
    }

    /** Up to where commits are published, or need no publishing. */
    long floor(Replica of) {
        return Math.max(of.published(), ephemeralFloor(of));
    }

    /** Up to where commits are a schema alone. */
    long ephemeralFloor(Replica of) {
        return of.baseline().isEmpty() ? ephemeral : 0;
    }

    /** Whether something waits to be published. */
    boolean owes(Replica of) {
        return attempt != null || of.committed() > floor(of);
    }

    /** As {@link #owes}, after a look at the WAL itself. */
    boolean owesCertainly(Replica of) {
        return attempt != null || of.checkCommitted() > floor(of);
    }

    /** Whether what {@link #collectRest} would give is too much for one commit. */
    boolean isRestTooMuch(Replica of, long sequence) {
        Attempt sending = attempt;
        return of.isTooMuchAtOnce(sending == null ? null : sending.change(), sequence);
    }

    /** What was committed up to a sequence and not collected yet, behind the attempt if there is one; null if nothing. */
    @Nullable
    Unpublished collectRest(Replica of, long sequence) {
        Attempt sending = attempt;
        return sending == null ? of.collectUpTo(sequence) : of.collectAfter(sending.change(), sequence);
    }

    /** Notes what became of a stretch of commits. */
    void settle(Settlement settlement) {
        atomically(() -> {
            settled.addFirst(settlement);
            return settled.size() > MAX_SETTLEMENTS ? settled.removeLast() : null;
        });
    }

    /** What became of a commit, if it was not simply published. */
    @Nullable
    Settlement settlement(Replica of, long sequence) {
        return atomically(() -> {
            for (Settlement each : settled) {
                if (each.concerns(of, sequence)) {
                    return each;
                }
            }
            return null;
        });
    }

    /** Whether a session's own last commit is in the store; of a session that has none, there is nothing that is not. */
    boolean isSaved(Replica of, long ownCommit) {
        return atomically(() -> {
            Settlement settlement = settlement(of, ownCommit);
            return ownCommit <= floor(of) && (settlement == null || settlement.failure() == null);
        });
    }

    /** Whether the fate of everything up to a sequence is known. */
    boolean isSettled(Replica of, long sequence) {
        return atomically(() -> sequence <= floor(of) || settlement(of, sequence) != null);
    }
}
