package dev.satchel.archive;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * A table as the database has it now.
 *
 * @param name as it is declared
 * @param columns those that hold values, without generated ones
 * @param names the names of all columns, folded
 * @param key what tells a row: its row id, or the primary key of a table without one
 * @param primaryKey the columns of the primary key; empty if there is none
 * @param givesKeysAgain whether the row id is a column of the table and SQLite gives the largest one that was deleted again
 * @param decidesConflicts whether its definition may say what is to happen when a constraint is violated
 */
record LiveTable(
        String name,
        List<ArchivedTable.Column> columns,
        Set<String> names,
        List<String> key,
        List<String> primaryKey,
        boolean givesKeysAgain,
        boolean decidesConflicts) {

    boolean isCalled(String other) {
        return name.equalsIgnoreCase(other);
    }

    boolean has(String column) {
        return names.contains(folded(column));
    }

    Optional<ArchivedTable.Column> column(String wanted) {
        return columns.stream()
                .filter(column -> column.name().equalsIgnoreCase(wanted))
                .findFirst();
    }

    /** {@code "a" = ? AND "b" = ?} for a row's key. */
    String where(List<Cell> keyOfRow) {
        return where("", keyOfRow);
    }

    /** The same with something before each column. */
    String where(String prefix, List<Cell> keyOfRow) {
        StringBuilder sql = new StringBuilder();
        for (int i = 0; i < key.size(); i++) {
            sql.append(i == 0 ? "" : " AND ")
                    .append(prefix)
                    .append(Cells.quoted(key.get(i)))
                    .append(" = ")
                    .append(Cells.placeholder(keyOfRow.get(i)));
        }
        return sql.toString();
    }

    /** What tables of one name have in common. */
    static String folded(String name) {
        return name.toLowerCase(Locale.ROOT);
    }
}
