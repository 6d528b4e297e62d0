package dev.satchel.internal.sync;

import dev.satchel.BusyException;
import dev.satchel.DeletionReport;
import dev.satchel.NotFoundException;
import dev.satchel.OutcomeUnknownException;
import dev.satchel.Version;
import dev.satchel.internal.log.CommitEntry;
import dev.satchel.internal.log.DatabaseLog;
import dev.satchel.internal.log.Digest;
import dev.satchel.internal.log.ImageInfo;
import dev.satchel.internal.log.Provenance;
import dev.satchel.internal.ltx.PageChecksum;
import dev.satchel.store.ObjectStore;
import dev.satchel.store.StoreException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * Deletes databases: makes the deletion the version after the head, then erases what was before. Stateless and thread-safe.
 */
public final class DatabaseDeletion {
    private static final int COMMIT_ID_BYTES = 16;
    private static final int MAX_TRIES = 100;

    private final InstantSource clock;
    private final LongSupplier nanoTime;
    private final RandomGenerator random;
    private final String writer;
    private final SlotClaim claim;
    private final DatabaseErasure erasure;

    /**
     * Deletes in a store.
     *
     * @param executor runs requests side by side
     * @param clock for time stamps in the store
     * @param nanoTime a monotonic clock
     * @param patience for failures of the store
     * @param writer as it stands in commits
     * @param verifyWindow how long the head that was seen may be relied upon
     */
    public DatabaseDeletion(
            ObjectStore store,
            Executor executor,
            InstantSource clock,
            LongSupplier nanoTime,
            Patience patience,
            String writer,
            Duration verifyWindow) {
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.random = patience.random();
        this.writer = writer;
        this.claim = new SlotClaim(store, nanoTime, patience, verifyWindow);
        this.erasure = new DatabaseErasure(executor, patience);
    }

    /**
     * Deletes a database, or brings a deletion that was broken off to its end.
     *
     * @throws NotFoundException if there is no such database
     * @throws OutcomeUnknownException if the store never said whether it took the deletion; deleting again is safe
     * @throws StoreException if the store does not answer, or refuses; deleting again goes on where this ended
     */
    public DeletionReport delete(DatabaseLog log) {
        for (int i = 0; i < MAX_TRIES; i++) {
            long headAt = nanoTime.getAsLong();
            Provenance head = head(log)
                    .orElseThrow(() -> new NotFoundException(
                            "database " + log.id() + " is not in the store, there is nothing to delete", null));
            Optional<DeletionReport> report = delete(log, head, headAt);
            if (report.isPresent()) {
                return report.get();
            }
        }
        throw new BusyException(
                "database " + log.id() + ": other machines committed faster " + MAX_TRIES
                        + " times in a row; try again",
                null);
    }

    /**
     * Deletes a database if a version is its newest, or brings that deletion to its end; otherwise as {@link #delete(DatabaseLog)}.
     *
     * @return empty if another version is its newest
     */
    public Optional<DeletionReport> deleteAt(DatabaseLog log, long version) {
        long headAt = nanoTime.getAsLong();
        Optional<Provenance> head = head(log);
        return head.isPresent() && head.get().version() == version ? delete(log, head.get(), headAt) : Optional.empty();
    }

    /** Brings a deletion to its end, if that is the newest version; empty if it is not. */
    public Optional<DeletionReport> finish(DatabaseLog log) {
        return head(log).filter(Provenance::isTombstone).map(deletion -> report(log, deletion, true));
    }

    /** The newest version, also if it is a deletion or damaged; 0 if there is none. */
    public static long headVersion(DatabaseLog log) {
        return head(log).map(Provenance::version).orElse(0L);
    }

    /** Empty if another machine was faster. */
    private Optional<DeletionReport> delete(DatabaseLog log, Provenance head, long headAt) {
        if (head.isTombstone()) {
            return Optional.of(report(log, head, true));
        }
        Provenance deletion = after(head);
        SlotClaim.Owner owner = claim.claim(log, deletion, headAt, () -> log.putDeletion(deletion), "delete it again");
        return owner.isOurs() ? Optional.of(report(log, deletion, false)) : Optional.empty();
    }

    private DeletionReport report(DatabaseLog log, Provenance deletion, boolean resumed) {
        DatabaseErasure.Erased erased = erasure.finish(log, deletion.version());
        return new DeletionReport(
                log.id(),
                Version.of(deletion.version()),
                resumed,
                erased.commits(),
                erased.snapshots(),
                erased.conflicts(),
                erased.images(),
                erased.bytes());
    }

    /** Damage is no reason to keep what is to go, as long as it is known where the log ends. */
    private static Optional<Provenance> head(DatabaseLog log) {
        Optional<ImageInfo> image = log.readableImage();
        List<CommitEntry> newer = log.commitsAfter(image.map(ImageInfo::version).orElse(0L));
        if (!newer.isEmpty()) {
            return log.commitProvenanceOrPlace(newer.get(newer.size() - 1));
        }
        return image.or(log::image).map(ImageInfo::provenance); // A damaged one is told, and not called absent.
    }

    private Provenance after(Provenance head) {
        byte[] id = new byte[COMMIT_ID_BYTES];
        random.nextBytes(id);
        long version = head.version() + 1;
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        Instant earliest = head.timestamp().plusMillis(1);
        return new Provenance(
                head.database(),
                version,
                HexFormat.of().formatHex(id),
                writer,
                head.checksum(),
                PageChecksum.EMPTY,
                now.isBefore(earliest) ? earliest : now,
                Digest.sha256(new byte[0]),
                version);
    }
}
