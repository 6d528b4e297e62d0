package dev.satchel.internal.ltx;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Objects;
import java.util.zip.Checksum;

/**
 * CRC-64 of ISO 3309 as LTX uses it: reflected, polynomial constant {@code 0xD800000000000000}, initial value and final XOR
 * all ones. The check value of ASCII {@code 123456789} is {@code b90956c775a41001}. Not the ECMA-182 variant of xz.
 *
 * <p>Confined to one thread. Sixteen table lookups, half of which do not wait for the bytes before, consume sixteen
 * bytes at a time (slicing-by-16).
 */
public final class Crc64 implements Checksum {
    private static final long POLYNOMIAL = 0xD800000000000000L;
    private static final VarHandle LITTLE_ENDIAN_LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    // One flat table per slice: a static final array of its own spares the inner loop a second indirection.
    private static final long[] T0 = firstTable();
    private static final long[] T1 = nextTable(T0);
    private static final long[] T2 = nextTable(T1);
    private static final long[] T3 = nextTable(T2);
    private static final long[] T4 = nextTable(T3);
    private static final long[] T5 = nextTable(T4);
    private static final long[] T6 = nextTable(T5);
    private static final long[] T7 = nextTable(T6);
    private static final long[] T8 = nextTable(T7);
    private static final long[] T9 = nextTable(T8);
    private static final long[] T10 = nextTable(T9);
    private static final long[] T11 = nextTable(T10);
    private static final long[] T12 = nextTable(T11);
    private static final long[] T13 = nextTable(T12);
    private static final long[] T14 = nextTable(T13);
    private static final long[] T15 = nextTable(T14);

    /** The register before any byte, see {@link #advance(long, byte[], int, int)}. */
    static final long INITIAL = -1L;

    private long register = INITIAL;

    /** A checksum of no bytes yet. */
    public Crc64() {}

    /** The checksum of {@code length} bytes from {@code offset} on. */
    public static long of(byte[] bytes, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        return ~advance(INITIAL, bytes, offset, length);
    }

    @Override
    public void update(int b) {
        register = advance(register, b);
    }

    @Override
    public void update(byte[] bytes, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        register = advance(register, bytes, offset, length);
    }

    /** The checksum of everything so far; more bytes may follow. */
    @Override
    public long getValue() {
        return ~register;
    }

    @Override
    public void reset() {
        register = INITIAL;
    }

    /** The register after one more byte (the low eight bits of {@code b}). */
    static long advance(long register, int b) {
        return T0[(int) (register ^ b) & 0xff] ^ (register >>> 8);
    }

    /** The register after four more bytes, {@code value} in big-endian order. */
    static long advanceInt(long register, int value) {
        long r = advance(register, value >>> 24);
        r = advance(r, value >>> 16);
        r = advance(r, value >>> 8);
        return advance(r, value);
    }

    /** The register after {@code length} more bytes; the checksum is its complement. Bounds are the caller's business. */
    static long advance(long register, byte[] bytes, int offset, int length) {
        long r = register;
        int at = offset;
        int end = offset + length;
        for (int last = end - 2 * Long.BYTES; at <= last; at += 2 * Long.BYTES) {
            r ^= (long) LITTLE_ENDIAN_LONG.get(bytes, at);
            long next = (long) LITTLE_ENDIAN_LONG.get(bytes, at + Long.BYTES);
            r = T15[(int) r & 0xff]
                    ^ T14[(int) (r >>> 8) & 0xff]
                    ^ T13[(int) (r >>> 16) & 0xff]
                    ^ T12[(int) (r >>> 24) & 0xff]
                    ^ T11[(int) (r >>> 32) & 0xff]
                    ^ T10[(int) (r >>> 40) & 0xff]
                    ^ T9[(int) (r >>> 48) & 0xff]
                    ^ T8[(int) (r >>> 56)]
                    ^ T7[(int) next & 0xff]
                    ^ T6[(int) (next >>> 8) & 0xff]
                    ^ T5[(int) (next >>> 16) & 0xff]
                    ^ T4[(int) (next >>> 24) & 0xff]
                    ^ T3[(int) (next >>> 32) & 0xff]
                    ^ T2[(int) (next >>> 40) & 0xff]
                    ^ T1[(int) (next >>> 48) & 0xff]
                    ^ T0[(int) (next >>> 56)];
        }
        for (; at < end; at++) {
            r = T0[(int) (r ^ bytes[at]) & 0xff] ^ (r >>> 8);
        }
        return r;
    }

    private static long[] firstTable() {
        long[] table = new long[256];
        for (int i = 0; i < table.length; i++) {
            long r = i;
            for (int bit = 0; bit < Byte.SIZE; bit++) {
                r = (r & 1) == 0 ? r >>> 1 : (r >>> 1) ^ POLYNOMIAL;
            }
            table[i] = r;
        }
        return table;
    }

    /** The table for a byte that is followed by one more byte than those of {@code previous}. */
    private static long[] nextTable(long[] previous) {
        long[] table = new long[256];
        for (int i = 0; i < table.length; i++) {
            table[i] = T0[(int) previous[i] & 0xff] ^ (previous[i] >>> 8);
        }
        return table;
    }
}
