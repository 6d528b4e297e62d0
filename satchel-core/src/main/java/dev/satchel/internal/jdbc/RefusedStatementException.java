package dev.satchel.internal.jdbc;

import java.sql.SQLFeatureNotSupportedException;

/**
 * SQL that is not run because it would break the replica or reach outside of it. The message says why and what to do instead.
 */
final class RefusedStatementException extends SQLFeatureNotSupportedException {
    private static final long serialVersionUID = 1L;

    RefusedStatementException(String reason) {
        super(reason, "0A000");
    }
}
