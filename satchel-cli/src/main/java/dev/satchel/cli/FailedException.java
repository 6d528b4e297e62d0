package dev.satchel.cli;

/** The command cannot do what it should; the message says why and what to do. */
final class FailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    FailedException(String message) {
        super(message);
    }
}
