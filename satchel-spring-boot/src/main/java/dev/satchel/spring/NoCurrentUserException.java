package dev.satchel.spring;

/**
 * A database was asked for where nothing says whose. The message says what to write instead. A mistake of the program, not of
 * the caller: it is not translated into an answer.
 *
 * <p>No {@link IllegalStateException}, although it is one by its meaning: Spring would put that behind an exception that says no
 * more than that there is no connection.
 */
public final class NoCurrentUserException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NoCurrentUserException(String message) {
        super(message);
    }
}
