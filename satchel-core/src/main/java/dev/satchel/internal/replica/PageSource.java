package dev.satchel.internal.replica;

import java.io.IOException;

/** The pages of one state of a database. */
public interface PageSource {
    /** How many pages. */
    int sizeInPages();

    /** Page {@code page}, from 1 to the size. */
    byte[] page(int page) throws IOException;
}
