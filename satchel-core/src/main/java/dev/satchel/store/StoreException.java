package dev.satchel.store;

import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The store could not be asked, did not answer, or refused. Never used for an object that is absent nor for a failed
 * condition: those are answers.
 */
public final class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Why, as far as a caller would act differently. */
    public enum Reason {
        /** Time-out, connection lost, 5xx, 409: a put may have taken effect or may yet do so. */
        UNKNOWN_OUTCOME(true),
        /** The request certainly never reached the store (connection refused, unknown host): a put has not taken effect. */
        NOT_SENT(true),
        /** 429 or 503 SlowDown: the store asks to come back later. Treated like an unknown outcome. */
        THROTTLED(true),
        /** The credentials may not do this (401, 403). A put has not taken effect. */
        DENIED(false),
        /** The store rejects the request itself: bad key, body too large, bucket missing. A put has not taken effect. */
        REJECTED(false),
        /** The local file system refused: disk full, read-only, permission. A put has not taken effect. */
        IO(true),
        /** The store itself finds that the object is not what was put. A put has not taken effect. */
        DAMAGED(false);

        private final boolean retryable;

        Reason(boolean retryable) {
            this.retryable = retryable;
        }

        /** Whether the same request may succeed later without anybody changing anything. */
        public boolean isRetryable() {
            return retryable;
        }

        /** Whether a put that ended so may have taken effect, now or later. */
        public boolean outcomeUnknown() {
            return this == UNKNOWN_OUTCOME || this == THROTTLED;
        }
    }

    private final Reason reason;
    private final @Nullable Duration retryAfter;

    /**
     * A failure of one request.
     *
     * @param message what was attempted on which key, what came back, and what to do; no secrets
     */
    public StoreException(Reason reason, String message, @Nullable Throwable cause) {
        this(reason, message, cause, null);
    }

    /**
     * A failure of one request, where the store may have said when to come back.
     *
     * @param message what was attempted on which key, what came back, and what to do; no secrets
     * @param retryAfter how long the store asks to wait, null if it does not say
     */
    public StoreException(Reason reason, String message, @Nullable Throwable cause, @Nullable Duration retryAfter) {
        super(message, cause);
        this.reason = Objects.requireNonNull(reason, "reason");
        this.retryAfter = retryAfter;
    }

    /** The failure of reading a body that had begun to arrive. */
    public static StoreException whileReading(String key, IOException cause) {
        return new StoreException(
                cause instanceof DamagedFileException ? Reason.DAMAGED : Reason.UNKNOWN_OUTCOME,
                "reading object " + key + " broke off: " + cause.getMessage(),
                cause);
    }

    /** Why. */
    public Reason reason() {
        return reason;
    }

    /** How long the store asks to wait before the next request, if it says. */
    public Optional<Duration> retryAfter() {
        return Optional.ofNullable(retryAfter);
    }
}
