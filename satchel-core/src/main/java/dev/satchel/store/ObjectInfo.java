package dev.satchel.store;

import java.time.Instant;
import java.util.Map;
import java.util.Objects;

/**
 * What is known of a stored object besides its bytes.
 *
 * @param key the object's key
 * @param size bytes
 * @param etag names this content of this key; opaque, changes with every put that changes the bytes
 * @param lastModified when it was put, by the store's clock
 * @param metadata as given to put, keys in lower case; empty in listings
 */
public record ObjectInfo(String key, long size, String etag, Instant lastModified, Map<String, String> metadata) {
    /** Copies the metadata. */
    public ObjectInfo {
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(etag, "etag");
        Objects.requireNonNull(lastModified, "lastModified");
        metadata = Map.copyOf(metadata);
    }
}
