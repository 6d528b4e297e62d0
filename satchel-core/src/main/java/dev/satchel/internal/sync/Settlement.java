package dev.satchel.internal.sync;

import dev.satchel.Conflict;
import dev.satchel.internal.replica.Replica;
import org.jspecify.annotations.Nullable;

/**
 * What became of a stretch of a replica's commits that was not simply published.
 *
 * @param replica whose
 * @param after the stretch begins behind this sequence
 * @param upTo and ends with this one
 * @param failure why it is not saved; null if it is
 * @param overwrote what it overwrote, if it is saved and did
 */
record Settlement(
        Replica replica,
        long after,
        long upTo,
        @Nullable RuntimeException failure,
        @Nullable Conflict overwrote) {

    boolean concerns(Replica which, long sequence) {
        return replica == which && sequence > after && sequence <= upTo;
    }
}
