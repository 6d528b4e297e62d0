package dev.satchel;

import org.jspecify.annotations.Nullable;

/**
 * A statement would have made the database larger than {@link SizeThresholds#quotaBytes()}, or {@link SizeThresholds#ceilingBytes()}
 * if it deletes. It had no effect. {@link Satchel#writeWithoutQuota} makes room where even that is not enough. Where it comes out of a
 * JDBC method it is the cause of the {@link java.sql.SQLException}.
 */
public final class QuotaExceededException extends SatchelException {
    private static final long serialVersionUID = 1L;

    private final long quotaBytes;

    /** Names the quota. */
    public QuotaExceededException(DatabaseId database, long quotaBytes, @Nullable Throwable cause) {
        super(
                "database " + database + " may have at most " + quotaBytes
                        + " bytes, and the statement would have made it larger; it had no effect. Delete or archive rows, with"
                        + " Satchel.writeWithoutQuota if need be, or raise the quota",
                cause);
        this.quotaBytes = quotaBytes;
    }

    /** How large the database may be. */
    public long quotaBytes() {
        return quotaBytes;
    }

    @Override
    public boolean isRetryable() {
        return false;
    }
}
