package dev.satchel.cloudflare;

import java.util.Arrays;
import java.util.Locale;

/** Why the Worker did not do it; {@code worker/src/protocol.js} has the same names. */
enum ErrorCode {
    BAD_REQUEST,
    BAD_BATCH,
    UNAUTHORIZED,
    CLOCK_SKEW,
    NO_SUCH_PATH,
    NO_BATCH,
    OTHER_CONTENT,
    /** Something newer was done before; the same request may succeed with a later signature. */
    SUPERSEDED(true),
    TOO_LARGE,
    INTERNAL(true),
    NOT_CONFIGURED,
    NEWER_SCHEMA,
    OVERLOADED(true),
    OBJECT_FULL,
    /** One of a newer Worker. */
    OTHER;

    private final boolean retryable;

    ErrorCode() {
        this(false);
    }

    ErrorCode(boolean retryable) {
        this.retryable = retryable;
    }

    boolean isRetryable() {
        return retryable;
    }

    static ErrorCode of(String token) {
        return Arrays.stream(values())
                .filter(code -> code.name().toLowerCase(Locale.ROOT).equals(token))
                .findFirst()
                .orElse(OTHER);
    }
}
