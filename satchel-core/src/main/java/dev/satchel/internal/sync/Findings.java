package dev.satchel.internal.sync;

import dev.satchel.CorruptException;
import dev.satchel.SatchelMetrics;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Counts what is found damaged: each finding once, however often the object is read again while one piece of work looks for a way
 * around it. Thread-safe.
 */
final class Findings {
    private final SatchelMetrics metrics;
    private final Set<String> counted = ConcurrentHashMap.newKeySet();
    private final Set<String> countedHere = ConcurrentHashMap.newKeySet();

    Findings(SatchelMetrics metrics) {
        this.metrics = metrics;
    }

    /** New work begins: what is found from here on counts, also what has been found before. */
    void begin() {
        counted.clear();
    }

    /** A local copy is found damaged by everybody who uses it until there is another, which is now. */
    void localCopyReplaced() {
        countedHere.clear();
    }

    /** Something was found, and is told here or passed over. */
    void report(CorruptException found) {
        CorruptException first = found;
        while (first.getCause() instanceof CorruptException cause) {
            first = cause;
        }
        Set<String> known = found.kind() == CorruptException.Kind.LOCAL_COPY ? countedHere : counted;
        if (known.add(first.getMessage())) {
            metrics.corruptionFound(found.kind());
        }
    }

    /** Runs work, and counts what it fails with. */
    <T> T during(Supplier<T> work) {
        try {
            return work.get();
        } catch (CorruptException e) {
            report(e);
            throw e;
        }
    }
}
