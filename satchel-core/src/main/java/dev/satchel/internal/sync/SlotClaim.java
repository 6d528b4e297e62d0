package dev.satchel.internal.sync;

import dev.satchel.OutcomeUnknownException;
import dev.satchel.internal.log.DatabaseLog;
import dev.satchel.internal.log.Provenance;
import dev.satchel.store.ObjectStore;
import dev.satchel.store.PutResult;
import dev.satchel.store.StoreException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publish without a replica: sends the same bytes into a slot of a log until it is known whose it is. Stateless and thread-safe.
 */
final class SlotClaim {
    private static final Logger LOG = LoggerFactory.getLogger(SlotClaim.class);

    private final ObjectStore store;
    private final LongSupplier nanoTime;
    private final Patience patience;
    private final Duration verifyWindow;

    /**
     * Claims slots in a store.
     *
     * @param nanoTime a monotonic clock
     * @param verifyWindow how long the head that was seen may be relied upon
     */
    SlotClaim(ObjectStore store, LongSupplier nanoTime, Patience patience, Duration verifyWindow) {
        this.store = store;
        this.nanoTime = nanoTime;
        this.patience = patience;
        this.verifyWindow = verifyWindow;
    }

    /** Who has a slot. */
    record Owner(String writer, String commitId, boolean isOurs) {}

    /**
     * Claims the slot after the head.
     *
     * @param ours what is put there
     * @param headAt when the head was known to be the head
     * @param put sends it, if absent
     * @param advice what to do when nobody knows whether it was taken
     * @throws OutcomeUnknownException if the store never said whether it took it
     * @throws StoreException if it certainly did not
     */
    Owner claim(DatabaseLog log, Provenance ours, long headAt, Supplier<PutResult> put, String advice) {
        Owner owner = send(log, ours, put, advice);
        if (!owner.isOurs() || nanoTime.getAsLong() - headAt <= verifyWindow.toNanos()) {
            return owner;
        }
        // See protocol.md, publish 4.
        Landing.Standing standing = standing(log, ours, advice);
        if (standing == Landing.Standing.UNKNOWN) {
            throw outcomeUnknown(ours, advice, null);
        }
        if (!standing.isVersion()) {
            log.deleteCommit(ours.version());
            return new Owner("another node", "unknown", false);
        }
        return owner;
    }

    private Landing.Standing standing(DatabaseLog log, Provenance ours, String advice) {
        try {
            return Landing.of(log, ours).standing();
        } catch (StoreException e) {
            throw outcomeUnknown(ours, advice, e);
        }
    }

    private Owner send(DatabaseLog log, Provenance ours, Supplier<PutResult> put, String advice) {
        boolean unknown = false;
        for (int attempt = 1; ; attempt++) {
            try {
                if (put.get() instanceof PutResult.Stored) {
                    return new Owner(ours.writer(), ours.commitId(), true);
                }
                Optional<Provenance> owner = log.commitProvenance(ours.version());
                if (owner.isPresent()) {
                    Provenance found = owner.get();
                    return new Owner(
                            found.writer(), found.commitId(), found.commitId().equals(ours.commitId()));
                }
                // Refused and yet not there: deleted in between, or not there yet.
                if (attempt == Patience.ATTEMPTS) {
                    throw outcomeUnknown(ours, advice, null);
                }
            } catch (StoreException e) {
                unknown |= e.reason().outcomeUnknown();
                if (attempt == Patience.ATTEMPTS || !e.reason().isRetryable()) {
                    throw unknown ? outcomeUnknown(ours, advice, e) : e;
                }
                LOG.debug("sending a commit failed, trying again database={}", log.id(), e);
            }
            pause(log, ours, advice, attempt, unknown);
        }
    }

    private void pause(DatabaseLog log, Provenance ours, String advice, int attempt, boolean unknown) {
        try {
            patience.pause(attempt);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            if (unknown) {
                throw outcomeUnknown(ours, advice, e);
            }
            throw new StoreException(
                    StoreException.Reason.NOT_SENT, "sending a commit of " + log.id() + " was interrupted", e);
        }
    }

    private OutcomeUnknownException outcomeUnknown(Provenance ours, String advice, @Nullable Throwable cause) {
        return new OutcomeUnknownException(
                "database " + ours.database() + ": the store at " + store.location()
                        + " does not say whether it has taken version " + ours.version()
                        + "; " + advice + ", nothing is stored twice",
                cause);
    }
}
