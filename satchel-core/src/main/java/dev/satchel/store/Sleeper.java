package dev.satchel.store;

import java.time.Duration;

/** Waiting, so that tests need not wait. Thread-safe. */
@FunctionalInterface
public interface Sleeper {
    /** Really sleeps, on the calling thread. */
    Sleeper SYSTEM = duration -> Thread.sleep(duration.toMillis(), duration.toNanosPart() % 1_000_000);

    /** Returns after the duration. */
    void sleep(Duration duration) throws InterruptedException;
}
