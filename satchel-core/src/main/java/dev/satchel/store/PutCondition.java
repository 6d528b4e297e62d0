package dev.satchel.store;

import java.util.Objects;

/** When a put may take effect. */
public sealed interface PutCondition {

    /** Always; the last writer wins. */
    static PutCondition none() {
        return None.INSTANCE;
    }

    /** Only if the key does not exist ({@code If-None-Match: *}). */
    static PutCondition ifAbsent() {
        return IfAbsent.INSTANCE;
    }

    /** Only if the key exists with this etag ({@code If-Match}). */
    static PutCondition ifMatch(String etag) {
        return new IfMatch(etag);
    }

    /** No condition. */
    enum None implements PutCondition {
        /** The only one. */
        INSTANCE
    }

    /** The key must not exist. */
    enum IfAbsent implements PutCondition {
        /** The only one. */
        INSTANCE
    }

    /**
     * The key must exist with the etag.
     *
     * @param etag as {@link ObjectInfo#etag()} or {@link PutResult.Stored#etag()} gave it
     */
    record IfMatch(String etag) implements PutCondition {
        /** Checks for null. */
        public IfMatch {
            Objects.requireNonNull(etag, "etag");
        }
    }
}
