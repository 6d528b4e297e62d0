package dev.satchel.store;

import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Mutual exclusion by key between threads, between instances in one process, and between processes. What a killed process held
 * is free at once. Thread-safe.
 *
 * <p>Each stripe is three locks, taken in this order: one of this instance; a byte of {@code locks/threads}, whose file lock the
 * JVM grants once per process; and a byte of {@code locks/processes}, whose file lock the system grants to one process. Two
 * files are needed because POSIX drops all locks of a process on a file as soon as the process closes any descriptor of it: an
 * instance that closes must keep the others in its process from holding a lock just then. It does so by taking all of
 * {@code threads}; that file's own locks may be dropped, since only the JVM's table of them counts, and they are shared, so that
 * processes do not wait for each other there.
 */
final class StripedFileLock implements AutoCloseable {
    /** Processes on one directory must agree on it, so it never changes. */
    private static final int STRIPES = 64;

    private static final Duration TIMEOUT = Duration.ofSeconds(30);
    private static final long FIRST_PAUSE_NANOS = 20_000;
    private static final long LONGEST_PAUSE_NANOS = 2_000_000;

    private final Path folder;
    private final FileChannel threads;
    private final FileChannel processes;
    private final List<ReentrantLock> stripes =
            Stream.generate(ReentrantLock::new).limit(STRIPES).toList();

    /** Opens or creates the lock files. */
    StripedFileLock(Path folder) throws IOException {
        this.folder = folder;
        this.threads = open(folder.resolve("threads"));
        this.processes = open(folder.resolve("processes"));
    }

    /**
     * Waits until the key's stripe is free and takes it; closing what is returned gives it back.
     *
     * @throws IOException if somebody else holds it for 30 seconds, if the thread is interrupted, or if the file system has no
     *     locks
     */
    Closeable acquire(String key) throws IOException {
        int stripe = Math.floorMod(key.hashCode(), STRIPES);
        long deadline = System.nanoTime() + TIMEOUT.toNanos();
        ReentrantLock own = stripes.get(stripe);
        acquire(own);
        FileLock thread = null;
        FileLock process = null;
        try {
            thread = acquire(threads, stripe, true, deadline);
            process = acquire(processes, stripe, false, deadline);
            return release(own, thread, process);
        } finally {
            if (process == null) {
                release(own, thread, null).close();
            }
        }
    }

    /** Waits until nobody in this process holds anything, then closes the files. */
    @Override
    public void close() throws IOException {
        long deadline = System.nanoTime() + TIMEOUT.toNanos();
        List<FileLock> all = new ArrayList<>();
        try {
            for (int stripe = 0; stripe < STRIPES; stripe++) {
                all.add(acquire(threads, stripe, true, deadline));
            }
            processes.close();
        } finally {
            for (FileLock lock : all) {
                lock.release();
            }
        }
        threads.close();
    }

    private static FileChannel open(Path file) throws IOException {
        return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    private void acquire(ReentrantLock lock) throws IOException {
        try {
            if (!lock.tryLock() && !lock.tryLock(TIMEOUT.toNanos(), TimeUnit.NANOSECONDS)) {
                throw timedOut();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for a lock");
        }
    }

    /** Polls, since a blocking file lock has no time-out and fails at once if another instance in this process has it. */
    private FileLock acquire(FileChannel channel, int stripe, boolean shared, long deadline) throws IOException {
        long pause = FIRST_PAUSE_NANOS;
        while (true) {
            FileLock lock = tryAcquire(channel, stripe, shared);
            if (lock != null) {
                return lock;
            }
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedIOException("interrupted while waiting for a lock");
            }
            if (System.nanoTime() - deadline > 0) {
                throw timedOut();
            }
            LockSupport.parkNanos(pause);
            pause = Math.min(2 * pause, LONGEST_PAUSE_NANOS);
        }
    }

    private static @Nullable FileLock tryAcquire(FileChannel channel, int stripe, boolean shared) throws IOException {
        try {
            return channel.tryLock(stripe, 1, shared);
        } catch (OverlappingFileLockException e) {
            return null; // another instance in this process has it
        }
    }

    private static Closeable release(ReentrantLock own, @Nullable FileLock thread, @Nullable FileLock process) {
        return () -> {
            try {
                if (process != null) {
                    process.release();
                }
            } finally {
                try {
                    if (thread != null) {
                        thread.release();
                    }
                } finally {
                    own.unlock();
                }
            }
        };
    }

    private IOException timedOut() {
        return new IOException("somebody else has held a lock in " + folder + " for " + TIMEOUT.toSeconds()
                + " seconds; look for a process that hangs");
    }
}
