/**
 * The JDBC connection that Satchel hands out, {@link dev.satchel.internal.jdbc.TrackedConnection}, and what comes from it.
 *
 * <p>Made by {@code dev.satchel.internal.sync} from a {@link dev.satchel.internal.replica.ConnectionLease}; calls the replica
 * room only. It decides when a transaction begins and who holds the write lease, refuses SQL that would break the engine or
 * reach another user's database, and makes up for what the driver leaves out. It does not decide whether something was
 * written: the WAL tells that. Connections and what comes from them are confined to one thread at a time, as JDBC has it,
 * except {@code cancel} and {@code abort}; {@link dev.satchel.internal.jdbc.SqlGuard} is thread-safe. Internal, no promise
 * of stability.
 */
@NullMarked
package dev.satchel.internal.jdbc;

import org.jspecify.annotations.NullMarked;
