package dev.satchel.store;

import dev.satchel.store.StoreException.Reason;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ThreadFactory;
import java.util.function.Supplier;

/**
 * Finds out by experiment whether a store does what Satchel relies on. A label proves nothing: there are stores that accept
 * the conditional headers and ignore them, and stores that honour them one at a time but not in a race.
 *
 * <p>Works on any store. The objects it makes are below {@code .satchel-probe/} under a random name, and are removed.
 * Thread-safe; every call blocks until it is done. A store that limits writes per key (R2: one a second) is waited for.
 */
public final class StoreProbe {
    /** Where the objects of all probes are. */
    public static final String FOLDER = ".satchel-probe/";

    private final ObjectStore store;
    private final Supplier<String> names;
    private final ThreadFactory threads;
    private final Sleeper sleeper;

    /**
     * A probe of a store.
     *
     * @param store stays open
     * @param names gives a fresh unguessable key segment for each run
     * @param threads makes the short-lived threads of the races
     * @param sleeper waits when the store asks for it
     */
    public StoreProbe(ObjectStore store, Supplier<String> names, ThreadFactory threads, Sleeper sleeper) {
        this.store = Objects.requireNonNull(store, "store");
        this.names = Objects.requireNonNull(names, "names");
        this.threads = Objects.requireNonNull(threads, "threads");
        this.sleeper = Objects.requireNonNull(sleeper, "sleeper");
    }

    /** A probe with random names, daemon threads and real waits. */
    public static StoreProbe of(ObjectStore store) {
        return new StoreProbe(
                store,
                () -> UUID.randomUUID().toString(),
                task -> {
                    Thread thread = new Thread(task, "satchel-probe");
                    thread.setDaemon(true);
                    return thread;
                },
                Sleeper.SYSTEM);
    }

    /**
     * Tries everything, one by one and in races; about 250 requests, some seconds. Problems are reported, not thrown.
     *
     * @return what was found
     */
    public ProbeReport run() {
        return new ProbeRun(store, names.get(), threads, sleeper).everything();
    }

    /**
     * The short form for the start of an application: conditional puts one by one, intact bytes and a working delete, in eight
     * requests.
     *
     * @throws StoreException if the store is unfit ({@link Reason#REJECTED}), naming it, or could not be asked
     */
    public void requireConditionalWrites() {
        new ProbeRun(store, names.get(), threads, sleeper).essentials();
    }
}
