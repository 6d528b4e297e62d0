package dev.satchel.internal.sync;

import dev.satchel.Conflict;
import dev.satchel.internal.log.Commit;
import dev.satchel.internal.replica.Baseline;
import dev.satchel.internal.replica.Unpublished;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A commit that is being put into its slot. Once it has been sent, no other bytes are sent for that version until the slot's
 * owner is known.
 *
 * @param commit the bytes
 * @param change what they publish
 * @param becomes the replica's baseline when they have landed
 * @param overwrites what they overwrite, under LAST_WRITE_WINS
 * @param superseded what earlier attempts would have overwritten, had they not lost; kept until this one has landed, since a
 *     process that dies learns from them where our side began
 */
record Attempt(
        Commit commit,
        Unpublished change,
        Baseline becomes,
        @Nullable Conflict overwrites,
        List<Conflict> superseded) {
    /** Instead of one that has lost. */
    Attempt after(Attempt lost) {
        return new Attempt(commit, change, becomes, overwrites, lost.allOverwrites());
    }

    /** All that conflict records have been kept for. */
    List<Conflict> allOverwrites() {
        List<Conflict> all = new ArrayList<>(superseded);
        if (overwrites != null) {
            all.add(overwrites);
        }
        return List.copyOf(all);
    }

    long version() {
        return commit.version();
    }
}
