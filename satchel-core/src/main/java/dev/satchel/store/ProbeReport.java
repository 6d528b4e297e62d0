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

    /** How much depends on what was tried. */
    public enum Need {
        /** Satchel cannot be used on a store that does not do it. */
        REQUIRED,
        /** Satchel works without it; something is less comfortable or less certain. */
        RECOMMENDED,
        /** Stores differ, and none is wrong. Fails only if it could not be tried. */
        OBSERVED
    }

    /**
     * One thing that was tried.
     *
     * @param name what the store must do, in a few words; unique within a report
     * @param need how much depends on it
     * @param passed whether it did
     * @param detail what was seen
     * @param advice what to do about a failure; empty if passed
     * @param requests how many requests it took
     */
    public record Check(String name, Need need, boolean passed, String detail, String advice, int requests) {}

    /** Whether Satchel may use this store: whether all that is required is there. */
    public boolean passed() {
        return firstFailure().isEmpty();
    }

    /** The first required thing the store did not do. */
    public Optional<Check> firstFailure() {
        return checks.stream()
                .filter(check -> check.need() == Need.REQUIRED && !check.passed())
                .findFirst();
    }

    /** How many requests the whole probe made. */
    public int requests() {
        return checks.stream().mapToInt(Check::requests).sum();
    }
}
