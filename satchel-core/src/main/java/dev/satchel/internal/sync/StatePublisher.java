package dev.satchel.internal.sync;

import dev.satchel.Conflict;
import dev.satchel.ConflictException;
import dev.satchel.ConflictPolicy;
import dev.satchel.OutcomeUnknownException;
import dev.satchel.PushCondition;
import dev.satchel.Version;
import dev.satchel.internal.log.Commit;
import dev.satchel.internal.log.DatabaseLog;
import dev.satchel.internal.log.Digest;
import dev.satchel.internal.log.Provenance;
import dev.satchel.internal.replica.Baseline;
import dev.satchel.internal.replica.DatabaseFile;
import dev.satchel.internal.replica.PageSource;
import dev.satchel.internal.replica.PageSums;
import dev.satchel.store.ObjectStore;
import dev.satchel.store.StoreException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes a whole state of a database as its next version, by the rules of publish but without a replica. Stateless and
 * thread-safe.
 */
public final class StatePublisher {
    private static final Logger LOG = LoggerFactory.getLogger(StatePublisher.class);
    private static final int COMMIT_ID_BYTES = 16;

    private final DatabaseLoader loader;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final String writer;
    private final SlotClaim claim;

    /**
     * Publishes into a store.
     *
     * @param clock for time stamps in the store
     * @param nanoTime a monotonic clock
     * @param patience for failures of the store
     * @param writer as it stands in commits
     * @param verifyWindow how long the head that was seen may be relied upon
     */
    public StatePublisher(
            ObjectStore store,
            DatabaseLoader loader,
            InstantSource clock,
            LongSupplier nanoTime,
            Patience patience,
            String writer,
            Duration verifyWindow) {
        this.loader = loader.ofWhatIsReplaced();
        this.clock = clock;
        this.random = patience.random();
        this.writer = writer;
        this.claim = new SlotClaim(store, nanoTime, patience, verifyWindow);
    }

    /**
     * What is now the head.
     *
     * @param baseline it
     * @param databaseBytes its size
     * @param commitBytes size of the commit object; empty if the head had that content already and nothing was sent
     */
    public record Published(Baseline baseline, long databaseBytes, OptionalLong commitBytes) {}

    /** A state to publish. */
    interface State {
        /** Its pages. */
        PageSource pages();

        /** Bytes of a page. */
        int pageSize();

        /** The checksums of its pages as they are now. */
        PageSums sums() throws IOException;

        /** A file that holds it. */
        Path path();

        /** Where it comes from, for messages. */
        String origin();

        /** What to do when nobody knows whether it was published. */
        String repeat();

        /** Told the state it is to follow, if there is one, before the two are compared. */
        void toFollow(DatabaseFile head) throws IOException;
    }

    /**
     * Publishes how a state differs from the head.
     *
     * @param headPath where the head may be put together
     * @throws ConflictException if the condition does not hold, or another machine was faster
     * @throws OutcomeUnknownException if the store never said whether it took the commit
     * @throws StoreException if the store cannot be asked, or refuses; nothing was changed
     */
    Published publish(DatabaseLog log, State state, PushCondition condition, Path headPath) throws IOException {
        while (true) {
            Published published = attempt(log, state, condition, headPath);
            if (published != null) {
                return published;
            }
        }
    }

    /** Null if another machine was faster and it does not matter. */
    private @Nullable Published attempt(DatabaseLog log, State ours, PushCondition condition, Path headPath)
            throws IOException {
        DatabaseLoader.Loaded loaded = loader.loadHead(log, headPath);
        Commit commit;
        try (DatabaseFile head = loaded.file()) {
            Baseline base = head.baseline();
            if (condition instanceof PushCondition.IfHead wanted
                    && wanted.version().number() != base.version()) {
                throw new ConflictException(conflict(
                        log, ours, wanted.version().number(), base.version(), base.writer(), base.commitId(), "none"));
            }
            if (!base.isEmpty()) {
                ours.toFollow(head);
            }
            SortedMap<Integer, byte[]> pages = Takeover.difference(
                    head,
                    ours.pages(),
                    ours.pageSize(),
                    Takeover.allPages(ours.pages().sizeInPages()));
            if (!base.isEmpty()
                    && pages.isEmpty()
                    && base.sizeInPages() == ours.pages().sizeInPages()) {
                return new Published(base, sizeOf(ours), OptionalLong.empty());
            }
            commit = encode(log, ours, base, pages);
        }
        SlotClaim.Owner owner =
                claim.claim(log, commit.provenance(), loaded.headAt(), () -> log.put(commit), ours.repeat());
        if (owner.isOurs()) {
            writeImage(log, ours.path(), commit.provenance(), loaded);
            return new Published(
                    Baseline.of(commit.provenance(), commit.sizeInPages()),
                    sizeOf(ours),
                    OptionalLong.of(commit.bytes().length));
        }
        if (condition instanceof PushCondition.Force) {
            LOG.info("another node was faster, trying again database={} version={}", log.id(), commit.version());
            return null;
        }
        throw new ConflictException(conflict(
                log, ours, commit.version() - 1, commit.version(), owner.writer(), owner.commitId(), commit.id()));
    }

    private static long sizeOf(State file) {
        return (long) file.pages().sizeInPages() * file.pageSize();
    }

    private Commit encode(DatabaseLog log, State ours, Baseline base, SortedMap<Integer, byte[]> pages)
            throws IOException {
        byte[] id = new byte[COMMIT_ID_BYTES];
        random.nextBytes(id);
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        Instant earliest = base.timestamp().plusMillis(1);
        return Commit.encode(
                log.id().path(),
                base.version() + 1,
                HexFormat.of().formatHex(id),
                writer,
                base.checksum(),
                ours.sums().rolling(),
                now.isBefore(earliest) ? earliest : now,
                ours.pageSize(),
                ours.pages().sizeInPages(),
                base.sizeInPages(),
                base.life(),
                pages);
    }

    private Conflict conflict(
            DatabaseLog log,
            State ours,
            long base,
            long head,
            String theirWriter,
            String theirCommit,
            String ourCommit) {
        return new Conflict(
                log.id(),
                ConflictPolicy.REJECT,
                Version.of(base),
                Version.of(head),
                writer,
                theirWriter,
                ourCommit,
                theirCommit,
                ours.origin(),
                0);
    }

    /** The version is safe without it; a node that opens the database writes one too. */
    private static void writeImage(DatabaseLog log, Path file, Provenance commit, DatabaseLoader.Loaded loaded)
            throws IOException {
        Provenance provenance = new Provenance(
                commit.database(),
                commit.version(),
                commit.commitId(),
                commit.writer(),
                commit.checksum(),
                commit.checksum(),
                commit.timestamp(),
                Digest.sha256(file),
                commit.life());
        if ((loaded.image() == null ? 0 : loaded.image().provenance().life()) < commit.life()) {
            return; // A deletion is not at its end yet; the first node that opens the database brings it there.
        }
        try {
            String etag = loaded.imageDamaged()
                    ? log.imageEtag().orElse(null)
                    : loaded.image() == null ? null : loaded.image().etag();
            if (log.putImage(file, provenance, etag).isEmpty()) {
                LOG.debug("another node has written the image database={}", log.id());
            }
        } catch (StoreException e) {
            LOG.warn("writing the image failed database={} reason={}", log.id(), e.getMessage());
        }
    }
}
