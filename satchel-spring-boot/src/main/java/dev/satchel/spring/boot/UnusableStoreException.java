package dev.satchel.spring.boot;

import java.io.Serial;

/** The store named by {@code satchel.store} cannot be opened. The cause says why. */
final class UnusableStoreException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    UnusableStoreException(RuntimeException cause) {
        super("the store named by satchel.store cannot be opened: " + cause.getMessage(), cause);
    }
}
