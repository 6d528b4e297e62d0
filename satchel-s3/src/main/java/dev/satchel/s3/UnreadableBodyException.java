package dev.satchel.s3;

import java.io.IOException;

/** A body of ours that cannot be read, so that it is not taken for a failure of the network. */
final class UnreadableBodyException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnreadableBodyException(IOException cause) {
        super(cause.getMessage(), cause);
    }
}
