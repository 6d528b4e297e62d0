package dev.satchel.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.Bucket;
import dev.satchel.DatabaseId;
import dev.satchel.Durability;
import dev.satchel.Freshness;
import dev.satchel.QuotaExceededException;
import dev.satchel.Satchel;
import dev.satchel.SatchelConfig;
import dev.satchel.SatchelMetrics;
import dev.satchel.Session;
import dev.satchel.SizeReport;
import dev.satchel.SizeThresholds;
import dev.satchel.SizeThresholds.Level;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class SizeTest {
    private static final DatabaseId ANN = DatabaseId.of("ann");
    private static final long KIB = 1024;

    @RegisterExtension
    private final ArchiveNodes nodes = new ArchiveNodes();

    private final BlockingQueue<SizeReport> told = new LinkedBlockingQueue<>();
    private final List<Level> counted = new CopyOnWriteArrayList<>();

    private Satchel node(SizeThresholds sizes) {
        return nodes.start(
                nodes.store(),
                builder -> builder.config(SatchelConfig.defaults()
                                .withIdle(64, Duration.ofDays(1), Duration.ofDays(1))
                                .withSizes(sizes))
                        .sizeListener(told::add)
                        .metrics(new SatchelMetrics() {
                            @Override
                            public void grown(Level level) {
                                counted.add(level);
                            }
                        }));
    }

    private SizeReport next() throws InterruptedException {
        return Objects.requireNonNull(told.poll(5, TimeUnit.MINUTES));
    }

    private static void grow(Satchel node, int rows) throws SQLException {
        ArchiveNodes.run(node, ANN, insert(rows));
    }

    /** A row has 16 KiB. */
    private static String insert(int rows) {
        return "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " + rows
                + ") INSERT INTO clips(data) SELECT randomblob(16384) FROM n";
    }

    // thresholds

    @Test
    void growingBeyondAThresholdIsToldOnceAndNamesWhatIsLargest() throws Exception {
        Satchel node = node(SizeThresholds.DEFAULTS);
        ArchiveNodes.run(
                node,
                ANN,
                "CREATE TABLE clips(id INTEGER PRIMARY KEY AUTOINCREMENT, data BLOB, name TEXT)",
                "CREATE TABLE notes(text TEXT)",
                "CREATE INDEX notes_by_text ON notes(text)",
                "INSERT INTO notes VALUES (hex(randomblob(50000)))");
        for (int i = 0; i < 5; i++) {
            grow(node, 4);
        }
        SizeReport first = next(); // as it is when that is looked into
        for (int i = 0; i < 5; i++) {
            grow(node, 8);
        }
        SizeReport second = next();

        assertThat(first.level()).isEqualTo(Level.INFO);
        assertThat(first.database()).isEqualTo(ANN);
        assertThat(first.bytes()).isGreaterThanOrEqualTo(512 * KIB);
        assertThat(first.parts().get(0).name()).isEqualTo("clips");
        assertThat(first.parts())
                .anyMatch(part -> part.name().equals("notes_by_text")
                        && part.isIndex()
                        && part.table().equals("notes"));
        assertThat(first.largest(1)).matches("clips \\d+ KiB");
        assertThat(second.level()).isEqualTo(Level.WARNING);
        assertThat(second.bytes()).isGreaterThanOrEqualTo(1024 * KIB);
        assertThat(counted).containsExactly(Level.INFO, Level.WARNING);
        assertThat(told).isEmpty();
    }

    @Test
    void itIsToldAgainOnlyAfterItHasBeenATenthBelow() throws Exception {
        Satchel node = node(SizeThresholds.DEFAULTS);
        ArchiveNodes.run(node, ANN, "CREATE TABLE clips(id INTEGER PRIMARY KEY AUTOINCREMENT, data BLOB)", insert(30));
        grow(node, 3);
        assertThat(next().level()).isEqualTo(Level.INFO); // as it is when that is looked into
        shrink(node, 2);
        grow(node, 2);
        shrink(node, 10);
        grow(node, 10);

        assertThat(next().level()).isEqualTo(Level.INFO);
        assertThat(counted).containsExactly(Level.INFO, Level.INFO);
    }

    @Test
    void growthOfADeferredSessionIsToldWhenItIsUploaded() throws Exception {
        Satchel node = node(SizeThresholds.DEFAULTS);
        ArchiveNodes.run(node, ANN, "CREATE TABLE clips(id INTEGER PRIMARY KEY AUTOINCREMENT, data BLOB)", insert(30));

        try (Session session = node.open(ANN, Freshness.latest(), Durability.DEFERRED);
                Connection connection = session.connection();
                Statement statement = connection.createStatement()) {
            statement.execute(insert(5));
        }

        assertThat(next().level()).isEqualTo(Level.INFO);
    }

    private static void shrink(Satchel node, int rows) throws SQLException {
        ArchiveNodes.run(
                node, ANN, "DELETE FROM clips WHERE id IN (SELECT id FROM clips ORDER BY id DESC LIMIT " + rows + ")");
        node.<@Nullable Void, SQLException>write(ANN, session -> {
            try (Connection connection = session.connection()) {
                Ledger.execute(connection, "PRAGMA incremental_vacuum");
                return null;
            }
        });
    }

    @Test
    void whatAnotherNodeHasMadeLargeIsNotTold() throws Exception {
        Satchel quiet = nodes.start();
        ArchiveNodes.run(quiet, ANN, "CREATE TABLE clips(id INTEGER PRIMARY KEY AUTOINCREMENT, data BLOB)", insert(80));
        Satchel node = node(SizeThresholds.DEFAULTS);

        grow(node, 1);

        assertThat(counted).isEmpty();
    }

    // a quota

    @Test
    void beyondTheQuotaNothingGrowsAndDeletingWorks() throws SQLException {
        Satchel node = node(SizeThresholds.DEFAULTS.withQuota(300 * KIB));
        ArchiveNodes.run(node, ANN, "CREATE TABLE clips(id INTEGER PRIMARY KEY AUTOINCREMENT, data BLOB)", insert(10));

        assertThatThrownBy(() -> grow(node, 10))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("at most 307200 bytes")
                .cause()
                .isInstanceOfSatisfying(
                        QuotaExceededException.class,
                        e -> assertThat(e.quotaBytes()).isEqualTo(300 * KIB));
        assertThat(ArchiveNodes.query(node, ANN, "SELECT count(*) FROM clips")).containsExactly("10");

        ArchiveNodes.run(node, ANN, "DELETE FROM clips WHERE id > 2");
        grow(node, 8);
        assertThat(ArchiveNodes.query(node, ANN, "SELECT count(*) FROM clips")).containsExactly("10");
    }

    @Test
    void aDatabaseThatIsLargerThanTheQuotaAlreadyIsReadShrunkAndArchived() throws SQLException {
        Satchel unlimited = nodes.start();
        ArchiveNodes.run(
                unlimited, ANN, "CREATE TABLE clips(id INTEGER PRIMARY KEY AUTOINCREMENT, data BLOB)", insert(40));
        Satchel node = node(SizeThresholds.DEFAULTS.withQuota(300 * KIB));

        assertThatThrownBy(() -> grow(node, 4)).hasCauseInstanceOf(QuotaExceededException.class);
        ArchiveReport report = nodes.archive(node)
                .rule(ArchiveRule.builder("old", "clips").where("id <= 30").build())
                .build()
                .run(ANN);

        assertThat(report.archived()).hasSize(30);
        assertThat(report.bytesAfter()).isLessThan(300 * KIB);
        grow(node, 2);
    }

    // space

    /** What a production system of this architecture had: 897 KB before, 262 KB after. */
    @Test
    void anArchiveGivesBackWhatFinishedProjectsTake(@TempDir Path folder) throws SQLException, IOException {
        Satchel node = nodes.start();
        createEditor(node);
        Archive archive = nodes.archive(node)
                .rule(ArchiveRule.builder("finished-projects", "projects")
                        .where("archived_at < :cutoff")
                        .olderThan(Duration.ofDays(30))
                        .label("name")
                        .build())
                .build();
        List<String> before = checksums(node);

        ArchiveReport report = archive.run(ANN);

        assertThat(report.bytesBefore()).isBetween(870 * KIB, 930 * KIB);
        assertThat(report.bytesAfter()).isBetween(230 * KIB, 290 * KIB);
        assertThat(ArchiveNodes.query(node, ANN, "PRAGMA freelist_count")).containsExactly("0");
        try (Bucket bucket = Bucket.of(nodes.store())) {
            Path file = folder.resolve("ann.sqlite");
            bucket.pull(ANN, file);
            assertThat(Files.size(file)).isEqualTo(report.bytesAfter());
        }

        for (ArchivedEntry entry : archive.list(ANN)) {
            archive.restore(ANN, entry.batch());
        }
        assertThat(checksums(node)).isEqualTo(before);
    }

    /** One that Satchel did not make has no list of free pages that could be given back in steps: it is written anew, once. */
    @Test
    void aDatabaseThatCannotBeVacuumedInStepsIsWrittenAnew(@TempDir Path folder) throws SQLException {
        Path file = folder.resolve("old.sqlite");
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file)) {
            Ledger.execute(connection, "PRAGMA auto_vacuum = NONE");
            Ledger.execute(connection, "CREATE TABLE clips(id INTEGER PRIMARY KEY AUTOINCREMENT, data BLOB)");
            Ledger.execute(connection, insert(40));
        }
        try (Bucket bucket = Bucket.of(nodes.store())) {
            bucket.push(ANN, file);
        }
        Satchel node = nodes.start();

        ArchiveReport report = nodes.archive(node)
                .rule(ArchiveRule.builder("old", "clips").where("id <= 30").build())
                .build()
                .run(ANN);

        assertThat(report.bytesAfter()).isLessThan(report.bytesBefore() / 3);
        assertThat(ArchiveNodes.query(node, ANN, "PRAGMA auto_vacuum")).containsExactly("0");
        assertThat(ArchiveNodes.query(node, ANN, "PRAGMA freelist_count")).containsExactly("0");
    }

    private static List<String> checksums(Satchel node) throws SQLException {
        List<String> sums = new ArrayList<>();
        for (String table : List.of("projects", "working_clips", "working_videos", "final_videos")) {
            sums.addAll(ArchiveNodes.query(
                    node,
                    ANN,
                    "SELECT count(*), sum(id), sum(length(data)), group_concat(hex(substr(data, 1, 8))) FROM"
                            + " (SELECT * FROM " + table + " ORDER BY id)"));
        }
        return sums;
    }

    /** 6 games, 53 clips, 47 projects of which 45 are long finished; the blobs of a project are what is large. */
    private static void createEditor(Satchel node) throws SQLException {
        List<String> sql = new ArrayList<>(List.of(
                "CREATE TABLE games(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, data BLOB)",
                "CREATE TABLE raw_clips(id INTEGER PRIMARY KEY AUTOINCREMENT, game_id INTEGER REFERENCES games, data BLOB)",
                "CREATE TABLE projects(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, archived_at TEXT, data BLOB)",
                "CREATE TABLE working_clips(id INTEGER PRIMARY KEY AUTOINCREMENT, project_id INTEGER NOT NULL REFERENCES projects"
                        + " ON DELETE CASCADE, raw_clip_id INTEGER REFERENCES raw_clips, data BLOB)",
                "CREATE INDEX working_clips_project ON working_clips(project_id)",
                "CREATE TABLE working_videos(id INTEGER PRIMARY KEY AUTOINCREMENT, project_id INTEGER REFERENCES projects,"
                        + " data BLOB)",
                "CREATE TABLE final_videos(id INTEGER PRIMARY KEY AUTOINCREMENT, project_id INTEGER REFERENCES projects, data BLOB)",
                "CREATE TABLE export_jobs(id INTEGER PRIMARY KEY AUTOINCREMENT, data BLOB)",
                numbers("INSERT INTO games SELECT i, 'game ' || i, randomblob(200)", 6),
                numbers("INSERT INTO raw_clips SELECT i, 1 + i % 6, randomblob(300)", 53),
                numbers(
                        "INSERT INTO projects SELECT i, 'project ' || i, CASE WHEN i <= 45 THEN '2026-06-01 00:00:00' END,"
                                + " randomblob(300)",
                        47),
                numbers("INSERT INTO working_clips SELECT i, 1 + i % 47, 1 + i % 53, randomblob(450)", 350),
                numbers("INSERT INTO working_videos SELECT i, 1 + i % 47, randomblob(9000)", 54),
                numbers("INSERT INTO final_videos SELECT i, 1 + i % 47, randomblob(400)", 48),
                numbers("INSERT INTO export_jobs SELECT i, randomblob(330)", 60)));
        for (int table = 1; table <= 15; table++) {
            sql.add("CREATE TABLE other_" + table + "(id INTEGER PRIMARY KEY, value TEXT UNIQUE)");
        }
        ArchiveNodes.run(node, ANN, sql.toArray(String[]::new));
    }

    private static String numbers(String insert, int count) {
        return "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " + count + ") " + insert
                + " FROM n";
    }
}
