package dev.satchel.testkit;

import dev.satchel.store.PutResult;
import dev.satchel.store.StoredObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** The requests a store has answered, in the order they ended. Thread-safe. */
public final class RequestLog {
    /** How a request ended. */
    public enum Outcome {
        /** It did what was asked. */
        OK,
        /** The object does not exist. */
        ABSENT,
        /** The condition of a put did not hold. */
        PRECONDITION_FAILED,
        /** It threw. */
        FAILED
    }

    /**
     * One request.
     *
     * @param operation what was asked
     * @param key of which object; the prefix of a listing
     * @param bytes the body's size: sent by a put, announced by a get, otherwise 0
     * @param outcome how it ended
     */
    public record Entry(Operation operation, String key, long bytes, Outcome outcome) {}

    private final List<Entry> entries = new ArrayList<>();

    /** An empty log. */
    public RequestLog() {}

    /** The requests since the last {@link #reset}. */
    public synchronized List<Entry> entries() {
        return List.copyOf(entries);
    }

    /** How many requests there were, of all operations. */
    public synchronized int count() {
        return entries.size();
    }

    /** How many requests there were of one operation. */
    public synchronized int count(Operation operation) {
        return (int) entries.stream().filter(e -> e.operation() == operation).count();
    }

    /** How many bytes requests of one operation carried, whatever their outcome. */
    public synchronized long bytes(Operation operation) {
        return entries.stream()
                .filter(e -> e.operation() == operation)
                .mapToLong(Entry::bytes)
                .sum();
    }

    /** Forgets all requests. */
    public synchronized void reset() {
        entries.clear();
    }

    @Override
    public String toString() {
        return entries().toString();
    }

    /** Runs a request and notes how it ended. */
    <T> T record(Operation operation, String key, long bodyBytes, Supplier<T> request) {
        try {
            T answer = request.get();
            add(new Entry(operation, key, bodyBytes + announcedBytes(answer), outcomeOf(answer)));
            return answer;
        } catch (RuntimeException | Error e) {
            add(new Entry(operation, key, bodyBytes, Outcome.FAILED));
            throw e;
        }
    }

    private synchronized void add(Entry entry) {
        entries.add(entry);
    }

    private static long announcedBytes(Object answer) {
        return answer instanceof Optional<?> found && found.orElse(null) instanceof StoredObject object
                ? object.expectedBytes()
                : 0;
    }

    private static Outcome outcomeOf(Object answer) {
        if (answer instanceof PutResult.PreconditionFailed) {
            return Outcome.PRECONDITION_FAILED;
        }
        if (answer instanceof Optional<?> found && found.isEmpty()) {
            return Outcome.ABSENT;
        }
        return Outcome.OK;
    }
}
