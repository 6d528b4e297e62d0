package dev.satchel.store;

import java.util.List;
import java.util.Optional;

/**
 * What {@link StoreProbe} found.
 *
 * @param location the store, without secrets
 * @param checks in the order they were made; after a failure that makes the rest pointless, the rest is missing
 */
public record ProbeReport(String location, List<Check> checks) {
    /** Copies the list. */
    public ProbeReport {
        checks = List.copyOf(checks);
    }

    /**
     * One thing that was tried.
     *
     * @param name what the store must do, in a few words; unique within a report
     * @param passed whether it did
     * @param detail what was seen
     * @param advice what to do about a failure; empty if passed
     * @param requests how many requests it took
     */
    public record Check(String name, boolean passed, String detail, String advice, int requests) {}

    /** Whether Satchel may use this store. */
    public boolean passed() {
        return checks.stream().allMatch(Check::passed);
    }

    /** The first thing the store did not do. */
    public Optional<Check> firstFailure() {
        return checks.stream().filter(check -> !check.passed()).findFirst();
    }

    /** How many requests the whole probe made. */
    public int requests() {
        return checks.stream().mapToInt(Check::requests).sum();
    }
}
