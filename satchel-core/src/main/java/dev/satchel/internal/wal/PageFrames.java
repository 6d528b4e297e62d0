package dev.satchel.internal.wal;

import java.util.Arrays;

/**
 * A map from page numbers (from 1) to frame indexes (from 0): open addressing with linear probing in two int arrays, 16
 * bytes an entry at worst. Nothing is ever removed but by {@link #clear}. Confined.
 */
final class PageFrames {
    static final int ABSENT = -1;

    private static final int INITIAL_CAPACITY = 16;

    // A page number of 0 marks a free slot; the capacity is a power of two and at most half full.
    private int[] pages = new int[INITIAL_CAPACITY];
    private int[] frames = new int[INITIAL_CAPACITY];
    private int size;

    int size() {
        return size;
    }

    /** An independent copy. */
    PageFrames copy() {
        PageFrames copy = new PageFrames();
        copy.pages = pages.clone();
        copy.frames = frames.clone();
        copy.size = size;
        return copy;
    }

    int get(int page) {
        int slot = slotOf(pages, page);
        return pages[slot] == page && page != 0 ? frames[slot] : ABSENT;
    }

    void put(int page, int frame) {
        int slot = slotOf(pages, page);
        if (pages[slot] == 0) {
            if (++size > pages.length / 2) {
                grow();
                slot = slotOf(pages, page);
            }
            pages[slot] = page;
        }
        frames[slot] = frame;
    }

    /** All page numbers up to {@code maxPage} as unsigned integers, in ascending order. */
    int[] sortedPages(int maxPage) {
        int[] sorted = new int[size];
        int count = 0;
        for (int page : pages) {
            if (page != 0 && Integer.compareUnsigned(page, maxPage) <= 0) {
                sorted[count++] = page ^ Integer.MIN_VALUE;
            }
        }
        Arrays.sort(sorted, 0, count);
        for (int i = 0; i < count; i++) {
            sorted[i] ^= Integer.MIN_VALUE;
        }
        return count == size ? sorted : Arrays.copyOf(sorted, count);
    }

    void clear() {
        pages = new int[INITIAL_CAPACITY];
        frames = new int[INITIAL_CAPACITY];
        size = 0;
    }

    private void grow() {
        int[] newPages = new int[pages.length * 2];
        int[] newFrames = new int[pages.length * 2];
        for (int i = 0; i < pages.length; i++) {
            if (pages[i] != 0) {
                int slot = slotOf(newPages, pages[i]);
                newPages[slot] = pages[i];
                newFrames[slot] = frames[i];
            }
        }
        pages = newPages;
        frames = newFrames;
    }

    private static int slotOf(int[] pages, int page) {
        int mask = pages.length - 1;
        // Fibonacci hashing: neighbouring page numbers are common and must not form runs.
        int slot = (page * 0x9e37_79b9) >>> Integer.numberOfLeadingZeros(mask);
        while (pages[slot] != 0 && pages[slot] != page) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }
}
