package dev.satchel.archive;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a database says of its archive, in two tables of its own. A batch is archived if, and only if, {@code satchel_archive} has
 * it. One that the tier has besides is loose: nobody can see it, {@code satchel_archive_loose} tells since when, and from then on
 * it cannot become archived.
 */
final class Ledger {
    private static final String LEDGER = "satchel_archive";
    private static final String LOOSE = "satchel_archive_loose";

    private final Connection connection;

    Ledger(Connection connection) {
        this.connection = connection;
    }

    /** Makes the tables. A transaction that begins with this is one that writes. */
    void create() throws SQLException {
        execute(
                connection,
                "CREATE TABLE IF NOT EXISTS " + LEDGER
                        + "(batch TEXT PRIMARY KEY, rule TEXT NOT NULL, tier TEXT NOT NULL,"
                        + " keys TEXT NOT NULL, label TEXT, row_count INTEGER NOT NULL, bytes INTEGER NOT NULL,"
                        + " digest BLOB NOT NULL, archived_at INTEGER NOT NULL) WITHOUT ROWID");
        execute(
                connection,
                "CREATE TABLE IF NOT EXISTS " + LOOSE
                        + "(batch TEXT PRIMARY KEY, since INTEGER NOT NULL) WITHOUT ROWID");
    }

    boolean exists() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('"
                                + LEDGER + "', '" + LOOSE + "')")) {
            return rows.next() && rows.getInt(1) == 2;
        }
    }

    void add(ArchivedEntry entry) throws SQLException {
        String keys = entry.keys().stream().map(key -> "?").collect(Collectors.joining(", "));
        try (PreparedStatement statement = connection.prepareStatement(
                "INSERT INTO " + LEDGER + " VALUES (?, ?, ?, json_array(" + keys + "), ?, ?, ?, ?, ?)")) {
            int next = 1;
            statement.setString(next++, entry.batch().value());
            statement.setString(next++, entry.rule());
            statement.setString(next++, entry.tier());
            for (String key : entry.keys()) {
                statement.setString(next++, key);
            }
            statement.setString(next++, entry.label().orElse(null));
            statement.setInt(next++, entry.rows());
            statement.setLong(next++, entry.bytes());
            statement.setBytes(next++, HexFormat.of().parseHex(entry.digest()));
            statement.setLong(next, entry.archivedAt().toEpochMilli());
            statement.executeUpdate();
        }
    }

    /** Everything that is archived, the oldest first. */
    List<ArchivedEntry> entries() throws SQLException {
        if (!exists()) {
            return List.of();
        }
        Map<String, List<String>> keys = new LinkedHashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT a.batch, k.value FROM " + LEDGER
                        + " AS a, json_each(a.keys) AS k ORDER BY a.batch, k.key")) {
            while (rows.next()) {
                keys.computeIfAbsent(rows.getString(1), batch -> new ArrayList<>())
                        .add(rows.getString(2));
            }
        }
        List<ArchivedEntry> entries = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT batch, rule, tier, label, row_count, bytes, digest,"
                        + " archived_at FROM " + LEDGER + " ORDER BY batch")) {
            while (rows.next()) {
                String batch = rows.getString(1);
                entries.add(new ArchivedEntry(
                        BatchId.parse(batch),
                        rows.getString(2),
                        rows.getString(3),
                        keys.getOrDefault(batch, List.of()),
                        Optional.ofNullable(rows.getString(4)),
                        rows.getInt(5),
                        rows.getLong(6),
                        HexFormat.of().formatHex(rows.getBytes(7)),
                        Instant.ofEpochMilli(rows.getLong(8))));
            }
        }
        return entries;
    }

    Optional<ArchivedEntry> entry(BatchId batch) throws SQLException {
        return entries().stream().filter(entry -> entry.batch().equals(batch)).findFirst();
    }

    /** Whether a batch stands in either table. */
    boolean knows(BatchId batch) throws SQLException {
        return names(batch) || has(LOOSE, batch);
    }

    /** Whether a batch is archived. */
    boolean names(BatchId batch) throws SQLException {
        return has(LEDGER, batch);
    }

    private boolean has(String table, BatchId batch) throws SQLException {
        if (!exists()) {
            return false;
        }
        try (PreparedStatement statement = connection.prepareStatement("SELECT 1 FROM " + table + " WHERE batch = ?")) {
            statement.setString(1, batch.value());
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next();
            }
        }
    }

    boolean remove(BatchId batch) throws SQLException {
        return update("DELETE FROM " + LEDGER + " WHERE batch = ?", batch) == 1;
    }

    /** Notes that the tier has batches that are not archived. */
    void loosen(Collection<BatchId> batches, Instant since) throws SQLException {
        for (BatchId batch : batches) {
            if (!knows(batch)) {
                try (PreparedStatement statement =
                        connection.prepareStatement("INSERT INTO " + LOOSE + " VALUES (?, ?)")) {
                    statement.setString(1, batch.value());
                    statement.setLong(2, since.toEpochMilli());
                    statement.executeUpdate();
                }
            }
        }
    }

    /** What is loose, and since when. */
    Map<BatchId, Instant> loose() throws SQLException {
        Map<BatchId, Instant> loose = new LinkedHashMap<>();
        if (exists()) {
            try (Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery("SELECT batch, since FROM " + LOOSE + " ORDER BY batch")) {
                while (rows.next()) {
                    loose.put(BatchId.parse(rows.getString(1)), Instant.ofEpochMilli(rows.getLong(2)));
                }
            }
        }
        return loose;
    }

    void forget(Collection<BatchId> batches) throws SQLException {
        for (BatchId batch : batches) {
            update("DELETE FROM " + LOOSE + " WHERE batch = ?", batch);
        }
    }

    private int update(String sql, BatchId batch) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, batch.value());
            return statement.executeUpdate();
        }
    }

    static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    static long number(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            return rows.next() ? rows.getLong(1) : 0;
        }
    }
}
