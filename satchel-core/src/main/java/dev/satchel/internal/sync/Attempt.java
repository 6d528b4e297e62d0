package dev.satchel.internal.sync;

import dev.satchel.Conflict;
import dev.satchel.internal.log.Commit;
import dev.satchel.internal.replica.Baseline;
import dev.satchel.internal.replica.Unpublished;
import org.jspecify.annotations.Nullable;

/**
 * A commit that is being put into its slot. Once it has been sent, no other bytes are sent for that version until the slot's
 * owner is known.
 *
 * @param commit the bytes
 * @param change what they publish
 * @param becomes the replica's baseline when they have landed
 * @param overwrites what they overwrite, under LAST_WRITE_WINS
 */
record Attempt(
        Commit commit,
        Unpublished change,
        Baseline becomes,
        @Nullable Conflict overwrites) {
    long version() {
        return commit.version();
    }
}
