/**
 * Reading SQLite's write-ahead log: which transactions were committed since a position, and which pages they wrote.
 *
 * <p>{@link dev.satchel.internal.wal.WalReader} looks only at the {@code -wal} file, which Java may open and close while
 * connections are open; it never touches the database file or {@code -shm}. Everything after the last valid commit frame
 * is not data, so a damaged or half-written log is a shorter log and never an error. Called by the replica; calls nothing
 * of ours. Values are immutable; {@code WalReader} and {@code WalPageIndex} are confined to one thread at a time.
 */
@NullMarked
package dev.satchel.internal.wal;

import org.jspecify.annotations.NullMarked;
