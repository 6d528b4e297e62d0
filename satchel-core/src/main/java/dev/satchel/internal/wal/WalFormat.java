package dev.satchel.internal.wal;

/**
 * SQLite's write-ahead log on disk (SQLite fileformat2, section 4). All integers are unsigned and big-endian; a checksum
 * is a pair of 32-bit sums over 32-bit words whose byte order the magic number chooses.
 *
 * <pre>
 * Header, 32 bytes
 *   0  4  magic: 0x377f0682 sums little-endian words, 0x377f0683 big-endian words
 *   4  4  format version, 3007000
 *   8  4  page size, a power of two from 512 to 65536
 *  12  4  checkpoint sequence number
 *  16  8  salt-1, salt-2: new whenever the log restarts at frame 0
 *  24  8  checksum of bytes 0 to 23
 *
 * Frame, 24 bytes and one page; frame i starts at 32 + i * (24 + page size)
 *   0  4  page number, from 1
 *   4  4  database size in pages after the commit, or 0 when the frame does not end a transaction
 *   8  8  salt-1, salt-2 as in the header
 *  16  8  running checksum: that of the frame before (of the header for frame 0), continued over bytes 0 to 7 and the page
 *  24  n  the page
 * </pre>
 */
public final class WalFormat {
    /** Magic of a log whose checksums add up little-endian words. */
    public static final int MAGIC_LITTLE_ENDIAN = 0x377f0682;

    /** Magic of a log whose checksums add up big-endian words. */
    public static final int MAGIC_BIG_ENDIAN = 0x377f0683;

    /** The only version of the format there is. */
    public static final int VERSION = 3_007_000;

    /** Bytes of the header. */
    public static final int HEADER_SIZE = 32;

    /** Bytes of a frame before its page. */
    public static final int FRAME_HEADER_SIZE = 24;

    /** Bytes of the header, and of the frame header, up to what only a checksum may follow. */
    public static final int HEADER_CHECKSUM_OFFSET = 24;

    /** Bytes of the frame header that its checksum covers. */
    public static final int FRAME_CHECKSUMMED = 8;

    /** Smallest page size. */
    public static final int MIN_PAGE_SIZE = 512;

    /** Largest page size. */
    public static final int MAX_PAGE_SIZE = 65_536;

    private WalFormat() {}

    /** Whether a log or a database can have this page size. */
    public static boolean isPageSize(int pageSize) {
        return pageSize >= MIN_PAGE_SIZE && pageSize <= MAX_PAGE_SIZE && Integer.bitCount(pageSize) == 1;
    }

    /** Bytes of one frame, header and page. */
    public static int frameSize(int pageSize) {
        return FRAME_HEADER_SIZE + pageSize;
    }

    /** Where frame {@code frameIndex} (from 0) starts; with a frame count, where the log ends after so many frames. */
    public static long frameOffset(int pageSize, int frameIndex) {
        return HEADER_SIZE + (long) frameIndex * frameSize(pageSize);
    }
}
