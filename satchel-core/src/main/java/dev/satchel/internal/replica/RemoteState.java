package dev.satchel.internal.replica;

import java.util.SortedMap;

/**
 * A newer version made elsewhere, as the pages to lay over a replica's baseline. Its chain has been checked.
 *
 * @param baseline the newer version
 * @param pages that differ or may differ from the replica's baseline; every page beyond its size
 * @param sums the page checksums of the newer version
 * @param pageSize bytes of a page
 */
public record RemoteState(Baseline baseline, SortedMap<Integer, byte[]> pages, PageSums sums, int pageSize) {}
