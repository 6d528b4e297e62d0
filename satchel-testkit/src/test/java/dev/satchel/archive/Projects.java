package dev.satchel.archive;

import dev.satchel.DatabaseId;
import dev.satchel.Satchel;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** A small video editor's database: what tests archive. */
final class Projects {
    static final DatabaseId ANN = DatabaseId.of("ann");

    static final ArchiveRule FINISHED = ArchiveRule.builder("finished-projects", "projects")
            .where("finished_at < :cutoff")
            .olderThan(Duration.ofDays(30))
            .label("title")
            .build();

    private static final List<String> TABLES = List.of("games", "projects", "clips", "marks", "videos");

    private Projects() {}

    /** Projects 1 to {@code count}, each with three clips, those with two marks, and a video. Odd ones were finished long ago. */
    static void create(Satchel node, int count) throws SQLException {
        List<String> sql = new ArrayList<>(List.of(
                "CREATE TABLE games(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT)",
                "CREATE TABLE projects(id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT UNIQUE, game INTEGER REFERENCES games,"
                        + " finished_at TEXT)",
                "CREATE TABLE clips(project INTEGER NOT NULL REFERENCES projects(id) ON DELETE CASCADE, number INTEGER NOT NULL,"
                        + " data BLOB, length REAL, PRIMARY KEY(project, number)) WITHOUT ROWID",
                "CREATE TABLE marks(project INTEGER, clip INTEGER, text, FOREIGN KEY(project, clip) REFERENCES clips)",
                "CREATE TABLE videos(name TEXT PRIMARY KEY, project INTEGER REFERENCES projects ON DELETE SET NULL,"
                        + " bytes BLOB, size INTEGER GENERATED ALWAYS AS (length(bytes)) VIRTUAL)",
                "CREATE INDEX clips_by_length ON clips(length)",
                "INSERT INTO games VALUES (1, 'the game')"));
        for (int id = 1; id <= count; id++) {
            String finished = id % 2 == 1 ? "'2026-06-0" + (id % 9 + 1) + " 10:00:00'" : "'2026-08-31 10:00:00'";
            sql.add("INSERT INTO projects VALUES (" + id + ", 'project " + id + "', 1, " + finished + ")");
            for (int clip = 1; clip <= 3; clip++) {
                sql.add("INSERT INTO clips VALUES (" + id + ", " + clip + ", x'00ff" + clip + clip + "', " + id
                        + ".5)");
                sql.add("INSERT INTO marks VALUES (" + id + ", " + clip + ", 'ma' || char(0) || 'rk')");
                sql.add("INSERT INTO marks VALUES (" + id + ", " + clip + ", CAST(x'ff' AS TEXT))");
            }
            sql.add("INSERT INTO videos(name, project, bytes) VALUES ('video " + id + "', " + id
                    + ", randomblob(2000))");
        }
        ArchiveNodes.run(node, ANN, sql.toArray(String[]::new));
    }

    /** Every row of the tables, with its table and exact values. */
    static TreeSet<String> rows(Satchel node) throws SQLException {
        return node.read(ANN, session -> {
            try (Connection connection = session.connection()) {
                return rows(connection, TABLES);
            }
        });
    }

    /** The same of what is archived. */
    static TreeSet<String> archived(Archive archive) throws SQLException {
        try (ArchivedRows archived = archive.open(ANN);
                Connection connection = archived.connection()) {
            List<String> there = ArchiveNodes.query(connection, "SELECT name FROM sqlite_schema WHERE type = 'table'");
            return rows(connection, TABLES.stream().filter(there::contains).toList());
        }
    }

    private static TreeSet<String> rows(Connection connection, List<String> tables) throws SQLException {
        TreeSet<String> rows = new TreeSet<>();
        for (String table : tables) {
            String columns = switch (table) {
                case "games" -> "quote(id), quote(name)";
                case "projects" -> "quote(id), quote(title), quote(game), quote(finished_at)";
                case "clips" -> "quote(project), quote(number), quote(data), quote(length)";
                case "marks" -> "quote(project), quote(clip), typeof(text), hex(CAST(text AS BLOB))";
                default -> "quote(name), quote(project), quote(bytes)";
            };
            for (String row : ArchiveNodes.query(connection, "SELECT " + columns + " FROM " + table)) {
                if (!rows.add(table + ": " + row)) {
                    throw new AssertionError("twice: " + table + ": " + row);
                }
            }
        }
        return rows;
    }
}
