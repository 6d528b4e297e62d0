package dev.satchel.examples.reels.library;

import dev.satchel.examples.reels.web.InputCheck;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A clip as a client sends it. What is not sent is the default for a new clip, and stays as it is for an existing one.
 *
 * @param source for new clips only
 */
record ClipInput(
        @Nullable String name,
        @Nullable Source source,
        @Nullable Crop crop,
        @Nullable TimingInput timing) {

    /**
     * Timing as a client sends it.
     *
     * @param segments when not sent, one from in to out at normal speed
     */
    record TimingInput(int inMs, int outMs, @Nullable List<@Nullable Segment> segments) {
        Timing checked(InputCheck check, Source source) {
            Timing timing = Timing.plain(inMs, outMs);
            if (segments != null) {
                List<Segment> present =
                        segments.stream().filter(Objects::nonNull).toList();
                check.require(present.size() == segments.size(), "timing.segments", "A segment must not be missing.");
                timing = new Timing(inMs, outMs, present);
            }
            timing.check(check, source);
            return timing;
        }
    }

    /** What is to be stored for a new clip. */
    NewClip forNewClip() {
        InputCheck check = new InputCheck();
        String clipName = check.name("name", name);
        Source footage = source == null ? Source.DEFAULT : source;
        footage.check(check);
        check.done();
        Crop picture = crop == null ? Crop.all(footage) : crop;
        picture.check(check, footage);
        Timing time = timing == null ? Timing.all(footage) : timing.checked(check, footage);
        check.done();
        return new NewClip(clipName, footage, picture, time);
    }

    /** What is to be stored of an existing clip. */
    ClipChange forClipOf(Source footage) {
        InputCheck check = new InputCheck();
        check.require(name != null || crop != null || timing != null, "", "One of name, crop and timing is needed.");
        String newName = name == null ? null : check.name("name", name);
        if (crop != null) {
            crop.check(check, footage);
        }
        Timing newTiming = timing == null ? null : timing.checked(check, footage);
        check.done();
        return new ClipChange(newName, crop, newTiming);
    }

    /** A checked new clip. */
    record NewClip(String name, Source source, Crop crop, Timing timing) {}

    /** A checked change; null means as it is. */
    record ClipChange(
            @Nullable String name,
            @Nullable Crop crop,
            @Nullable Timing timing) {}
}
