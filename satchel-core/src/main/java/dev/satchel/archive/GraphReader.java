package dev.satchel.archive;

import dev.satchel.ArchiveException;
import dev.satchel.DatabaseId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLSyntaxErrorException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Finds what a rule archives, and all that belongs to it, within one transaction of a connection. The same rows always come in
 * the same order, so that two readings can be compared by digest.
 */
final class GraphReader {
    private static final String NEEDED = "rule ";

    private final DatabaseId database;
    private final Connection connection;
    private final LiveSchema schema;
    private final ArchiveRule rule;
    private final ArchiveLimits limits;
    private final String condition;
    private final LiveTable root;
    /** Who belongs to a table, by its folded name; filled as needed. */
    private final Map<String, List<Reference>> belonging = new HashMap<>();
    /** Rows that an earlier graph of this reader has. */
    private final Map<LiveTable, Set<List<Cell>>> taken = new HashMap<>();

    GraphReader(
            DatabaseId database,
            Connection connection,
            LiveSchema schema,
            ArchiveRule rule,
            ArchiveLimits limits,
            Instant now) {
        this.database = database;
        this.connection = connection;
        this.schema = schema;
        this.rule = rule;
        this.limits = limits;
        this.condition = rule.conditionAt(now);
        this.root = schema.table(rule.table(), NEEDED + rule.name() + " archives");
    }

    /** The keys of the rows that the rule's condition is true for, in order. */
    List<List<Cell>> candidates() throws SQLException {
        String keys = root.key().stream().map(Cells::quoted).collect(Collectors.joining(", "));
        String sql = "SELECT "
                + root.key().stream().map(Cells::quoted).map(Cells::selected).collect(Collectors.joining(", "))
                + " FROM " + Cells.quoted(root.name()) + " WHERE (" + condition + ") ORDER BY " + keys;
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<List<Cell>> found = new ArrayList<>();
            while (rows.next()) {
                found.add(Cells.read(rows, 1, root.key().size()));
            }
            return found;
        } catch (SQLSyntaxErrorException e) {
            throw new IllegalArgumentException(
                    NEEDED + rule.name() + ": the condition cannot be used on table " + root.name() + ": "
                            + e.getMessage(),
                    e);
        }
    }

    /** Those of some roots that no earlier graph of this reader has. */
    List<List<Cell>> untaken(List<List<Cell>> roots) {
        Set<List<Cell>> gone = taken.getOrDefault(root, Set.of());
        return roots.stream().filter(key -> !gone.contains(key)).toList();
    }

    /** Reads some of the {@link #candidates} with everything that belongs to them. */
    Graph read(List<List<Cell>> roots, BatchId id, Instant created) throws SQLException {
        Reading reading = new Reading();
        for (List<Cell> key : roots) {
            List<Cell> row = root(key);
            if (row.isEmpty()) {
                return left(roots, LeftBehind.Reason.CHANGED, root.name());
            }
            reading.add(root, key, row);
        }
        while (!reading.unseen.isEmpty()) {
            Map.Entry<LiveTable, List<Cell>> next = reading.unseen.remove();
            for (Reference reference : belongingTo(next.getKey())) {
                LiveTable child = schema.table(reference.fromTable(), NEEDED + rule.name() + " names");
                if (rule.keeps(child.name())) {
                    if (refers(reference, child, next.getKey(), next.getValue())) {
                        return left(roots, LeftBehind.Reason.REFERRED_TO, child.name());
                    }
                    continue;
                }
                readChildren(reading, reference, child, next.getKey(), next.getValue());
                if (reading.isTooLarge()) {
                    return left(roots, LeftBehind.Reason.TOO_LARGE, "more than " + limits.maxBatchBytes() + " bytes");
                }
            }
        }
        Optional<String> lastKey = lastKeyOf(reading.rows);
        if (lastKey.isPresent()) {
            return left(roots, LeftBehind.Reason.LAST_KEY, lastKey.get());
        }
        return graph(roots, reading.rows, id, created);
    }

    /** What has been read of a graph. */
    private final class Reading {
        private final Map<LiveTable, Map<List<Cell>, List<Cell>>> rows = new HashMap<>();
        private final Deque<Map.Entry<LiveTable, List<Cell>>> unseen = new ArrayDeque<>();
        private long bytes;

        void add(LiveTable table, List<Cell> key, List<Cell> row) {
            boolean isNew = !taken.getOrDefault(table, Set.of()).contains(key)
                    && rows.computeIfAbsent(table, name -> new LinkedHashMap<>())
                                    .putIfAbsent(key, row)
                            == null;
            if (isNew) {
                unseen.add(Map.entry(table, key));
                bytes += size(row);
            }
        }

        boolean isTooLarge() {
            return bytes > limits.maxBatchBytes();
        }
    }

    private Graph graph(
            List<List<Cell>> roots, Map<LiveTable, Map<List<Cell>, List<Cell>>> rows, BatchId id, Instant created)
            throws SQLException {
        Map<String, LiveTable> named = new HashMap<>();
        rows.keySet().forEach(table -> named.put(table.name(), table));
        List<ArchivedTable> tables = new ArrayList<>();
        Map<LiveTable, List<List<Cell>>> keys = new LinkedHashMap<>();
        for (String name : schema.ordered(named.keySet(), rule.belonging())) {
            LiveTable table = Objects.requireNonNull(named.get(name), name);
            Map<List<Cell>, List<Cell>> own = rows.getOrDefault(table, Map.of());
            tables.add(new ArchivedTable(name, table.columns(), List.copyOf(own.values())));
            keys.put(table, List.copyOf(own.keySet()));
        }
        ArchiveBatch batch;
        try {
            batch = new ArchiveBatch(id, database, rule.name(), created, tables);
            limits.check(batch);
        } catch (ArchiveException | IllegalArgumentException e) {
            return left(roots, LeftBehind.Reason.TOO_LARGE, String.valueOf(e.getMessage()));
        }
        return new Graph(roots, label(roots.get(0)), batch, keys, null);
    }

    /** Notes that a graph's rows are spoken for: later graphs leave them out. */
    void take(Graph graph) {
        graph.keys()
                .forEach((table, keys) ->
                        taken.computeIfAbsent(table, key -> new HashSet<>()).addAll(keys));
    }

    /** The rows of the rule's table that a graph has. */
    List<List<Cell>> roots(Graph graph) {
        return graph.keys().getOrDefault(root, List.of());
    }

    private Graph left(List<List<Cell>> roots, LeftBehind.Reason why, String detail) {
        List<String> keys = roots.stream().map(Cells::key).toList();
        return new Graph(roots, Optional.empty(), null, Map.of(), new LeftBehind(rule.name(), keys, why, detail));
    }

    /** In a batch; as BatchFormat has it. */
    private static long size(List<Cell> row) {
        long bytes = 0;
        for (Cell cell : row) {
            if (cell instanceof Cell.Text text) {
                bytes += 5 + text.length();
            } else if (cell instanceof Cell.Blob blob) {
                bytes += 5 + blob.length();
            } else {
                bytes += cell instanceof Cell.Null ? 1 : 9;
            }
        }
        return bytes;
    }

    private List<Reference> belongingTo(LiveTable table) {
        return belonging.computeIfAbsent(LiveTable.folded(table.name()), name -> {
            Set<Reference> all = new LinkedHashSet<>(schema.to(table.name()));
            for (Reference reference : rule.belonging()) {
                if (table.isCalled(reference.toTable())) {
                    all.add(reference);
                }
            }
            all.forEach(this::requireColumns);
            return List.copyOf(all);
        });
    }

    private void requireColumns(Reference reference) {
        requireColumns(reference.fromTable(), reference.fromColumns());
        requireColumns(reference.toTable(), reference.toColumns());
    }

    private void requireColumns(String table, List<String> columns) {
        LiveTable found = schema.table(table, NEEDED + rule.name() + " names");
        for (String column : columns) {
            if (!found.has(column)) {
                throw new ArchiveException(
                        ArchiveException.Kind.SCHEMA_DIFFERS,
                        "database " + database + ": table " + table + " has no column " + column + ", which rule "
                                + rule.name() + " names; a row id is only kept in a column that is INTEGER PRIMARY KEY",
                        null);
            }
        }
    }

    /** A root row's values, if the condition is still true for it; else none. */
    private List<Cell> root(List<Cell> key) throws SQLException {
        String sql = "SELECT " + values(root, "") + " FROM " + Cells.quoted(root.name()) + " WHERE " + root.where(key)
                + " AND (" + condition + ")";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            Cells.bind(statement, 1, key);
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next() ? Cells.read(rows, 1, root.columns().size()) : List.of();
            }
        }
    }

    private Optional<String> label(List<Cell> key) throws SQLException {
        if (rule.label().isEmpty()) {
            return Optional.empty();
        }
        String sql = "SELECT CAST((" + rule.label().get() + ") AS TEXT) FROM " + Cells.quoted(root.name()) + " WHERE "
                + root.where(key);
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            Cells.bind(statement, 1, key);
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next() ? Optional.ofNullable(rows.getString(1)) : Optional.empty();
            }
        }
    }

    /** Adds the rows that belong to a row, until they are too large. */
    private void readChildren(Reading reading, Reference reference, LiveTable child, LiveTable parent, List<Cell> key)
            throws SQLException {
        String keys = child.key().stream()
                .map(name -> "c." + Cells.quoted(name))
                .map(Cells::selected)
                .collect(Collectors.joining(", "));
        String order =
                child.key().stream().map(name -> "c." + Cells.quoted(name)).collect(Collectors.joining(", "));
        String sql = "SELECT " + keys + ", " + values(child, "c.") + belonging(reference, child, parent, key)
                + " ORDER BY " + order;
        int keySize = child.key().size();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            Cells.bind(statement, 1, key);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next() && !reading.isTooLarge()) {
                    reading.add(
                            child,
                            Cells.read(rows, 1, keySize),
                            Cells.read(rows, 1 + 2 * keySize, child.columns().size()));
                }
            }
        }
    }

    private boolean refers(Reference reference, LiveTable child, LiveTable parent, List<Cell> key) throws SQLException {
        String sql = "SELECT 1" + belonging(reference, child, parent, key) + " LIMIT 1";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            Cells.bind(statement, 1, key);
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next();
            }
        }
    }

    /** The parent's column stands on the left, so that SQLite compares with its collation, as foreign keys do. */
    private static String belonging(Reference reference, LiveTable child, LiveTable parent, List<Cell> key) {
        StringBuilder sql = new StringBuilder(" FROM ")
                .append(Cells.quoted(parent.name()))
                .append(" AS p CROSS JOIN ") // Not the other way round, whatever the planner thinks.
                .append(Cells.quoted(child.name()))
                .append(" AS c WHERE ")
                .append(parent.where("p.", key));
        for (int i = 0; i < reference.fromColumns().size(); i++) {
            sql.append(" AND p.")
                    .append(Cells.quoted(reference.toColumns().get(i)))
                    .append(" = c.")
                    .append(Cells.quoted(reference.fromColumns().get(i)));
        }
        return sql.toString();
    }

    /** The table whose largest key is among the rows, if SQLite would give it again. */
    private Optional<String> lastKeyOf(Map<LiveTable, Map<List<Cell>, List<Cell>>> rows) throws SQLException {
        for (Map.Entry<LiveTable, Map<List<Cell>, List<Cell>>> each : rows.entrySet()) {
            LiveTable table = each.getKey();
            if (table.givesKeysAgain()) {
                String sql = "SELECT max(" + Cells.quoted(table.key().get(0)) + ") FROM " + Cells.quoted(table.name());
                try (Statement statement = connection.createStatement();
                        ResultSet result = statement.executeQuery(sql)) {
                    if (result.next() && each.getValue().containsKey(List.of(Cell.of(result.getLong(1))))) {
                        return Optional.of(table.name());
                    }
                }
            }
        }
        return Optional.empty();
    }

    private static String values(LiveTable table, String prefix) {
        return table.columns().stream()
                .map(column -> Cells.selected(prefix + Cells.quoted(column.name())))
                .collect(Collectors.joining(", "));
    }
}
