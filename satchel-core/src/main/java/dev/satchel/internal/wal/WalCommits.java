package dev.satchel.internal.wal;

/**
 * The transactions that {@link WalReader#read} found committed after a position, as one change: each page once, with the
 * frame that holds its newest content. Immutable.
 *
 * <p>Page numbers and sizes are unsigned, as in SQLite. Pages beyond the final size of the database are left out.
 */
public final class WalCommits {
    private final WalPosition from;
    private final WalPosition position;
    private final WalContinuity continuity;
    private final int transactions;
    private final int pageSize;
    private final int databaseSizeInPages;
    private final int[] pages;
    private final int[] frames;

    WalCommits(
            WalPosition from,
            WalPosition position,
            WalContinuity continuity,
            int transactions,
            int pageSize,
            int databaseSizeInPages,
            int[] pages,
            int[] frames) {
        this.from = from;
        this.position = position;
        this.continuity = continuity;
        this.transactions = transactions;
        this.pageSize = pageSize;
        this.databaseSizeInPages = databaseSizeInPages;
        this.pages = pages;
        this.frames = frames;
    }

    /** The position that was asked for. */
    public WalPosition from() {
        return from;
    }

    /** The position after the last transaction, where to go on; {@link #from} when there is nothing new. */
    public WalPosition position() {
        return position;
    }

    /** Whether these transactions follow {@link #from}, or start at frame 0. */
    public WalContinuity continuity() {
        return continuity;
    }

    /** Whether {@link #from} is no longer in the log, and these transactions start at frame 0. */
    public boolean isRestarted() {
        return continuity != WalContinuity.CONTINUED;
    }

    /** Whether there is no transaction here; the log may still have been restarted. */
    public boolean isEmpty() {
        return transactions == 0;
    }

    /** How many transactions wrote frames; those that change nothing write none. */
    public int transactions() {
        return transactions;
    }

    /** Bytes of a page, or 0 when there is no log to tell. */
    public int pageSize() {
        return pageSize;
    }

    /** Size of the database at {@link #position}, in pages; 0 at {@link WalPosition#START}. */
    public int databaseSizeInPages() {
        return databaseSizeInPages;
    }

    /** How many pages changed. */
    public int pageCount() {
        return pages.length;
    }

    /** The page number of the {@code i}-th changed page, ascending, from 0 to {@link #pageCount} - 1. */
    public int pageNumber(int i) {
        return pages[i];
    }

    /** The frame with the newest content of the {@code i}-th changed page, for {@link WalReader#page}. */
    public int frameIndex(int i) {
        return frames[i];
    }

    /** A summary without content. */
    @Override
    public String toString() {
        return "WalCommits[from=" + from + ", position=" + position + ", continuity=" + continuity + ", transactions="
                + transactions + ", pages=" + pages.length + ", databaseSizeInPages="
                + Integer.toUnsignedString(databaseSizeInPages) + "]";
    }
}
