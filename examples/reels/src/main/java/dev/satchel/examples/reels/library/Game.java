package dev.satchel.examples.reels.library;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.time.Instant;

/**
 * A recorded game that projects are cut from.
 *
 * @param projects how many projects belong to it
 */
@JsonPropertyOrder({"id", "name", "projects", "createdAt"})
record Game(long id, String name, int projects, Instant createdAt) {}
