package dev.satchel.internal.sync;

import dev.satchel.CorruptException;
import dev.satchel.LocalStorageException;
import dev.satchel.internal.log.DatabaseLog;
import dev.satchel.internal.log.DeletionFound;
import dev.satchel.internal.log.Digest;
import dev.satchel.internal.log.Provenance;
import dev.satchel.internal.ltx.LtxEncoder;
import dev.satchel.internal.ltx.LtxFormat;
import dev.satchel.internal.ltx.LtxHeader;
import dev.satchel.internal.ltx.PageChecksum;
import dev.satchel.internal.replica.Baseline;
import dev.satchel.internal.replica.Replica;
import dev.satchel.internal.replica.ReplicaFiles;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes one database's snapshots: all pages at a version as one LTX file, every {@value #EVERY_VERSIONS} versions, so that no
 * version takes more than that many commits to restore, and when the database is used again after a deletion, since what is
 * before that cannot be read. In the background, never in the way of a commit, by the node that made
 * the head; losing one only costs time.
 */
final class SnapshotWriter {
    static final int EVERY_VERSIONS = 256;

    private static final Logger LOG = LoggerFactory.getLogger(SnapshotWriter.class);
    /** For a larger database than 64 MiB they are rarer, so that what they cost for each commit is bounded. */
    private static final long BYTES_PER_VERSION = 256 << 10;

    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(30);

    private final Node node;
    private final DatabaseLog log;
    private final ReplicaFiles files;
    private final ReentrantLock writing = new ReentrantLock();
    /** The newest snapshot that is known to be in the store, 0 if none is. */
    private volatile long newest;

    /** Whether the database is in use again after a deletion, and no snapshot says so yet. */
    private volatile boolean lifeBegan;

    private volatile long failedAt;
    private volatile boolean failed;

    SnapshotWriter(Node node, DatabaseLog log, ReplicaFiles files) {
        this.node = node;
        this.log = log;
        this.files = files;
    }

    /** The database was deleted, and there is something in it again. */
    void lifeBegan() {
        lifeBegan = true;
    }

    /** Whether so many versions have been made since the last one that is known here. Asks nobody. */
    boolean isDue(Replica replica) {
        Baseline head = replica.baseline();
        return !head.isEmpty()
                && (lifeBegan || head.version() - newest >= every(replica))
                && head.writer().equals(node.writer())
                && !(failed && node.nanoTime().getAsLong() - failedAt < PAUSE_AFTER_FAILURE.toNanos());
    }

    private long every(Replica replica) {
        return Math.max(node.snapshotEvery(), replica.sizeInBytes() / BYTES_PER_VERSION);
    }

    /**
     * Writes the replica's baseline as a snapshot, unless there is a recent one. Three requests, or one.
     *
     * @return whether it wrote one
     */
    boolean write(Replica replica) {
        if (!writing.tryLock()) {
            return false;
        }
        failed = true;
        failedAt = node.nanoTime().getAsLong();
        try {
            long version = replica.baseline().version();
            List<Long> recent = log.snapshots(Math.max(1, version - every(replica) + 1), Long.MAX_VALUE);
            long life = replica.baseline().life();
            recent.removeIf(snapshot -> snapshot < life);
            newest = recent.isEmpty() ? put(replica) : recent.get(recent.size() - 1);
            lifeBegan = false;
            failed = false;
            return recent.isEmpty();
        } catch (IOException e) {
            throw new LocalStorageException(
                    "database " + log.id() + ": writing the snapshot file failed: " + e.getMessage()
                            + "; check the disk's space and permissions",
                    e);
        } finally {
            delete(files.snapshotPages());
            delete(files.snapshot());
            writing.unlock();
        }
    }

    private long put(Replica replica) throws IOException {
        // Copied first, since a replica that is being read moves to no other version.
        Baseline copied = replica.copyBaseline(files.snapshotPages());
        int pageSize = Math.toIntExact(Files.size(files.snapshotPages()) / copied.sizeInPages());
        encode(copied, pageSize);
        Provenance provenance = new Provenance(
                log.id().path(),
                copied.version(),
                copied.commitId(),
                copied.writer(),
                copied.checksum(),
                copied.checksum(),
                copied.timestamp(),
                Digest.sha256(files.snapshot()),
                copied.life());
        log.putSnapshot(files.snapshot(), provenance);
        eraseIfDeletedMeanwhile(provenance);
        LOG.debug("snapshot written database={} version={}", log.id(), copied.version());
        return copied.version();
    }

    /** A deletion erases commits first and lists snapshots afterwards. */
    private void eraseIfDeletedMeanwhile(Provenance snapshot) {
        Optional<Provenance> commit = log.commitProvenance(snapshot.version());
        if (commit.isPresent() && commit.get().isErased()) {
            log.erase(log.keys().snapshot(snapshot.version()), commit.get());
            throw new DeletionFound(log.id(), commit.get().life());
        }
    }

    private void encode(Baseline copied, int pageSize) throws IOException {
        LtxHeader header = LtxHeader.ofSnapshot(
                pageSize,
                copied.sizeInPages(),
                copied.version(),
                copied.timestamp().toEpochMilli(),
                0);
        int lockPage = LtxFormat.lockPage(pageSize);
        long checksum = PageChecksum.EMPTY;
        try (InputStream pages = new BufferedInputStream(Files.newInputStream(files.snapshotPages()), 1 << 16);
                OutputStream out = new BufferedOutputStream(Files.newOutputStream(files.snapshot()), 1 << 16)) {
            LtxEncoder encoder = new LtxEncoder(out, header);
            for (int number = 1; number <= copied.sizeInPages(); number++) {
                byte[] page = pages.readNBytes(pageSize);
                if (number != lockPage) {
                    encoder.page(number, page);
                    checksum = PageChecksum.add(checksum, PageChecksum.of(number, page));
                }
            }
            encoder.finish();
        }
        if (checksum != copied.checksum()) {
            throw new CorruptException(
                    CorruptException.Kind.LOCAL_COPY,
                    "database " + log.id() + ": the local copy of version " + copied.version()
                            + " is damaged, no snapshot was made of it; check the disk",
                    null);
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // It is overwritten by the next snapshot, and removed with the replica.
        }
    }
}
