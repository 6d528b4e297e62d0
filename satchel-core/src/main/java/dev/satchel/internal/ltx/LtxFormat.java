package dev.satchel.internal.ltx;

import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The constants of LTX version 3. All fixed-width integers are big-endian; {@code docs/formats/ltx.md} has the rules.
 *
 * <pre>
 * header, 100 bytes
 *   0  4  magic "LTX1"               40  8  checksum of the database before (0 if not tracked)
 *   4  4  flags, 0x2 = not tracked   48  8  WAL offset (0)
 *   8  4  page size, 512..65536      56  8  WAL size (0)
 *  12  4  commit: pages afterwards   64  4  WAL salt 1 (0)
 *  16  8  first transaction id       68  4  WAL salt 2 (0)
 *  24  8  last transaction id        72  8  node id
 *  32  8  time, ms since 1970        80 20  reserved (0)
 * page frame, one per page, page numbers strictly ascending
 *   0  4  page number                 6  4  n, size of the block
 *   4  2  flags, 0x1 = block form    10  n  LZ4 block of the page
 * end marker
 *   0  6  zero
 * index
 *   0  v  per frame three varints: page number, offset of the frame in the file, size of the frame; then one byte 0
 *   v  8  v
 * trailer, 16 bytes
 *   0  8  checksum of the database after (0 if not tracked)
 *   8  8  checksum of the file
 * </pre>
 */
public final class LtxFormat {
    /** {@code LTX1}, shared by versions 2 and 3 of the format. */
    public static final int MAGIC = 0x4C545831;

    /** Header flag: the file carries no checksums of the database before and after it. All our files have it. */
    public static final int FLAG_NO_CHECKSUM = 0x2;

    /** Page flag: a size field follows and the page is a plain LZ4 block. */
    public static final int PAGE_FLAG_BLOCK = 0x1;

    /** Bytes of the header. */
    public static final int HEADER_SIZE = 100;

    /** Bytes of a page frame before its LZ4 block: page number, flags and size. */
    public static final int FRAME_HEADER_SIZE = 10;

    /** Bytes of the end marker, which is a page number and flags of zero. */
    public static final int END_MARKER_SIZE = 6;

    /** Bytes of the trailer. */
    public static final int TRAILER_SIZE = 16;

    /** The smallest page size of SQLite. */
    public static final int MIN_PAGE_SIZE = 512;

    /** The largest page size of SQLite. */
    public static final int MAX_PAGE_SIZE = 65536;

    static final int MAGIC_OFFSET = 0;
    static final int FLAGS_OFFSET = 4;
    static final int PAGE_SIZE_OFFSET = 8;
    static final int COMMIT_OFFSET = 12;
    static final int MIN_TXID_OFFSET = 16;
    static final int MAX_TXID_OFFSET = 24;
    static final int TIMESTAMP_OFFSET = 32;
    static final int PRE_APPLY_CHECKSUM_OFFSET = 40;
    static final int WAL_OFFSET_OFFSET = 48;
    static final int WAL_SIZE_OFFSET = 56;
    static final int WAL_SALT1_OFFSET = 64;
    static final int WAL_SALT2_OFFSET = 68;
    static final int NODE_ID_OFFSET = 72;

    static final int FRAME_FLAGS_OFFSET = 4;
    static final int FRAME_BLOCK_SIZE_OFFSET = 6;

    /** SQLite's byte for locks; the page that holds it is never used. */
    private static final int LOCK_BYTE = 0x40000000;

    private static final HexFormat HEX = HexFormat.of();
    private static final Pattern FILE_NAME = Pattern.compile("([0-9a-f]{16})-([0-9a-f]{16})\\.ltx");

    private LtxFormat() {}

    /** Whether SQLite has pages of this size. */
    public static boolean isPageSize(int size) {
        return size >= MIN_PAGE_SIZE && size <= MAX_PAGE_SIZE && Integer.bitCount(size) == 1;
    }

    /** The number of the page that no file stores and no database checksum counts: the one at 1 GiB. */
    public static int lockPage(int pageSize) {
        return LOCK_BYTE / pageSize + 1;
    }

    /** The most bytes the LZ4 block of a page can have. */
    public static int maxBlockSize(int pageSize) {
        return pageSize + pageSize / 255 + 16;
    }

    /** The name of the file that holds these transactions: {@code <min>-<max>.ltx}, 16 lower-case hex digits each. */
    public static String fileName(TxidRange range) {
        return HEX.toHexDigits(range.min()) + "-" + HEX.toHexDigits(range.max()) + ".ltx";
    }

    /** The name of the file that holds one transaction. */
    public static String fileName(long txid) {
        return fileName(new TxidRange(txid, txid));
    }

    /** The transactions in the file of that name (without a path), or nothing if it is not the name of an LTX file. */
    public static Optional<TxidRange> parseFileName(String name) {
        Matcher matcher = FILE_NAME.matcher(name);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        long min = HexFormat.fromHexDigitsToLong(matcher.group(1));
        long max = HexFormat.fromHexDigitsToLong(matcher.group(2));
        return min < 1 || max < min ? Optional.empty() : Optional.of(new TxidRange(min, max));
    }
}
