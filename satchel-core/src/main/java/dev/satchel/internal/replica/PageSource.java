package dev.satchel.internal.replica;

import java.io.IOException;

/** The pages of one state of a database. */
public interface PageSource {
    /** No page at all. */
    PageSource NONE = new PageSource() {
        @Override
        public int sizeInPages() {
            return 0;
        }

        @Override
        public byte[] page(int page) {
            throw new IndexOutOfBoundsException("there is no page " + page);
        }
    };

    /** How many pages. */
    int sizeInPages();

    /** Page {@code page}, from 1 to the size. */
    byte[] page(int page) throws IOException;
}
