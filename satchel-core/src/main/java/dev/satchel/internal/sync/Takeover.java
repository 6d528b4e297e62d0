package dev.satchel.internal.sync;

import dev.satchel.internal.ltx.LtxFormat;
import dev.satchel.internal.replica.PageSource;
import java.io.IOException;
import java.util.Arrays;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** The difference between two states of one database, as the pages that turn one into the other. */
final class Takeover {
    private Takeover() {}

    /**
     * The pages that turn {@code from} into {@code to}.
     *
     * @param mayDiffer pages to look at; those beyond the end of {@code from} always count
     */
    static SortedMap<Integer, byte[]> difference(
            PageSource from, PageSource to, int pageSize, SortedSet<Integer> mayDiffer) throws IOException {
        SortedSet<Integer> candidates = new TreeSet<>(mayDiffer.headSet(to.sizeInPages() + 1));
        for (int page = from.sizeInPages() + 1; page <= to.sizeInPages(); page++) {
            candidates.add(page);
        }
        candidates.remove(LtxFormat.lockPage(pageSize));
        SortedMap<Integer, byte[]> pages = new TreeMap<>();
        for (int page : candidates) {
            byte[] content = to.page(page);
            if (page > from.sizeInPages() || !Arrays.equals(content, from.page(page))) {
                pages.put(page, content);
            }
        }
        return pages;
    }

    /** Every page number up to a size. */
    static SortedSet<Integer> allPages(int sizeInPages) {
        SortedSet<Integer> pages = new TreeSet<>();
        for (int page = 1; page <= sizeInPages; page++) {
            pages.add(page);
        }
        return pages;
    }
}
