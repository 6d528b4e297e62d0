package dev.satchel;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * What a database's size is made of.
 *
 * @param database which
 * @param level what its size means
 * @param bytes how large it is
 * @param freeBytes how much of that holds nothing, and is given back by vacuuming
 * @param parts its tables and indexes with their sizes, the largest first; none if it is larger than {@value #LARGEST_LOOKED_INTO}
 *     bytes, since all of it would have to be read
 */
public record SizeReport(
        DatabaseId database, SizeThresholds.Level level, long bytes, long freeBytes, List<Part> parts) {
    /** Beyond that a database is not looked into. */
    public static final long LARGEST_LOOKED_INTO = 256L << 20;

    /**
     * A table or an index.
     *
     * @param name its name
     * @param table the table that an index is of; for a table its own name
     * @param rows how many rows a table has; of an index how many entries
     * @param bytes its pages
     */
    public record Part(String name, String table, long rows, long bytes) {
        /** Checks for nulls. */
        public Part {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(table, "table");
        }

        /** Whether it is an index. */
        public boolean isIndex() {
            return !name.equals(table);
        }
    }

    /** Checks for nulls and copies the list. */
    public SizeReport {
        Objects.requireNonNull(database, "database");
        Objects.requireNonNull(level, "level");
        parts = List.copyOf(parts);
    }

    /** Looks into a database through any connection to it; reads all its pages, and changes nothing. */
    public static SizeReport of(DatabaseId database, SizeThresholds thresholds, Connection connection)
            throws SQLException {
        long pageSize = number(connection, "PRAGMA page_size");
        long bytes = number(connection, "PRAGMA page_count") * pageSize;
        long free = number(connection, "PRAGMA freelist_count") * pageSize;
        List<Part> parts = bytes > LARGEST_LOOKED_INTO ? List.of() : parts(connection);
        return new SizeReport(database, thresholds.levelOf(bytes), bytes, free, parts);
    }

    private static long number(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            return rows.next() ? rows.getLong(1) : 0;
        }
    }

    private static List<Part> parts(Connection connection) throws SQLException {
        // Cells of inner pages of a table's tree are no rows.
        String sql =
                "SELECT d.name, coalesce(m.tbl_name, d.name), sum(CASE WHEN m.type = 'table' AND d.pagetype <> 'leaf'"
                        + " THEN 0 ELSE d.ncell END), sum(d.pgsize) FROM dbstat AS d LEFT JOIN sqlite_schema AS m ON m.name = d.name"
                        + " GROUP BY d.name ORDER BY 4 DESC, 1";
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<Part> parts = new ArrayList<>();
            while (rows.next()) {
                parts.add(new Part(rows.getString(1), rows.getString(2), rows.getLong(3), rows.getLong(4)));
            }
            return parts;
        }
    }

    /** The largest parts for people: {@code clips 412 KiB, clips_by_game (index) 96 KiB}. */
    public String largest(int count) {
        return parts.stream()
                .limit(count)
                .map(part -> part.name() + (part.isIndex() ? " (index) " : " ") + (part.bytes() + 1023) / 1024 + " KiB")
                .collect(Collectors.joining(", "));
    }
}
