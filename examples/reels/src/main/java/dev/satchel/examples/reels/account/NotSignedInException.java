package dev.satchel.examples.reels.account;

/** Somebody unknown asks for what belongs to a user; answered with 401. */
final class NotSignedInException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NotSignedInException() {
        super("Sign in first.");
    }
}
