package dev.satchel;

import java.time.Duration;

/**
 * How far the loading of a database from the store is. Immutable.
 *
 * @param loadedBytes what of its image is on this machine
 * @param totalBytes of the image; commits behind it, and the checks at the end, come on top
 * @param elapsed since the loading began
 */
public record LoadProgress(long loadedBytes, long totalBytes, Duration elapsed) {
    /** Guesses how long it will still take, if it goes on as it began; zero if there is nothing to guess from. */
    public Duration remaining() {
        if (loadedBytes <= 0 || loadedBytes >= totalBytes) {
            return Duration.ZERO;
        }
        return Duration.ofMillis(Math.round((double) elapsed.toMillis() / loadedBytes * (totalBytes - loadedBytes)));
    }
}
