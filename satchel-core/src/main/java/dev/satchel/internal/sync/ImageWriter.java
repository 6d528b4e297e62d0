package dev.satchel.internal.sync;

import dev.satchel.CorruptException;
import dev.satchel.LocalStorageException;
import dev.satchel.internal.log.DatabaseLog;
import dev.satchel.internal.log.Digest;
import dev.satchel.internal.log.ImageInfo;
import dev.satchel.internal.log.Provenance;
import dev.satchel.internal.replica.Baseline;
import dev.satchel.internal.replica.Replica;
import dev.satchel.internal.replica.ReplicaFiles;
import dev.satchel.store.PutCondition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one database's image in the store near the head: the plain SQLite file that cold starts begin with and that anybody
 * can open. In the background, never in the way of a commit; losing it only costs time.
 */
final class ImageWriter {
    /** R2 takes one write a second for a key. */
    private static final Duration MIN_INTERVAL = Duration.ofSeconds(1);
    /** Larger databases get a new image for the log's length or size only, not after every pause. */
    private static final long MAX_IDLE_IMAGE_BYTES = 16L << 20;
    /** A commit of the log is a request, which takes a cold start about as long as so many bytes more. */
    private static final long REQUEST_BYTES = 64 << 10;

    private final Node node;
    private final DatabaseLog log;
    private final ReplicaFiles files;
    private final DatabaseErasure erasure;
    private final ReentrantLock writing = new ReentrantLock();
    private final ReentrantLock lock = new ReentrantLock();
    private boolean known;
    /** Whether the image in the store is of no use, and is to be written again whatever it says of itself. */
    private boolean damaged;

    private long imageVersion;
    /** Which life of the database the image is of, or says that it has ended. */
    private long imageLife;

    private @Nullable String etag;
    private long logBytes;
    private long lastWrite;
    private boolean everWritten;

    ImageWriter(Node node, DatabaseLog log, ReplicaFiles files, DatabaseErasure erasure) {
        this.node = node;
        this.log = log;
        this.files = files;
        this.erasure = erasure;
    }

    /** What the store's image was found to be; null if there is none. */
    void seen(@Nullable ImageInfo image) {
        lock.lock();
        try {
            known = true;
            damaged = false;
            imageVersion = image == null ? 0 : image.version();
            imageLife = image == null ? 0 : image.provenance().life();
            etag = image == null ? null : image.etag();
            logBytes = 0;
        } finally {
            lock.unlock();
        }
    }

    /** The store's image was found to be damaged. */
    void damaged() {
        lock.lock();
        try {
            known = false;
            damaged = true;
            imageVersion = 0;
            imageLife = 0;
            etag = null;
        } finally {
            lock.unlock();
        }
    }

    /** A commit of so many bytes went into the log. */
    void published(long bytes) {
        lock.lock();
        try {
            logBytes += bytes;
        } finally {
            lock.unlock();
        }
    }

    /** Whether the log behind the image is long, or large, or the database has come to rest. */
    boolean isDue(Replica replica, long idleNanos) {
        long version = replica.baseline().version();
        lock.lock();
        try {
            if (everWritten && node.nanoTime().getAsLong() - lastWrite < MIN_INTERVAL.toNanos()) {
                return false;
            }
            if (isOfAnEarlierLife(replica)) {
                return true;
            }
            if (replica.baseline().isEmpty() || version <= imageVersion) {
                return false;
            }
            if (damaged) {
                return true; // Who finds it mends it.
            }
            long size = replica.sizeInBytes();
            if (!replica.baseline().writer().equals(node.writer())) {
                // Whoever made the head looks after the image; others only if that node seems to be gone.
                return isLong((version - imageVersion) / 2, size);
            }
            return isLong(version - imageVersion, size)
                    || logBytes > size / 4
                    || (idleNanos >= node.config().imageIdle().toNanos() && size <= MAX_IDLE_IMAGE_BYTES);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Whether a log is so long that a cold start reads it about as long as a quarter of the image. So what images cost for each
     * commit is bounded, whatever the size: for a larger database they are rarer.
     */
    private boolean isLong(long versions, long size) {
        return versions >= node.config().imageEveryVersions() && versions * REQUEST_BYTES >= size / 4;
    }

    /** Whether the store's image is older than the replica. */
    boolean isBehind(Replica replica) {
        lock.lock();
        try {
            return isOfAnEarlierLife(replica)
                    || (!replica.baseline().isEmpty()
                            && (!known || replica.baseline().version() > imageVersion));
        } finally {
            lock.unlock();
        }
    }

    /** A deletion replaces the image when all else is erased: as long as it has not, it is to be brought to its end. */
    private boolean isOfAnEarlierLife(Replica replica) {
        return (known || damaged) && imageLife < replica.baseline().life();
    }

    /** Writes the image if it is still due: it may have been written since that was found. */
    void writeIfDue(Replica replica, long idleNanos) {
        if (!writing.tryLock()) {
            return;
        }
        try {
            if (isDue(replica, idleNanos)) {
                write(replica);
            }
        } finally {
            writing.unlock();
        }
    }

    /**
     * Writes the replica's baseline as the image, unless somebody else has written a newer one. One request, as a rule. Waits for one
     * that is being written.
     */
    void write(Replica replica) {
        writing.lock();
        long began = node.nanoTime().getAsLong();
        Path file = files.image();
        try {
            for (int i = 0; i < 2; i++) {
                if (!isKnown()) {
                    look(replica.baseline().version());
                }
                finishDeletion(replica);
                if (put(replica, file, began)) {
                    return;
                }
                forget();
            }
        } catch (IOException e) {
            throw new LocalStorageException(
                    "database " + log.id() + ": writing the image file failed: " + e.getMessage()
                            + "; check the disk's space and permissions",
                    e);
        } finally {
            lock.lock();
            try {
                lastWrite = node.nanoTime().getAsLong();
                everWritten = true;
            } finally {
                lock.unlock();
            }
            delete(file);
            writing.unlock();
        }
    }

    /** Sees what is there. An image that is damaged, and not newer than what we have, counts as none. */
    private void look(long version) {
        try {
            Optional<ImageInfo> image = log.image();
            if (!isDamaged() || image.isEmpty() || image.get().version() > version) {
                seen(image.orElse(null));
                return;
            }
        } catch (CorruptException e) {
            log.passedOver(e);
        }
        String found = log.imageEtag().orElse(null);
        lock.lock();
        try {
            known = true;
            imageVersion = 0;
            imageLife = 0; // nothing says that the last deletion is at its end
            etag = found;
        } finally {
            lock.unlock();
        }
    }

    private void finishDeletion(Replica replica) {
        if (isUnfinished(replica)) {
            erasure.finish(log, replica.baseline().life());
            look(replica.baseline().version());
            lock.lock();
            try {
                imageLife = replica.baseline().life();
            } finally {
                lock.unlock();
            }
        }
    }

    private boolean isUnfinished(Replica replica) {
        lock.lock();
        try {
            return isOfAnEarlierLife(replica);
        } finally {
            lock.unlock();
        }
    }

    /** False if the image in the store is not the one that was seen. */
    private boolean put(Replica replica, Path file, long began) throws IOException {
        String expected;
        lock.lock();
        try {
            if (replica.baseline().isEmpty()
                    || imageVersion >= replica.baseline().version()) {
                return true;
            }
            expected = etag;
        } finally {
            lock.unlock();
        }
        Baseline copied = replica.copyBaseline(file);
        Provenance provenance = new Provenance(
                log.id().path(),
                copied.version(),
                copied.commitId(),
                copied.writer(),
                copied.checksum(),
                copied.checksum(),
                copied.timestamp(),
                Digest.sha256(file),
                copied.life());
        long size = Files.size(file);
        Optional<String> written = node.keeps(ProtocolRule.IMAGE_ONLY_OVER_THE_SEEN_ONE)
                ? log.putImage(file, provenance, expected)
                : log.putImage(file, provenance, PutCondition.none());
        if (written.isEmpty()) {
            return false;
        }
        lock.lock();
        try {
            damaged = false;
            imageVersion = copied.version();
            imageLife = copied.life();
            etag = written.get();
            logBytes = 0;
        } finally {
            lock.unlock();
        }
        node.metrics().imageWritten(size, Duration.ofNanos(node.nanoTime().getAsLong() - began));
        return true;
    }

    private boolean isKnown() {
        lock.lock();
        try {
            return known;
        } finally {
            lock.unlock();
        }
    }

    /** Whether the store's image is known to be of no use. */
    boolean isDamaged() {
        lock.lock();
        try {
            return damaged;
        } finally {
            lock.unlock();
        }
    }

    private void forget() {
        lock.lock();
        try {
            known = false;
        } finally {
            lock.unlock();
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // It is overwritten by the next image, and removed with the replica.
        }
    }
}
