package dev.satchel.internal.ltx;

import java.util.Collections;
import java.util.SortedMap;

/**
 * A whole, verified LTX file in memory.
 *
 * @param header its header
 * @param pages its pages by number; the map cannot be changed, the arrays are the holder's own
 */
public record LtxFile(LtxHeader header, SortedMap<Integer, byte[]> pages) {
    /** Wraps the map. */
    public LtxFile {
        pages = Collections.unmodifiableSortedMap(pages);
    }
}
