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

    private static final int WARM_UP = 200;
    private static final int COMMITS = 400;

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
        Report report = bench.report();
        double plain;
        try (Connection connection = PlainSqlite.open(bench.newFolder().resolve("plain.sqlite"), "FULL")) {
            SampleDatabase.fill(connection, 1 << 20);
            Samples times = measure(n -> SampleDatabase.renameProject(connection, 1 + n % 20, n));
            plain = times.p50();
            report.figure("SQLite, synchronous=FULL, p50", Report.time(plain), "p99 " + Report.time(times.p99()));
        }
        DatabaseId id = DatabaseId.of("alice");
        try (DirectoryObjectStore store = new DirectoryObjectStore(bench.newFolder(), true)) {
            bench.createSample(store, id, 1 << 20);
            try (Satchel satchel = Bench.start(store, bench.newFolder())) {
                beside(report, "Satchel, DEFERRED", measure(n -> session(satchel, id, Durability.DEFERRED, n)), plain);
                beside(
                        report,
                        "Satchel, DURABLE in a directory store with fsync",
                        measure(n -> session(satchel, id, Durability.DURABLE, n)),
                        plain);
            }
        }
        String url = System.getProperty(POSTGRES);
        if (url == null) {
            report.figure("PostgreSQL", "-", "not measured: no -D" + POSTGRES + "=jdbc:postgresql:...");
        } else {
            try (Connection connection = DriverManager.getConnection(url)) {
                createProjects(connection);
                beside(report, "PostgreSQL, loopback", measure(n -> rename(connection, n)), plain);
            }
        }
    }

    private static void beside(Report report, String who, Samples times, double plain) {
        report.beside(
                who + ", p50", Report.time(times.p50()), "SQLite FULL " + Report.time(plain), times.p50() / plain);
        report.figure(who + ", p99", Report.time(times.p99()));
    }

    private static Samples measure(Commit commit) throws SQLException {
        Samples times = new Samples();
        for (int n = -WARM_UP; n < COMMITS; n++) {
            long start = System.nanoTime();
            commit.run(n + WARM_UP);
            if (n >= 0) {
                times.add(System.nanoTime() - start);
            }
        }
        return times;
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
