package dev.satchel.spring.web;

/** The response headers that every answer carries which used a database. */
public final class SyncHeaders {
    /** {@code synced}, {@code pending}, {@code failed}, {@code unknown} or {@code conflict}. */
    public static final String STATUS = "X-Sync-Status";

    /** The oldest version that has all that the answer shows; a bookmark for {@link dev.satchel.Freshness#atLeast}. */
    public static final String VERSION = "X-Satchel-Version";

    /**
     * The newest version of which the answer certainly shows everything, if that is older than {@link #VERSION}: another request
     * wrote at the same moment.
     */
    public static final String SHOWN = "X-Satchel-Shown";

    /**
     * The node that gave the answer; {@code ; preferred=} with the one that the user's requests should go to, if that is another; and
     * {@code ; leaving}, if the one that gave the answer is about to end.
     */
    public static final String NODE = "X-Satchel-Node";

    private SyncHeaders() {}
}
