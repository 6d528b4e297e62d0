/**
 * A small video-editor back end, each user's library in a SQLite database of their own.
 *
 * <p>Here: the application itself, its settings, the schema of a library, and what it prints when it is ready. The rooms:
 * {@code account} says who asks, {@code library} holds games, projects and clips, {@code web} is what all answers share.
 */
@NullMarked
package dev.satchel.examples.reels;

import org.jspecify.annotations.NullMarked;
