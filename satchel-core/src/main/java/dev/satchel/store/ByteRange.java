package dev.satchel.store;

/**
 * A range of an object's bytes.
 *
 * @param offset the first byte, from 0
 * @param length how many bytes at most; {@link Long#MAX_VALUE} means to the end
 */
public record ByteRange(long offset, long length) {
    /** The whole object. */
    public static final ByteRange ALL = new ByteRange(0, Long.MAX_VALUE);

    /** Checks the bounds. */
    public ByteRange {
        if (offset < 0 || length <= 0) {
            throw new IllegalArgumentException("offset must be >= 0 and length > 0: " + offset + ", " + length);
        }
    }

    /** Everything from {@code offset} on. */
    public static ByteRange from(long offset) {
        return new ByteRange(offset, Long.MAX_VALUE);
    }

    /** Whether this is the whole object. */
    public boolean isAll() {
        return offset == 0 && length == Long.MAX_VALUE;
    }
}
