package dev.satchel.store;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;

/** An object opened for reading. Confined to one thread; close it to release its connection. */
public final class StoredObject implements AutoCloseable {
    private final ObjectInfo info;
    private final InputStream body;
    private final long expectedBytes;

    /**
     * Wraps what a store delivers.
     *
     * @param info the whole object's description
     * @param body its bytes, or the asked range of them
     * @param expectedBytes how many bytes the body must deliver; fewer or more is an error, never a short read
     */
    public StoredObject(ObjectInfo info, InputStream body, long expectedBytes) {
        this.info = Objects.requireNonNull(info, "info");
        this.body = Objects.requireNonNull(body, "body");
        this.expectedBytes = expectedBytes;
    }

    /** The whole object's description, metadata included. */
    public ObjectInfo info() {
        return info;
    }

    /**
     * The bytes, unchecked for length; prefer {@link #readAll()} for small objects. Failures while reading are
     * {@link IOException}s; {@link StoreException#whileReading} makes them a store failure.
     */
    public InputStream body() {
        return body;
    }

    /** How many bytes {@link #body()} must deliver. */
    public long expectedBytes() {
        return expectedBytes;
    }

    /**
     * Reads everything into memory.
     *
     * @throws StoreException if the connection broke or the body is shorter or longer than announced
     */
    public byte[] readAll() {
        if (expectedBytes > Integer.MAX_VALUE - 64) {
            throw new IllegalStateException(
                    "object " + info.key() + " of " + expectedBytes + " bytes must be streamed");
        }
        try {
            ByteArrayOutputStream out = new ByteArrayOutputStream((int) expectedBytes);
            body.transferTo(out);
            if (out.size() != expectedBytes) {
                throw new IOException("body ended after " + out.size() + " of " + expectedBytes + " bytes");
            }
            return out.toByteArray();
        } catch (IOException e) {
            throw StoreException.whileReading(info.key(), e);
        }
    }

    /** Releases the connection. Never throws: what was read is unaffected. */
    @Override
    public void close() {
        try {
            body.close();
        } catch (IOException e) {
            // The bytes that were needed have been read, and a connection that fails to close is discarded by its pool.
        }
    }
}
