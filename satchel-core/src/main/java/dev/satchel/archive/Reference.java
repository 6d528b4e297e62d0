package dev.satchel.archive;

import java.util.List;
import java.util.Objects;

/**
 * Rows of one table that belong to rows of another: a foreign key, or what ought to be one.
 *
 * @param fromTable the table whose rows belong
 * @param fromColumns its columns that say to which
 * @param toTable the table that they belong to
 * @param toColumns its columns that are meant, in the same order
 */
public record Reference(String fromTable, List<String> fromColumns, String toTable, List<String> toColumns) {
    /** Copies the lists; {@link IllegalArgumentException} unless both have as many columns, at least one. */
    public Reference {
        Objects.requireNonNull(fromTable, "fromTable");
        Objects.requireNonNull(toTable, "toTable");
        fromColumns = List.copyOf(fromColumns);
        toColumns = List.copyOf(toColumns);
        if (fromColumns.isEmpty() || fromColumns.size() != toColumns.size()) {
            throw new IllegalArgumentException("a reference from " + fromTable + fromColumns + " to " + toTable
                    + toColumns + " needs as many columns on both sides");
        }
    }

    /** One column that names a row by one other. */
    public static Reference of(String fromTable, String fromColumn, String toTable, String toColumn) {
        return new Reference(fromTable, List.of(fromColumn), toTable, List.of(toColumn));
    }
}
