package dev.satchel.internal.replica;

import dev.satchel.internal.ltx.LtxFormat;
import dev.satchel.internal.ltx.PageChecksum;
import java.util.Arrays;
import java.util.Map;
import java.util.SortedMap;

/**
 * The checksum of each page of a database and their rolling sum, so that a change costs what it touches. Eight bytes a page.
 * Confined to its owner.
 */
public final class PageSums {
    private final int lockPage;
    private long[] sums;
    private int size;
    private long rolling;

    /** Of an empty database. */
    public PageSums(int pageSize) {
        this.lockPage = LtxFormat.lockPage(pageSize);
        this.sums = new long[64];
        this.rolling = PageChecksum.EMPTY;
    }

    private PageSums(PageSums other) {
        this.lockPage = other.lockPage;
        this.sums = Arrays.copyOf(other.sums, other.sums.length);
        this.size = other.size;
        this.rolling = other.rolling;
    }

    /** An independent copy. */
    public PageSums copy() {
        return new PageSums(this);
    }

    /** The rolling sum over all pages. */
    public long rolling() {
        return rolling;
    }

    /** How many pages the database has. */
    public int size() {
        return size;
    }

    /** Appends the next page; for reading a file from its beginning. */
    public void append(byte[] page) {
        resize(size + 1);
        set(size, PageChecksum.of(size, page));
    }

    /** Changes pages and the size. Pages beyond the old size that are not given are left out of the sum, and so a fault. */
    public void apply(SortedMap<Integer, byte[]> pages, int newSize) {
        resize(newSize);
        for (Map.Entry<Integer, byte[]> page : pages.entrySet()) {
            if (page.getKey() <= newSize) {
                set(page.getKey(), PageChecksum.of(page.getKey(), page.getValue()));
            }
        }
    }

    /** Whether a page of this content would leave the sums as they are; different contents may, if rarely. */
    boolean mayEqual(int pageNumber, byte[] page) {
        return pageNumber <= size && sums[pageNumber] == PageChecksum.of(pageNumber, page);
    }

    private void resize(int newSize) {
        for (int page = newSize + 1; page <= size; page++) {
            set(page, 0);
        }
        if (newSize >= sums.length) {
            sums = Arrays.copyOf(sums, Math.max(newSize + 1, sums.length * 2));
        }
        size = newSize;
    }

    private void set(int pageNumber, long sum) {
        if (pageNumber == lockPage) {
            return;
        }
        long old = sums[pageNumber];
        if (old != 0) {
            rolling = PageChecksum.remove(rolling, old);
        }
        if (sum != 0) {
            rolling = PageChecksum.add(rolling, sum);
        }
        sums[pageNumber] = sum;
    }
}
