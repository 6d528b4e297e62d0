package dev.satchel.internal.ltx;

import java.util.Arrays;

/** The frames of a file in order: page numbers and sizes. Offsets follow from the sizes, as frames have no gaps. */
final class FrameIndex {
    private int[] pageNumbers = new int[16];
    private int[] sizes = new int[16];
    private int count;

    void add(int pageNumber, int size) {
        if (count == sizes.length) {
            int capacity = count + (count >> 1);
            pageNumbers = Arrays.copyOf(pageNumbers, capacity);
            sizes = Arrays.copyOf(sizes, capacity);
        }
        pageNumbers[count] = pageNumber;
        sizes[count] = size;
        count++;
    }

    int count() {
        return count;
    }

    int pageNumber(int frame) {
        return pageNumbers[frame];
    }

    int size(int frame) {
        return sizes[frame];
    }
}
