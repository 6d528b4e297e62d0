package dev.satchel.archive;

import dev.satchel.ArchiveException;
import dev.satchel.DatabaseId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLIntegrityConstraintViolationException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Puts the rows of a batch back into their tables, within a transaction of the caller. 1. Inserts them. 2. Reads them back: what
 * triggers have changed since is set again, in the tables that refer to others first, since their triggers like to change those. 3.
 * Reads them back again: each row must be there, and hold values of the archived kinds.
 */
final class RowRestore {
    private final DatabaseId database;
    private final Connection connection;

    RowRestore(DatabaseId database, Connection connection) {
        this.database = database;
        this.connection = connection;
    }

    /**
     * The rows of a table that came back.
     *
     * @param keys the keys under which they did, in the order of the archived rows
     */
    private record Returned(ArchivedTable table, LiveTable live, List<List<Cell>> keys) {}

    /** Inserts all rows, or throws. */
    void insert(ArchiveBatch batch) throws SQLException {
        // Tables may refer to each other in a circle.
        Ledger.execute(connection, "PRAGMA defer_foreign_keys = ON");
        LiveSchema schema = LiveSchema.read(database, connection);
        List<Returned> all = new ArrayList<>();
        for (ArchivedTable table : batch.tables()) {
            all.add(insert(batch, table, schema));
        }
        Collections.reverse(all);
        for (Returned returned : all) {
            setAgain(batch, returned);
        }
        for (Returned returned : all) {
            requireRows(batch, returned);
        }
        for (ArchivedTable table : batch.tables()) {
            requireReferences(batch, table);
        }
    }

    private Returned insert(ArchiveBatch batch, ArchivedTable table, LiveSchema schema) throws SQLException {
        LiveTable live = schema.table(table.name(), "batch " + batch.id() + " has rows of");
        List<String> names = new ArrayList<>();
        for (ArchivedTable.Column column : table.columns()) {
            if (live.column(column.name()).isEmpty()) {
                throw new ArchiveException(
                        ArchiveException.Kind.SCHEMA_DIFFERS,
                        "database " + database + ": table " + table.name() + " has no column " + column.name()
                                + " any more, which batch " + batch.id()
                                + " has values for; nothing was restored. The archived rows can still be queried",
                        null);
            }
            names.add(column.name());
        }
        String into = "INSERT" + orAbort(live) + " INTO " + Cells.quoted(table.name()) + "(" + Cells.quoted(names)
                + ") VALUES (";
        String returning = ") RETURNING "
                + live.key().stream().map(Cells::quoted).map(Cells::selected).collect(Collectors.joining(", "));
        List<List<Cell>> keys = new ArrayList<>();
        for (List<Cell> row : table.rows()) {
            try (PreparedStatement statement =
                    connection.prepareStatement(into + Cells.placeholders(row) + returning)) {
                Cells.bind(statement, 1, row);
                try (ResultSet rows = statement.executeQuery()) {
                    if (!rows.next()) {
                        throw swallowed(batch, table, live, row);
                    }
                    keys.add(Cells.read(rows, 1, live.key().size()));
                }
            } catch (SQLIntegrityConstraintViolationException e) {
                throw refused(batch, table, live, row, e);
            }
        }
        return new Returned(table, live, keys);
    }

    /** A constraint that replaces or ignores would lose rows. Only if there may be one: triggers do as the statement says. */
    private static String orAbort(LiveTable live) {
        return live.decidesConflicts() ? " OR ABORT" : "";
    }

    private void setAgain(ArchiveBatch batch, Returned returned) throws SQLException {
        ArchivedTable table = returned.table();
        for (int i = 0; i < table.rows().size(); i++) {
            List<Cell> row = table.rows().get(i);
            List<Cell> key = returned.keys().get(i);
            List<Cell> found = found(batch, returned, i);
            List<String> changes = new ArrayList<>();
            List<Cell> values = new ArrayList<>();
            for (int c = 0; c < row.size(); c++) {
                if (!row.get(c).equals(found.get(c))) {
                    changes.add(Cells.quoted(table.columns().get(c).name()) + " = " + Cells.placeholder(row.get(c)));
                    values.add(row.get(c));
                }
            }
            if (changes.isEmpty()) {
                continue;
            }
            try (PreparedStatement statement = connection.prepareStatement("UPDATE" + orAbort(returned.live()) + " "
                    + Cells.quoted(table.name()) + " SET " + String.join(", ", changes) + " WHERE "
                    + returned.live().where(key))) {
                Cells.bind(statement, Cells.bind(statement, 1, values), key);
                statement.executeUpdate();
            } catch (SQLIntegrityConstraintViolationException e) {
                throw refused(batch, table, returned.live(), row, e);
            }
        }
    }

    /** Whether all are there. A value of another kind is one that the column cannot hold; else a trigger insists on it. */
    private void requireRows(ArchiveBatch batch, Returned returned) throws SQLException {
        ArchivedTable table = returned.table();
        for (int i = 0; i < table.rows().size(); i++) {
            List<Cell> row = table.rows().get(i);
            List<Cell> found = found(batch, returned, i);
            for (int c = 0; c < row.size(); c++) {
                if (!(row.get(c) instanceof Cell.Null)
                        && !row.get(c).getClass().equals(found.get(c).getClass())) {
                    throw new ArchiveException(
                            ArchiveException.Kind.SCHEMA_DIFFERS,
                            "database " + database + ": batch " + batch.id() + " cannot be restored, since column "
                                    + table.columns().get(c).name() + " of table " + table.name()
                                    + " does not keep the value of the archived row " + key(table, returned.live(), row)
                                    + ": its type differs, or a trigger changes it; nothing was changed. The archived"
                                    + " rows can still be queried",
                            null);
                }
            }
        }
    }

    private List<Cell> found(ArchiveBatch batch, Returned returned, int row) throws SQLException {
        ArchivedTable table = returned.table();
        List<Cell> key = returned.keys().get(row);
        String columns = table.columns().stream()
                .map(column -> Cells.selected(Cells.quoted(column.name())))
                .collect(Collectors.joining(", "));
        try (PreparedStatement statement = connection.prepareStatement("SELECT " + columns + " FROM "
                + Cells.quoted(table.name()) + " WHERE " + returned.live().where(key))) {
            Cells.bind(statement, 1, key);
            try (ResultSet rows = statement.executeQuery()) {
                if (!rows.next()) {
                    throw swallowed(batch, table, returned.live(), table.rows().get(row));
                }
                return Cells.read(rows, 1, table.columns().size());
            }
        }
    }

    private ArchiveException swallowed(ArchiveBatch batch, ArchivedTable table, LiveTable live, List<Cell> row) {
        return new ArchiveException(
                ArchiveException.Kind.SCHEMA_DIFFERS,
                "database " + database + ": batch " + batch.id() + " cannot be restored, since a trigger or constraint"
                        + " of table " + table.name() + " does not keep the archived row " + key(table, live, row)
                        + "; nothing was changed. The archived rows can still be queried",
                null);
    }

    private ArchiveException refused(
            ArchiveBatch batch, ArchivedTable table, LiveTable live, List<Cell> row, SQLException cause) {
        boolean key = "23505".equals(cause.getSQLState());
        return new ArchiveException(
                key ? ArchiveException.Kind.KEY_IN_USE : ArchiveException.Kind.SCHEMA_DIFFERS,
                "database " + database + ": batch " + batch.id() + " cannot be restored, since table " + table.name()
                        + (key
                                ? " has another row with a key of the archived row "
                                : " does not take the archived row ")
                        + key(table, live, row) + ": " + cause.getMessage()
                        + "; nothing was changed. Change or delete the other row, or query the archived ones",
                cause);
    }

    private static String key(ArchivedTable table, LiveTable live, List<Cell> row) {
        List<String> wanted = live.primaryKey();
        StringBuilder told = new StringBuilder();
        for (int i = 0; i < row.size(); i++) {
            String name = table.columns().get(i).name();
            if (wanted.stream().anyMatch(name::equalsIgnoreCase)) {
                told.append(told.length() == 0 ? "" : ", ")
                        .append(name)
                        .append(" = ")
                        .append(Cells.told(row.get(i)));
            }
        }
        return told.length() == 0 ? "without a key" : told.toString();
    }

    /** Only for the tables that got rows; which rows were wrong before is not looked at in others. */
    private void requireReferences(ArchiveBatch batch, ArchivedTable table) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery("PRAGMA foreign_key_check(" + Cells.quoted(table.name()) + ")")) {
            if (rows.next()) {
                throw new ArchiveException(
                        ArchiveException.Kind.REFERENCE_MISSING,
                        "database " + database + ": batch " + batch.id() + " cannot be restored, since a row of table "
                                + table.name() + " refers to a row of table " + rows.getString(3)
                                + " that is not there; nothing was changed. Bring that row back first, or query the"
                                + " archived ones",
                        null);
            }
        }
    }
}
