package dev.satchel.internal.ltx;

import java.util.Objects;

/**
 * Checksums of pages and of a whole database, as LTX defines them.
 *
 * <p>The checksum of a page is {@code flag | CRC-64(page number as big-endian u32, page bytes)}; that of a database is
 * {@link #EMPTY} with the checksum of every page except the lock page XOR-ed in and the flag set again. It does not depend on
 * order, so it is kept up to date page by page. It finds corruption; it is not a cryptographic digest. Stateless.
 */
public final class PageChecksum {
    /** Set in every checksum that exists, so that none is ever 0. */
    public static final long FLAG = 1L << 63;

    /** The checksum of a database without pages. */
    public static final long EMPTY = FLAG;

    private PageChecksum() {}

    /** The checksum of a page; the whole array is the page. */
    public static long of(int pageNumber, byte[] page) {
        return of(pageNumber, page, 0, page.length);
    }

    /** The checksum of the page at {@code offset}, {@code length} (the page size) bytes long. */
    public static long of(int pageNumber, byte[] bytes, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        return FLAG | ~Crc64.advance(Crc64.advanceInt(Crc64.INITIAL, pageNumber), bytes, offset, length);
    }

    /** The database checksum after a page came in that was not there before. */
    public static long add(long sum, long page) {
        return FLAG | (sum ^ page);
    }

    /** The database checksum after a page went, as when the file shrinks. */
    public static long remove(long sum, long page) {
        return FLAG | (sum ^ page);
    }

    /** The database checksum after a page changed. */
    public static long replace(long sum, long oldPage, long newPage) {
        return FLAG | (sum ^ oldPage ^ newPage);
    }
}
