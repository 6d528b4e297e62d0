package dev.satchel.benchmarks;

import dev.satchel.DatabaseId;
import dev.satchel.Durability;
import dev.satchel.Freshness;
import dev.satchel.Satchel;
import dev.satchel.Session;
import dev.satchel.testkit.InMemoryObjectStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Reading the local copy of a 1 MB database, beside the same statements on a connection of the driver itself. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
@Warmup(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class LocalRead {
    private static final DatabaseId ID = DatabaseId.of("alice");
    private static final int PROJECTS = 64;

    private Path folder;
    private Satchel satchel;
    private Session session;
    private Connection tracked;
    private PreparedStatement trackedSelect;
    private Connection plain;
    private PreparedStatement plainSelect;
    private int n;

    /** Opens both, on databases of the same rows. */
    @Setup
    public void open() throws Exception {
        folder = Files.createTempDirectory("satchel-bench");
        satchel = Bench.start(new InMemoryObjectStore(), folder.resolve("satchel"));
        session = satchel.open(ID, Freshness.local(), Durability.DURABLE);
        try (Connection connection = session.connection()) {
            SampleDatabase.fill(connection, 1 << 20);
        }
        session.flush();
        tracked = session.connection();
        trackedSelect = tracked.prepareStatement(SampleDatabase.SELECT_PROJECT);
        plain = PlainSqlite.open(folder.resolve("plain.sqlite"), "OFF");
        SampleDatabase.fill(plain, 1 << 20);
        plainSelect = plain.prepareStatement(SampleDatabase.SELECT_PROJECT);
    }

    /** Closes both. */
    @TearDown
    public void close() throws Exception {
        plain.close();
        session.close();
        satchel.close();
        Bench.delete(folder);
    }

    private int next() {
        return 1 + n++ % PROJECTS;
    }

    /** Prepare, select by key, close. */
    @Benchmark
    public int plainPrepare() throws SQLException {
        return SampleReads.project(plain, next());
    }

    /** The same on a connection that is kept. */
    @Benchmark
    @Beside(value = "plainPrepare", atMost = 1.3)
    public int satchelPrepare() throws SQLException {
        return SampleReads.project(tracked, next());
    }

    /** The same on a connection that is taken from the data source for it. */
    @Benchmark
    @Beside(value = "plainPrepare", atMost = 1.3)
    public int satchelDataSource() throws SQLException {
        try (Connection connection = session.dataSource().getConnection()) {
            return SampleReads.project(connection, next());
        }
    }

    /** The same in a session of its own that asks the store nothing. */
    @Benchmark
    @Beside("plainPrepare")
    public int satchelSession() throws SQLException {
        try (Session own = satchel.open(ID, Freshness.local(), Durability.DURABLE)) {
            return SampleReads.project(own);
        }
    }

    /** Opening the file for it, as without a pool. */
    @Benchmark
    @Beside("plainPrepare")
    public int plainOpenFile() throws SQLException {
        try (Connection connection = PlainSqlite.open(folder.resolve("plain.sqlite"), "OFF")) {
            return SampleReads.project(connection, next());
        }
    }

    /** Select by key through a prepared statement that is kept. */
    @Benchmark
    public int plainReuse() throws SQLException {
        return SampleReads.project(plainSelect, next());
    }

    /** The same. */
    @Benchmark
    @Beside(value = "plainReuse", atMost = 1.3)
    public int satchelReuse() throws SQLException {
        return SampleReads.project(trackedSelect, next());
    }

    /** The clips of a game: 15 rows of 4 columns, by name. */
    @Benchmark
    public int plainList() throws SQLException {
        return SampleReads.clips(plain, 1);
    }

    /** The same, with a connection from the data source. */
    @Benchmark
    @Beside(value = "plainList", atMost = 1.3)
    public int satchelList() throws SQLException {
        try (Connection connection = session.dataSource().getConnection()) {
            return SampleReads.clips(connection, 1);
        }
    }
}
