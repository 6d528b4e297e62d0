package dev.satchel.store;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The bytes of a stored object, or what is known of them, are not what was put. The message names the file. */
final class DamagedFileException extends IOException {
    private static final long serialVersionUID = 1L;

    DamagedFileException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
