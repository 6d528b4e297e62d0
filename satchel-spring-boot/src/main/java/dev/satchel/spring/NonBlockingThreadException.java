package dev.satchel.spring;

/**
 * A database was asked for on a thread that must not block, such as an event loop of Netty. The message says what to write instead.
 * A mistake of the program: it is not translated into an answer.
 *
 * <p>No {@link IllegalStateException}, for the reason that {@link NoCurrentUserException} has.
 */
public final class NonBlockingThreadException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NonBlockingThreadException(String message) {
        super(message);
    }
}
