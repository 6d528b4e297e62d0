package dev.satchel.archive;

import java.nio.charset.StandardCharsets;

/** The layout of an encoded batch; docs/formats/archive-batch.md has the same table. Big-endian. */
final class BatchFormat {
    /** First of all. */
    static final byte[] MAGIC = "SATCHARC".getBytes(StandardCharsets.US_ASCII);

    static final int VERSION = 1;

    /** A SHA-256, last of all. */
    static final int DIGEST_BYTES = 32;

    static final int NULL = 0;
    static final int WHOLE = 1;
    static final int REAL = 2;
    static final int TEXT = 3;
    static final int BLOB = 4;

    private BatchFormat() {}
}
