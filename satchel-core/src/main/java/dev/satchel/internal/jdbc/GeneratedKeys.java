package dev.satchel.internal.jdbc;

import dev.satchel.internal.replica.PhysicalConnection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The keys that statements gave back, collected until they are asked for. Confined to its statement. */
final class GeneratedKeys {
    /** SQLite's default limit of parameters. */
    private static final int MAX_PARAMETERS = 32766;

    private final List<String> labels = new ArrayList<>();
    private final List<@Nullable Object[]> rows = new ArrayList<>();

    static GeneratedKeys none() {
        GeneratedKeys keys = new GeneratedKeys();
        keys.labels.add("rowid");
        return keys;
    }

    static GeneratedKeys ofRowid(long rowid) {
        GeneratedKeys keys = none();
        keys.rows.add(new Object[] {rowid});
        return keys;
    }

    /** Reads all rows of a RETURNING clause. */
    void addAll(ResultSet returned) throws SQLException {
        ResultSetMetaData metaData = returned.getMetaData();
        int columns = metaData.getColumnCount();
        if (labels.isEmpty()) {
            for (int i = 1; i <= columns; i++) {
                labels.add(metaData.getColumnLabel(i));
            }
        }
        while (returned.next()) {
            @Nullable Object[] row = new @Nullable Object[columns];
            for (int i = 0; i < columns; i++) {
                row[i] = returned.getObject(i + 1);
            }
            rows.add(row);
        }
    }

    /**
     * Corrects what RETURNING gives for the row id where a table has none of its own: a virtual table gives -1, whose row id
     * only {@code last_insert_rowid()} knows, and a view gives NULL.
     */
    void correctRowids(PhysicalConnection physical) throws SQLException {
        rows.removeIf(row -> row[0] == null);
        if (rows.removeIf(row -> Integer.valueOf(-1).equals(row[0]))) {
            rows.add(new Object[] {physical.queryLong("SELECT last_insert_rowid()")});
        }
    }

    /** A result set of SQLite with these rows; it closes its statement with itself. */
    ResultSet toResultSet(TrackedConnection connection) throws SQLException {
        TrackedPreparedStatement statement = connection.prepareLocal(sql());
        statement.closeOnCompletion();
        if (rows.size() > 1 && integersOnly()) {
            statement.setString(
                    1, rows.stream().map(row -> String.valueOf(row[0])).collect(Collectors.joining(",", "[", "]")));
        } else {
            int parameter = 1;
            for (@Nullable Object[] row : rows) {
                for (@Nullable Object value : row) {
                    statement.setObject(parameter++, value);
                }
            }
        }
        return statement.executeQuery();
    }

    private String sql() throws SQLException {
        if (rows.isEmpty()) {
            return IntStream.range(0, labels.size())
                    .mapToObj(i -> "NULL AS " + label(i))
                    .collect(Collectors.joining(", ", "SELECT ", " WHERE 0"));
        }
        if (rows.size() == 1) {
            return IntStream.range(0, labels.size())
                    .mapToObj(i -> "? AS " + label(i))
                    .collect(Collectors.joining(", ", "SELECT ", ""));
        }
        if (integersOnly()) {
            return "SELECT value AS " + label(0) + " FROM json_each(?)";
        }
        if (rows.size() * (long) labels.size() > MAX_PARAMETERS) {
            throw new SQLFeatureNotSupportedException(
                    "Too many generated keys to give back at once: " + rows.size()
                            + " rows. Insert fewer rows at a time, or read them with INSERT .. RETURNING.",
                    "0A000");
        }
        String tuple = IntStream.range(0, labels.size()).mapToObj(i -> "?").collect(Collectors.joining(",", "(", ")"));
        return IntStream.range(0, labels.size())
                        .mapToObj(i -> "column" + (i + 1) + " AS " + label(i))
                        .collect(Collectors.joining(", ", "SELECT ", " FROM (VALUES "))
                + (tuple + ",").repeat(rows.size() - 1) + tuple + ")";
    }

    private String label(int index) {
        return '"' + labels.get(index).replace("\"", "\"\"") + '"';
    }

    private boolean integersOnly() {
        return labels.size() == 1 && rows.stream().allMatch(row -> row[0] instanceof Integer || row[0] instanceof Long);
    }
}
