package dev.satchel.testkit.simulation;

import dev.satchel.Session;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/** What simulated sessions write and read: rows that are only ever added, numbered through the whole simulation. */
final class Rows {
    /** How a row's number is found again in the bytes of a page. */
    private static final char BEFORE = '<';

    private static final char AFTER = '>';
    private static final int MIN_DIGITS = 6;

    private Rows() {}

    /** Adds a row. */
    static void add(Session session, int number, int bodyBytes, boolean shrink) throws SQLException {
        try (Connection connection = session.connection();
                Statement statement = connection.createStatement()) {
            if (!exists(statement)) {
                statement.executeUpdate("CREATE TABLE IF NOT EXISTS row (tag TEXT NOT NULL, body BLOB)");
            }
            try (PreparedStatement insert = connection.prepareStatement("INSERT INTO row VALUES (?, zeroblob(?))")) {
                insert.setString(1, tag(number));
                insert.setInt(2, bodyBytes);
                insert.executeUpdate();
            }
            if (shrink) {
                statement.executeUpdate("UPDATE row SET body = NULL WHERE length(body) > 1000");
                statement.executeUpdate("PRAGMA incremental_vacuum");
            }
        }
    }

    private static boolean exists(Statement statement) throws SQLException {
        try (ResultSet found = statement.executeQuery("SELECT 1 FROM sqlite_master WHERE name = 'row'")) {
            return found.next();
        }
    }

    private static String tag(int number) {
        String digits = Integer.toString(number);
        return BEFORE + "0".repeat(Math.max(0, MIN_DIGITS - digits.length())) + digits + AFTER;
    }

    /** All rows of a session's database. */
    static BitSet all(Session session) throws SQLException {
        try (Connection connection = session.connection()) {
            return all(connection);
        }
    }

    /** All rows of a database. */
    static BitSet all(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            if (!exists(statement)) {
                return new BitSet();
            }
            try (ResultSet found = statement.executeQuery(
                    "SELECT group_concat(tag, ''), total(body <> zeroblob(length(body))) FROM row")) {
                String tags = found.next() ? found.getString(1) : null;
                BitSet rows = new BitSet();
                if (tags != null && (!collect(tags, rows) || found.getInt(2) > 0)) {
                    throw new SQLException("the rows are not what was ever written: " + tags, null, DAMAGED);
                }
                return rows;
            }
        }
    }

    /** SQLITE_CORRUPT. */
    static final int DAMAGED = 11;

    /** SQLITE_NOTADB. */
    static final int NOT_A_DATABASE = 26;

    /** Whether SQLite, or a look at the rows, says that a database is damaged. */
    static boolean isDamage(@Nullable Throwable failure) {
        return failure instanceof SQLException sql
                && ((sql.getErrorCode() & 0xff) == DAMAGED || (sql.getErrorCode() & 0xff) == NOT_A_DATABASE);
    }

    /** False if there is anything but tags. */
    static boolean collect(String tags, BitSet rows) {
        int at = 0;
        while (at < tags.length()) {
            int end = tags.indexOf(AFTER, at);
            if (tags.charAt(at) != BEFORE || end < 0) {
                return false;
            }
            int number = number(tags, at + 1, end);
            if (number < 0 || rows.get(number)) {
                return false;
            }
            rows.set(number);
            at = end + 1;
        }
        return true;
    }

    private static int number(CharSequence text, int from, int to) {
        if (to - from < MIN_DIGITS || to - from > 9) {
            return -1;
        }
        int number = 0;
        for (int i = from; i < to; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            number = 10 * number + digit;
        }
        return number;
    }

    /** Adds the rows that are found in a page, also in what is left of deleted ones. */
    static void scan(byte[] page, BitSet rows) {
        for (int i = 0; i < page.length; i++) {
            if (page[i] == BEFORE) {
                int end = i + 1;
                int number = 0;
                while (end < page.length && page[end] >= '0' && page[end] <= '9' && end - i <= 9) {
                    number = 10 * number + page[end] - '0';
                    end++;
                }
                if (end < page.length && page[end] == AFTER && end - i > MIN_DIGITS) {
                    rows.set(number);
                }
            }
        }
    }

    /** A page whose rows are numbered otherwise. */
    static byte[] garbled(byte[] page) {
        byte[] copy = page.clone();
        for (int i = 0; i + MIN_DIGITS + 1 < copy.length; i++) {
            if (copy[i] == BEFORE && copy[i + MIN_DIGITS + 1] == AFTER) {
                copy[i + 1] = '9';
            }
        }
        return copy;
    }

    /** One row. */
    static BitSet of(int number) {
        BitSet row = new BitSet();
        row.set(number);
        return row;
    }

    /** Those of one set that are not in another. */
    static BitSet without(BitSet some, BitSet others) {
        BitSet rest = (BitSet) some.clone();
        rest.andNot(others);
        return rest;
    }
}
