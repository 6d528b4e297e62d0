package dev.satchel.spring.web;

/** The response headers that every answer carries which used a database. */
public final class SyncHeaders {
    /** {@code synced}, {@code pending}, {@code failed}, {@code unknown} or {@code conflict}. */
    public static final String STATUS = "X-Sync-Status";

    /** The version that the answer reflects; a bookmark for {@link dev.satchel.Freshness#atLeast}. */
    public static final String VERSION = "X-Satchel-Version";

    private SyncHeaders() {}
}
