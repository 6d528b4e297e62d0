package dev.satchel.internal.log;

/**
 * An image in the store.
 *
 * @param provenance of the version it holds
 * @param etag for replacing it
 * @param size bytes
 */
public record ImageInfo(Provenance provenance, String etag, long size) {
    /** The version it holds. */
    public long version() {
        return provenance.version();
    }

    /** Whether it is the mark of a deletion instead. */
    public boolean isDeletion() {
        return provenance.isTombstone();
    }
}
