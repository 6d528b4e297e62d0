package dev.satchel.internal.replica;

import dev.satchel.internal.ltx.LtxFormat;
import dev.satchel.internal.ltx.PageChecksum;
import java.util.Arrays;
import java.util.Map;
import java.util.SortedMap;

/**
 * The checksum of each page of a database and their rolling sum, so that a change costs what it touches. Eight bytes a page,
 * in chunks that copies share until one of them writes: every commit makes a copy. Confined to its owner, and copied there.
 */
public final class PageSums {
    private static final int CHUNK_BITS = 7;
    private static final int CHUNK = 1 << CHUNK_BITS;

    private final int lockPage;
    private long[][] chunks;
    /** Which chunks no copy shares. */
    private boolean[] own;

    private int size;
    private long rolling;

    /** Of an empty database. */
    public PageSums(int pageSize) {
        this.lockPage = LtxFormat.lockPage(pageSize);
        this.chunks = new long[0][];
        this.own = new boolean[0];
        this.rolling = PageChecksum.EMPTY;
    }

    private PageSums(PageSums other) {
        this.lockPage = other.lockPage;
        this.chunks = other.chunks.clone();
        this.own = new boolean[other.own.length];
        this.size = other.size;
        this.rolling = other.rolling;
    }

    /** An independent copy. */
    public PageSums copy() {
        Arrays.fill(own, false);
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
        return pageNumber <= size && get(pageNumber) == PageChecksum.of(pageNumber, page);
    }

    private void resize(int newSize) {
        for (int page = newSize + 1; page <= size; page++) {
            set(page, 0);
        }
        int needed = (newSize >>> CHUNK_BITS) + 1;
        int present = chunks.length;
        if (needed > present) {
            chunks = Arrays.copyOf(chunks, needed);
            own = Arrays.copyOf(own, needed);
            for (int chunk = present; chunk < needed; chunk++) {
                chunks[chunk] = new long[CHUNK];
                own[chunk] = true;
            }
        }
        size = newSize;
    }

    private long get(int pageNumber) {
        return chunks[pageNumber >>> CHUNK_BITS][pageNumber & CHUNK - 1];
    }

    private void set(int pageNumber, long sum) {
        if (pageNumber == lockPage) {
            return;
        }
        long old = get(pageNumber);
        if (old != 0) {
            rolling = PageChecksum.remove(rolling, old);
        }
        if (sum != 0) {
            rolling = PageChecksum.add(rolling, sum);
        }
        int chunk = pageNumber >>> CHUNK_BITS;
        if (!own[chunk]) {
            chunks[chunk] = chunks[chunk].clone();
            own[chunk] = true;
        }
        chunks[chunk][pageNumber & CHUNK - 1] = sum;
    }
}
