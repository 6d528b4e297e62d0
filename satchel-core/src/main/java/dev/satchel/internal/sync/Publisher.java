package dev.satchel.internal.sync;

import dev.satchel.BusyException;
import dev.satchel.Conflict;
import dev.satchel.ConflictPolicy;
import dev.satchel.DatabaseId;
import dev.satchel.DeletedException;
import dev.satchel.OutcomeUnknownException;
import dev.satchel.SatchelMetrics.Outcome;
import dev.satchel.UnavailableException;
import dev.satchel.Version;
import dev.satchel.VersionEvent;
import dev.satchel.internal.log.Commit;
import dev.satchel.internal.log.DatabaseLog;
import dev.satchel.internal.log.DeletionFound;
import dev.satchel.internal.ltx.PageChecksum;
import dev.satchel.internal.replica.Baseline;
import dev.satchel.internal.replica.Replica;
import dev.satchel.internal.replica.Unpublished;
import dev.satchel.store.PutCondition;
import dev.satchel.store.PutResult;
import dev.satchel.store.StoreException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts what one database has committed into the next slot of its log, by the rules of the protocol: the same bytes until the
 * slot's owner is known, never the next slot before. Called by the remote step only.
 */
final class Publisher {
    private static final Logger LOG = LoggerFactory.getLogger(Publisher.class);

    private final Node node;
    private final DatabaseId id;
    private final DatabaseLog log;
    private final SyncState state;
    private final PendingCommits pending;
    private final ConflictResolution conflicts;
    private final ImageWriter images;
    private final SnapshotWriter snapshots;
    private final SizeWatch sizes;
    private final Function<StoreException, RuntimeException> refused;

    /**
     * A publisher.
     *
     * @param refused what to tell a session when the store refuses for good
     */
    Publisher(
            Node node,
            DatabaseLog log,
            SyncState state,
            PendingCommits pending,
            ConflictResolution conflicts,
            ImageWriter images,
            SnapshotWriter snapshots,
            SizeWatch sizes,
            Function<StoreException, RuntimeException> refused) {
        this.node = node;
        this.id = log.id();
        this.log = log;
        this.state = state;
        this.pending = pending;
        this.conflicts = conflicts;
        this.images = images;
        this.snapshots = snapshots;
        this.sizes = sizes;
        this.refused = refused;
    }

    /** Publishes everything committed so far as one commit. */
    void publish(Replica current) {
        try {
            Attempt sending = state.atomically(() -> prepare(current));
            while (sending != null) {
                if (node.keeps(ProtocolRule.SENT_WITH_PENDING_IS_SPOOLED)) {
                    pending.addIfOwed(current, sending);
                }
                sending = send(current, sending);
            }
        } catch (DeletionFound e) {
            lostToDeletion(current, e.deletion());
        }
    }

    /** The database was deleted elsewhere: nothing of what was put on top is saved or kept, whatever the policy. */
    private void lostToDeletion(Replica current, long deletion) {
        conflicts.dropKeptBefore(deletion);
        current.gate().acquireExclusive(id.path(), node.config().localTimeout());
        try {
            RuntimeException failure =
                    state.isRepeatable(current) ? new LostRace() : new DeletedException(id, Version.of(deletion));
            state.takenBack(new Settlement(current, current.published(), current.checkCommitted(), failure, null));
            state.forget();
            current.drop();
        } finally {
            current.gate().releaseExclusive();
        }
        pending.removeAll();
        LOG.warn("unsaved changes are dropped, the database was deleted database={} version={}", id, deletion);
        node.tell(new VersionEvent(id, Version.of(deletion), VersionEvent.Kind.DELETED, node.writer()));
    }

    /** Freezes what is to be published; null if it changes nothing. */
    private @Nullable Attempt prepare(Replica current) {
        Attempt earlier = state.attempt();
        if (earlier != null && node.keeps(ProtocolRule.SAME_BYTES_WHILE_UNKNOWN)) {
            return earlier;
        }
        Unpublished change = current.collectForUpload();
        Baseline base = current.baseline();
        if (change == null) {
            return null;
        }
        if (change.changesNothing(base)) {
            current.advance(change, base);
            return null;
        }
        Attempt fresh = conflicts.attempt(change, change.pages(), base, null);
        state.attempt(fresh);
        return fresh;
    }

    /** Sends an attempt once. Returns the attempt to send instead if another machine had taken the slot. */
    private @Nullable Attempt send(Replica current, Attempt sending) {
        long asked = now();
        boolean sentBefore = state.isInDoubt();
        PutResult result;
        try {
            result = log.put(
                    sending.commit(),
                    node.keeps(ProtocolRule.COMMIT_ONLY_INTO_A_FREE_SLOT)
                            ? PutCondition.ifAbsent()
                            : PutCondition.none());
        } catch (StoreException e) {
            failed(current, sending, e, asked);
            return null;
        }
        if (result instanceof PutResult.Stored) {
            return landed(current, sending, asked, true, sentBefore);
        }
        Optional<Commit> owner = log.commit(sending.version());
        if (owner.isEmpty()) {
            state.inDoubt(true);
            throw new StoreException(
                    StoreException.Reason.UNKNOWN_OUTCOME,
                    "object " + log.keys().commit(sending.version()) + " was said to exist and is not there",
                    null);
        }
        if (owner.get().id().equals(sending.commit().id()) && node.keeps(ProtocolRule.OWN_COMMIT_IN_SLOT_IS_SUCCESS)) {
            return landed(current, sending, asked, false, sentBefore);
        }
        return lost(current, sending, owner.get(), asked);
    }

    /** Returns if the changes have been taken back; throws if they stay. */
    private void failed(Replica current, Attempt sending, StoreException failure, long asked) {
        boolean unknown = failure.reason().outcomeUnknown();
        if (unknown) {
            state.inDoubt(true);
        }
        report(unknown ? Outcome.UNKNOWN : Outcome.ERROR, sending, asked);
        if (unknown && !node.keeps(ProtocolRule.NEXT_SLOT_ONLY_WHEN_KNOWN)) {
            goOn(current, sending, failure);
            return;
        }
        if (failure.reason().isRetryable()) {
            throw failure;
        }
        if (mayHaveArrived() || !pending.isEmpty()) {
            // What was acknowledged as pending stays, and is sent again when the store allows it.
            throw unknownOutcome(failure);
        }
        boolean takenBack;
        try {
            takenBack = takeBack(current, refused.apply(failure));
        } catch (BusyException e) {
            state.inDoubt(true); // The local copy is in use: the changes stay, and are sent again.
            throw unknownOutcome(failure);
        }
        if (!takenBack) {
            throw unknownOutcome(failure);
        }
    }

    /** What the rule about the next slot forbids. */
    private void goOn(Replica current, Attempt sent, StoreException failure) {
        long before = current.published();
        state.landed(current, sent);
        state.settle(new Settlement(current, before, sent.change().sequence(), unknownOutcome(failure), null));
    }

    private boolean mayHaveArrived() {
        return state.isInDoubt() && node.keeps(ProtocolRule.NOTHING_TAKEN_BACK_WHILE_UNKNOWN);
    }

    private @Nullable Attempt landed(
            Replica current, Attempt sent, long asked, boolean provesHead, boolean sentBefore) {
        state.inDoubt(true); // It is in the store; until that is known to count, nobody may be told otherwise.
        Landing.Standing standing = standing(sent);
        if (!standing.isVersion()) {
            LOG.warn(
                    "commit landed in a slot that had been reclaimed database={} version={} standing={}",
                    id,
                    sent.version(),
                    standing);
            return conflicts.afterReclaimed(
                    current,
                    sent,
                    // An earlier put of the same bytes may have been a version, and removed.
                    standing == Landing.Standing.RECLAIMED && !sentBefore,
                    overwrites() && !state.isRepeatable(current),
                    () -> state.isRepeatable(current),
                    state::attempt,
                    this::gaveWay);
        }
        long bytesBefore = current.sizeInBytes();
        Long oldest = state.oldestUnsaved();
        state.landed(current, sent);
        if (oldest != null) {
            node.metrics().saved(Duration.ofNanos(now() - oldest));
        }
        sizes.published(bytesBefore, current.sizeInBytes());
        if (provesHead && standing == Landing.Standing.NEWEST) {
            state.provedHead(asked);
        }
        images.published(sent.commit().bytes().length);
        if (sent.commit().provenance().parentChecksum() == PageChecksum.EMPTY && sent.version() > 1) {
            snapshots.lifeBegan();
        }
        pending.removeUpTo(node.keeps(ProtocolRule.SPOOL_KEEPS_WHAT_HAS_NOT_LANDED) ? sent.version() : Long.MAX_VALUE);
        Conflict overwrote = sent.overwrites();
        report(overwrote == null ? Outcome.OK : Outcome.CONFLICT, sent, asked);
        if (overwrote != null) {
            conflicts.report(overwrote);
            conflicts.dropUndecided(sent.superseded());
        }
        node.announce(new VersionEvent(id, Version.of(sent.version()), VersionEvent.Kind.PUBLISHED, node.writer()));
        current.checkpointIfGrown();
        return null;
    }

    private Landing.Standing standing(Attempt sent) {
        if (state.verifiedSince(now() - node.config().verifyWindow().toNanos())
                || !node.keeps(ProtocolRule.LANDED_IN_A_FRESH_SLOT)) {
            return Landing.Standing.NEWEST;
        }
        Landing landing = Landing.of(log, sent.commit().provenance());
        if (landing.imageIsDamaged()) {
            images.damaged();
        } else {
            images.seen(landing.image());
        }
        return landing.standing();
    }

    /** Another machine owns the slot. */
    private @Nullable Attempt lost(Replica current, Attempt sent, Commit owner, long asked) {
        report(Outcome.CONFLICT, sent, asked);
        state.inDoubt(false); // The slot is theirs for good; our bytes can never land in it.
        if (overwrites() && !state.isRepeatable(current)) {
            Attempt instead = conflicts.overwrite(current, sent, owner, state::attempt);
            if (instead != null) {
                return instead;
            }
        }
        conflicts.giveWay(current, sent, owner, () -> state.isRepeatable(current), this::gaveWay);
        return null;
    }

    private boolean overwrites() {
        return node.config().conflictPolicy() == ConflictPolicy.LAST_WRITE_WINS;
    }

    private void gaveWay(Settlement settlement, long headAt) {
        state.takenBack(settlement);
        state.provedHead(headAt);
        pending.removeAll();
    }

    /**
     * Takes back everything unpublished that the store never saw, and tells whoever waits for it; false if some of it was
     * acknowledged as pending by a session that has ended meanwhile, and so all of it stays.
     */
    private boolean takeBack(Replica current, RuntimeException why) {
        current.gate().acquireExclusive(id.path(), node.config().localTimeout());
        try {
            Settlement settlement = new Settlement(current, current.published(), current.checkCommitted(), why, null);
            boolean nothingPending = pending.ifEmpty(() -> state.takenBack(settlement));
            if (nothingPending && node.keeps(ProtocolRule.TAKEN_BACK_IS_GONE)) {
                current.resetTo(null);
            }
            return nothingPending;
        } finally {
            current.gate().releaseExclusive();
        }
    }

    /** The patience of a session is at its end and no step is running: takes back what certainly was not saved. */
    void giveUp(Replica current) {
        if (mayHaveArrived() || !pending.isEmpty()) {
            return;
        }
        try {
            takeBack(
                    current,
                    new UnavailableException(
                            "database " + id + ": the store at " + node.store().location()
                                    + " could not be reached; nothing was saved, try again",
                            null));
        } catch (BusyException e) {
            LOG.debug("unsaved changes stay, the local copy is in use database={}", id);
        }
    }

    /** What to tell a session whose changes may or may not be saved. */
    RuntimeException unknownOutcome(@Nullable RuntimeException cause) {
        return new OutcomeUnknownException(
                "database " + id + ": the store at " + node.store().location() + " gave no answer within "
                        + node.config().storeTimeout().toMillis()
                        + " ms; whether the changes are saved is settled before anything else happens to the database",
                cause);
    }

    private void report(Outcome outcome, Attempt sent, long asked) {
        node.metrics().published(outcome, sent.commit().bytes().length, Duration.ofNanos(now() - asked));
    }

    private long now() {
        return node.nanoTime().getAsLong();
    }
}
