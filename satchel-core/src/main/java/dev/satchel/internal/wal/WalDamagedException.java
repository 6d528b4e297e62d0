package dev.satchel.internal.wal;

import java.io.IOException;

/** A committed frame of the log is not what it was. */
public final class WalDamagedException extends IOException {
    private static final long serialVersionUID = 1L;

    WalDamagedException(String message) {
        super(message);
    }
}
