package dev.satchel.store;

/** What a put did. An outcome that is not known is a {@link StoreException} instead. */
public sealed interface PutResult {

    /**
     * The object is stored, durably.
     *
     * @param etag of the stored object
     */
    record Stored(String etag) implements PutResult {}

    /** The condition did not hold; nothing was changed by this attempt. An earlier, lost attempt may have succeeded. */
    enum PreconditionFailed implements PutResult {
        /** The only one. */
        INSTANCE
    }
}
