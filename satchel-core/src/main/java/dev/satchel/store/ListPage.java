package dev.satchel.store;

import java.util.List;

/**
 * One page of a listing.
 *
 * @param objects in key order, without metadata
 * @param more whether there may be further keys after the last one of this page
 */
public record ListPage(List<ObjectInfo> objects, boolean more) {
    /** Copies the list. */
    public ListPage {
        objects = List.copyOf(objects);
    }
}
