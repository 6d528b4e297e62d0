package dev.satchel.internal.ltx;

import dev.satchel.internal.ltx.LtxCorruptException.Reason;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import net.jpountz.lz4.LZ4Compressor;
import net.jpountz.lz4.LZ4Factory;

/**
 * A page as an LZ4 block: literals and matches within the page, nothing around them. Stateless.
 *
 * <p>Compression is the library's pure Java one, not the native one: its output depends on the input alone, not on the machine,
 * so that a commit that is encoded again is the same bytes. Decompression is our own, because the library accepts a match at
 * distance zero and then leaves in place whatever the array held before; readers in other languages refuse such a block.
 */
final class Lz4Block {
    private static final LZ4Compressor COMPRESSOR = LZ4Factory.safeInstance().fastCompressor();
    private static final VarHandle EIGHT_BYTES =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

    private static final int MIN_MATCH = 4;
    private static final int LENGTH_CONTINUES = 15;

    private final byte[] block;
    private final int blockSize;
    private final long origin;
    private int at;

    private Lz4Block(byte[] block, int blockSize, long origin) {
        this.block = block;
        this.blockSize = blockSize;
        this.origin = origin;
    }

    /** Compresses a page into {@code into} from {@code intoOffset} to its end; the size of the block. */
    static int compress(byte[] bytes, int offset, int pageSize, byte[] into, int intoOffset) {
        return COMPRESSOR.compress(bytes, offset, pageSize, into, intoOffset, into.length - intoOffset);
    }

    /**
     * Fills the first {@code pageSize} bytes of {@code page}, whatever they were before.
     *
     * @param block the block is its first {@code blockSize} bytes
     * @param origin where the block begins in the file, for the offset in errors
     * @throws LtxCorruptException if it is not a block of exactly one page
     */
    static void decompress(byte[] block, int blockSize, long origin, byte[] page, int pageSize) {
        new Lz4Block(block, blockSize, origin).decompress(page, pageSize);
    }

    private void decompress(byte[] page, int pageSize) {
        int out = 0;
        while (true) {
            int token = nextByte();
            int literals = length(token >>> 4);
            if (literals > blockSize - at || literals > pageSize - out) {
                throw malformed(literals + " literals at byte " + out + " of the page do not fit");
            }
            copyLiterals(literals, page, out, pageSize);
            at += literals;
            out += literals;
            if (at == blockSize) {
                break; // a block ends with literals
            }
            int distance = nextByte() | nextByte() << 8;
            if (distance == 0 || distance > out) {
                throw malformed("match at distance " + distance + " from byte " + out + " of the page");
            }
            int match = length(token & 0xf) + MIN_MATCH;
            if (match > pageSize - out) {
                throw malformed("match of " + match + " bytes at byte " + out + " of the page does not fit");
            }
            copyMatch(page, out, distance, match, pageSize);
            out += match;
        }
        if (out != pageSize) {
            throw malformed("block of " + out + " bytes of page, expected " + pageSize);
        }
    }

    private int nextByte() {
        if (at == blockSize) {
            throw malformed("the block ends within a sequence");
        }
        return block[at++] & 0xff;
    }

    /** A length that starts in a token; cannot overflow, as a block has fewer than 2^17 bytes. */
    private int length(int nibble) {
        int length = nibble;
        if (nibble == LENGTH_CONTINUES) {
            int more;
            do {
                more = nextByte();
                length += more;
            } while (more == 255);
        }
        return length;
    }

    private void copyLiterals(int literals, byte[] page, int out, int pageSize) {
        // Most runs are short: one unconditional move of eight bytes, if there is room for all of them, beats a call.
        if (literals <= 8 && at <= blockSize - 8 && out <= pageSize - 8) {
            EIGHT_BYTES.set(page, out, (long) EIGHT_BYTES.get(block, at));
        } else {
            System.arraycopy(block, at, page, out, literals);
        }
    }

    private static void copyMatch(byte[] page, int out, int distance, int match, int pageSize) {
        int source = out - distance;
        if (distance >= 8 && match <= 32 && out <= pageSize - 40) {
            for (int i = 0; i < match; i += 8) {
                EIGHT_BYTES.set(page, out + i, (long) EIGHT_BYTES.get(page, source + i));
            }
            return;
        }
        // A match may reach into itself and then repeats; what is there to copy from grows with every round.
        int copied = 0;
        while (copied < match) {
            int count = Math.min(distance + copied, match - copied);
            System.arraycopy(page, source, page, out + copied, count);
            copied += count;
        }
    }

    private LtxCorruptException malformed(String message) {
        return new LtxCorruptException(Reason.MALFORMED, origin + at, "LZ4 block: " + message);
    }
}
