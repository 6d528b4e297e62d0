package dev.satchel.internal.sync;

import dev.satchel.Conflict;
import dev.satchel.CorruptException;
import dev.satchel.DatabaseId;
import dev.satchel.DatabaseStatus;
import dev.satchel.Durability;
import dev.satchel.Freshness;
import dev.satchel.LoadingException;
import dev.satchel.LocalStorageException;
import dev.satchel.OutcomeUnknownException;
import dev.satchel.SatchelException;
import dev.satchel.SyncStatus;
import dev.satchel.Version;
import dev.satchel.internal.log.DatabaseLog;
import dev.satchel.internal.replica.Replica;
import dev.satchel.internal.replica.ReplicaFiles;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One database of this node between its replica and its log: what sessions ask of it, and what happens in the background.
 *
 * <p>A remote step publishes if there is something to publish, which also proves that the base was the head; else it
 * refreshes. {@link RemoteSteps} has them taken one at a time. Thread-safe.
 */
final class DatabaseSync {
    private static final Logger LOG = LoggerFactory.getLogger(DatabaseSync.class);

    /** No limit to how long a session waits for a large database. */
    static final Duration HOWEVER_LONG = Duration.ofDays(36_500);

    private final Node node;
    private final DatabaseId id;
    private final ReplicaFiles files;
    private final DatabaseLog log;
    private final SyncState state = new SyncState();
    private final Findings findings;
    private final RemoteSteps steps;
    private final ImageWriter images;
    private final SnapshotWriter snapshots;
    private final PendingCommits pending;
    private final Refresher refresher;
    private final Publisher publisher;
    private final SizeWatch sizes;
    private final Loading loading;
    private volatile long lastUsed;

    DatabaseSync(Node node, DatabaseId id, DatabaseLoader loader) {
        this.node = node;
        this.id = id;
        this.files = new ReplicaFiles(node.localFolder(), id);
        this.findings = new Findings(node.metrics());
        this.log = new DatabaseLog(node.store(), id, findings::report, node.keeps(ProtocolRule.CONTENT_IS_CHECKED));
        ConflictResolution conflicts = new ConflictResolution(node, log, files, state, loader);
        this.loading = new Loading(id, node.nanoTime());
        this.steps = new RemoteSteps(node, id, this::step, loading::cameFurther);
        this.images = new ImageWriter(node, log, files, new DatabaseErasure(node.requests(), node.patience()));
        this.snapshots = new SnapshotWriter(node, log, files);
        this.pending = new PendingCommits(id, files, state, conflicts);
        this.refresher = new Refresher(node, log, files, state, pending, loader, images, snapshots, findings, loading);
        this.sizes = new SizeWatch(node.config().sizes());
        this.publisher = new Publisher(node, log, state, pending, conflicts, images, snapshots, sizes, steps::refused);
        this.lastUsed = now();
    }

    DatabaseId id() {
        return id;
    }

    /** How long the oldest change waits that was committed here and is not saved yet; zero if none does. */
    Duration unsavedFor() {
        Long oldest = state.oldestUnsaved();
        return oldest == null ? Duration.ZERO : Duration.ofNanos(now() - oldest);
    }

    private void step() {
        findings.begin();
        try {
            findings.during(() -> {
                takeStep();
                return null;
            });
        } catch (HandedOver e) {
            throw new HandedOver(() -> inBackground(e.rest()));
        }
    }

    private void takeStep() {
        Replica current = state.replica();
        if (current != null && current.isBroken()) {
            refresher.dropBroken(current);
            current = null;
        }
        if (current == null) {
            refresher.forgetReady();
            if (node.keeps(ProtocolRule.PENDING_FIRST_AT_START)) {
                pending.recover();
            }
            refresher.load();
            return;
        }
        try {
            if (state.owesCertainly(current)) {
                refresher.forgetReady();
                publisher.publish(current);
            } else {
                refresher.refresh(current);
            }
        } catch (RuntimeException e) {
            if (current.isBroken() && current.equals(state.replica())) {
                // Whoever waits for its changes is told now.
                SatchelException told = refresher.dropBroken(current);
                throw told instanceof OutcomeUnknownException ? told : e;
            }
            throw e;
        }
    }

    // ---- what sessions ask for -------------------------------------------------------------------------------------

    /** Blocks until the replica is as fresh as asked. */
    void refresh(Freshness freshness, Durability durability) {
        refresh(freshness, durability, HOWEVER_LONG);
    }

    /**
     * As the other.
     *
     * @throws LoadingException if a large one is still being loaded after that time
     */
    void refresh(Freshness freshness, Durability durability, Duration atMost) {
        long arrived = now();
        await(() -> isFresh(freshness, durability, arrived), atMost);
    }

    private void await(BooleanSupplier satisfied, Duration atMost) {
        if (!steps.await(satisfied, alone -> {}, nanos(atMost))) {
            throw new LoadingException(id, loading.progress());
        }
    }

    private static long nanos(Duration atMost) {
        return atMost.compareTo(HOWEVER_LONG) < 0 ? Math.max(0, atMost.toNanos()) : RemoteSteps.UNBOUNDED;
    }

    /**
     * Blocks until there is a replica.
     *
     * @throws LoadingException if a large one is still being loaded after that time
     */
    void load(Duration atMost) {
        await(this::isLoaded, atMost);
    }

    private boolean isLoaded() {
        Replica current = state.replica();
        return current != null && !current.isBroken();
    }

    private boolean isFresh(Freshness freshness, Durability durability, long arrived) {
        Replica current = state.replica();
        if (current == null || current.isBroken()) {
            return false;
        }
        if (freshness instanceof Freshness.AtLeast atLeast && isAtLeast(current, atLeast.version())) {
            return true;
        }
        if (durability == Durability.DEFERRED && state.owes(current) && isAtLeast(current, bookmark(freshness))) {
            return true; // What is pending goes up behind us; whether it was based on the head shows then.
        }
        if (freshness instanceof Freshness.Local || state.verifiedSince(arrived)) {
            return true;
        }
        // What the feed claims is looked at first: by then it has told of everything that the claim is about.
        return freshness instanceof Freshness.Within within
                && isAtLeast(current, within.version())
                && (state.verifiedSince(arrived - within.age().toNanos()) || isVouchedFor(within, arrived))
                && !state.isSaidToBeBehind(current);
    }

    private static Version bookmark(Freshness freshness) {
        if (freshness instanceof Freshness.Within within) {
            return within.version();
        }
        return freshness instanceof Freshness.AtLeast atLeast ? atLeast.version() : Version.NONE;
    }

    private static boolean isAtLeast(Replica current, Version bookmark) {
        return current.baseline().version() >= bookmark.number();
    }

    /** Whether the feed would have told of anything newer, up to the age that is asked for. */
    private boolean isVouchedFor(Freshness.Within within, long arrived) {
        long trusted = arrived - node.config().feedTrust().toNanos();
        return state.verifiedSince(trusted)
                && node.coverage()
                        .filter(coverage -> coverage.lag().compareTo(within.age()) <= 0)
                        .filter(coverage ->
                                state.verifiedSince(now() - coverage.unbroken().toNanos()))
                        .isPresent();
    }

    /** Another node says that there is a version; see {@link SyncState#announced}. */
    void announced(long version) {
        state.announced(version, now());
    }

    /** Whether the replica may be worked on in the hope that it is the head; the commit will show. */
    boolean isWorthTrying() {
        Replica current = state.replica();
        return current != null
                && !current.isBroken()
                && !state.isSaidToBeBehind(current)
                && state.verifiedSince(now() - node.config().verifyWindow().toNanos());
    }

    /** Blocks until the replica is known to have been the head at or after a moment. */
    void verify(long since) {
        steps.await(() -> state.verifiedSince(since), alone -> {});
    }

    /** The replica, held for a session until {@link Replica#gate()} is released. */
    Replica hold() {
        while (true) {
            Replica current = state.replica();
            if (current == null || current.isBroken()) {
                refresh(Freshness.local(), Durability.DURABLE);
                continue;
            }
            current.gate().acquireShared(id.path(), node.config().localTimeout());
            if (current.equals(state.replica()) && isUntouched(current)) {
                return current;
            }
            current.gate().releaseShared();
        }
    }

    /** False if it must be loaded again: something else was at its files. */
    private boolean isUntouched(Replica current) {
        try {
            current.requireUntouched();
            return true;
        } catch (CorruptException | LocalStorageException e) {
            LOG.warn("local copy was damaged, loading again database={} reason={}", id, e.getMessage());
            return false;
        }
    }

    /** Where the database stands, for the session's own bookkeeping. */
    SyncState state() {
        return state;
    }

    /**
     * Blocks until everything up to a sequence is in the store.
     *
     * @return what was overwritten by it, if anything
     */
    Optional<Conflict> publish(Replica of, long sequence) {
        try {
            steps.await(() -> state.isSettled(of, sequence), alone -> giveUp(of, sequence, alone));
        } catch (SatchelException e) {
            // Whatever went wrong on the way: as long as nothing is settled, the changes may still be saved.
            if (e instanceof OutcomeUnknownException || state.isSettled(of, sequence)) {
                throw e;
            }
            throw publisher.unknownOutcome(e);
        }
        Settlement settlement = state.settlement(of, sequence);
        if (settlement == null) {
            return Optional.empty();
        }
        if (settlement.failure() != null) {
            throw settlement.failure();
        }
        return Optional.ofNullable(settlement.overwrote());
    }

    private void giveUp(Replica of, long sequence, boolean alone) {
        if (alone && !state.isSettled(of, sequence)) {
            publisher.giveUp(of);
        }
        if (!state.isSettled(of, sequence)) {
            throw publisher.unknownOutcome(null);
        }
    }

    /** Blocks until everything up to a sequence is on the local disk, for an answer that says pending. */
    void keepPending(Replica of, long sequence) {
        pending.add(of, sequence);
    }

    /** The version the replica is based on, or was before it began to be replaced. */
    Version version() {
        return Version.of(state.version());
    }

    /** The threshold beyond which this node has made the database grow since the last call. */
    OptionalLong takeGrowth() {
        return id.isArchive() ? OptionalLong.empty() : sizes.take();
    }

    Optional<DatabaseStatus> status() {
        Replica current = state.replica();
        if (current == null) {
            return Optional.empty();
        }
        return Optional.of(new DatabaseStatus(id, version(), status(current), current.sizeInBytes()));
    }

    private SyncStatus status(Replica current) {
        if (node.refusals().of(id) != null) {
            return SyncStatus.CONFLICT;
        }
        if (pending.isOwing()) {
            return SyncStatus.PENDING; // Also while its outcome is unknown: it is on the disk until that is known.
        }
        if (state.isInDoubt()) {
            return SyncStatus.UNKNOWN;
        }
        return state.owes(current) ? SyncStatus.PENDING : SyncStatus.SYNCED;
    }

    // ---- background -------------------------------------------------------------------------------------------------

    /** Publishes what is owed, if nobody else is at it. For background threads. */
    void drain() {
        Replica current = state.replica();
        if (current == null || state.owes(current)) {
            steps.takeOne();
        }
    }

    /** Whether a remote step is being taken, as in the background when it loads a large database. */
    boolean isAtWork() {
        return steps.isLeading();
    }

    /** Whether something waits to be uploaded and nobody waits for it; a session that is still open will, at its end. */
    boolean needsDrain() {
        Replica current = state.replica();
        return current != null
                && state.owes(current)
                && !steps.isLeading()
                && (state.attempt() != null
                        || pending.isOwing()
                        || !current.gate().isHeld());
    }

    /** Whether the image is worth writing now. */
    boolean needsImage() {
        Replica current = state.replica();
        return current != null
                && !current.isBroken()
                && images.isDue(current, now() - lastUsed)
                && (!images.isDamaged() || isWorthTrying()); // Only what is known to be of this log mends an image.
    }

    /** Writes the image if it is still worth it. For background threads. */
    void writeImage() {
        Replica current = state.replica();
        if (current != null && !current.isBroken()) {
            inBackground(() -> images.writeIfDue(current, now() - lastUsed));
        }
    }

    private void inBackground(Runnable work) {
        findings.during(() -> {
            work.run();
            return null;
        });
    }

    /** Whether a snapshot is worth writing now. */
    boolean needsSnapshot() {
        Replica current = state.replica();
        return current != null && !current.isBroken() && snapshots.isDue(current);
    }

    /** Writes a snapshot, and removes the history that is older than the retention. For background threads. */
    void writeSnapshot() {
        Replica current = state.replica();
        if (current != null && !current.isBroken()) {
            inBackground(() -> {
                if (snapshots.write(current)) {
                    trim();
                }
            });
        }
    }

    private void trim() {
        try {
            new Retention().trim(log, node.config().retention(), files.snapshot(), false);
        } catch (IOException e) {
            throw new LocalStorageException(
                    "database " + id + ": checking a snapshot failed locally: " + e
                            + "; check the disk's space and permissions",
                    e);
        }
    }

    /** Whether what is done with the whole of it takes long. */
    boolean isLarge() {
        Replica current = state.replica();
        return current != null && current.sizeInBytes() > 2L * node.partBytes();
    }

    /** Marks the database as in use now. */
    void touch() {
        lastUsed = now();
    }

    /** When it was last used. */
    long lastUsed() {
        return lastUsed;
    }

    /**
     * Closes the replica if nothing is owed. The caller makes sure that no session is open.
     *
     * @return false if something is still owed
     */
    boolean close() {
        Replica current = state.replica();
        if (!steps.closeIf(() -> current == null || current.isBroken() || !state.owesCertainly(current))) {
            return false;
        }
        closeReplica();
        return true;
    }

    /** How a database was left at shutdown. */
    enum Left {
        /** Nothing was owed. */
        CLEAN,
        /** What was owed has been uploaded. */
        UPLOADED,
        /** What is owed stays on the local disk until the next start. */
        PENDING
    }

    /** Uploads what is owed and closes; what could not be uploaded stays on the local disk as pending. */
    Left shutDown() {
        loading.cancel(); // Nothing is uploaded meanwhile.
        Replica current = state.replica();
        Left left = current == null || current.isBroken() ? Left.CLEAN : upload(current);
        steps.close();
        steps.awaitStep(); // Or what it loads stays open.
        Replica opened = state.replica();
        if (opened != null && !opened.equals(current) && state.owes(opened)) {
            left = Left.PENDING;
        }
        closeReplica();
        return left;
    }

    /** Lets go of files and connections as a killed process would: nothing is uploaded, merged or marked clean. */
    void abandon() {
        steps.close();
        loading.cancel();
        steps.awaitBehind();
        refresher.forgetReady();
        Replica current = state.replica();
        if (current != null) {
            state.forget();
            current.drop();
        }
    }

    private Left upload(Replica current) {
        boolean owed = false;
        try {
            owed = state.owesCertainly(current);
            if (owed) {
                publish(current, current.committed());
            }
            if (images.isBehind(current)) {
                images.write(current);
            }
        } catch (RuntimeException e) {
            current.damage().ifPresent(findings::report);
            LOG.warn("last upload failed database={} reason={}", id, e.getMessage());
        }
        if (current.equals(state.replica()) && !current.isBroken() && state.owesCertainly(current)) {
            pending.add(current, current.committed());
            LOG.warn("changes stay on the local disk until the next start database={} folder={}", id, files.spool());
            return Left.PENDING;
        }
        return owed ? Left.UPLOADED : Left.CLEAN;
    }

    private void closeReplica() {
        refresher.forgetReady();
        Replica current = state.replica();
        if (current == null) {
            return;
        }
        current.gate().acquireExclusive(id.path(), node.config().localTimeout());
        state.forget();
        if (current.isBroken()) {
            current.drop();
        } else {
            current.close();
        }
    }

    private long now() {
        return node.nanoTime().getAsLong();
    }
}
