package dev.satchel.cloudflare;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What became of one attempt of a request. */
sealed interface Answer {
    /** The Worker has done it. */
    final class Done implements Answer {
        private final byte[] body;
        private final @Nullable String digest;

        Done(byte[] body, @Nullable String digest) {
            this.body = body;
            this.digest = digest;
        }

        /** What it answered; not a copy. */
        byte[] body() {
            return body;
        }

        /** Of the batch in the body; null if it is something else. */
        @Nullable
        String digest() {
            return digest;
        }
    }

    /**
     * The Worker has not done it, and said why.
     *
     * @param code for programs
     * @param message for people
     * @param now the Worker's clock in milliseconds, if the clocks are too far apart; else 0
     * @param time what this machine's clock showed then; else 0
     */
    record Refused(ErrorCode code, String message, long now, long time) implements Answer {}

    /**
     * Nothing that the Worker would say: it may or may not have done it.
     *
     * @param what was found instead
     * @param retryable whether it may be different the next time
     * @param pause how long to wait before, if something said so
     * @param cause if there was an exception
     */
    record Unclear(
            String what,
            boolean retryable,
            Optional<Duration> pause,
            @Nullable Throwable cause) implements Answer {}
}
