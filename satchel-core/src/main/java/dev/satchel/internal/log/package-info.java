/**
 * A database in the store: its keys, commit objects, image and conflict objects.
 *
 * <p>Everything read here is checked (identity, digest, version) before it is returned; damage is a
 * {@link dev.satchel.CorruptException} that names the object. Stateless and thread-safe; one method is one store request
 * unless it says otherwise. Called by the replica and sync rooms.
 */
@NullMarked
package dev.satchel.internal.log;

import org.jspecify.annotations.NullMarked;
