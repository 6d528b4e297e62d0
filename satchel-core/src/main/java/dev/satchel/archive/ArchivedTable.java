package dev.satchel.archive;

import java.util.List;
import java.util.Objects;

/**
 * The rows of one table in a batch. Immutable.
 *
 * @param name the table
 * @param columns its columns as they were when the rows left, without generated ones
 * @param rows the rows, each with a cell for every column
 */
public record ArchivedTable(String name, List<Column> columns, List<List<Cell>> rows) {
    /**
     * A column.
     *
     * @param name its name
     * @param declaredType what the table's definition says, empty if nothing; it decides how SQLite compares
     */
    public record Column(String name, String declaredType) {
        /** Checks for nulls. */
        public Column {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(declaredType, "declaredType");
        }
    }

    /** Copies the lists; {@link IllegalArgumentException} if a row does not fit the columns. */
    public ArchivedTable {
        Objects.requireNonNull(name, "name");
        columns = List.copyOf(columns);
        rows = rows.stream().map(List::copyOf).toList();
        for (List<Cell> row : rows) {
            if (row.size() != columns.size()) {
                throw new IllegalArgumentException(
                        "table " + name + " has " + columns.size() + " columns, and a row has " + row.size());
            }
        }
    }
}
