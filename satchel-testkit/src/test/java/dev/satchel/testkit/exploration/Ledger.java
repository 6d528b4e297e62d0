package dev.satchel.testkit.exploration;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.TreeSet;

/** What sessions were told of changes, by their keys. Confined to whichever thread runs. */
final class Ledger {
    private final Set<String> durable = new LinkedHashSet<>();
    private final Set<String> pending = new LinkedHashSet<>();
    private final Set<String> refused = new LinkedHashSet<>();
    private final Set<String> deleted = new LinkedHashSet<>();
    private final Set<String> excused = new LinkedHashSet<>();
    private final Set<String> begun = new LinkedHashSet<>();
    private boolean mayBeDeleted;

    /** A durable session was told that they are in the store, or has shown them. */
    void durable(Collection<String> keys) {
        durable.addAll(keys);
    }

    /** A session was told that they are pending. */
    void pending(Collection<String> keys) {
        pending.addAll(keys);
    }

    /** A session was told that they are not saved. */
    void refused(Collection<String> keys) {
        refused.addAll(keys);
    }

    /** A session is about to make that change. */
    void begins(String key) {
        begun.add(key);
    }

    /** Somebody was told that the database is deleted, with these changes at least, and perhaps all that were begun. */
    void deleted(Collection<String> keys) {
        deleted.addAll(keys);
        excused.addAll(begun);
    }

    /** Whether a deletion is under way, or was, and nobody was told what became of it. */
    void mayBeDeleted(boolean value) {
        mayBeDeleted = value;
    }

    /** What was deleted, and must not be found anywhere. */
    Set<String> deleted() {
        return new TreeSet<>(deleted);
    }

    /** What whoever asks for the latest must see. */
    Set<String> promised() {
        return required(durable);
    }

    private Set<String> required(Set<String> keys) {
        Set<String> required = mayBeDeleted ? new TreeSet<>() : new TreeSet<>(keys);
        required.removeAll(excused);
        return required;
    }

    /** What must be found at the end. */
    Set<String> acknowledged() {
        Set<String> all = new TreeSet<>(durable);
        all.addAll(pending);
        return required(all);
    }

    /** What durable sessions were told of, or have shown. */
    Set<String> durable() {
        return new TreeSet<>(durable);
    }

    /** What must not be found in any head. */
    Set<String> refused() {
        return new TreeSet<>(refused);
    }

    /** How much has been told. */
    int entries() {
        return durable.size() + pending.size() + refused.size() + deleted.size();
    }

    @Override
    public String toString() {
        return "durable " + new TreeSet<>(durable) + " pending " + new TreeSet<>(pending) + " refused " + refused();
    }
}
