package dev.satchel.internal.sync;

import dev.satchel.ClosedException;
import dev.satchel.DatabaseId;
import dev.satchel.LoadProgress;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How far the loading of one database is, told in the log every few seconds. Thread-safe. */
final class Loading implements LoadWatch {
    private static final Logger LOG = LoggerFactory.getLogger(Loading.class);
    private static final Duration TOLD_EVERY = Duration.ofSeconds(5);

    private final DatabaseId id;
    private final LongSupplier nanoTime;
    private final AtomicLong loaded = new AtomicLong();
    private final AtomicLong told = new AtomicLong();
    private final AtomicLong furthest = new AtomicLong();
    private volatile long total;
    private volatile long began;
    private volatile boolean cancelled;

    Loading(DatabaseId id, LongSupplier nanoTime) {
        this.id = id;
        this.nanoTime = nanoTime;
    }

    @Override
    public void begin(long bytes, long there) {
        began = nanoTime.getAsLong();
        told.set(began);
        loaded.set(there);
        total = bytes;
    }

    @Override
    public void arrived(long bytes) {
        if (cancelled) {
            throw new ClosedException("Satchel has been closed", null);
        }
        loaded.addAndGet(bytes);
        long now = nanoTime.getAsLong();
        long last = told.get();
        if (now - last >= TOLD_EVERY.toNanos() && told.compareAndSet(last, now)) {
            LoadProgress progress = progress();
            LOG.info(
                    "loading database={} loaded_bytes={} total_bytes={} elapsed_ms={} remaining_ms={}",
                    id,
                    progress.loadedBytes(),
                    progress.totalBytes(),
                    progress.elapsed().toMillis(),
                    progress.remaining().toMillis());
        }
    }

    /** How far it is. */
    LoadProgress progress() {
        long bytes = total;
        return new LoadProgress(
                Math.max(0, Math.min(loaded.get(), bytes)),
                bytes,
                Duration.ofNanos(began == 0 ? 0 : nanoTime.getAsLong() - began));
    }

    /** A load is about to begin, as soon as there is a thread for it. */
    void queued() {
        begin(0, 0);
    }

    /** Whether more is here than whenever this was asked before. */
    boolean cameFurther() {
        long here = loaded.get();
        return furthest.getAndAccumulate(here, Math::max) < here;
    }

    /** All of it is here; the next load is another one. */
    void ended() {
        furthest.set(0);
        loaded.set(0);
    }

    /** Whatever is being loaded fails soon. */
    void cancel() {
        cancelled = true;
    }
}
