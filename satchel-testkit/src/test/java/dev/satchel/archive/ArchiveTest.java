package dev.satchel.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.ArchiveException;
import dev.satchel.Bucket;
import dev.satchel.CorruptException;
import dev.satchel.DatabaseId;
import dev.satchel.NotFoundException;
import dev.satchel.QuotaExceededException;
import dev.satchel.Satchel;
import dev.satchel.SatchelConfig;
import dev.satchel.SchemaScripts;
import dev.satchel.SizeThresholds;
import dev.satchel.Version;
import dev.satchel.VersionInfo;
import dev.satchel.testkit.InMemoryArchiveTier;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ArchiveTest {
    private static final DatabaseId ANN = Projects.ANN;

    @RegisterExtension
    private final ArchiveNodes nodes = new ArchiveNodes();

    private final InMemoryArchiveTier tier = new InMemoryArchiveTier();
    private Satchel node;
    private Archive archive;

    @BeforeEach
    void start() {
        node = nodes.start();
        archive = nodes.archive(node).tier(tier).rule(Projects.FINISHED).build();
    }

    private void run(String... statements) throws SQLException {
        ArchiveNodes.run(node, ANN, statements);
    }

    private List<String> query(String sql) throws SQLException {
        return ArchiveNodes.query(node, ANN, sql);
    }

    // what is archived

    @Test
    void whatARuleSaysLeavesTheDatabaseWithAllThatBelongsToIt() throws SQLException {
        Projects.create(node, 6);

        ArchiveReport report = archive.run(ANN);

        assertThat(report.archived())
                .extracting(ArchivedEntry::keys)
                .containsExactly(List.of("1"), List.of("3"), List.of("5"));
        assertThat(report.rows()).isEqualTo(3 * (1 + 3 + 6 + 1));
        assertThat(report.left()).isEmpty();
        assertThat(query("SELECT id FROM projects")).containsExactly("2", "4", "6");
        assertThat(query("SELECT count(*) FROM clips")).containsExactly("9");
        assertThat(query("SELECT count(*) FROM marks")).containsExactly("18");
        assertThat(query("SELECT name, project FROM videos")).containsExactly("video 2|2", "video 4|4", "video 6|6");
        assertThat(query("SELECT name FROM games")).containsExactly("the game");
        assertThat(query("PRAGMA foreign_key_check")).isEmpty();
    }

    @Test
    void liveAndArchivedRowsTogetherAreAllRows() throws SQLException {
        Projects.create(node, 7);
        TreeSet<String> all = Projects.rows(node);

        archive.run(ANN);

        TreeSet<String> live = Projects.rows(node);
        TreeSet<String> archived = Projects.archived(archive);
        assertThat(archived).isNotEmpty().doesNotContainAnyElementsOf(live);
        live.addAll(archived);
        assertThat(live).isEqualTo(all);
    }

    @Test
    void aSecondRunFindsNothingAndMakesNoVersion() throws SQLException {
        Projects.create(node, 4);
        archive.run(ANN);
        List<String> before = List.copyOf(keys());

        ArchiveReport report = archive.run(ANN);

        assertThat(report.archived()).isEmpty();
        assertThat(keys()).isEqualTo(before);
    }

    private List<String> keys() {
        return nodes.store().list("", "", 1000).objects().stream()
                .map(object -> object.key())
                .toList();
    }

    @Test
    void aDryRunSaysWhatWouldBeArchivedAndChangesNothing() throws SQLException {
        Projects.create(node, 4);
        TreeSet<String> all = Projects.rows(node);

        ArchiveReport report = archive.plan(ANN);

        assertThat(report.dryRun()).isTrue();
        assertThat(report.archived()).extracting(ArchivedEntry::keys).containsExactly(List.of("1"), List.of("3"));
        assertThat(Projects.rows(node)).isEqualTo(all);
        assertThat(archive.list(ANN)).isEmpty();
        assertThat(tier.list(ANN, Optional.empty(), 10)).isEmpty();
    }

    @Test
    void oneRowCanBeArchivedByItsKey() throws SQLException {
        Projects.create(node, 6);

        archive.run(ANN, "finished-projects", "3");

        assertThat(query("SELECT id FROM projects")).containsExactly("1", "2", "4", "5", "6");
    }

    @Test
    void theLedgerTellsWhatIsWhere() throws SQLException {
        Projects.create(node, 2);

        archive.run(ANN);

        ArchivedEntry entry = archive.list(ANN).get(0);
        assertThat(entry.rule()).isEqualTo("finished-projects");
        assertThat(entry.tier()).isEqualTo("in-memory");
        assertThat(entry.keys()).containsExactly("1");
        assertThat(entry.label()).contains("project 1");
        assertThat(entry.rows()).isEqualTo(11);
        assertThat(entry.archivedAt()).isEqualTo(ArchiveNodes.BEGINNING);
        assertThat(tier.list(ANN, Optional.empty(), 10))
                .containsExactly(archive.load(ANN, entry).info());
    }

    @Test
    void severalRowsOfARuleCanBeOneBatch() throws SQLException {
        Projects.create(node, 10);
        archive = nodes.archive(node)
                .tier(tier)
                .rule(ArchiveRule.builder("in-threes", "projects")
                        .where("finished_at < :cutoff")
                        .olderThan(Duration.ofDays(30))
                        .rootsPerBatch(3)
                        .build())
                .build();

        ArchiveReport report = archive.run(ANN);

        assertThat(report.archived())
                .extracting(ArchivedEntry::keys)
                .containsExactly(List.of("1", "3", "5"), List.of("7", "9"));
    }

    @Test
    void theCutoffHasThreeForms() throws SQLException {
        run("CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT, seconds INTEGER, millis INTEGER)");
        run(
                "INSERT INTO t VALUES (1, datetime('2026-08-01'), unixepoch('2026-08-01'), unixepoch('2026-08-01') * 1000)",
                "INSERT INTO t VALUES (2, datetime('2026-08-03'), unixepoch('2026-08-03'), unixepoch('2026-08-03') * 1000)");
        for (String condition : List.of("text < :cutoff", "seconds < :cutoff_seconds", "millis < :cutoff_millis")) {
            Archive one = nodes.archive(node)
                    .tier(tier)
                    .rule(ArchiveRule.builder("old", "t")
                            .where(condition)
                            .olderThan(Duration.ofDays(30))
                            .build())
                    .build();
            assertThat(one.plan(ANN).archived())
                    .as(condition)
                    .extracting(ArchivedEntry::keys)
                    .containsExactly(List.of("1"));
        }
    }

    @Test
    void aParameterThatThereIsNotIsRefused() {
        for (String condition :
                List.of("at < :cutoff_days", "at < ?", "at < @cutoff", "at < $cutoff", "at < :Cutoff")) {
            assertThatIllegalArgumentException()
                    .as(condition)
                    .isThrownBy(() ->
                            ArchiveRule.builder("old", "t").where(condition).build())
                    .withMessageContaining("rule old")
                    .withMessageContaining(":cutoff_seconds");
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ArchiveRule.builder("old", "t")
                        .where("1")
                        .label("title || :cutoff")
                        .build())
                .withMessageContaining("label");
        ArchiveRule.builder("old", "t")
                .where("at < :cutoff AND state = ':done?' AND \"what?\" IS NOT 'it''s $5' AND j->>'$.a' = 1 -- ?")
                .build();
    }

    @Test
    void rowsThatReferToEachOtherInACircleGoAndComeBackTogether() throws SQLException {
        run(
                "CREATE TABLE a(id INTEGER PRIMARY KEY AUTOINCREMENT, up INTEGER REFERENCES a, b TEXT REFERENCES b"
                        + " DEFERRABLE INITIALLY DEFERRED, old INTEGER)",
                "CREATE TABLE b(id TEXT PRIMARY KEY, a INTEGER REFERENCES a)",
                "INSERT INTO a VALUES (1, NULL, 'x', 1), (2, 1, NULL, 0), (3, 2, NULL, 0), (4, NULL, NULL, 0)",
                "INSERT INTO b VALUES ('x', 3), ('y', 4)");
        archive = nodes.archive(node)
                .tier(tier)
                .rule(ArchiveRule.builder("old", "a").where("old").build())
                .build();

        archive.run(ANN);
        assertThat(query("SELECT id FROM a")).containsExactly("4");
        assertThat(query("SELECT id FROM b")).containsExactly("y");

        archive.restore(ANN, archive.list(ANN).get(0).batch());
        assertThat(query("SELECT id FROM a")).containsExactly("1", "2", "3", "4");
        assertThat(query("PRAGMA foreign_key_check")).isEmpty();
    }

    @Test
    void whatBelongsWithoutAForeignKeyIsNamedByTheRule() throws SQLException {
        run(
                "CREATE TABLE p(id INTEGER PRIMARY KEY AUTOINCREMENT)",
                "CREATE TABLE notes(about INTEGER, text TEXT)",
                "INSERT INTO p VALUES (1), (2)",
                "INSERT INTO notes VALUES (1, 'one'), (2, 'two')");
        archive = nodes.archive(node)
                .tier(tier)
                .rule(ArchiveRule.builder("p", "p")
                        .where("id = 1")
                        .belongs(Reference.of("notes", "about", "p", "id"))
                        .build())
                .build();

        archive.run(ANN);

        assertThat(query("SELECT text FROM notes")).containsExactly("two");
    }

    @Test
    void aRowThatAKeptTableRefersToStays() throws SQLException {
        Projects.create(node, 4);
        run(
                "CREATE TABLE shares(project INTEGER REFERENCES projects, who TEXT)",
                "INSERT INTO shares VALUES (1, 'bob')");
        archive = nodes.archive(node)
                .tier(tier)
                .rule(ArchiveRule.builder("finished", "projects")
                        .where("finished_at < '2026-08-01'")
                        .keep("shares")
                        .build())
                .build();

        ArchiveReport report = archive.run(ANN);

        assertThat(report.archived()).extracting(ArchivedEntry::keys).containsExactly(List.of("3"));
        assertThat(report.left())
                .containsExactly(new LeftBehind("finished", List.of("1"), LeftBehind.Reason.REFERRED_TO, "shares"));
    }

    /** SQLite would give it to the next row, and the archived one could not come back. */
    @Test
    void theLargestKeyOfATableWithoutAutoincrementStays() throws SQLException {
        run("CREATE TABLE t(id INTEGER PRIMARY KEY, v)", "INSERT INTO t VALUES (1, 'a'), (2, 'b')");
        archive = nodes.archive(node)
                .tier(tier)
                .rule(ArchiveRule.builder("all", "t").where("1").build())
                .build();

        ArchiveReport report = archive.run(ANN);

        assertThat(query("SELECT id FROM t")).containsExactly("2");
        assertThat(report.left()).containsExactly(new LeftBehind("all", List.of("2"), LeftBehind.Reason.LAST_KEY, "t"));
    }

    @Test
    void whatIsLargerThanTheTierTakesStays() throws SQLException {
        int cell = ArchiveLimits.SMALLEST.maxCellBytes();
        run(
                "CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, v)",
                "INSERT INTO t VALUES (1, zeroblob(" + (cell + 1) + ")), (2, zeroblob(10))");
        archive = nodes.archive(node)
                .tier(tier)
                .rule(ArchiveRule.builder("all", "t").where("1").build())
                .build();

        ArchiveReport report = archive.run(ANN);

        assertThat(query("SELECT id FROM t")).containsExactly("1");
        assertThat(report.left()).extracting(LeftBehind::why).containsExactly(LeftBehind.Reason.TOO_LARGE);
    }

    @Test
    void triggersThatKeepAnIndexRun() throws SQLException {
        run(
                "CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT)",
                "CREATE VIRTUAL TABLE found USING fts5(text, content='t', content_rowid='id')",
                "CREATE TRIGGER t_in AFTER INSERT ON t BEGIN INSERT INTO found(rowid, text) VALUES (new.id, new.text); END",
                "CREATE TRIGGER t_out AFTER DELETE ON t BEGIN INSERT INTO found(found, rowid, text)"
                        + " VALUES ('delete', old.id, old.text); END",
                "INSERT INTO t(text) VALUES ('goal in the last minute'), ('a save')");
        archive = nodes.archive(node)
                .tier(tier)
                .rule(ArchiveRule.builder("t", "t").where("id = 1").build())
                .build();

        archive.run(ANN);
        assertThat(query("SELECT rowid FROM found WHERE found MATCH 'goal'")).isEmpty();

        archive.restore(ANN, archive.list(ANN).get(0).batch());
        assertThat(query("SELECT rowid FROM found WHERE found MATCH 'goal'")).containsExactly("1");
    }

    @Test
    void aDatabaseThatDoesNotExistStaysSo() throws SQLException {
        ArchiveReport report = archive.run(DatabaseId.of("nobody"));

        assertThat(report.archived()).isEmpty();
        assertThat(keys()).isEmpty();
    }

    @Test
    void aRuleThatDoesNotFitTheDatabaseIsAnErrorThatNamesIt() throws SQLException {
        Projects.create(node, 2);
        Archive noTable = nodes.archive(node)
                .tier(tier)
                .rule(ArchiveRule.builder("gone", "songs").where("1").build())
                .build();
        Archive noColumn = nodes.archive(node)
                .tier(tier)
                .rule(ArchiveRule.builder("wrong", "projects")
                        .where("ended < :cutoff")
                        .build())
                .build();

        assertThatThrownBy(() -> noTable.run(ANN))
                .isInstanceOf(ArchiveException.class)
                .hasMessageContaining("songs")
                .hasMessageContaining("rule gone");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> noColumn.run(ANN))
                .withMessageContaining("rule wrong")
                .withMessageContaining("ended");
    }

    // what comes back

    @Test
    void aRestoredBatchIsAsItWas() throws SQLException {
        Projects.create(node, 5);
        TreeSet<String> all = Projects.rows(node);
        archive.run(ANN);

        for (ArchivedEntry entry : archive.list(ANN)) {
            archive.restore(ANN, entry.batch());
        }

        assertThat(Projects.rows(node)).isEqualTo(all);
        assertThat(archive.list(ANN)).isEmpty();
        assertThat(query("SELECT sum(size) FROM videos")).containsExactly("10000");
        assertThat(query("PRAGMA foreign_key_check")).isEmpty();
        assertThat(query("PRAGMA integrity_check")).containsExactly("ok");
    }

    @Test
    void oneOfSeveralIsRestored() throws SQLException {
        Projects.create(node, 5);
        archive.run(ANN);

        archive.restore(ANN, archive.list(ANN).get(1).batch());

        assertThat(query("SELECT id FROM projects")).containsExactly("2", "3", "4");
        assertThat(archive.list(ANN)).extracting(ArchivedEntry::keys).containsExactly(List.of("1"), List.of("5"));
    }

    @Test
    void aKeyThatIsInUseRefusesTheRestoreAndChangesNothing() throws SQLException {
        Projects.create(node, 2);
        archive.run(ANN);
        BatchId batch = archive.list(ANN).get(0).batch();
        run("INSERT INTO projects(id, title) VALUES (1, 'another')");
        TreeSet<String> before = Projects.rows(node);

        assertThatThrownBy(() -> archive.restore(ANN, batch))
                .isInstanceOfSatisfying(
                        ArchiveException.class, e -> assertThat(e.kind()).isEqualTo(ArchiveException.Kind.KEY_IN_USE))
                .hasMessageContaining("table projects")
                .hasMessageContaining("id = 1");

        assertThat(Projects.rows(node)).isEqualTo(before);
        assertThat(archive.list(ANN)).hasSize(1);
    }

    @Test
    void aUniqueValueThatIsInUseRefusesTheRestore() throws SQLException {
        Projects.create(node, 2);
        archive.run(ANN);
        run("INSERT INTO projects(title) VALUES ('project 1')");

        assertThatThrownBy(() -> archive.restore(ANN, archive.list(ANN).get(0).batch()))
                .isInstanceOfSatisfying(
                        ArchiveException.class, e -> assertThat(e.kind()).isEqualTo(ArchiveException.Kind.KEY_IN_USE))
                .hasMessageContaining("projects.title");
    }

    @Test
    void aRowThatIsMissingRefusesTheRestore() throws SQLException {
        Projects.create(node, 2);
        archive.run(ANN);
        run("UPDATE projects SET game = NULL", "DELETE FROM games");

        assertThatThrownBy(() -> archive.restore(ANN, archive.list(ANN).get(0).batch()))
                .isInstanceOfSatisfying(
                        ArchiveException.class,
                        e -> assertThat(e.kind()).isEqualTo(ArchiveException.Kind.REFERENCE_MISSING))
                .hasMessageContaining("projects")
                .hasMessageContaining("games");
        assertThat(query("SELECT id FROM projects")).containsExactly("2");
    }

    @Test
    void aColumnThatIsGoneRefusesTheRestoreAndOneThatCameGetsItsDefault() throws SQLException {
        Projects.create(node, 4);
        archive.run(ANN);
        run("ALTER TABLE projects ADD COLUMN stars INTEGER DEFAULT 3");
        archive.restore(ANN, archive.list(ANN).get(0).batch());
        assertThat(query("SELECT stars FROM projects WHERE id = 1")).containsExactly("3");

        run("ALTER TABLE projects DROP COLUMN finished_at");

        assertThatThrownBy(() -> archive.restore(ANN, archive.list(ANN).get(0).batch()))
                .isInstanceOfSatisfying(
                        ArchiveException.class,
                        e -> assertThat(e.kind()).isEqualTo(ArchiveException.Kind.SCHEMA_DIFFERS))
                .hasMessageContaining("finished_at");
    }

    @Test
    void whatIsNotArchivedCannotBeRestored() throws SQLException {
        Projects.create(node, 2);
        archive.run(ANN);
        BatchId batch = archive.list(ANN).get(0).batch();
        archive.restore(ANN, batch);

        assertThatThrownBy(() -> archive.restore(ANN, batch)).isInstanceOf(NotFoundException.class);
    }

    @Test
    void aDamagedBatchIsNeitherRestoredNorServed() throws SQLException {
        Projects.create(node, 2);
        archive.run(ANN);
        BatchId batch = archive.list(ANN).get(0).batch();
        tier.damage(ANN, batch);

        assertThatThrownBy(() -> archive.restore(ANN, batch)).isInstanceOf(CorruptException.class);
        assertThatThrownBy(() -> archive.open(ANN)).isInstanceOf(CorruptException.class);
        assertThat(archive.list(ANN)).hasSize(1);
    }

    @Test
    void aBatchThatTheTierLostIsAnError() throws SQLException {
        Projects.create(node, 2);
        archive.run(ANN);
        tier.erase(ANN);

        assertThatThrownBy(() -> archive.restore(ANN, archive.list(ANN).get(0).batch()))
                .isInstanceOf(CorruptException.class);
    }

    // asking

    @Test
    void archivedRowsAnswerQueries() throws SQLException {
        Projects.create(node, 6);
        archive.run(ANN);

        try (ArchivedRows rows = archive.open(ANN);
                Connection connection = rows.connection()) {
            assertThat(ArchiveNodes.query(
                            connection,
                            "SELECT title, count(*) FROM projects JOIN clips ON project = id WHERE id > 1 GROUP BY id"))
                    .containsExactly("project 3|3", "project 5|3");
            assertThat(ArchiveNodes.query(connection, "SELECT satchel_batch FROM projects ORDER BY id"))
                    .containsExactlyElementsOf(archive.list(ANN).stream()
                            .map(entry -> entry.batch().value())
                            .toList());
            assertThatThrownBy(() -> ArchiveNodes.query(connection, "DELETE FROM projects RETURNING id"))
                    .isInstanceOf(SQLException.class);
        }
    }

    // what nobody names

    @Test
    void aRestoredBatchStaysAsLongAsAnOlderVersionHasItArchived() throws SQLException {
        Projects.create(node, 2);
        archive.run(ANN);
        BatchId batch = archive.list(ANN).get(0).batch();
        nodes.skip(Duration.ofDays(1));
        archive.restore(ANN, batch);

        nodes.skip(Duration.ofDays(29));
        run("UPDATE projects SET finished_at = NULL");
        assertThat(archive.run(ANN).removed()).isZero();
        assertThat(tier.load(ANN, batch)).isPresent();

        nodes.skip(Duration.ofDays(2));
        assertThat(archive.run(ANN).removed()).isEqualTo(1);
        assertThat(tier.load(ANN, batch)).isEmpty();
        assertThat(archive.run(ANN).removed()).isZero();
    }

    @Test
    void aVersionBetweenTwoRestoresKeepsItsBatches() throws SQLException {
        Projects.create(node, 2);
        archive.run(ANN);
        BatchId batch = archive.list(ANN).get(0).batch();
        long archived = head();
        archive.restore(ANN, batch);
        long loose = head();
        run("UPDATE projects SET finished_at = NULL");
        nodes.skip(Duration.ofDays(20));
        long between;
        try (Bucket bucket = Bucket.of(nodes.store())) {
            bucket.restore(ANN, Version.of(archived));
            between = head();
            bucket.restore(ANN, Version.of(loose + 1));
        }

        nodes.skip(Duration.ofDays(15));
        assertThat(archive.run(ANN).removed()).isZero();
        try (Bucket bucket = Bucket.of(nodes.store())) {
            long now = head();
            bucket.restore(ANN, Version.of(between));
            archive.restore(ANN, batch);
            bucket.restore(ANN, Version.of(now));
        }

        // It is marked anew now, and is needed for no longer than the retention from here on.
        archive.run(ANN);
        nodes.skip(Duration.ofDays(31));
        assertThat(archive.run(ANN).removed()).isEqualTo(1);
        assertThat(tier.list(ANN, Optional.empty(), 10)).isEmpty();
    }

    @Test
    void aNodeWhoseClockIsAheadRemovesNothingThatAVersionHasArchived() throws SQLException {
        Projects.create(node, 2);
        archive.run(ANN);
        BatchId batch = archive.list(ANN).get(0).batch();
        long archived = head();
        archive.restore(ANN, batch);
        run("UPDATE projects SET finished_at = NULL");
        Archive ahead = nodes.archive(node)
                .tier(tier)
                .clock(() -> nodes.clock().instant().plus(Duration.ofDays(40)))
                .rule(Projects.FINISHED)
                .build();

        nodes.skip(Duration.ofDays(1));
        for (int i = 0; i < 3; i++) {
            assertThat(ahead.run(ANN).removed()).isZero();
        }

        try (Bucket bucket = Bucket.of(nodes.store())) {
            bucket.restore(ANN, Version.of(archived));
        }
        archive.restore(ANN, batch);
        assertThat(query("SELECT id FROM projects")).containsExactly("1", "2");
    }

    private long head() throws SQLException {
        return node.read(ANN, session -> session.version().number());
    }

    @Test
    void aBatchThatNoLedgerNamesIsUnseenAndRemovedAfterTheRetention() throws SQLException {
        Projects.create(node, 2);
        ArchiveBatch orphan = new ArchiveBatch(
                BatchId.create(ArchiveNodes.BEGINNING, 0, new Random(1)),
                ANN,
                "finished-projects",
                ArchiveNodes.BEGINNING,
                List.of());
        tier.store(orphan);

        archive.run(ANN);
        assertThat(archive.list(ANN))
                .hasSize(1)
                .noneMatch(entry -> entry.batch().equals(orphan.id()));
        nodes.skip(Duration.ofDays(31));
        archive.run(ANN);

        assertThat(tier.load(ANN, orphan.id())).isEmpty();
        assertThat(tier.list(ANN, Optional.empty(), 10))
                .extracting(BatchInfo::id)
                .containsExactlyElementsOf(
                        archive.list(ANN).stream().map(ArchivedEntry::batch).toList());
    }

    @Test
    void whoBringsAnOlderVersionBackFindsItsBatches() throws SQLException {
        Projects.create(node, 4);
        archive.run(ANN);
        TreeSet<String> then = Projects.archived(archive);
        long version = node.read(ANN, session -> session.version().number());
        for (ArchivedEntry entry : archive.list(ANN)) {
            archive.restore(ANN, entry.batch());
        }
        nodes.skip(Duration.ofDays(20));
        archive.run(ANN, "finished-projects", "1");

        try (Bucket bucket = Bucket.of(nodes.store())) {
            bucket.restore(ANN, Version.of(version));
        }

        assertThat(Projects.archived(archive)).isEqualTo(then);
        for (ArchivedEntry entry : archive.list(ANN)) {
            archive.restore(ANN, entry.batch());
        }
        assertThat(query("SELECT id FROM projects")).containsExactly("1", "2", "3", "4");
    }

    @Test
    void aRetentionOfLessThanADayIsRefused() {
        Archive.Builder builder = nodes.archive(node);

        assertThatIllegalArgumentException().isThrownBy(() -> builder.retention(Duration.ofHours(23)));
    }

    // quota

    @Test
    void aFullDatabaseIsArchivedAndSweptHoweverLittleThatFrees() throws SQLException {
        Satchel full = full("CREATE TABLE p(id INTEGER PRIMARY KEY AUTOINCREMENT, t TEXT)");
        tier.store(new ArchiveBatch(
                BatchId.create(ArchiveNodes.BEGINNING, new Random(1)), ANN, "one", ArchiveNodes.BEGINNING, List.of()));
        Archive archiver = nodes.archive(full)
                .tier(tier)
                .rule(ArchiveRule.builder("one", "p").where("id = 1").build())
                .build();

        assertThat(archiver.run(ANN).rows()).isEqualTo(1);
    }

    @Test
    void aFullDatabaseWithAnIndexThatTriggersKeepMakesRoomWithoutTheQuota() throws SQLException {
        Satchel full = full(
                "CREATE TABLE p(id INTEGER PRIMARY KEY AUTOINCREMENT, t TEXT)",
                "CREATE VIRTUAL TABLE f USING fts5(t, content='p', content_rowid='id')",
                "CREATE TRIGGER i AFTER INSERT ON p BEGIN INSERT INTO f(rowid, t) VALUES (new.id, new.t); END",
                "CREATE TRIGGER d AFTER DELETE ON p BEGIN INSERT INTO f(f, rowid, t) VALUES ('delete', old.id, old.t);"
                        + " END");
        Archive archiver = nodes.archive(full)
                .tier(tier)
                .rule(ArchiveRule.builder("some", "p").where("id % 5 = 0").build())
                .build();

        assertThat(archiver.run(ANN).left()).isEmpty();
        full.writeWithoutQuota(ANN, session -> {
            try (Connection connection = session.connection()) {
                Ledger.execute(connection, "DELETE FROM p WHERE id % 7 = 0");
                return true;
            }
        });

        assertThat(query("SELECT id FROM p WHERE id % 5 = 0 OR id % 7 = 0")).isEmpty();
    }

    /** A node with a quota, whose database takes no more rows of a table p. */
    private Satchel full(String... tables) throws SQLException {
        Satchel full = nodes.start(
                nodes.store(),
                builder -> builder.config(
                        SatchelConfig.defaults().withSizes(SizeThresholds.DEFAULTS.withQuota(200 * 1024))));
        ArchiveNodes.run(full, ANN, tables);
        for (int rows : List.of(256, 16, 1)) {
            boolean fits = true;
            while (fits) {
                try {
                    ArchiveNodes.run(
                            full,
                            ANN,
                            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " + rows
                                    + ") INSERT INTO p(t) SELECT hex(randomblob(30)) FROM n");
                } catch (SQLException e) {
                    assertThat(e.getCause()).isInstanceOf(QuotaExceededException.class);
                    fits = false;
                }
            }
        }
        return full;
    }

    // deletion

    @Test
    void aDeletedDatabaseTakesItsArchiveInTheBucketWithIt() throws SQLException {
        archive = nodes.archive(node).rule(Projects.FINISHED).build();
        Projects.create(node, 4);
        archive.run(ANN);
        assertThat(nodes.store().list("ann/database.archive.", "", 10).objects())
                .isNotEmpty();

        node.delete(ANN);

        try (Bucket bucket = Bucket.of(nodes.store())) {
            assertThat(bucket.head(ANN.archive()).state()).isEqualTo(VersionInfo.State.DELETED);
        }
        assertThat(archive.tier().list(ANN, Optional.empty(), 10)).isEmpty();
    }

    @Test
    void aDeletedDatabaseTakesItsArchiveElsewhereWithItAlsoWhenItWasBrokenOff() throws SQLException {
        Satchel other = nodes.start(nodes.store(), builder -> builder.archiveTier(tier));
        Archive theirs = nodes.archive(other).rule(Projects.FINISHED).build();
        Projects.create(other, 4);
        theirs.run(ANN);
        assertThat(theirs.tier()).isSameAs(tier);
        node.delete(
                ANN); // One that does not know the tier: what a node does that dies before it has erased the archive.
        assertThat(tier.list(ANN, Optional.empty(), 10)).hasSize(2);

        other.delete(ANN);

        assertThat(tier.list(ANN, Optional.empty(), 10)).isEmpty();
    }

    @Test
    void aUserWhoBeganAnewIsNotShownWhatADeletionLeftAndItIsRemovedLater() throws SQLException {
        Projects.create(node, 4);
        archive.run(ANN);
        node.delete(ANN); // This node does not know the tier.
        Projects.create(node, 2);

        archive.run(ANN);
        assertThat(archive.list(ANN)).extracting(ArchivedEntry::keys).containsExactly(List.of("1"));
        assertThat(tier.list(ANN, Optional.empty(), 10)).hasSize(3);

        nodes.skip(Duration.ofDays(31));
        archive.run(ANN, "finished-projects", "none");
        assertThat(tier.list(ANN, Optional.empty(), 10)).hasSize(1);
    }

    @Test
    void whatAUserArchivesWhoBeginsAnewIsNotErasedByADeletionThatIsStillUnderWay() throws SQLException {
        Satchel fresh = nodes.start();
        Archive elsewhere = archive;
        Archive inTheBucket = nodes.archive(fresh).rule(Projects.FINISHED).build();
        ArchiveTier slow = new ForwardingTier(tier) {
            @Override
            public boolean remove(DatabaseId database, BatchId id) {
                if (elsewhere.tier().ids(ANN).size() == 1) {
                    beginAnew(fresh, elsewhere, inTheBucket);
                }
                return super.remove(database, id);
            }
        };
        Projects.create(node, 2);
        archive.run(ANN);
        Satchel deleting = nodes.start(nodes.store(), builder -> builder.archiveTier(slow));

        deleting.delete(ANN);

        assertThat(elsewhere.list(ANN)).hasSize(2);
        assertThat(elsewhere.tier().ids(ANN)).hasSize(1);
        assertThat(inTheBucket.tier().ids(ANN)).hasSize(1);
        for (ArchivedEntry entry : elsewhere.list(ANN)) {
            (entry.tier().equals(BucketTier.NAME) ? inTheBucket : elsewhere).restore(ANN, entry.batch());
        }
        assertThat(query("SELECT id FROM projects")).containsExactly("1", "2", "3", "4");
    }

    private static void beginAnew(Satchel node, Archive one, Archive other) {
        try {
            Projects.create(node, 4);
            one.run(ANN, "finished-projects", "1");
            other.run(ANN, "finished-projects", "3");
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void nothingStaysOfADatabaseThatIsDeletedWhileItIsArchived() throws SQLException {
        Satchel withSchema = nodes.start(
                nodes.store(),
                builder -> builder.schema(SchemaScripts.builder()
                        .script("V1__p.sql", "CREATE TABLE p(id INTEGER PRIMARY KEY AUTOINCREMENT, t TEXT)")
                        .build()));
        run("CREATE TABLE p(id INTEGER PRIMARY KEY AUTOINCREMENT, t TEXT)", "INSERT INTO p VALUES (1, 'secret')");
        archiveWhileItIsDeleted(node);
        ArchiveNodes.run(withSchema, ANN, "INSERT INTO p VALUES (1, 'secret')");
        archiveWhileItIsDeleted(withSchema);
    }

    private void archiveWhileItIsDeleted(Satchel archiving) throws SQLException {
        Satchel other = nodes.start();
        for (ArchiveTier each : List.of(tier, new BucketTier(archiving))) {
            ArchiveTier late = new ForwardingTier(each) {
                @Override
                public void storeAll(List<ArchiveBatch> batches) {
                    other.delete(ANN);
                    super.storeAll(batches);
                }
            };
            Archive archiver = nodes.archive(archiving)
                    .tier(late)
                    .rule(ArchiveRule.builder("one", "p").where("id = 1").build())
                    .build();

            ArchiveReport report = archiver.run(ANN);

            assertThat(report.archived()).isEmpty();
            assertThat(report.left()).extracting(LeftBehind::why).containsExactly(LeftBehind.Reason.CHANGED);
            try (Bucket bucket = Bucket.of(nodes.store())) {
                assertThat(bucket.head(ANN).state()).isEqualTo(VersionInfo.State.DELETED);
                if (each != tier) {
                    assertThat(bucket.head(ANN.archive()).state()).isEqualTo(VersionInfo.State.DELETED);
                }
            }
            assertThat(each.ids(ANN)).isEmpty();
            ArchiveNodes.run(
                    archiving,
                    ANN,
                    "CREATE TABLE IF NOT EXISTS p(id INTEGER PRIMARY KEY AUTOINCREMENT, t TEXT)",
                    "INSERT INTO p VALUES (1, 'secret')");
        }
        archiving.delete(ANN);
    }

    @Test
    void theArchiverRemovesWhatADeletionHasLeft() throws SQLException {
        Projects.create(node, 2);
        archive.run(ANN);
        node.delete(ANN); // This node does not know the tier.

        assertThat(archive.run(ANN).removed()).isEqualTo(1);

        assertThat(tier.ids(ANN)).isEmpty();
    }

    @Test
    void aDeletedDatabaseIsNotBegunAnewByWhatItsArchiveHasLeft() throws SQLException {
        Projects.create(node, 2);
        archive.run(ANN);
        node.delete(ANN);
        List<String> before = keys();

        archive.run(ANN);

        assertThat(keys()).isEqualTo(before);
    }

    @Test
    void theBucketDeletesAnArchiveToo() throws SQLException {
        archive = nodes.archive(node).rule(Projects.FINISHED).build();
        Projects.create(node, 4);
        archive.run(ANN);

        try (Bucket bucket = Bucket.builder(nodes.store()).archiveTier(tier).build()) {
            bucket.delete(ANN);

            assertThat(bucket.head(ANN.archive()).state()).isEqualTo(VersionInfo.State.DELETED);
        }
    }

    @Test
    void theApplicationsSchemaIsNotAppliedToAnArchive() throws SQLException {
        Satchel migrating = nodes.start(
                nodes.store(),
                builder -> builder.schema(SchemaScripts.builder()
                        .script("V1__live.sql", "CREATE TABLE only_live(id INTEGER PRIMARY KEY)")
                        .build()));
        ArchiveTier bucket = new BucketTier(migrating);
        bucket.store(new ArchiveBatch(
                BatchId.create(ArchiveNodes.BEGINNING, 0, new Random(1)),
                ANN,
                "rule",
                ArchiveNodes.BEGINNING,
                List.of()));

        assertThat(ArchiveNodes.query(
                        migrating, ANN.archive(), "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY 1"))
                .containsExactly("satchel_batch");
    }
}
