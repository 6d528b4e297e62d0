package dev.satchel.internal.jdbc;

import dev.satchel.QuotaExceededException;
import java.sql.SQLDataException;
import java.sql.SQLException;
import java.sql.SQLIntegrityConstraintViolationException;
import java.sql.SQLNonTransientConnectionException;
import java.sql.SQLNonTransientException;
import java.sql.SQLSyntaxErrorException;
import java.sql.SQLTimeoutException;
import java.sql.SQLTransactionRollbackException;
import java.sql.SQLTransientException;
import java.util.List;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * Turns the driver's errors, which carry a code but neither SQLSTATE nor type, into the exceptions JDBC defines for them.
 *
 * <p>The driver's exception is kept as the cause and its vendor code (SQLite's primary result code) as the vendor code. SQL
 * states are those of the standard where it has one and PostgreSQL's otherwise, as that is what frameworks know.
 */
final class SqlErrors {
    private static final List<String> GRAMMAR = List.of(
            "syntax error",
            "no such ",
            "already exists",
            "incomplete input",
            "unrecognized token",
            "has no column named",
            "ambiguous column",
            "misuse of ",
            "wrong number of arguments",
            "values were supplied",
            "values for",
            "parser stack overflow",
            "near \"",
            "cannot be used in",
            "duplicate column name");

    private SqlErrors() {}

    /** What to throw for an error of the driver; anything that is not SQLite's is returned as it is. */
    static SQLException translate(SQLException e) {
        if (!(e instanceof SQLiteException sqlite)) {
            return e;
        }
        SQLiteErrorCode code = sqlite.getResultCode();
        int vendor = e.getErrorCode();
        String message = String.valueOf(e.getMessage());
        return switch (SQLiteErrorCode.getErrorCode(code.code & 0xff)) {
            case SQLITE_CONSTRAINT ->
                new SQLIntegrityConstraintViolationException(message, constraintState(code), vendor, e);
            case SQLITE_BUSY, SQLITE_LOCKED -> busy(code, message, vendor, e);
            case SQLITE_INTERRUPT -> new SQLException("The statement was cancelled. " + message, "57014", vendor, e);
            case SQLITE_READONLY ->
                new SQLNonTransientException("The connection is read-only. " + message, "25006", vendor, e);
            case SQLITE_FULL ->
                new SQLNonTransientException(
                        message + ". The disk or the database's size limit is full; the statement had no effect.",
                        "53100",
                        vendor,
                        e);
            case SQLITE_NOMEM -> new SQLTransientException(message, "53200", vendor, e);
            case SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_PROTOCOL ->
                new SQLNonTransientConnectionException(
                        message
                                + ". The local copy of the database could not be read or written; close this connection.",
                        "58030",
                        vendor,
                        e);
            case SQLITE_CORRUPT, SQLITE_NOTADB ->
                new SQLNonTransientException(
                        message + ". The local copy of the database is damaged; close this connection.",
                        "XX001",
                        vendor,
                        e);
            case SQLITE_MISMATCH -> new SQLDataException(message, "22018", vendor, e);
            case SQLITE_TOOBIG -> new SQLDataException(message, "22001", vendor, e);
            case SQLITE_RANGE -> new SQLException(message, "07009", vendor, e);
            case SQLITE_AUTH -> new SQLNonTransientException(message, "42501", vendor, e);
            case SQLITE_ERROR ->
                isGrammar(message)
                        ? new SQLSyntaxErrorException(message, grammarState(message), vendor, e)
                        : new SQLException(message, "HY000", vendor, e);
            default -> new SQLException(message, "HY000", vendor, e);
        };
    }

    /** Whether the disk, or what a database may take of it, is full. */
    static boolean isFull(SQLException e) {
        return e instanceof SQLiteException sqlite
                && SQLiteErrorCode.getErrorCode(sqlite.getResultCode().code & 0xff) == SQLiteErrorCode.SQLITE_FULL;
    }

    /** The error of a statement that would have made a database larger than it may be. */
    static SQLException quota(SQLException e, QuotaExceededException why) {
        return new SQLNonTransientException(why.getMessage(), "53100", e.getErrorCode(), why);
    }

    /** The error of a statement that ran longer than it was allowed to. */
    static SQLTimeoutException timeout(SQLException e, long limitMillis) {
        return new SQLTimeoutException(
                "The statement was stopped after its time limit of " + limitMillis + " ms.",
                "57014",
                e.getErrorCode(),
                e);
    }

    /** Whether a connection that gave this error is better closed than used again. */
    static boolean breaksConnection(SQLException e) {
        if (!(e instanceof SQLiteException sqlite)) {
            return false;
        }
        return switch (SQLiteErrorCode.getErrorCode(sqlite.getResultCode().code & 0xff)) {
            case SQLITE_IOERR,
                    SQLITE_CANTOPEN,
                    SQLITE_CORRUPT,
                    SQLITE_NOTADB,
                    SQLITE_NOMEM,
                    SQLITE_MISUSE,
                    SQLITE_INTERNAL,
                    SQLITE_PROTOCOL -> true;
            default -> false;
        };
    }

    private static SQLException busy(SQLiteErrorCode code, String message, int vendor, SQLException cause) {
        if (code == SQLiteErrorCode.SQLITE_BUSY_SNAPSHOT) {
            return new SQLTransactionRollbackException(
                    message
                            + ". This connection still reads a state of the database that another has changed since, and can"
                            + " only write after it let go of it: close open result sets and repeat the transaction.",
                    "40001",
                    vendor,
                    cause);
        }
        if (message.contains("in progress") || message.contains("table is locked")) {
            return new SQLTransientException(
                    message + ". Close the open result sets of this connection first.", "40001", vendor, cause);
        }
        return new SQLTransientException(
                message + ". Another connection is writing to this database; try again.", "40001", vendor, cause);
    }

    private static String constraintState(SQLiteErrorCode code) {
        return switch (code) {
            case SQLITE_CONSTRAINT_UNIQUE, SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_ROWID -> "23505";
            case SQLITE_CONSTRAINT_FOREIGNKEY -> "23503";
            case SQLITE_CONSTRAINT_NOTNULL -> "23502";
            case SQLITE_CONSTRAINT_CHECK -> "23514";
            default -> "23000";
        };
    }

    private static boolean isGrammar(String message) {
        for (String part : GRAMMAR) {
            if (message.contains(part)) {
                return true;
            }
        }
        return false;
    }

    private static String grammarState(String message) {
        if (message.contains("no such table")) {
            return "42S02";
        }
        return message.contains("no such column") || message.contains("has no column named") ? "42S22" : "42000";
    }
}
