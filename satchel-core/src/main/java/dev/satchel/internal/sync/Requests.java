package dev.satchel.internal.sync;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Requests that are made side by side. */
public final class Requests {
    private Requests() {}

    /** Waits for an answer; a failure is thrown as it was there. */
    public static <T> T join(CompletableFuture<T> request) {
        try {
            return request.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            if (e.getCause() instanceof Error cause) {
                throw cause;
            }
            throw e;
        }
    }
}
