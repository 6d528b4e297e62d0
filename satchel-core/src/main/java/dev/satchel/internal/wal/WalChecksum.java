package dev.satchel.internal.wal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The checksum of SQLite's write-ahead log (fileformat2, section 4.2): two 32-bit sums, chained from frame to frame. A
 * value is the pair packed into a {@code long}, the first sum in the upper half. Stateless.
 */
public final class WalChecksum {
    private static final VarHandle LITTLE = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle BIG = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

    private WalChecksum() {}

    /** The pair of sums as one value. */
    public static long of(int first, int second) {
        return ((long) first << 32) | (second & 0xffff_ffffL);
    }

    /** The first sum. */
    public static int first(long checksum) {
        return (int) (checksum >>> 32);
    }

    /** The second sum. */
    public static int second(long checksum) {
        return (int) checksum;
    }

    /**
     * Continues {@code checksum} over bytes.
     *
     * @param length a multiple of 8
     * @param bigEndian the byte order of the words, which the magic number of the log chooses
     */
    public static long update(long checksum, byte[] bytes, int offset, int length, boolean bigEndian) {
        if ((length & 7) != 0) {
            throw new IllegalArgumentException("length must be a multiple of 8: " + length);
        }
        int s1 = first(checksum);
        int s2 = second(checksum);
        int end = offset + length;
        // One loop per order, so that the handle is a constant in each and compiles to a plain load.
        if (bigEndian) {
            for (int i = offset; i < end; i += 8) {
                s1 += (int) BIG.get(bytes, i) + s2;
                s2 += (int) BIG.get(bytes, i + 4) + s1;
            }
        } else {
            for (int i = offset; i < end; i += 8) {
                s1 += (int) LITTLE.get(bytes, i) + s2;
                s2 += (int) LITTLE.get(bytes, i + 4) + s1;
            }
        }
        return of(s1, s2);
    }
}
