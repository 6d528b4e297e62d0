package dev.satchel.archive;

import dev.satchel.ArchiveException;
import dev.satchel.DatabaseId;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** The tables of a database and who refers to whom, as the database has them now. Immutable. */
final class LiveSchema {
    private static final Pattern AUTOINCREMENT = Pattern.compile("\\bAUTOINCREMENT\\b", Pattern.CASE_INSENSITIVE);
    private static final Pattern CONFLICT = Pattern.compile("\\bCONFLICT\\b", Pattern.CASE_INSENSITIVE);
    private static final String OWN_PREFIX = "satchel_";

    private final DatabaseId database;
    private final Map<String, LiveTable> tables;
    private final List<Reference> references;

    private LiveSchema(DatabaseId database, Map<String, LiveTable> tables, List<Reference> references) {
        this.database = database;
        this.tables = tables;
        this.references = references;
    }

    static LiveSchema read(DatabaseId database, Connection connection) throws SQLException {
        Map<String, LiveTable> tables = new TreeMap<>();
        for (String[] found : names(connection)) {
            LiveTable table = table(connection, found[0], found[1].equals("1"), found[2]);
            tables.put(LiveTable.folded(table.name()), table);
        }
        List<Reference> references = new ArrayList<>();
        for (LiveTable table : tables.values()) {
            references.addAll(references(connection, table, tables));
        }
        requireUtf8(database, connection);
        return new LiveSchema(database, tables, List.copyOf(references));
    }

    private static void requireUtf8(DatabaseId database, Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("PRAGMA encoding")) {
            if (rows.next() && !rows.getString(1).equals("UTF-8")) {
                throw new ArchiveException(
                        ArchiveException.Kind.SCHEMA_DIFFERS,
                        "database " + database + " has its text in " + rows.getString(1)
                                + "; only databases in UTF-8 can be archived",
                        null);
            }
        }
    }

    private static List<String[]> names(Connection connection) throws SQLException {
        List<String[]> names = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT l.name, l.wr, m.sql FROM pragma_table_list() AS l JOIN sqlite_schema AS m"
                                + " ON m.type = 'table' AND m.name = l.name WHERE l.schema = 'main' AND l.type = 'table'"
                                + " AND l.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY l.name")) {
            while (rows.next()) {
                if (!LiveTable.folded(rows.getString(1)).startsWith(OWN_PREFIX)) {
                    names.add(new String[] {rows.getString(1), rows.getString(2), rows.getString(3)});
                }
            }
        }
        return names;
    }

    private static LiveTable table(Connection connection, String name, boolean withoutRowId, String sql)
            throws SQLException {
        List<ArchivedTable.Column> columns = new ArrayList<>();
        Map<Integer, String> primaryKey = new TreeMap<>();
        Set<String> all = new HashSet<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("PRAGMA table_xinfo(" + Cells.quoted(name) + ")")) {
            while (rows.next()) {
                String column = rows.getString("name");
                all.add(LiveTable.folded(column));
                if (rows.getInt("hidden") == 0) {
                    String type = rows.getString("type");
                    columns.add(new ArchivedTable.Column(column, type == null ? "" : type));
                }
                if (rows.getInt("pk") > 0) {
                    primaryKey.put(rows.getInt("pk"), column);
                }
            }
        }
        List<String> keyColumns = List.copyOf(primaryKey.values());
        boolean decidesConflicts = CONFLICT.matcher(sql).find();
        if (withoutRowId) {
            return new LiveTable(
                    name, List.copyOf(columns), Set.copyOf(all), keyColumns, keyColumns, false, decidesConflicts);
        }
        // INTEGER PRIMARY KEY is the row id unless it has an index of its own, as one that is DESC.
        boolean named = keyColumns.size() == 1
                && Ledger.number(
                                connection,
                                "SELECT count(*) FROM pragma_index_list(" + text(name) + ") WHERE origin = 'pk'")
                        == 0
                && columns.stream()
                        .anyMatch(column -> column.name().equals(keyColumns.get(0))
                                && column.declaredType().equalsIgnoreCase("INTEGER"));
        String rowId = named
                ? keyColumns.get(0)
                : List.of("rowid", "_rowid_", "oid").stream()
                        .filter(alias -> !all.contains(alias))
                        .findFirst()
                        .orElseThrow(() -> new SQLException("table " + name + " hides its row id"));
        return new LiveTable(
                name,
                List.copyOf(columns),
                Set.copyOf(all),
                List.of(rowId),
                keyColumns,
                named && !AUTOINCREMENT.matcher(sql).find(),
                decidesConflicts);
    }

    private static List<Reference> references(Connection connection, LiveTable from, Map<String, LiveTable> tables)
            throws SQLException {
        Map<Integer, String> targets = new LinkedHashMap<>();
        Map<Integer, List<String>> columns = new LinkedHashMap<>();
        Map<Integer, List<String>> targetColumns = new LinkedHashMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(
                        "SELECT * FROM pragma_foreign_key_list(" + text(from.name()) + ") ORDER BY id, seq")) {
            while (rows.next()) {
                int id = rows.getInt("id");
                targets.put(id, rows.getString("table"));
                columns.computeIfAbsent(id, key -> new ArrayList<>()).add(rows.getString("from"));
                String to = rows.getString("to");
                if (to != null) {
                    targetColumns.computeIfAbsent(id, key -> new ArrayList<>()).add(to);
                }
            }
        }
        List<Reference> references = new ArrayList<>();
        targets.forEach((id, target) -> {
            LiveTable parent = tables.get(LiveTable.folded(target));
            if (parent == null) {
                return;
            }
            List<String> own = columns.getOrDefault(id, List.of());
            List<String> theirs = targetColumns.getOrDefault(id, parent.primaryKey());
            // One that means no columns is a mistake, with which SQLite refuses to write; nothing refers by it.
            if (own.size() == theirs.size() && theirs.stream().allMatch(parent::has)) {
                references.add(new Reference(from.name(), List.copyOf(own), parent.name(), List.copyOf(theirs)));
            }
        });
        return references;
    }

    private static String text(String value) {
        return "'" + value.replace("'", "''") + "'";
    }

    boolean isEmpty() {
        return tables.isEmpty();
    }

    /** Whether a table has row ids that are no column of it. */
    boolean hidesRowIds() {
        return tables.values().stream().anyMatch(table -> !table.key().stream().allMatch(table::has));
    }

    Optional<LiveTable> find(String name) {
        return Optional.ofNullable(tables.get(LiveTable.folded(name)));
    }

    /** A table that a rule or a batch needs. */
    LiveTable table(String name, String why) {
        return find(name)
                .orElseThrow(() -> new ArchiveException(
                        ArchiveException.Kind.SCHEMA_DIFFERS,
                        "database " + database + " has no table " + name + ", which " + why,
                        null));
    }

    /** Who refers to a table. */
    List<Reference> to(String table) {
        return references.stream()
                .filter(reference -> reference.toTable().equalsIgnoreCase(table))
                .toList();
    }

    /** Tables in an order in which those that are referred to come first, as far as that is possible. */
    List<String> ordered(Set<String> wanted, List<Reference> more) {
        List<Reference> all = new ArrayList<>(references);
        all.addAll(more);
        Set<String> ordered = new LinkedHashSet<>();
        Set<String> begun = new HashSet<>();
        wanted.stream().sorted(Comparator.naturalOrder()).forEach(table -> visit(table, all, begun, ordered));
        return ordered.stream().filter(wanted::contains).toList();
    }

    private static void visit(String table, List<Reference> all, Set<String> begun, Set<String> ordered) {
        if (!begun.add(table)) {
            return;
        }
        for (Reference reference : all) {
            if (reference.fromTable().equals(table)) {
                visit(reference.toTable(), all, begun, ordered);
            }
        }
        ordered.add(table);
    }
}
