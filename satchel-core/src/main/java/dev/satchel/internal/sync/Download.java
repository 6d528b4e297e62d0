package dev.satchel.internal.sync;

import dev.satchel.CorruptException;
import dev.satchel.internal.log.DatabaseLog;
import dev.satchel.internal.log.Digest;
import dev.satchel.internal.log.Provenance;
import dev.satchel.store.ByteRange;
import dev.satchel.store.ObjectInfo;
import dev.satchel.store.StoreException;
import dev.satchel.store.StoredObject;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Brings one large object into a file, in parts that are fetched side by side, each of the very object that was opened first.
 * What has arrived is not asked for again after a failure. The calling thread sums up the bytes in order while later parts are
 * on their way, so the file is read once and never held in memory. Confined to one thread.
 */
final class Download {
    /** Fetched at once: enough to fill a line, and few of the threads that all databases share. */
    static final int LANES = 4;

    private final DatabaseLog log;
    private final Executor executor;
    private final int partBytes;
    private final LoadWatch watch;
    private final ObjectInfo object;
    private final Path target;
    private final int parts;

    /**
     * Of an object that has been opened.
     *
     * @param partBytes of each part but the last
     */
    Download(DatabaseLog log, Executor executor, int partBytes, LoadWatch watch, ObjectInfo object, Path target) {
        this.log = log;
        this.executor = executor;
        this.partBytes = partBytes;
        this.watch = watch;
        this.object = object;
        this.target = target;
        this.parts = Math.toIntExact((object.size() + partBytes - 1) / partBytes);
    }

    /** What is in the file is not the object: that has been replaced, or is gone. */
    static final class Moved extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Moved(String key) {
            super("object " + key + " was replaced while it was read", null, false, false);
        }
    }

    /** A part that is being fetched. */
    private record Fetch(int part, CompletableFuture<Void> done) {}

    /**
     * Fetches what is missing.
     *
     * @param opened the object, whose first part is read from it; closed when that is done
     * @param resume whether parts of an earlier attempt count, and are kept for a later one
     * @param patience tries again as long as each attempt brings something; null to fail at once
     * @throws Moved if the object is another by now
     * @throws StoreException if the store breaks off
     * @throws CorruptException if it is not what it says it is
     * @throws IOException if the local disk refuses
     */
    void run(StoredObject opened, Provenance provenance, boolean resume, @Nullable Patience patience)
            throws IOException {
        try (StoredObject first = opened;
                ArrivedParts arrived = resume
                        ? ArrivedParts.resume(object, partBytes, parts, target)
                        : ArrivedParts.none(object, target);
                Summing summing = new Summing()) {
            long there = 0;
            for (int part = 0; part < parts; part++) {
                there += arrived.has(part) ? length(part) : 0;
            }
            watch.begin(object.size(), there);
            int failures = 0;
            for (@Nullable StoredObject stream = first; ; stream = null) {
                int before = arrived.count();
                try {
                    fetchMissing(stream, arrived, summing);
                    break;
                } catch (StoreException e) {
                    failures = arrived.count() > before ? 1 : failures + 1;
                    if (patience == null
                            || failures >= Patience.ATTEMPTS
                            || !e.reason().isRetryable()) {
                        throw e;
                    }
                    pause(patience, failures, e);
                }
            }
            requireDigest(provenance, summing, there > 0);
        } catch (CorruptException | Moved e) {
            ArrivedParts.forget(target);
            throw e;
        }
        ArrivedParts.forget(target);
    }

    private void requireDigest(Provenance provenance, Summing summing, boolean resumed) {
        try {
            DatabaseLog.requireDigest(object, provenance, summing.digest);
        } catch (CorruptException e) {
            if (resumed) {
                throw new Moved(
                        object.key()); // More likely it is what a power failure has left of the earlier attempt.
            }
            throw e;
        }
    }

    private static void pause(Patience patience, int failures, StoreException failure) {
        try {
            patience.pause(failures);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failure;
        }
    }

    private void fetchMissing(@Nullable StoredObject first, ArrivedParts arrived, Summing summing) throws IOException {
        Deque<Fetch> ahead = new ArrayDeque<>();
        try {
            @Nullable StoredObject unread = arrived.has(0) ? null : first;
            for (int part = unread == null ? 0 : 1; part < parts; part++) {
                if (arrived.has(part)) {
                    continue;
                }
                if (ahead.size() == LANES) {
                    if (unread != null) {
                        readFirst(unread, arrived);
                        unread = null;
                    }
                    take(ahead.remove(), arrived);
                    summing.upTo(arrived);
                }
                int wanted = part;
                ahead.add(new Fetch(part, CompletableFuture.runAsync(() -> fetch(wanted), executor)));
            }
            if (unread != null) {
                readFirst(unread, arrived);
            }
            while (!ahead.isEmpty()) {
                take(ahead.remove(), arrived);
                summing.upTo(arrived);
            }
            summing.upTo(arrived);
        } finally {
            settle(ahead, arrived);
        }
    }

    /** Nobody writes to the file any more when this returns; what arrives late counts all the same. */
    private static void settle(Deque<Fetch> ahead, ArrivedParts arrived) throws IOException {
        for (Fetch fetch : ahead) {
            try {
                fetch.done().join();
            } catch (CompletionException e) {
                continue; // Another failure is on its way to the caller.
            }
            arrived.add(fetch.part());
        }
    }

    private static void take(Fetch fetch, ArrivedParts arrived) throws IOException {
        try {
            Requests.join(fetch.done());
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        arrived.add(fetch.part());
    }

    private void readFirst(StoredObject first, ArrivedParts arrived) throws IOException {
        try (StoredObject stream = first) {
            write(0, stream, length(0));
        }
        arrived.add(0);
    }

    private void fetch(int part) {
        ByteRange range = new ByteRange((long) part * partBytes, length(part));
        StoredObject found = log.openPart(object, range).orElseThrow(() -> new Moved(object.key()));
        try (found) {
            write(part, found, range.length());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Not through a channel, which an interrupted thread would close. */
    private void write(int part, StoredObject source, long length) throws IOException {
        long written = 0;
        try (RandomAccessFile file = new RandomAccessFile(target.toFile(), "rw")) {
            long begin = (long) part * partBytes;
            file.seek(begin);
            try {
                DatabaseLog.transfer(source, length, watch::arrived, (buffer, bytes) -> file.write(buffer, 0, bytes));
                written = length;
            } finally {
                if (written < length) {
                    watch.arrived(begin - file.getFilePointer()); // It will come again.
                }
            }
        }
    }

    private long length(int part) {
        return Math.min(partBytes, object.size() - (long) part * partBytes);
    }

    /** The digest of the bytes from the beginning, as far as they have arrived. */
    private final class Summing implements AutoCloseable {
        private final MessageDigest digest = Digest.sha256();
        private final byte[] buffer = new byte[64 * 1024];
        private @Nullable InputStream in;
        private int next;

        void upTo(ArrivedParts arrived) throws IOException {
            while (next < parts && arrived.has(next)) {
                sum(length(next));
                next++;
            }
        }

        private void sum(long length) throws IOException {
            if (in == null) {
                in = Files.newInputStream(target);
            }
            for (long left = length; left > 0; ) {
                int n = in.read(buffer, 0, (int) Math.min(buffer.length, left));
                if (n < 0) {
                    throw new EOFException(target + " became shorter while it was written");
                }
                digest.update(buffer, 0, n);
                left -= n;
            }
        }

        @Override
        public void close() throws IOException {
            if (in != null) {
                in.close();
            }
        }
    }
}
