package dev.satchel.archive;

import dev.satchel.ArchiveException;
import dev.satchel.ClosedException;
import dev.satchel.CorruptException;
import dev.satchel.DatabaseId;
import dev.satchel.LocalStorageException;
import dev.satchel.NotFoundException;
import dev.satchel.Satchel;
import dev.satchel.SessionWork;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The archive in the same bucket: a second database of the same user, {@code database.archive} beside {@code database}, written
 * by ordinary durable sessions. History, retention, restore and deletion are those of any database, and {@code sqlite3} reads it: a
 * table for each archived table, whose columns have no type so that every value stays what it was, and {@code satchel_batch} with a
 * line for each batch.
 *
 * <p>It costs nobody anything until it is used; what is archived is uploaded once. {@link #storeAll} takes one version however many
 * batches there are.
 */
public final class BucketTier implements ArchiveTier {
    /** Its {@link #name()}. */
    public static final String NAME = "bucket";

    private static final int VACUUM_PAGES = 4096;
    private static final String BATCHES = "satchel_batch";
    private static final String RENAMED = "satchel_column_";

    private final Satchel satchel;
    private volatile boolean closed;

    /** A tier in the bucket of an instance, which stays open when the tier is closed. */
    public BucketTier(Satchel satchel) {
        this.satchel = Objects.requireNonNull(satchel, "satchel");
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public ArchiveLimits limits() {
        return ArchiveLimits.LARGEST;
    }

    @Override
    public void store(ArchiveBatch batch) {
        storeAll(List.of(batch));
    }

    @Override
    public void storeAll(List<ArchiveBatch> batches) {
        batches.forEach(limits()::check);
        if (batches.isEmpty()) {
            return;
        }
        DatabaseId database = batches.get(0).database();
        if (batches.stream().anyMatch(batch -> !batch.database().equals(database))) {
            throw new IllegalArgumentException("batches of several databases");
        }
        this.<@Nullable Void>write(database, connection -> {
            Ledger.execute(
                    connection,
                    "CREATE TABLE IF NOT EXISTS " + BATCHES + "(number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"
                            + " rule TEXT NOT NULL, created INTEGER NOT NULL, row_count INTEGER NOT NULL,"
                            + " bytes INTEGER NOT NULL, digest TEXT NOT NULL, shape BLOB NOT NULL)");
            for (ArchiveBatch batch : batches) {
                store(connection, batch);
            }
            return null;
        });
    }

    private static void store(Connection connection, ArchiveBatch batch) throws SQLException {
        Optional<Stored> there = find(connection, batch.id());
        if (there.isPresent()) {
            if (there.get().info().digest().equals(batch.digest())) {
                return;
            }
            throw new ArchiveException(
                    ArchiveException.Kind.OTHER_CONTENT,
                    "database " + batch.database() + ": batch " + batch.id()
                            + " is in the archive with other content; make a new batch",
                    null);
        }
        long number;
        try (PreparedStatement statement = connection.prepareStatement(
                "INSERT INTO " + BATCHES
                        + "(id, rule, created, row_count, bytes, digest, shape) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING number")) {
            statement.setString(1, batch.id().value());
            statement.setString(2, batch.rule());
            statement.setLong(3, batch.created().toEpochMilli());
            statement.setInt(4, batch.rows());
            statement.setLong(5, batch.bytes());
            statement.setString(6, batch.digest());
            statement.setBytes(7, shape(batch).encoded());
            try (ResultSet rows = statement.executeQuery()) {
                rows.next();
                number = rows.getLong(1);
            }
        }
        for (ArchivedTable table : batch.tables()) {
            store(connection, number, table);
        }
    }

    /** The batch without its rows: what its tables and columns are called, in which order. */
    private static ArchiveBatch shape(ArchiveBatch batch) {
        List<ArchivedTable> tables = batch.tables().stream()
                .map(table -> new ArchivedTable(table.name(), table.columns(), List.of()))
                .toList();
        return new ArchiveBatch(batch.id(), batch.database(), batch.rule(), batch.created(), tables);
    }

    private static void store(Connection connection, long number, ArchivedTable table) throws SQLException {
        String name = Cells.quoted(table.name());
        Ledger.execute(
                connection,
                "CREATE TABLE IF NOT EXISTS " + name + "(" + BATCHES
                        + " INTEGER NOT NULL, satchel_row INTEGER NOT NULL," + " PRIMARY KEY(" + BATCHES
                        + ", satchel_row)) WITHOUT ROWID");
        Set<String> known = columns(connection, table.name());
        for (ArchivedTable.Column column : table.columns()) {
            String stored = stored(column.name());
            if (known.add(LiveTable.folded(stored))) {
                Ledger.execute(connection, "ALTER TABLE " + name + " ADD COLUMN " + Cells.quoted(stored));
            }
        }
        String names = table.columns().stream()
                .map(column -> ", " + Cells.quoted(stored(column.name())))
                .collect(Collectors.joining());
        String into = "INSERT INTO " + name + "(" + BATCHES + ", satchel_row" + names + ") VALUES (";
        List<Cell> cells = new ArrayList<>();
        for (int row = 0; row < table.rows().size(); row++) {
            cells.clear();
            cells.add(Cell.of(number));
            cells.add(Cell.of(row));
            cells.addAll(table.rows().get(row));
            try (PreparedStatement statement = connection.prepareStatement(into + Cells.placeholders(cells) + ")")) {
                Cells.bind(statement, 1, cells);
                statement.executeUpdate();
            }
        }
    }

    /** What a column is called in the archive: as it is, unless the archive's own columns are. */
    static String stored(String column) {
        String folded = LiveTable.folded(column);
        boolean taken = folded.equals(BATCHES) || folded.equals("satchel_row") || folded.startsWith(RENAMED);
        return taken ? RENAMED + column : column;
    }

    private static Set<String> columns(Connection connection, String table) throws SQLException {
        Set<String> names = new HashSet<>();
        try (PreparedStatement statement = connection.prepareStatement("SELECT name FROM pragma_table_xinfo(?)")) {
            statement.setString(1, table);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    names.add(LiveTable.folded(rows.getString(1)));
                }
            }
        }
        return names;
    }

    @Override
    public Optional<ArchiveBatch> load(DatabaseId database, BatchId id) {
        return read(database, connection -> {
            Optional<Stored> there = find(connection, id);
            return there.isPresent() ? Optional.of(load(connection, there.get())) : Optional.<ArchiveBatch>empty();
        });
    }

    private static ArchiveBatch load(Connection connection, Stored stored) throws SQLException {
        ArchiveBatch shape = stored.shape();
        List<ArchivedTable> tables = new ArrayList<>();
        for (ArchivedTable table : shape.tables()) {
            tables.add(new ArchivedTable(table.name(), table.columns(), rows(connection, stored.number(), table)));
        }
        ArchiveBatch batch = new ArchiveBatch(shape.id(), shape.database(), shape.rule(), shape.created(), tables);
        if (!batch.digest().equals(stored.info().digest())) {
            throw new CorruptException(
                    CorruptException.Kind.ARCHIVE,
                    "database " + batch.database().archive() + ": the rows of batch " + batch.id()
                            + " are not those that were archived; restore an older version of it",
                    null);
        }
        return batch;
    }

    private static List<List<Cell>> rows(Connection connection, long number, ArchivedTable table) throws SQLException {
        String selected = table.columns().stream()
                .map(column -> ", " + Cells.selected(Cells.quoted(stored(column.name()))))
                .collect(Collectors.joining());
        try (PreparedStatement statement = connection.prepareStatement("SELECT satchel_row" + selected + " FROM "
                + Cells.quoted(table.name()) + " WHERE " + BATCHES + " = ? ORDER BY satchel_row")) {
            statement.setLong(1, number);
            try (ResultSet rows = statement.executeQuery()) {
                List<List<Cell>> found = new ArrayList<>();
                while (rows.next()) {
                    List<Cell> row = new ArrayList<>(table.columns().size());
                    for (int i = 0; i < table.columns().size(); i++) {
                        row.add(Cells.read(rows, 2 + 2 * i));
                    }
                    found.add(row);
                }
                return found;
            }
        }
    }

    @Override
    public List<BatchInfo> list(DatabaseId database, Optional<BatchId> after, int limit) {
        if (limit < 1 || limit > 1000) {
            throw new IllegalArgumentException("limit must be 1 to 1000: " + limit);
        }
        return read(database, connection -> {
            List<BatchInfo> batches = new ArrayList<>();
            if (!exists(connection)) {
                return batches;
            }
            try (PreparedStatement statement =
                    connection.prepareStatement(SELECT + " WHERE id > ? ORDER BY id LIMIT ?")) {
                statement.setString(1, after.map(BatchId::value).orElse(""));
                statement.setInt(2, limit);
                try (ResultSet rows = statement.executeQuery()) {
                    while (rows.next()) {
                        batches.add(Stored.of(rows).info());
                    }
                }
            }
            return batches;
        });
    }

    @Override
    public boolean remove(DatabaseId database, BatchId id) {
        return write(database, connection -> remove(connection, id));
    }

    /** In one version. */
    @Override
    public void removeAll(DatabaseId database, Collection<BatchId> ids) {
        if (ids.isEmpty()) {
            return;
        }
        this.<@Nullable Void>write(database, connection -> {
            for (BatchId id : ids) {
                remove(connection, id);
            }
            return null;
        });
    }

    private static boolean remove(Connection connection, BatchId id) throws SQLException {
        Optional<Stored> there = find(connection, id);
        if (there.isEmpty()) {
            return false;
        }
        for (ArchivedTable table : there.get().shape().tables()) {
            Ledger.execute(
                    connection,
                    "DELETE FROM " + Cells.quoted(table.name()) + " WHERE " + BATCHES + " = "
                            + there.get().number());
        }
        Ledger.execute(
                connection,
                "DELETE FROM " + BATCHES + " WHERE number = " + there.get().number());
        return true;
    }

    /** Deletes the archive database, with its history. */
    @Override
    public void erase(DatabaseId database) {
        requireOpen();
        try {
            satchel.delete(database.archive());
        } catch (NotFoundException e) {
            // Nothing was ever archived.
        }
    }

    private record Stored(long number, BatchInfo info, ArchiveBatch shape) {
        static Stored of(ResultSet rows) throws SQLException {
            return new Stored(
                    rows.getLong(1),
                    new BatchInfo(
                            BatchId.parse(rows.getString(2)),
                            rows.getString(3),
                            Instant.ofEpochMilli(rows.getLong(4)),
                            rows.getInt(5),
                            rows.getLong(6),
                            rows.getString(7)),
                    ArchiveBatch.decode(rows.getBytes(8)));
        }
    }

    private static final String SELECT =
            "SELECT number, id, rule, created, row_count, bytes, digest, shape FROM " + BATCHES;

    private static boolean exists(Connection connection) throws SQLException {
        return Ledger.number(
                        connection,
                        "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = '" + BATCHES + "'")
                > 0;
    }

    private static Optional<Stored> find(Connection connection, BatchId id) throws SQLException {
        if (!exists(connection)) {
            return Optional.empty();
        }
        try (PreparedStatement statement = connection.prepareStatement(SELECT + " WHERE id = ?")) {
            statement.setString(1, id.value());
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next() ? Optional.of(Stored.of(rows)) : Optional.empty();
            }
        }
    }

    // ---- sessions of the archive database
    // ----------------------------------------------------------------------------

    private interface Work<T extends @Nullable Object> {
        T on(Connection connection) throws SQLException;
    }

    private <T extends @Nullable Object> T read(DatabaseId database, Work<T> work) {
        requireOpen();
        SessionWork<T, SQLException> reading = session -> {
            try (Connection connection = session.connection()) {
                connection.setAutoCommit(false);
                return work.on(connection);
            }
        };
        try {
            return satchel.read(database.archive(), reading);
        } catch (SQLException e) {
            throw failed(database, e);
        }
    }

    private <T extends @Nullable Object> T write(DatabaseId database, Work<T> work) {
        requireOpen();
        SessionWork<T, SQLException> writing = session -> {
            try (Connection connection = session.connection()) {
                connection.setAutoCommit(false);
                T result = work.on(connection);
                connection.commit();
                connection.setAutoCommit(true);
                Ledger.execute(connection, "PRAGMA incremental_vacuum(" + VACUUM_PAGES + ")");
                return result;
            }
        };
        try {
            return satchel.write(database.archive(), writing);
        } catch (SQLException e) {
            throw failed(database, e);
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new ClosedException("the archive tier has been closed", null);
        }
    }

    private static LocalStorageException failed(DatabaseId database, SQLException e) {
        return new LocalStorageException(
                "database " + database.archive() + " cannot be used locally: " + e.getMessage()
                        + "; check the disk's space and permissions",
                e);
    }

    /** Does nothing but end its use; the instance stays open. */
    @Override
    public void close() {
        closed = true;
    }
}
