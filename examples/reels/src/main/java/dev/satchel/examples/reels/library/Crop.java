package dev.satchel.examples.reels.library;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.satchel.examples.reels.web.InputCheck;

/** The part of the picture that is shown, in pixels of the source. */
@JsonPropertyOrder({"x", "y", "width", "height"})
record Crop(int x, int y, int width, int height) {
    /** The smallest side of a crop, and so of a source. */
    static final int MIN_SIDE = 16;

    /** The whole picture. */
    static Crop all(Source source) {
        return new Crop(0, 0, source.width(), source.height());
    }

    void check(InputCheck check, Source source) {
        check.require(x >= 0, "crop.x", "The left edge must not be below 0.");
        check.require(y >= 0, "crop.y", "The top edge must not be below 0.");
        check.require(width >= MIN_SIDE, "crop.width", "The width must be at least " + MIN_SIDE + " pixels.");
        check.require(height >= MIN_SIDE, "crop.height", "The height must be at least " + MIN_SIDE + " pixels.");
        if (x >= 0 && y >= 0) {
            check.require(
                    (long) x + width <= source.width(),
                    "crop.width",
                    "The crop reaches over the right edge of the picture, " + source.width() + " pixels.");
            check.require(
                    (long) y + height <= source.height(),
                    "crop.height",
                    "The crop reaches over the lower edge of the picture, " + source.height() + " pixels.");
        }
    }
}
