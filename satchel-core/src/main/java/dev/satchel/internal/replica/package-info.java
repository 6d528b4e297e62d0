/**
 * A database on this machine: its files, its connections, the cache of open replicas.
 *
 * <p>Called by {@code dev.satchel.internal.sync} and, for connections only, by {@code dev.satchel.internal.jdbc}; calls
 * {@code wal} and {@code ltx}. While a connection to a database is open, nothing here or elsewhere in the process may open
 * its main file or its {@code -shm} file: closing such a descriptor drops SQLite's locks. Internal, no promise of stability.
 */
@NullMarked
package dev.satchel.internal.replica;

import org.jspecify.annotations.NullMarked;
