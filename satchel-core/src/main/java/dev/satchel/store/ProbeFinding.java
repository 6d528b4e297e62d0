package dev.satchel.store;

/** What a store did is not what it must do. The message goes on after "the store". */
final class ProbeFinding extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ProbeFinding(String message) {
        super(message, null, false, false);
    }
}
