package dev.satchel.spring.boot;

import dev.satchel.store.StoreException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Told of every request to the object store. Thread-safe, quick, never throws. */
interface StoreObserver {
    /**
     * A request has ended.
     *
     * @param operation such as {@code put}
     * @param outcome {@code ok}, {@code absent}, {@code precondition_failed}, or why it failed
     * @param elapsed until the answer began to arrive
     * @param sent bytes of the body sent
     * @param received bytes of the body announced
     * @param failure why the store did not answer; null if it did
     */
    void requestEnded(
            String operation,
            String outcome,
            Duration elapsed,
            long sent,
            long received,
            @Nullable StoreException failure);
}
