package dev.satchel.internal.ltx;

import org.jspecify.annotations.Nullable;

/**
 * The rules about which pages a file holds: strictly ascending, none above the size of the database, never the lock page, and
 * every page beyond the size the database had before. A snapshot is the case of a database that had no pages before.
 */
final class PageSequence {
    private final int commit;
    private final int lockPage;
    private final int previousCommit;
    private int last;

    /**
     * The pages of a file with that header.
     *
     * @param previousCommit pages of the database before this file; {@link LtxHeader#commit()} if not known
     */
    PageSequence(LtxHeader header, int previousCommit) {
        this.commit = header.commit();
        this.lockPage = LtxFormat.lockPage(header.pageSize());
        this.previousCommit = header.isSnapshot() ? 0 : previousCommit;
    }

    /** Takes the next page; what is wrong with it, null if nothing. */
    @Nullable
    String next(int pageNumber) {
        if (pageNumber <= last) {
            return "page " + Integer.toUnsignedString(pageNumber) + " after page " + last
                    + ", expected ascending numbers";
        }
        if (pageNumber > commit) {
            return "page " + pageNumber + " in a database of " + commit + " pages";
        }
        if (pageNumber == lockPage) {
            return "page " + pageNumber + " is the lock page, which is never stored";
        }
        long required = nextRequired();
        if (pageNumber > required) {
            return "page " + pageNumber + " after page " + last + ", page " + required + " is missing";
        }
        last = pageNumber;
        return null;
    }

    /** Takes the end; what is missing, null if nothing. */
    @Nullable
    String end() {
        long required = nextRequired();
        return required > commit ? null : "the pages end after page " + last + ", page " + required + " is missing";
    }

    /** The smallest page that must still come; beyond the size of the database if none. A long: that size may be the largest int. */
    private long nextRequired() {
        long next = Math.max((long) last, previousCommit) + 1;
        return next == lockPage ? next + 1 : next;
    }
}
