package dev.satchel.internal.sync;

import dev.satchel.BusyException;
import dev.satchel.ClosedException;
import dev.satchel.Conflict;
import dev.satchel.ConflictPolicy;
import dev.satchel.CorruptException;
import dev.satchel.DatabaseId;
import dev.satchel.DatabaseStatus;
import dev.satchel.Durability;
import dev.satchel.Freshness;
import dev.satchel.LocalStorageException;
import dev.satchel.OutcomeUnknownException;
import dev.satchel.SatchelException;
import dev.satchel.SatchelMetrics.Outcome;
import dev.satchel.StoreRefusedException;
import dev.satchel.SyncStatus;
import dev.satchel.UnavailableException;
import dev.satchel.Version;
import dev.satchel.VersionEvent;
import dev.satchel.internal.log.Commit;
import dev.satchel.internal.log.CommitEntry;
import dev.satchel.internal.log.DatabaseLog;
import dev.satchel.internal.log.ImageInfo;
import dev.satchel.internal.replica.Baseline;
import dev.satchel.internal.replica.RemoteState;
import dev.satchel.internal.replica.Replica;
import dev.satchel.internal.replica.ReplicaFiles;
import dev.satchel.internal.replica.Unpublished;
import dev.satchel.store.PutResult;
import dev.satchel.store.StoreException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One database of this node between its replica and its log: refresh, publish, output gate.
 *
 * <p>Remote steps are taken one at a time, by a thread that waits for one; the others wait until a step has given them what
 * they need, or take the next one. A step publishes if there is something to publish (which also proves the base was the
 * head), else it refreshes. So any number of sessions that wait share one request.
 *
 * <p>{@code lock} guards who leads and what has been settled, for moments only. {@code spoolLock} comes before it.
 */
final class DatabaseSync {
    private static final Logger LOG = LoggerFactory.getLogger(DatabaseSync.class);
    /** Commits fetched one by one before the rest is listed. */
    private static final int SINGLE_FETCHES = 3;

    /** More than can come about while a session waits for its own. */
    private static final int MAX_SETTLEMENTS = 1024;

    private static final Duration FIRST_PAUSE = Duration.ofMillis(50);
    /** A session that waits tries again this soon at the latest; what is only pending has more patience. */
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

    private static final Duration LONGEST_BACKGROUND_PAUSE = Duration.ofSeconds(30);

    private final Node node;
    private final DatabaseId id;
    private final DatabaseLog log;
    private final ReplicaFiles files;
    private final DatabaseLoader loader;
    private final ImageWriter images;
    private final ConflictResolution conflicts;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<Settlement> settled = new ArrayDeque<>();
    private boolean leading;
    private boolean closed;
    private int failures;
    private long notBefore;
    private long backgroundNotBefore;

    private volatile @Nullable Replica replica;
    /** The commit that is being sent; changed by the leader, under {@code lock}. */
    private volatile @Nullable Attempt attempt;
    /** Whether the attempt may have reached the store. */
    private volatile boolean inDoubt;
    /** When the replica was last known to be at the head; meaningful if {@code verified}. */
    private volatile long verifiedAt;

    private volatile boolean verified;
    /** Commits up to here need no publishing as long as the database has no version: a schema that any node can make again. */
    private volatile long ephemeral;
    /** Commits up to here were made by sessions that cannot be run again. */
    private volatile long lastUnrepeatable;

    private volatile long lastUsed;

    private final ReentrantLock spoolLock = new ReentrantLock();
    private @Nullable Spool spool;
    private long spooled;

    DatabaseSync(Node node, DatabaseId id, DatabaseLoader loader) {
        this.node = node;
        this.id = id;
        this.log = new DatabaseLog(node.store(), id);
        this.files = new ReplicaFiles(node.localFolder(), id);
        this.loader = loader;
        this.images = new ImageWriter(node, log, files);
        this.conflicts = new ConflictResolution(node, log, files, loader);
        this.lastUsed = node.nanoTime().getAsLong();
    }

    DatabaseId id() {
        return id;
    }

    // ---- what sessions ask for -------------------------------------------------------------------------------------

    /** Blocks until the replica is as fresh as asked. */
    void refresh(Freshness freshness, Durability durability) {
        long arrived = now();
        await(
                () -> {
                    Replica current = replica;
                    if (current == null || current.isBroken()) {
                        return false;
                    }
                    if (durability == Durability.DEFERRED && owes(current)) {
                        return true; // What is pending goes up behind us; whether it was based on the head shows then.
                    }
                    if (freshness instanceof Freshness.AtLeast atLeast) {
                        return current.baseline().version() >= atLeast.version().number() || verifiedSince(arrived);
                    }
                    if (freshness instanceof Freshness.Within within) {
                        return verifiedSince(arrived - within.age().toNanos());
                    }
                    return freshness instanceof Freshness.Local || verifiedSince(arrived);
                },
                () -> {});
    }

    /** Whether the replica may be worked on in the hope that it is the head; the commit will show. */
    boolean isWorthTrying() {
        Replica current = replica;
        return current != null && !current.isBroken() && verifiedSince(now() - window());
    }

    /** Up to where a session that begins to hold the replica now sees nothing unpublished. */
    long publishedFloor(Replica of) {
        return floor(of);
    }

    /** Blocks until the replica is known to have been the head at or after a moment. */
    void verify(long since) {
        await(() -> verifiedSince(since), () -> {});
    }

    private boolean verifiedSince(long moment) {
        return verified && verifiedAt - moment >= 0;
    }

    /** The replica, held for a session until {@link Replica#gate()} is released. */
    Replica hold() {
        while (true) {
            Replica current = replica;
            if (current == null || current.isBroken()) {
                refresh(Freshness.local(), Durability.DURABLE);
                continue;
            }
            current.gate().acquireShared(id.path(), node.config().localTimeout());
            if (replica == current && !current.isBroken()) {
                return current;
            }
            current.gate().releaseShared();
        }
    }

    /** A session that cannot be run again has committed. */
    void unrepeatableCommit(long sequence) {
        lastUnrepeatable = Math.max(lastUnrepeatable, sequence);
    }

    /** Everything committed up to a sequence, in a database that has no version yet, is a schema that any node can make again. */
    void schemaCommitted(long sequence) {
        ephemeral = sequence;
    }

    /**
     * Blocks until everything up to a sequence is in the store.
     *
     * @return what was overwritten by it, if anything
     */
    Optional<Conflict> publish(Replica of, long sequence) {
        try {
            await(() -> isSettled(of, sequence), () -> giveUp(of, sequence));
        } catch (SatchelException e) {
            // Whatever went wrong on the way: as long as nothing is settled, the changes may still be saved.
            if (e instanceof OutcomeUnknownException || isSettled(of, sequence)) {
                throw e;
            }
            throw unknown(e);
        }
        Settlement settlement = settlement(of, sequence);
        if (settlement == null) {
            return Optional.empty();
        }
        if (settlement.failure() != null) {
            throw settlement.failure();
        }
        return Optional.ofNullable(settlement.overwrote());
    }

    private boolean isSettled(Replica of, long sequence) {
        return sequence <= floor(of) || settlement(of, sequence) != null;
    }

    private @Nullable Settlement settlement(Replica of, long sequence) {
        lock.lock();
        try {
            for (Settlement each : settled) {
                if (each.concerns(of, sequence)) {
                    return each;
                }
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    private long floor(Replica of) {
        return of.baseline().version() == 0 ? Math.max(of.published(), ephemeral) : of.published();
    }

    /** Up to where commits are a schema alone that needs no version. */
    long ephemeralFloor(Replica of) {
        return of.baseline().version() == 0 ? ephemeral : 0;
    }

    private boolean owes(Replica of) {
        return attempt != null || of.committed() > floor(of);
    }

    /** The version the replica is based on. */
    Version version() {
        Replica current = replica;
        return current == null ? Version.NONE : Version.of(current.baseline().version());
    }

    Optional<DatabaseStatus> status() {
        Replica current = replica;
        if (current == null) {
            return Optional.empty();
        }
        SyncStatus status = inDoubt ? SyncStatus.FAILED : owes(current) ? SyncStatus.PENDING : SyncStatus.SYNCED;
        return Optional.of(new DatabaseStatus(id, version(), status, current.sizeInBytes()));
    }

    // ---- one remote step at a time ----------------------------------------------------------------------------------

    /**
     * Takes or awaits remote steps until a need is met.
     *
     * @param onTimeout called at the end of the time, when no step is running; may throw something better
     */
    private void await(BooleanSupplier satisfied, Runnable onTimeout) {
        long deadline = now() + node.config().storeTimeout().toNanos();
        RuntimeException last = null;
        lock.lock();
        try {
            while (!satisfied.getAsBoolean()) {
                if (closed) {
                    throw new ClosedException("Satchel has been closed", last);
                }
                long remaining = deadline - now();
                if (remaining <= 0) {
                    onTimeout.run();
                    throw unavailable(last);
                }
                long pause = failures == 0 ? 0 : notBefore - now();
                if (leading || pause > 0) {
                    long nanos = leading ? remaining : Math.min(pause, remaining);
                    changed.awaitNanos(nanos);
                } else {
                    last = lead();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new OutcomeUnknownException("database " + id + ": interrupted while waiting for the store", e);
        } finally {
            lock.unlock();
        }
    }

    /** Takes one step; {@code lock} is held on entry and exit, not during the step. Returns a failure worth a retry. */
    private @Nullable RuntimeException lead() {
        leading = true;
        lock.unlock();
        @Nullable RuntimeException failure = null;
        try {
            step();
        } catch (RuntimeException e) {
            failure = e;
        }
        lock.lock();
        leading = false;
        changed.signalAll();
        if (failure == null) {
            failures = 0;
            return null;
        }
        notBefore = now() + pauseAfter(failures, LONGEST_PAUSE);
        backgroundNotBefore = now() + pauseAfter(failures, LONGEST_BACKGROUND_PAUSE);
        failures++;
        if (!(failure instanceof StoreException store)) {
            throw failure;
        }
        if (!store.reason().isRetryable()) {
            throw refused(store);
        }
        return failure;
    }

    private long pauseAfter(int earlierFailures, Duration atMost) {
        long longest = Math.min(atMost.toNanos(), FIRST_PAUSE.toNanos() << Math.min(earlierFailures, 20));
        return node.random().nextLong(longest / 2, longest + 1);
    }

    private void step() {
        recoverSpool();
        Replica current = replica;
        if (current != null && current.isBroken()) {
            dropBroken(current);
            current = null;
        }
        if (current == null) {
            load();
            return;
        }
        if (attempt != null || current.checkCommitted() > floor(current)) {
            publish(current);
        } else {
            refresh(current);
        }
    }

    private RuntimeException unavailable(@Nullable RuntimeException last) {
        return new UnavailableException(
                "database " + id + ": the store at " + node.store().location() + " did not answer within "
                        + node.config().storeTimeout().toMillis() + " ms"
                        + (last == null ? "" : ": " + last.getMessage()) + "; nothing was changed, try again",
                last);
    }

    private RuntimeException refused(StoreException cause) {
        return new StoreRefusedException(
                "database " + id + ": the store at " + node.store().location() + " refused: " + cause.getMessage()
                        + "; check its credentials and permissions (satchel doctor)",
                cause);
    }

    // ---- load and refresh -------------------------------------------------------------------------------------------

    private void load() {
        try {
            Optional<Replica> reopened = Replica.reopen(id, files, node.config());
            if (reopened.isPresent()) {
                // Trusted as what it says it is, not as the head: the next refresh is a full one.
                become(reopened.get());
                return;
            }
        } catch (IOException e) {
            throw localFailure("opening the local copy", e);
        }
        loadFromStore();
    }

    private void loadFromStore() {
        long began = now();
        DatabaseLoader.Loaded loaded;
        Replica installed;
        try {
            files.createFolder();
            loaded = loader.loadHead(log, files.loading());
            installed = Replica.install(id, files, node.config(), loaded.file());
        } catch (IOException e) {
            throw localFailure("installing the local copy", e);
        }
        images.seen(loaded.image());
        become(installed);
        verifiedAt = loaded.headAt();
        verified = true;
        node.metrics().loaded(installed.sizeInBytes(), Duration.ofNanos(now() - began));
    }

    private void become(Replica fresh) {
        lock.lock();
        try {
            verified = false;
            ephemeral = 0;
            lastUnrepeatable = 0;
            attempt = null;
            inDoubt = false;
            spooled = 0;
            replica = fresh;
        } finally {
            lock.unlock();
        }
    }

    private LocalStorageException localFailure(String doing, IOException cause) {
        return new LocalStorageException(
                "database " + id + ": " + doing + " failed: " + cause.getMessage()
                        + "; check the disk's space and permissions",
                cause);
    }

    /** A replica that failed locally is removed with what was unpublished in it; whoever waits for that is told. */
    private void dropBroken(Replica broken) {
        settle(new Settlement(
                broken,
                broken.published(),
                Long.MAX_VALUE,
                new LocalStorageException(
                        "database " + id
                                + ": the local copy failed before its changes were uploaded; they are not saved",
                        null),
                null));
        broken.gate().acquireExclusive(id.path(), node.config().localTimeout());
        try {
            replica = null;
            broken.drop();
        } finally {
            broken.gate().releaseExclusive();
        }
    }

    private void refresh(Replica current) {
        long began = now();
        try {
            boolean newer = fetchNewer(current, began);
            node.metrics().refreshed(newer ? Outcome.OK : Outcome.UNCHANGED, Duration.ofNanos(now() - began));
        } catch (StoreException e) {
            node.metrics().refreshed(Outcome.ERROR, Duration.ofNanos(now() - began));
            throw e;
        } catch (CorruptException e) {
            node.metrics().corruptionFound();
            LOG.warn("log does not fit the local copy, loading again database={} reason={}", id, e.getMessage());
            replace(current);
        }
    }

    /** Applies what is newer in the store; false if nothing was. */
    private boolean fetchNewer(Replica current, long began) {
        if (!verified || began - verifiedAt > window()) {
            Optional<ImageInfo> image = log.image();
            images.seen(image.orElse(null));
            if (image.isPresent() && image.get().version() > current.baseline().version()) {
                replace(current);
                return true;
            }
        }
        long base = current.baseline().version();
        List<Commit> newer = new ArrayList<>();
        long asked;
        while (true) {
            asked = now();
            if (newer.size() < SINGLE_FETCHES) {
                Optional<Commit> next = log.commit(base + newer.size() + 1);
                if (next.isEmpty()) {
                    break;
                }
                newer.add(next.get());
            } else {
                newer.addAll(rest(base + newer.size()));
                break;
            }
        }
        if (now() - began > window()) {
            throw new StoreException(
                    StoreException.Reason.UNKNOWN_OUTCOME,
                    "refreshing database " + id + " took too long to be trusted",
                    null);
        }
        if (newer.isEmpty()) {
            verifiedAt = asked;
            verified = true;
            return false;
        }
        RemoteState remote = current.remoteState(newer);
        current.gate().acquireExclusive(id.path(), node.config().localTimeout());
        try {
            if (current.checkCommitted() > floor(current)) {
                return false; // Something was committed meanwhile on the old base: publishing it will find the
                // conflict.
            }
            current.resetTo(remote);
            ephemeral = 0;
            verifiedAt = asked;
            verified = true;
        } finally {
            current.gate().releaseExclusive();
        }
        node.tell(new VersionEvent(
                id, version(), VersionEvent.Kind.APPLIED, remote.baseline().writer()));
        return true;
    }

    /** The commits after a version, as long as they follow each other. */
    private List<Commit> rest(long version) {
        List<Long> wanted = new ArrayList<>();
        for (CommitEntry entry : log.commitsAfter(version)) {
            if (entry.version() == version + wanted.size() + 1) {
                wanted.add(entry.version());
            }
        }
        return loader.fetch(log, wanted);
    }

    /** Loads the head beside the replica and puts it in its place. */
    private void replace(Replica current) {
        current.gate().acquireExclusive(id.path(), node.config().localTimeout());
        try {
            if (current.checkCommitted() > floor(current)) {
                return;
            }
            replica = null;
            current.drop();
        } finally {
            current.gate().releaseExclusive();
        }
        loadFromStore();
    }

    // ---- publish ----------------------------------------------------------------------------------------------------

    private void publish(Replica current) {
        Attempt sending = prepare(current);
        while (sending != null) {
            spoolIfOwed(sending);
            sending = send(current, sending);
        }
    }

    /** Freezes what is to be published; null if it changes nothing. */
    private @Nullable Attempt prepare(Replica current) {
        lock.lock();
        try {
            Attempt pending = attempt;
            if (pending != null) {
                return pending;
            }
            Unpublished change = current.collect();
            Baseline base = current.baseline();
            if (change == null) {
                return null;
            }
            if (change.changesNothing(base)) {
                current.advance(change, base);
                return null;
            }
            Attempt fresh = conflicts.attempt(change, change.pages(), base, null);
            attempt = fresh;
            return fresh;
        } finally {
            lock.unlock();
        }
    }

    /** Sends an attempt once. Returns the attempt to send instead if another machine had taken the slot. */
    private @Nullable Attempt send(Replica current, Attempt sending) {
        long asked = now();
        PutResult result;
        try {
            result = log.put(sending.commit());
        } catch (StoreException e) {
            boolean unknown = e.reason().outcomeUnknown();
            inDoubt |= unknown;
            node.metrics()
                    .published(
                            unknown ? Outcome.UNKNOWN : Outcome.ERROR,
                            sending.commit().bytes().length,
                            Duration.ofNanos(now() - asked));
            if (e.reason().isRetryable()) {
                throw e;
            }
            if (inDoubt || hasSpooled()) {
                throw unknown(e); // What was acknowledged as pending stays, and is sent again when the store allows it.
            }
            try {
                discard(current, refused(e));
            } catch (BusyException busy) {
                inDoubt = true; // It stays, and is sent again when the store allows it.
                throw unknown(e);
            }
            return null;
        }
        if (result instanceof PutResult.Stored) {
            return landed(current, sending, asked, true);
        }
        Optional<Commit> owner = log.commit(sending.version());
        if (owner.isEmpty()) {
            inDoubt = true;
            throw new StoreException(
                    StoreException.Reason.UNKNOWN_OUTCOME,
                    "object " + log.keys().commit(sending.version()) + " was said to exist and is not there",
                    null);
        }
        if (owner.get().id().equals(sending.commit().id())) {
            return landed(current, sending, asked, false);
        }
        return lost(current, sending, owner.get(), asked);
    }

    private @Nullable Attempt landed(Replica current, Attempt sent, long asked, boolean provesHead) {
        inDoubt = true; // It is in the store; until that is known to count, nobody may be told otherwise.
        if ((!verified || now() - verifiedAt > window()) && isVoid(sent)) {
            LOG.warn("commit landed in a slot that had been reclaimed database={} version={}", id, sent.version());
            boolean overwrite = node.config().conflictPolicy() == ConflictPolicy.LAST_WRITE_WINS;
            return conflicts.afterReclaimed(current, sent, overwrite, this::adopt, this::gaveWay);
        }
        lock.lock();
        try {
            long publishedBefore = current.published();
            current.advance(sent.change(), sent.becomes());
            attempt = null;
            inDoubt = false;
            if (provesHead) {
                verifiedAt = asked;
                verified = true;
            }
            if (sent.overwrites() != null) {
                settle(new Settlement(current, publishedBefore, sent.change().sequence(), null, sent.overwrites()));
            }
            images.published(sent.commit().bytes().length);
        } finally {
            lock.unlock();
        }
        clearSpool(sent.version());
        node.metrics()
                .published(
                        sent.overwrites() == null ? Outcome.OK : Outcome.CONFLICT,
                        sent.commit().bytes().length,
                        Duration.ofNanos(now() - asked));
        node.tell(new VersionEvent(id, Version.of(sent.version()), VersionEvent.Kind.PUBLISHED, node.writer()));
        current.checkpointIfGrown();
        return null;
    }

    /**
     * Whether a commit landed in a slot whose number had been used and reclaimed before: the image is at or beyond it, and
     * the log around it is not ours.
     */
    private boolean isVoid(Attempt sent) {
        Optional<ImageInfo> image = log.image();
        images.seen(image.orElse(null));
        if (image.isEmpty() || image.get().version() < sent.version()) {
            return false;
        }
        if (image.get().version() == sent.version()) {
            return !image.get().provenance().commitId().equals(sent.commit().id());
        }
        return log.commitProvenance(sent.version() + 1)
                .map(next -> next.parentChecksum() != sent.commit().provenance().checksum())
                .orElse(true);
    }

    /** Another machine owns the slot. */
    private @Nullable Attempt lost(Replica current, Attempt sent, Commit owner, long asked) {
        node.metrics().published(Outcome.CONFLICT, sent.commit().bytes().length, Duration.ofNanos(now() - asked));
        inDoubt = false; // The slot is theirs for good; our bytes can never land in it.
        BooleanSupplier repeatable = () -> lastUnrepeatable <= current.published();
        if (node.config().conflictPolicy() == ConflictPolicy.LAST_WRITE_WINS && !repeatable.getAsBoolean()) {
            return conflicts.overwrite(current, sent, owner, this::adopt);
        }
        conflicts.giveWay(current, sent, owner, repeatable, this::gaveWay);
        return null;
    }

    /** The next attempt replaces one that lost. */
    private void adopt(Attempt next) {
        lock.lock();
        try {
            attempt = next;
        } finally {
            lock.unlock();
        }
    }

    /** What is unpublished is about to be taken back for a newer version: whoever waits for it is told first. */
    private void gaveWay(Settlement settlement, long verifiedMoment) {
        lock.lock();
        try {
            settle(settlement);
            attempt = null;
            inDoubt = false;
            ephemeral = 0;
            verifiedAt = verifiedMoment;
            verified = true;
        } finally {
            lock.unlock();
        }
        clearSpool(Long.MAX_VALUE - 1);
    }

    private void settle(Settlement settlement) {
        lock.lock();
        try {
            settled.addFirst(settlement);
            if (settled.size() > MAX_SETTLEMENTS) {
                settled.removeLast();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Takes back everything unpublished that the store never saw, and tells whoever waits for it. */
    private void discard(Replica current, RuntimeException why) {
        current.gate().acquireExclusive(id.path(), node.config().localTimeout());
        try {
            long before = current.published();
            long upTo = current.checkCommitted();
            lock.lock();
            try {
                settle(new Settlement(current, before, upTo, why, null));
                attempt = null;
                current.resetTo(null);
            } finally {
                lock.unlock();
            }
        } finally {
            current.gate().releaseExclusive();
        }
    }

    /**
     * The time of a session that waits for publishing is up; {@code lock} is held and no step is running, or one has been
     * running all the time. Takes back what certainly was not saved; else says that nobody knows.
     */
    private void giveUp(Replica of, long sequence) {
        if (!leading && !inDoubt) {
            leading = true;
            lock.unlock();
            try {
                if (!hasSpooled()) {
                    discard(of, notSaved());
                }
            } catch (BusyException e) {
                LOG.debug("unsaved changes stay, the local copy is in use database={}", id);
            } finally {
                lock.lock();
                leading = false;
                changed.signalAll();
            }
            Settlement settlement = settlement(of, sequence);
            if (settlement != null && settlement.failure() != null) {
                throw settlement.failure();
            }
        }
        throw unknown(null);
    }

    private RuntimeException notSaved() {
        return new UnavailableException(
                "database " + id + ": the store at " + node.store().location()
                        + " could not be reached; nothing was saved, try again",
                null);
    }

    private RuntimeException unknown(@Nullable RuntimeException cause) {
        return new OutcomeUnknownException(
                "database " + id + ": the store at " + node.store().location() + " gave no answer within "
                        + node.config().storeTimeout().toMillis()
                        + " ms; whether the changes are saved is settled before anything else happens to the database",
                cause);
    }

    // ---- deferred: pending commits on the local disk ----------------------------------------------------------------

    /** Blocks until everything up to a sequence is on the local disk, for an answer that says pending. */
    void spool(Replica of, long sequence) {
        spoolLock.lock();
        try {
            if (spooled >= sequence || sequence <= floor(of)) {
                return;
            }
            Spool to = spool();
            @Nullable Attempt sending;
            @Nullable Unpublished rest;
            Baseline base;
            lock.lock();
            try {
                sending = attempt;
                rest = sending == null ? of.collect() : of.collectAfter(sending.change());
                base = sending == null ? of.baseline() : sending.becomes();
            } finally {
                lock.unlock();
            }
            if (sending != null && !to.contains(sending.version())) {
                to.write(sending.commit());
            }
            if (rest != null && !rest.changesNothing(base)) {
                to.write(conflicts.attempt(rest, rest.pages(), base, null).commit());
            }
            spooled = sequence;
            if (sequence <= of.published()) {
                // It was published while it was written here.
                to.removeUpTo(of.baseline().version());
            }
        } finally {
            spoolLock.unlock();
        }
    }

    /** A commit that contains pending ones is pending itself: after a crash its id must be known. */
    private void spoolIfOwed(Attempt sending) {
        spoolLock.lock();
        try {
            Spool to = spool();
            if (!to.isEmpty()) {
                to.write(sending.commit());
                spooled = Math.max(spooled, sending.change().sequence());
            }
        } finally {
            spoolLock.unlock();
        }
    }

    private void clearSpool(long version) {
        spoolLock.lock();
        try {
            spool().removeUpTo(version);
        } finally {
            spoolLock.unlock();
        }
    }

    private boolean hasSpooled() {
        spoolLock.lock();
        try {
            return !spool().isEmpty();
        } finally {
            spoolLock.unlock();
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

    /** Publishes what an earlier process left pending, before anything else happens to the database. */
    private void recoverSpool() {
        if (replica != null) {
            return;
        }
        spoolLock.lock();
        try {
            Spool from = spool();
            if (!from.isEmpty()) {
                conflicts.publishPending(from);
            }
        } finally {
            spoolLock.unlock();
        }
    }

    // ---- background -------------------------------------------------------------------------------------------------

    /** Publishes what is owed, if nobody else is at it. For background threads. */
    void drain() {
        lock.lock();
        try {
            Replica current = replica;
            boolean owed = current == null || owes(current);
            if (leading || closed || !owed || (failures > 0 && backgroundNotBefore - now() > 0)) {
                return;
            }
            lead();
        } finally {
            lock.unlock();
        }
    }

    /** Whether something waits to be uploaded and nobody waits for it. */
    boolean needsDrain() {
        Replica current = replica;
        return current != null && owes(current) && !leading;
    }

    /** Whether the image is worth writing now. */
    boolean needsImage() {
        Replica current = replica;
        return current != null && !current.isBroken() && images.isDue(current, now() - lastUsed);
    }

    /** Writes the image. For background threads. */
    void writeImage() {
        Replica current = replica;
        if (current != null && !current.isBroken()) {
            images.write(current);
        }
    }

    /** Marks the database as in use now. */
    void touch() {
        lastUsed = now();
    }

    /** When it was last used. */
    long lastUsed() {
        return lastUsed;
    }

    /** Bytes on the local disk. */
    long sizeOnDisk() {
        Replica current = replica;
        return current == null ? 0 : current.sizeOnDisk();
    }

    /**
     * Closes the replica if nothing is owed. The caller makes sure that no session is open.
     *
     * @return false if something is still owed
     */
    boolean close() {
        lock.lock();
        try {
            Replica current = replica;
            if (leading) {
                return false;
            }
            if (current != null
                    && !current.isBroken()
                    && (attempt != null || current.checkCommitted() > floor(current))) {
                return false;
            }
            closed = true;
            changed.signalAll();
            if (current != null) {
                closeReplica(current);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void closeReplica(Replica current) {
        current.gate().acquireExclusive(id.path(), node.config().localTimeout());
        replica = null;
        if (current.isBroken()) {
            current.drop();
        } else {
            current.close();
        }
    }

    /** Uploads what is owed and closes; what could not be uploaded stays on the local disk as pending. */
    void shutDown() {
        Replica current = replica;
        if (current != null && !current.isBroken()) {
            long upTo = current.checkCommitted();
            try {
                if (owes(current)) {
                    publish(current, upTo);
                }
                if (images.isBehind(current)) {
                    images.write(current);
                }
            } catch (RuntimeException e) {
                LOG.warn("last upload failed database={} reason={}", id, e.getMessage());
            }
            if (replica == current && !current.isBroken() && owes(current)) {
                spool(current, current.checkCommitted());
                LOG.warn(
                        "changes stay on the local disk until the next start database={} folder={}", id, files.spool());
            }
        }
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        current = replica;
        if (current != null) {
            closeReplica(current);
        }
    }

    private long now() {
        return node.nanoTime().getAsLong();
    }

    private long window() {
        return node.config().verifyWindow().toNanos();
    }
}
