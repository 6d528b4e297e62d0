package dev.satchel.examples.reels.library;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A reel in the making: clips in an order.
 *
 * @param gameId the game it is cut from, if it belongs to one
 * @param clips how many clips it has
 * @param completedAt since when nobody works on it any more; after a while it goes to the archive
 */
@JsonPropertyOrder({"id", "name", "gameId", "clips", "createdAt", "updatedAt", "completedAt"})
record Project(
        long id,
        String name,
        @Nullable Long gameId,
        int clips,
        Instant createdAt,
        Instant updatedAt,
        @Nullable Instant completedAt) {}
