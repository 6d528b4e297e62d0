package dev.satchel.internal.wal;

/**
 * Which frame of the log holds the newest content of each page, up to a position that the owner chooses: what SQLite's
 * {@code -shm} would say at that position. A page that is not here is read from the database file. Mutable and confined;
 * about 16 bytes per page.
 */
public final class WalPageIndex {
    /** What {@link #frameOf} answers for a page that the log does not hold. */
    public static final int ABSENT = PageFrames.ABSENT;

    private final PageFrames frames;
    private WalPosition position = WalPosition.START;
    private int databaseSizeInPages;

    /** Of an empty log. */
    public WalPageIndex() {
        this(new PageFrames());
    }

    private WalPageIndex(PageFrames frames) {
        this.frames = frames;
    }

    /** An independent copy; costs what the log holds, not what the database does. */
    public WalPageIndex copy() {
        WalPageIndex copy = new WalPageIndex(frames.copy());
        copy.position = position;
        copy.databaseSizeInPages = databaseSizeInPages;
        return copy;
    }

    /** The position up to which the index speaks. */
    public WalPosition position() {
        return position;
    }

    /** Size of the database at {@link #position} in pages; 0 at {@link WalPosition#START}, where the file itself tells. */
    public int databaseSizeInPages() {
        return databaseSizeInPages;
    }

    /** How many pages the index knows. */
    public int size() {
        return frames.size();
    }

    /**
     * Moves on to {@code commits.position()}, forgetting everything first when the log was restarted.
     *
     * @throws IllegalArgumentException if the commits were not read from {@link #position}
     */
    public void advance(WalCommits commits) {
        if (!commits.from().equals(position)) {
            throw new IllegalArgumentException(
                    "index is at " + position + ", but the commits were read from " + commits.from());
        }
        if (commits.isRestarted()) {
            clear();
        }
        for (int i = 0; i < commits.pageCount(); i++) {
            frames.put(commits.pageNumber(i), commits.frameIndex(i));
        }
        position = commits.position();
        databaseSizeInPages = commits.databaseSizeInPages();
    }

    /**
     * The frame with the newest content of a page at {@link #position}, for {@link WalReader#page}, or {@link #ABSENT} when
     * the database file has it, or when the page lies beyond the end of the database.
     */
    public int frameOf(int pageNumber) {
        return Integer.compareUnsigned(pageNumber, databaseSizeInPages) <= 0 ? frames.get(pageNumber) : ABSENT;
    }

    /** Forgets everything: back to {@link WalPosition#START}. */
    public void clear() {
        frames.clear();
        position = WalPosition.START;
        databaseSizeInPages = 0;
    }
}
