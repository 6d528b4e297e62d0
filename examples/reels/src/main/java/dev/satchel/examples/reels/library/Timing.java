package dev.satchel.examples.reels.library;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.satchel.examples.reels.web.InputCheck;
import java.util.List;

/**
 * Which part of the footage is played, and how fast.
 *
 * @param inMs the first moment that is shown
 * @param outMs the first moment that is not shown any more
 * @param segments in order and without overlap between in and out; what lies between two segments is skipped
 */
@JsonPropertyOrder({"inMs", "outMs", "segments"})
record Timing(int inMs, int outMs, List<Segment> segments) {
    static final int MIN_LENGTH_MS = 100;

    private static final int MAX_SEGMENTS = 200;
    private static final double MIN_SPEED = 0.1;
    private static final double MAX_SPEED = 8;

    /** Keeps its own copy of the segments. */
    Timing {
        segments = List.copyOf(segments);
    }

    /** From in to out at normal speed. */
    static Timing plain(int inMs, int outMs) {
        return new Timing(inMs, outMs, List.of(new Segment(inMs, outMs, 1)));
    }

    /** Everything, at normal speed. */
    static Timing all(Source source) {
        return plain(0, source.durationMs());
    }

    void check(InputCheck check, Source source) {
        boolean begins = check.require(inMs >= 0, "timing.inMs", "The in point must not be below 0.");
        boolean ends = check.require(
                outMs <= source.durationMs(),
                "timing.outMs",
                "The out point lies behind the end of the footage, " + source.durationMs() + " ms.");
        if (!begins
                || !ends
                || !check.require(
                        (long) outMs - inMs >= MIN_LENGTH_MS,
                        "timing.outMs",
                        "The out point must be at least " + MIN_LENGTH_MS + " ms behind the in point.")
                || !check.require(
                        !segments.isEmpty() && segments.size() <= MAX_SEGMENTS,
                        "timing.segments",
                        "There must be 1 to " + MAX_SEGMENTS + " segments.")) {
            return;
        }
        int before = inMs;
        for (int i = 0; i < segments.size(); i++) {
            Segment segment = segments.get(i);
            String field = "timing.segments[" + i + "]";
            check.require(
                    segment.startMs() >= before && segment.startMs() < segment.endMs() && segment.endMs() <= outMs,
                    field,
                    "A segment must lie between in and out point, behind the one before it.");
            check.require(
                    segment.speed() >= MIN_SPEED && segment.speed() <= MAX_SPEED,
                    field + ".speed",
                    "The speed must be between " + MIN_SPEED + " and " + MAX_SPEED + ".");
            before = segment.endMs();
        }
    }
}
