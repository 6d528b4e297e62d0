package dev.satchel.internal.wal;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The header of a write-ahead log. Immutable.
 *
 * @param pageSize bytes of a page
 * @param checkpointSequence how often the log was restarted, modulo 2^32
 * @param salt1 the first salt, one higher after every restart
 * @param salt2 the second salt, random after every restart
 * @param bigEndianChecksums the byte order of the words that the checksums add up
 * @param checksum the checksum of the header, from which frame 0 continues; see {@link WalChecksum}
 */
public record WalHeader(
        int pageSize, int checkpointSequence, int salt1, int salt2, boolean bigEndianChecksums, long checksum) {
    /** Checks the page size. */
    public WalHeader {
        if (!WalFormat.isPageSize(pageSize)) {
            throw new IllegalArgumentException("pageSize must be a power of two from 512 to 65536: " + pageSize);
        }
    }

    /** A header with the checksum that belongs to the other values. */
    public static WalHeader of(int pageSize, int checkpointSequence, int salt1, int salt2, boolean bigEndianChecksums) {
        WalHeader unsigned = new WalHeader(pageSize, checkpointSequence, salt1, salt2, bigEndianChecksums, 0);
        long checksum = checksumOf(unsigned.encode(), bigEndianChecksums);
        return new WalHeader(pageSize, checkpointSequence, salt1, salt2, bigEndianChecksums, checksum);
    }

    /**
     * Decodes the first bytes of a log.
     *
     * @param bytes at least {@link WalFormat#HEADER_SIZE} bytes
     * @return null when SQLite would take the log for an empty one (wrong magic, page size or checksum) or refuse to open
     *     it (unknown version)
     */
    public static @Nullable WalHeader decode(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        int magic = in.getInt();
        int version = in.getInt();
        int pageSize = in.getInt();
        int checkpointSequence = in.getInt();
        int salt1 = in.getInt();
        int salt2 = in.getInt();
        long checksum = in.getLong();
        boolean bigEndian = magic == WalFormat.MAGIC_BIG_ENDIAN;
        if ((!bigEndian && magic != WalFormat.MAGIC_LITTLE_ENDIAN)
                || version != WalFormat.VERSION
                || !WalFormat.isPageSize(pageSize)
                || checksum != checksumOf(bytes, bigEndian)) {
            return null;
        }
        return new WalHeader(pageSize, checkpointSequence, salt1, salt2, bigEndian, checksum);
    }

    /** The {@link WalFormat#HEADER_SIZE} bytes of this header. */
    public byte[] encode() {
        return ByteBuffer.allocate(WalFormat.HEADER_SIZE)
                .putInt(bigEndianChecksums ? WalFormat.MAGIC_BIG_ENDIAN : WalFormat.MAGIC_LITTLE_ENDIAN)
                .putInt(WalFormat.VERSION)
                .putInt(pageSize)
                .putInt(checkpointSequence)
                .putInt(salt1)
                .putInt(salt2)
                .putLong(checksum)
                .array();
    }

    /** Whether {@code position} was read under this header's salts. */
    public boolean isGenerationOf(WalPosition position) {
        return !position.isStart() && salt1 == position.salt1() && salt2 == position.salt2();
    }

    private static long checksumOf(byte[] bytes, boolean bigEndian) {
        return WalChecksum.update(0, bytes, 0, WalFormat.HEADER_CHECKSUM_OFFSET, bigEndian);
    }
}
