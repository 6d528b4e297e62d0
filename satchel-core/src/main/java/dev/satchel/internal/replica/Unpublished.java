package dev.satchel.internal.replica;

import dev.satchel.internal.wal.WalCommits;
import java.util.SortedMap;

/**
 * What a replica has committed since its baseline, as one change.
 *
 * @param sequence how far in the replica's commits it reaches; see {@link Replica#committed()}
 * @param commits the frames it was read from
 * @param pageSize bytes of a page
 * @param sizeInPages of the database with it
 * @param pages that differ from the baseline, and all pages beyond the baseline's size
 * @param sums the page checksums with it
 */
public record Unpublished(
        long sequence,
        WalCommits commits,
        int pageSize,
        int sizeInPages,
        SortedMap<Integer, byte[]> pages,
        PageSums sums) {

    /** Whether the commits left every page as it was. */
    public boolean changesNothing(Baseline baseline) {
        return pages.isEmpty() && sizeInPages == baseline.sizeInPages();
    }
}
