package dev.satchel.examples.reels.library;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.satchel.examples.reels.web.InputCheck;

/**
 * The footage a clip is cut from.
 *
 * @param width of the picture, in pixels
 * @param height of the picture, in pixels
 * @param durationMs its length in milliseconds
 */
@JsonPropertyOrder({"width", "height", "durationMs"})
record Source(int width, int height, int durationMs) {
    /** A minute of full HD. */
    static final Source DEFAULT = new Source(1920, 1080, 60_000);

    private static final int MAX_SIDE = 8192;
    private static final int MAX_DURATION_MS = 6 * 60 * 60 * 1000;

    void check(InputCheck check) {
        check.require(
                width >= Crop.MIN_SIDE && width <= MAX_SIDE,
                "source.width",
                "The width must be between " + Crop.MIN_SIDE + " and " + MAX_SIDE + " pixels.");
        check.require(
                height >= Crop.MIN_SIDE && height <= MAX_SIDE,
                "source.height",
                "The height must be between " + Crop.MIN_SIDE + " and " + MAX_SIDE + " pixels.");
        check.require(
                durationMs >= Timing.MIN_LENGTH_MS && durationMs <= MAX_DURATION_MS,
                "source.durationMs",
                "The duration must be between " + Timing.MIN_LENGTH_MS + " and " + MAX_DURATION_MS + " ms.");
    }
}
