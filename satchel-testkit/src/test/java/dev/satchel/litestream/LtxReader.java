package dev.satchel.litestream;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Reads an LTX file as the description of the format has it (superfly/ltx v0.5.2, {@code docs/formats/ltx.md}), and refuses what
 * {@code litestream restore} refuses. Shares no code with what writes the files.
 */
final class LtxReader {
    private static final int HEADER = 100;
    private static final int TRAILER = 16;
    private static final long FLAG = 1L << 63;
    private static final long[] ISO = table();

    final int pageSize;
    final int commit;
    final long minTxid;
    final long maxTxid;
    final SortedMap<Integer, byte[]> pages = new TreeMap<>();

    private final byte[] bytes;
    private long crc = -1L;

    LtxReader(byte[] bytes) {
        this.bytes = bytes;
        require(bytes.length >= HEADER + 6 + 9 + TRAILER, "too short");
        ByteBuffer header = ByteBuffer.wrap(bytes);
        require(header.getInt() == 0x4C545831, "magic");
        require(header.getInt() == 2, "litestream restores files without database checksums only");
        pageSize = header.getInt();
        commit = header.getInt();
        minTxid = header.getLong();
        maxTxid = header.getLong();
        header.getLong(); // time stamp
        require(header.getLong() == 0, "checksum before");
        require(header.getLong() == 0 && header.getLong() == 0 && header.getLong() == 0, "WAL fields");
        require(Integer.bitCount(pageSize) == 1 && pageSize >= 512 && pageSize <= 65536, "page size");
        require(commit > 0 && minTxid > 0 && maxTxid >= minTxid, "commit or transaction ids");
        hash(0, HEADER);
        int index = readFrames();
        readTail(index);
    }

    private int readFrames() {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        ByteArrayOutputStream index = new ByteArrayOutputStream();
        int at = HEADER;
        int last = 0;
        while (in.getInt(at) != 0) {
            int number = in.getInt(at);
            require(number > last && number <= commit, "order of pages");
            require(number != lockPage(), "lock page is stored");
            require(in.getShort(at + 4) == 1, "page flags");
            int size = in.getInt(at + 6);
            byte[] page = decompress(at + 10, size);
            hash(at, 10);
            hash(page);
            pages.put(number, page);
            varint(index, number);
            varint(index, at);
            varint(index, 10 + size);
            at += 10 + size;
            last = number;
        }
        require(in.getShort(at + 4) == 0, "end marker");
        hash(at, 6);
        index.write(0);
        byte[] expected = index.toByteArray();
        at += 6;
        require(Arrays.equals(bytes, at, at + expected.length, expected, 0, expected.length), "index");
        require(in.getLong(at + expected.length) == expected.length, "length of the index");
        hash(at, expected.length + 8);
        return at + expected.length + 8;
    }

    private void readTail(int at) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        require(at + TRAILER == bytes.length, "bytes after the end");
        require(in.getLong(at) == 0, "checksum after");
        hash(at, 8);
        require(in.getLong(at + 8) == (FLAG | ~crc), "checksum of the file");
        if (minTxid == 1) {
            require(pages.size() == commit - (commit >= lockPage() ? 1 : 0), "snapshot is not complete");
        }
    }

    int lockPage() {
        return 0x40000000 / pageSize + 1;
    }

    /** LZ4 block format: a token, literals, a match that goes back. */
    private byte[] decompress(int from, int size) {
        byte[] page = new byte[pageSize];
        int in = from;
        int out = 0;
        while (in < from + size) {
            int token = bytes[in++] & 0xff;
            int literals = token >>> 4;
            if (literals == 15) {
                int more;
                do {
                    more = bytes[in++] & 0xff;
                    literals += more;
                } while (more == 255);
            }
            System.arraycopy(bytes, in, page, out, literals);
            in += literals;
            out += literals;
            if (in == from + size) {
                break;
            }
            int offset = (bytes[in] & 0xff) | (bytes[in + 1] & 0xff) << 8;
            in += 2;
            require(offset > 0 && offset <= out, "LZ4 offset");
            int match = token & 15;
            if (match == 15) {
                int more;
                do {
                    more = bytes[in++] & 0xff;
                    match += more;
                } while (more == 255);
            }
            for (int i = 0; i < match + 4; i++) {
                page[out] = page[out - offset];
                out++;
            }
        }
        require(in == from + size && out == pageSize, "LZ4 block");
        return page;
    }

    private static void varint(ByteArrayOutputStream out, long value) {
        long rest = value;
        while (rest >= 0x80) {
            out.write((int) (rest & 0x7f | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
    }

    private void hash(int from, int length) {
        for (int i = from; i < from + length; i++) {
            crc = ISO[(int) (crc ^ bytes[i]) & 0xff] ^ (crc >>> 8);
        }
    }

    private void hash(byte[] page) {
        for (byte b : page) {
            crc = ISO[(int) (crc ^ b) & 0xff] ^ (crc >>> 8);
        }
    }

    private static long[] table() {
        long[] table = new long[256];
        for (int i = 0; i < 256; i++) {
            long crc = i;
            for (int bit = 0; bit < 8; bit++) {
                crc = (crc & 1) == 1 ? crc >>> 1 ^ 0xD800000000000000L : crc >>> 1;
            }
            table[i] = crc;
        }
        return table;
    }

    static void require(boolean condition, String what) {
        if (!condition) {
            throw new IllegalStateException(what);
        }
    }
}
