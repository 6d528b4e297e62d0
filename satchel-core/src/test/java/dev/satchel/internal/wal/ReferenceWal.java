package dev.satchel.internal.wal;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.TreeMap;

/**
 * What SQLite's recovery makes of the bytes of a log, written as its documentation says it and without regard for speed.
 *
 * @param frames up to the last commit
 * @param pages newest frame by page number, those beyond the end of the database left out
 */
record ReferenceWal(int frames, int transactions, long databaseSizeInPages, Map<Long, Integer> pages) {
    private static final ReferenceWal EMPTY = new ReferenceWal(0, 0, 0, Map.of());
    private static final long MASK = 0xffff_ffffL;

    static ReferenceWal of(byte[] wal) {
        if (wal.length < 32) {
            return EMPTY;
        }
        ByteBuffer in = ByteBuffer.wrap(wal);
        long magic = in.getInt(0) & MASK;
        long pageSize = in.getInt(8) & MASK;
        if (magic != 0x377f0682L && magic != 0x377f0683L
                || in.getInt(4) != 3007000
                || pageSize < 512
                || pageSize > 65536
                || BigInteger.valueOf(pageSize).bitCount() != 1) {
            return EMPTY;
        }
        ByteOrder order = magic == 0x377f0683L ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        long[] sums = {0, 0};
        sum(sums, wal, 0, 24, order);
        if (sums[0] != (in.getInt(24) & MASK) || sums[1] != (in.getInt(28) & MASK)) {
            return EMPTY;
        }
        int frames = 0;
        int transactions = 0;
        long databaseSize = 0;
        Map<Long, Integer> all = new TreeMap<>();
        Map<Long, Integer> committed = Map.of();
        int frameSize = 24 + (int) pageSize;
        for (int i = 0; 32 + (i + 1) * frameSize <= wal.length; i++) {
            int at = 32 + i * frameSize;
            long page = in.getInt(at) & MASK;
            sum(sums, wal, at, 8, order);
            sum(sums, wal, at + 24, (int) pageSize, order);
            if (page == 0
                    || in.getLong(at + 8) != in.getLong(16)
                    || sums[0] != (in.getInt(at + 16) & MASK)
                    || sums[1] != (in.getInt(at + 20) & MASK)) {
                break;
            }
            all.put(page, i);
            long size = in.getInt(at + 4) & MASK;
            if (size != 0) {
                frames = i + 1;
                transactions++;
                databaseSize = size;
                committed = new TreeMap<>(all);
            }
        }
        long end = databaseSize;
        committed.keySet().removeIf(page -> page > end);
        return new ReferenceWal(frames, transactions, databaseSize, committed);
    }

    /** The same, of what a reader answered. */
    static ReferenceWal of(WalCommits commits) {
        Map<Long, Integer> pages = new TreeMap<>();
        for (int i = 0; i < commits.pageCount(); i++) {
            pages.put(commits.pageNumber(i) & MASK, commits.frameIndex(i));
        }
        return new ReferenceWal(
                commits.position().frames(), commits.transactions(), commits.databaseSizeInPages() & MASK, pages);
    }

    private static void sum(long[] sums, byte[] bytes, int offset, int length, ByteOrder order) {
        ByteBuffer words = ByteBuffer.wrap(bytes, offset, length).order(order);
        while (words.hasRemaining()) {
            sums[0] = sums[0] + (words.getInt() & MASK) + sums[1] & MASK;
            sums[1] = sums[1] + (words.getInt() & MASK) + sums[0] & MASK;
        }
    }
}
