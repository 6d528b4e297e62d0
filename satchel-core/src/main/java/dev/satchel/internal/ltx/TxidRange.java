package dev.satchel.internal.ltx;

import java.util.Comparator;

/**
 * The transaction ids an LTX file covers, both ends included. Immutable; ordered by {@code min}, then {@code max}, which is
 * the order of file names.
 *
 * @param min the first transaction id, at least 1; 1 means that the file is a snapshot
 * @param max the last transaction id, at least {@code min}
 */
public record TxidRange(long min, long max) implements Comparable<TxidRange> {
    private static final Comparator<TxidRange> ORDER =
            Comparator.comparingLong(TxidRange::min).thenComparingLong(TxidRange::max);

    /** Checks the bounds. */
    public TxidRange {
        if (min < 1 || max < min) {
            throw new IllegalArgumentException("a txid range needs 1 <= min <= max: " + min + ", " + max);
        }
    }

    @Override
    public int compareTo(TxidRange other) {
        return ORDER.compare(this, other);
    }
}
