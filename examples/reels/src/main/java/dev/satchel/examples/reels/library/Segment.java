package dev.satchel.examples.reels.library;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;

/**
 * A stretch of footage played at one speed.
 *
 * @param startMs where it begins in the footage
 * @param endMs where it ends in the footage
 * @param speed 1 is as recorded, 0.5 slow motion; kept to a thousandth
 */
@JsonPropertyOrder({"startMs", "endMs", "speed"})
record Segment(int startMs, int endMs, double speed) {
    /** Rounds the speed. */
    Segment {
        speed = Math.round(speed * 1000) / 1000.0;
    }
}
