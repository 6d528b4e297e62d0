package dev.satchel.spring;

/**
 * A database was asked for where nothing says whose. The message says what to write instead. A mistake of the program, not of
 * the caller: it is not translated into an answer.
 */
public final class NoCurrentUserException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    NoCurrentUserException(String message) {
        super(message);
    }
}
