package dev.satchel.examples.reels.library;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.time.Instant;

/**
 * A piece of footage in a project: what of the picture is shown, which part of the time, and how fast.
 *
 * @param position its place in the project, from 1
 * @param source the footage it is cut from; never changes
 */
@JsonPropertyOrder({"id", "projectId", "position", "name", "source", "crop", "timing", "createdAt", "updatedAt"})
record Clip(
        long id,
        long projectId,
        int position,
        String name,
        Source source,
        Crop crop,
        Timing timing,
        Instant createdAt,
        Instant updatedAt) {}
