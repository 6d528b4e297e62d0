/**
 * A database on this machine: its files, its connections, its page checksums, and putting other machines' commits into it.
 *
 * <p>A replica is a cache; everything in it can be loaded again, save the spool. While SQLite has a replica's main file open,
 * nothing in the process may open and close that file a second time (POSIX locks belong to the process), so {@link
 * dev.satchel.internal.replica.Replica} keeps one channel on it from before the first connection until after the last.
 * Called by the sync and jdbc rooms.
 */
@NullMarked
package dev.satchel.internal.replica;

import org.jspecify.annotations.NullMarked;
