package dev.satchel;

import java.time.Duration;
import java.util.Objects;

/**
 * How the databases of a node were left when it was closed. Nothing that was acknowledged is lost in any case: what could not be
 * uploaded stays on the local disk, and the next start on the same folder uploads it.
 *
 * @param databases how many were open
 * @param uploaded how many owed something, which is in the store now
 * @param pending how many still owe something: it is on the local disk
 * @param unfinished how many could not be closed before the deadline, or at all
 * @param elapsed how long it took
 */
public record ShutdownReport(int databases, int uploaded, int pending, int unfinished, Duration elapsed) {
    /** Checks for nulls. */
    public ShutdownReport {
        Objects.requireNonNull(elapsed, "elapsed");
    }

    /** Whether everything is in the store. */
    public boolean isComplete() {
        return pending == 0 && unfinished == 0;
    }
}
