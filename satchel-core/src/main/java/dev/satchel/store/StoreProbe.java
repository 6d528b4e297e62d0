package dev.satchel.store;

import dev.satchel.store.StoreException.Reason;
import java.time.InstantSource;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
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

    private static final int RACERS = 16;
    private static final int ROUNDS = 6;

    private final ObjectStore store;
    private final Supplier<String> names;
    private final ThreadFactory threads;
    private final Sleeper sleeper;
    private final InstantSource clock;
    private final LongSupplier nanoTime;

    /**
     * A probe of a store.
     *
     * @param store stays open
     * @param names gives a fresh unguessable key segment for each run
     * @param threads makes the short-lived threads of the races
     * @param sleeper waits when the store asks for it
     * @param clock what the store's clock is compared with
     * @param nanoTime measures how long things take
     */
    public StoreProbe(
            ObjectStore store,
            Supplier<String> names,
            ThreadFactory threads,
            Sleeper sleeper,
            InstantSource clock,
            LongSupplier nanoTime) {
        this.store = Objects.requireNonNull(store, "store");
        this.names = Objects.requireNonNull(names, "names");
        this.threads = Objects.requireNonNull(threads, "threads");
        this.sleeper = Objects.requireNonNull(sleeper, "sleeper");
        this.clock = Objects.requireNonNull(clock, "clock");
        this.nanoTime = Objects.requireNonNull(nanoTime, "nanoTime");
    }

    /** A probe with random names, daemon threads, real waits and the system's clocks. */
    public static StoreProbe of(ObjectStore store) {
        return new StoreProbe(
                store,
                () -> UUID.randomUUID().toString(),
                task -> {
                    Thread thread = new Thread(task, "satchel-probe");
                    thread.setDaemon(true);
                    return thread;
                },
                Sleeper.SYSTEM,
                InstantSource.system(),
                System::nanoTime);
    }

    /**
     * Tries everything, one by one and in races; about 250 requests, some seconds. Problems are reported, not thrown.
     *
     * @return what was found
     */
    public ProbeReport run() {
        ProbeAccess access = access();
        ProbeChecks checks = new ProbeChecks(access, name -> {});
        ProbeRun run = new ProbeRun(access, checks, new ProbeThreads(threads), RACERS, ROUNDS);
        try {
            run.basics();
        } finally {
            run.removal();
        }
        return checks.report();
    }

    /**
     * The long form, for whoever decides on a store: longer races, late duplicates, what is seen when, names, sizes, metadata,
     * the store's clock, how it limits writes and how long it takes. About 3,800 requests and 30 MB; seconds on this machine,
     * a minute or two over a network. Problems are reported, not thrown.
     *
     * @param beginning told the name of each check before it is made, on the calling thread
     * @return what was found, with what is {@linkplain ProbeReport.Need required, recommended and merely observed}
     */
    public ProbeReport certify(Consumer<String> beginning) {
        ProbeAccess access = access();
        ProbeChecks checks = new ProbeChecks(access, beginning);
        return new CertificationRun(access, checks, new ProbeThreads(threads), clock, nanoTime).everything();
    }

    /**
     * The short form for the start of an application: conditional puts one by one, intact bytes and a working delete, in eight
     * requests.
     *
     * @throws StoreException if the store is unfit ({@link Reason#REJECTED}), naming it, or could not be asked
     */
    public void requireConditionalWrites() {
        ProbeAccess access = access();
        new ProbeRun(access, new ProbeChecks(access, name -> {}), new ProbeThreads(threads), RACERS, ROUNDS)
                .essentials();
    }

    private ProbeAccess access() {
        return new ProbeAccess(store, FOLDER + names.get() + "/", sleeper);
    }
}
