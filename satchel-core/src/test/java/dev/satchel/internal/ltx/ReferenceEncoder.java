package dev.satchel.internal.ltx;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Writes LTX files straight from the format's description, sharing no code with the main encoder: pages as LZ4 blocks of
 * literals only, a byte-by-byte CRC, files with and without database checksums. Checks no rule, so that broken files can be made.
 */
final class ReferenceEncoder {
    private static final long[] BYTES = crcOfBytes();

    private ReferenceEncoder() {}

    static byte[] encode(LtxHeader header, SortedMap<Integer, byte[]> pages, long postApplyChecksum) {
        TreeMap<Integer, byte[]> blocks = new TreeMap<>();
        pages.forEach((number, page) -> blocks.put(number, literalBlock(page)));
        return encode(header, pages, blocks, postApplyChecksum);
    }

    /** With given blocks, whether or not they hold the pages. */
    static byte[] encode(
            LtxHeader header,
            SortedMap<Integer, byte[]> pages,
            SortedMap<Integer, byte[]> blocks,
            long postApplyChecksum) {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        ByteArrayOutputStream hashed = new ByteArrayOutputStream();
        ByteArrayOutputStream index = new ByteArrayOutputStream();
        byte[] headerBytes = ByteBuffer.allocate(100)
                .put(new byte[] {'L', 'T', 'X', '1'})
                .putInt(header.flags())
                .putInt(header.pageSize())
                .putInt(header.commit())
                .putLong(header.minTxid())
                .putLong(header.maxTxid())
                .putLong(header.timestampMillis())
                .putLong(header.preApplyChecksum())
                .putLong(header.walOffset())
                .putLong(header.walSize())
                .putInt(header.walSalt1())
                .putInt(header.walSalt2())
                .putLong(header.nodeId())
                .array();
        file.writeBytes(headerBytes);
        hashed.writeBytes(headerBytes);
        for (Map.Entry<Integer, byte[]> entry : pages.entrySet()) {
            byte[] block = blocks.get(entry.getKey());
            byte[] frameHeader = ByteBuffer.allocate(10)
                    .putInt(entry.getKey())
                    .putShort((short) 1)
                    .putInt(block.length)
                    .array();
            varint(index, entry.getKey());
            varint(index, file.size());
            varint(index, 10L + block.length);
            file.writeBytes(frameHeader);
            file.writeBytes(block);
            hashed.writeBytes(frameHeader);
            hashed.writeBytes(entry.getValue());
        }
        index.write(0);
        ByteArrayOutputStream tail = new ByteArrayOutputStream();
        try (DataOutputStream data = new DataOutputStream(tail)) {
            data.write(new byte[6]);
            data.write(index.toByteArray());
            data.writeLong(index.size());
            data.writeLong(postApplyChecksum);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        file.writeBytes(tail.toByteArray());
        hashed.writeBytes(tail.toByteArray());
        file.writeBytes(ByteBuffer.allocate(8)
                .putLong(crc(hashed.toByteArray()) | 1L << 63)
                .array());
        return file.toByteArray();
    }

    /** The LZ4 block that holds {@code page} as literals. */
    static byte[] literalBlock(byte[] page) {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        if (page.length < 15) {
            block.write(page.length << 4);
        } else {
            block.write(0xf0);
            int rest = page.length - 15;
            for (; rest >= 255; rest -= 255) {
                block.write(255);
            }
            block.write(rest);
        }
        block.writeBytes(page);
        return block.toByteArray();
    }

    /** CRC-64 of ISO 3309, one byte at a time. */
    static long crc(byte[] bytes) {
        long register = -1;
        for (byte b : bytes) {
            register = BYTES[(int) (register ^ b) & 0xff] ^ register >>> 8;
        }
        return ~register;
    }

    private static long[] crcOfBytes() {
        long[] table = new long[256];
        for (int value = 0; value < 256; value++) {
            long register = value;
            for (int bit = 0; bit < 8; bit++) {
                boolean one = (register & 1) == 1;
                register >>>= 1;
                if (one) {
                    register ^= 0xD800000000000000L;
                }
            }
            table[value] = register;
        }
        return table;
    }

    private static void varint(ByteArrayOutputStream out, long value) {
        long rest = value;
        for (; rest >= 128; rest >>= 7) {
            out.write((int) (rest & 127 | 128));
        }
        out.write((int) rest);
    }
}
