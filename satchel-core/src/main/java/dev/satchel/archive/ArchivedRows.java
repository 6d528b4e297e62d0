package dev.satchel.archive;

import dev.satchel.ClosedException;
import dev.satchel.DatabaseId;
import dev.satchel.LocalStorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.sqlite.JDBC;
import org.sqlite.SQLiteConfig;

/**
 * Archived rows as a SQLite database, to be read: each table with its columns, those of several schemas together, and with {@code
 * satchel_batch}, the batch that has the row. It lies in a private copy on this machine.
 *
 * <p>Thread-safe. Close it to remove the copy; connections that are still open fail afterwards.
 */
public final class ArchivedRows implements AutoCloseable {
    /** The column that names the batch of a row. */
    public static final String BATCH_COLUMN = "satchel_batch";

    private final Path folder;
    private final Path file;
    private final Connection writing;
    /** By folded table and column: the type that the column has, empty if none. */
    private final Map<String, Map<String, String>> columns = new HashMap<>();

    private volatile boolean closed;

    private ArchivedRows(Path folder, Path file, Connection writing) {
        this.folder = folder;
        this.file = file;
        this.writing = writing;
    }

    static ArchivedRows create(DatabaseId database) throws SQLException {
        try {
            Path folder = Files.createTempDirectory("satchel-archived");
            Path file = folder.resolve("archived.sqlite");
            Connection connection = JDBC.createConnection("jdbc:sqlite:" + file, new Properties());
            Ledger.execute(connection, "PRAGMA journal_mode = OFF");
            Ledger.execute(connection, "PRAGMA synchronous = OFF");
            connection.setAutoCommit(false);
            return new ArchivedRows(folder, file, connection);
        } catch (IOException e) {
            throw new LocalStorageException(
                    "database " + database + ": the temporary folder cannot be used: " + e
                            + "; check the disk's space and permissions",
                    e);
        }
    }

    void add(ArchiveBatch batch) throws SQLException {
        for (ArchivedTable table : batch.tables()) {
            add(batch.id(), table);
        }
    }

    private void add(BatchId batch, ArchivedTable table) throws SQLException {
        String name = Cells.quoted(table.name());
        Map<String, String> known = columns.get(LiveTable.folded(table.name()));
        if (known == null) {
            Ledger.execute(writing, "CREATE TABLE " + name + "(" + BATCH_COLUMN + " TEXT)");
            known = new HashMap<>();
            columns.put(LiveTable.folded(table.name()), known);
        }
        List<String> names = new ArrayList<>();
        for (ArchivedTable.Column column : table.columns()) {
            String stored = BucketTier.stored(column.name());
            names.add(stored);
            // What is ANY in a STRICT table would be NUMERIC here.
            String type = column.declaredType().equalsIgnoreCase("ANY") ? "" : column.declaredType();
            String before = known.get(LiveTable.folded(stored));
            if (before == null) {
                addColumn(name, stored, type);
                known.put(LiveTable.folded(stored), type);
            } else if (!before.isEmpty() && !before.equalsIgnoreCase(type)) {
                removeType(name, stored);
                known.put(LiveTable.folded(stored), "");
            }
        }
        String into = "INSERT INTO " + name + "(" + Cells.quoted(names) + ", " + BATCH_COLUMN + ") VALUES (";
        for (List<Cell> row : table.rows()) {
            try (PreparedStatement statement = writing.prepareStatement(into + Cells.placeholders(row) + ", ?)")) {
                int next = Cells.bind(statement, 1, row);
                statement.setString(next, batch.value());
                statement.executeUpdate();
            }
        }
    }

    private void addColumn(String table, String column, String type) throws SQLException {
        // In quotes a type means the same, and nothing else can hide in it.
        Ledger.execute(
                writing,
                "ALTER TABLE " + table + " ADD COLUMN " + Cells.quoted(column)
                        + (type.isEmpty() ? "" : " " + Cells.quoted(type)));
    }

    /** The values of two types are together in a column that changes neither. */
    private void removeType(String table, String column) throws SQLException {
        String old = Cells.quoted(BATCH_COLUMN + "_old");
        Ledger.execute(writing, "ALTER TABLE " + table + " RENAME COLUMN " + Cells.quoted(column) + " TO " + old);
        addColumn(table, column, "");
        Ledger.execute(writing, "UPDATE " + table + " SET " + Cells.quoted(column) + " = " + old);
        Ledger.execute(writing, "ALTER TABLE " + table + " DROP COLUMN " + old);
    }

    void ready() throws SQLException {
        writing.commit();
        writing.close();
    }

    /**
     * A connection that can only read; close it when done. Asks nobody.
     *
     * @throws ClosedException after {@link #close}
     */
    public Connection connection() throws SQLException {
        if (closed) {
            throw new ClosedException("the archived rows have been closed", null);
        }
        SQLiteConfig config = new SQLiteConfig();
        config.setReadOnly(true);
        return JDBC.createConnection("jdbc:sqlite:" + file, config.toProperties());
    }

    /** Removes the copy. Idempotent; never throws. */
    @Override
    public void close() {
        closed = true;
        try {
            writing.close();
            Files.deleteIfExists(file);
            Files.deleteIfExists(folder);
        } catch (SQLException | IOException e) {
            // It is in the temporary folder, which the machine cleans.
        }
    }
}
