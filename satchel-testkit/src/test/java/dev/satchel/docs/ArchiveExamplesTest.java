package dev.satchel.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.DatabaseId;
import dev.satchel.Satchel;
import dev.satchel.archive.Archive;
import dev.satchel.archive.ArchiveReport;
import dev.satchel.archive.ArchiveRule;
import dev.satchel.archive.ArchivedEntry;
import dev.satchel.archive.ArchivedRows;
import dev.satchel.testkit.InMemoryObjectStore;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The examples of docs/archive.md do what the text says. */
class ArchiveExamplesTest {
    @Test
    void finishedProjectsGoAndComeBack(@TempDir Path folder) throws SQLException {
        DatabaseId ann = DatabaseId.of("ann");
        try (Satchel satchel =
                Satchel.builder(new InMemoryObjectStore(), folder).build()) {
            satchel.<@Nullable Void, SQLException>write(ann, session -> {
                try (Connection connection = session.connection();
                        Statement statement = connection.createStatement()) {
                    statement.execute(
                            "CREATE TABLE projects(id INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT, finished_at TEXT)");
                    statement.execute(
                            "INSERT INTO projects(title, finished_at) VALUES ('first', '2020-01-01 00:00:00')");
                    return null;
                }
            });
            // snippet: archive-rule
            ArchiveRule finished = ArchiveRule.builder("finished-projects", "projects")
                    .where("finished_at < :cutoff")
                    .olderThan(Duration.ofDays(30))
                    .label("title")
                    .build();
            Archive archive = Archive.builder(satchel).rule(finished).build();
            // end

            // snippet: archive-run
            ArchiveReport report = archive.run(ann);
            for (ArchivedEntry entry : archive.list(ann)) {
                System.out.println(entry.label().orElse("") + ": " + entry.rows() + " rows");
            }
            try (ArchivedRows rows = archive.open(ann);
                    Connection connection = rows.connection()) {
                // SELECT title FROM projects …
            }
            archive.restore(ann, archive.list(ann).get(0).batch());
            // end

            assertThat(report.rows()).isEqualTo(1);
            assertThat(archive.list(ann)).isEmpty();
            try (var session = satchel.open(ann);
                    Connection connection = session.connection();
                    ResultSet rows = connection.createStatement().executeQuery("SELECT title FROM projects")) {
                assertThat(rows.next()).isTrue();
            }
        }
    }
}
