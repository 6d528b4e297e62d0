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
import java.util.List;

/** Puts the rows of a batch back into their tables, within a transaction of the caller. */
final class RowRestore {
    private final DatabaseId database;
    private final Connection connection;

    RowRestore(DatabaseId database, Connection connection) {
        this.database = database;
        this.connection = connection;
    }

    /** Inserts all rows, or throws. */
    void insert(ArchiveBatch batch) throws SQLException {
        // Tables may refer to each other in a circle.
        Ledger.execute(connection, "PRAGMA defer_foreign_keys = ON");
        LiveSchema schema = LiveSchema.read(database, connection);
        for (ArchivedTable table : batch.tables()) {
            insert(batch, table, schema);
        }
        for (ArchivedTable table : batch.tables()) {
            requireReferences(batch, table);
        }
    }

    private void insert(ArchiveBatch batch, ArchivedTable table, LiveSchema schema) throws SQLException {
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
        String into = "INSERT INTO " + Cells.quoted(table.name()) + "(" + Cells.quoted(names) + ") VALUES (";
        for (List<Cell> row : table.rows()) {
            try (PreparedStatement statement = connection.prepareStatement(into + Cells.placeholders(row) + ")")) {
                Cells.bind(statement, 1, row);
                statement.executeUpdate();
            } catch (SQLIntegrityConstraintViolationException e) {
                throw refused(batch, table, live, row, e);
            }
        }
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
