/**
 * Bringing a replica and the log together: refresh, publish, output gate, conflict, recovery, background images.
 *
 * <p>Called by the API only. One remote operation per database at a time, on a caller's own thread; no lock that a handler
 * needs is held across the network.
 */
@NullMarked
package dev.satchel.internal.sync;

import org.jspecify.annotations.NullMarked;
