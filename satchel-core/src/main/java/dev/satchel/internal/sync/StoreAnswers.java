package dev.satchel.internal.sync;

import dev.satchel.SatchelException;
import dev.satchel.StoreRefusedException;
import dev.satchel.UnavailableException;
import dev.satchel.store.ObjectStore;
import dev.satchel.store.StoreException;
import java.util.function.Supplier;

/** Turns a store's failures into what callers of the API are told. */
public final class StoreAnswers {
    private StoreAnswers() {}

    /**
     * Runs work that asks a store.
     *
     * @param what was asked about, for the message
     */
    public static <T> T asking(ObjectStore store, String what, Supplier<T> work) {
        try {
            return work.get();
        } catch (StoreException e) {
            throw told(store, what, e);
        }
    }

    private static SatchelException told(ObjectStore store, String what, StoreException e) {
        boolean again = e.reason().isRetryable();
        String message = what + ": the store at " + store.location() + (again ? " could not be asked: " : " refused: ")
                + e.getMessage();
        return again ? new UnavailableException(message, e) : new StoreRefusedException(message, e);
    }
}
