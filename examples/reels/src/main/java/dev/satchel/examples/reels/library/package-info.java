/**
 * A user's library: games, projects and their clips with crop and timing, from HTTP down to SQL.
 *
 * <p>Plain Spring: controllers, validation, {@code JdbcClient}. Nothing here knows whose database it talks to or that there
 * is more than one; the {@code DataSource} sees to that.
 */
@NullMarked
package dev.satchel.examples.reels.library;

import org.jspecify.annotations.NullMarked;
