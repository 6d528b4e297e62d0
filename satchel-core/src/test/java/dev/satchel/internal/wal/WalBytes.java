package dev.satchel.internal.wal;

import java.nio.ByteBuffer;

/** Makes logs that SQLite on this machine does not write itself. */
final class WalBytes {
    private WalBytes() {}

    /** The same log with checksums in the given byte order, all of them right. */
    static byte[] rewrite(byte[] wal, boolean bigEndian) {
        WalHeader old = WalHeader.decode(wal);
        WalHeader header = WalHeader.of(old.pageSize(), old.checkpointSequence(), old.salt1(), old.salt2(), bigEndian);
        byte[] rewritten = wal.clone();
        System.arraycopy(header.encode(), 0, rewritten, 0, WalFormat.HEADER_SIZE);
        sign(rewritten, header);
        return rewritten;
    }

    /** Gives every whole frame of the bytes the salts and the checksum that make it valid. */
    static void sign(byte[] wal, WalHeader header) {
        ByteBuffer bytes = ByteBuffer.wrap(wal);
        int frameSize = WalFormat.frameSize(header.pageSize());
        long checksum = header.checksum();
        for (int at = WalFormat.HEADER_SIZE; at + frameSize <= wal.length; at += frameSize) {
            bytes.putInt(at + 8, header.salt1()).putInt(at + 12, header.salt2());
            checksum = WalChecksum.update(checksum, wal, at, 8, header.bigEndianChecksums());
            checksum = WalChecksum.update(checksum, wal, at + 24, header.pageSize(), header.bigEndianChecksums());
            bytes.putLong(at + 16, checksum);
        }
    }
}
