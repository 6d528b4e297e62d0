package dev.satchel.benchmarks;

import dev.satchel.DatabaseId;
import dev.satchel.Durability;
import dev.satchel.Freshness;
import dev.satchel.Satchel;
import dev.satchel.Session;
import dev.satchel.store.DirectoryObjectStore;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;

/** One-row commits that survive a power failure of this machine, by several means. */
final class DurablePeers implements Scenario {
    /** The system property with the JDBC URL of a PostgreSQL to compare with. */
    static final String POSTGRES = "postgres";

    private static final int WARM_UP = 50;
    private static final int COMMITS = 150;

    private int changes;

    /** One durable commit. */
    private interface Commit {
        void run(int n) throws SQLException;
    }

    @Override
    public String name() {
        return "durable-peers";
    }

    @Override
    public String title() {
        return "A one-row commit that is on this machine's disk, beside SQLite with synchronous=FULL";
    }

    @Override
    public void run(Bench bench) throws Exception {
        DatabaseId id = DatabaseId.of("alice");
        String url = System.getProperty(POSTGRES);
        try (Connection plain = PlainSqlite.open(bench.newFolder().resolve("plain.sqlite"), "FULL");
                DirectoryObjectStore store = new DirectoryObjectStore(bench.newFolder(), true);
                Satchel satchel = Bench.start(store, bench.createSample(store, id, 1 << 20));
                Connection postgres = url == null ? null : DriverManager.getConnection(url)) {
            SampleDatabase.fill(plain, 1 << 20);
            Commit sqlite = n -> SampleDatabase.renameProject(plain, 1 + n % 20, n);
            Report report = bench.report();
            takeTurns(
                    report,
                    "Satchel, DURABLE in a directory store with fsync",
                    n -> session(satchel, id, Durability.DURABLE, n),
                    sqlite);
            takeTurns(
                    report,
                    "Satchel, DEFERRED, the upload going on behind",
                    n -> session(satchel, id, Durability.DEFERRED, n),
                    sqlite);
            if (postgres == null) {
                report.figure("PostgreSQL", "-", "not measured: no -D" + POSTGRES + "=jdbc:postgresql:...");
            } else {
                createProjects(postgres);
                takeTurns(report, "PostgreSQL, loopback", n -> rename(postgres, n), sqlite);
            }
        }
    }

    /** In turns, because the disk is not always equally busy. */
    private void takeTurns(Report report, String who, Commit commit, Commit sqlite) throws SQLException {
        Samples ours = new Samples();
        Samples plain = new Samples();
        for (int n = -WARM_UP; n < COMMITS; n++) {
            double our = time(commit);
            double their = time(sqlite);
            if (n >= 0) {
                ours.add(our);
                plain.add(their);
            }
        }
        report.beside(
                who + ", p50", Report.time(ours.p50()), "SQLite " + Report.time(plain.p50()), ours.p50() / plain.p50());
        report.beside(
                who + ", p99", Report.time(ours.p99()), "SQLite " + Report.time(plain.p99()), ours.p99() / plain.p99());
    }

    private long time(Commit commit) throws SQLException {
        int n = changes++;
        long start = System.nanoTime();
        commit.run(n);
        return System.nanoTime() - start;
    }

    private static void session(Satchel satchel, DatabaseId id, Durability durability, int n) throws SQLException {
        try (Session session = satchel.open(id, Freshness.local(), durability)) {
            try (Connection connection = session.connection()) {
                SampleDatabase.renameProject(connection, 1 + n % 20, n);
            }
            session.complete();
        }
    }

    private static void createProjects(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("DROP TABLE IF EXISTS satchel_bench_projects");
            statement.execute(
                    "CREATE TABLE satchel_bench_projects (id INTEGER PRIMARY KEY, name TEXT, last_opened_at TEXT)");
            statement.execute(
                    "INSERT INTO satchel_bench_projects SELECT n, 'Highlights', '' FROM generate_series(1, 160) n");
        }
    }

    private static void rename(Connection connection, int n) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(
                "UPDATE satchel_bench_projects SET name = ?, last_opened_at = ? WHERE id = ?")) {
            update.setString(1, "Highlights " + n + " für Zoë");
            update.setString(2, "2026-08-01");
            update.setInt(3, 1 + n % 20);
            update.executeUpdate();
        }
    }
}
