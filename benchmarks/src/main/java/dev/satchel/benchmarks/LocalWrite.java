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
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Committing one row to a 1 MB database, beside the same on a connection of the driver itself. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
@Warmup(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class LocalWrite {
    private static final DatabaseId ID = DatabaseId.of("alice");
    private static final int PROJECTS = 64;

    private Path folder;
    private Satchel satchel;
    private Session session;
    private Connection tracked;
    private Connection plain;
    private Connection fsynced;
    private int n;

    /** Opens all, on databases of the same rows. */
    @Setup
    public void open() throws Exception {
        folder = Files.createTempDirectory("satchel-bench");
        satchel = Bench.start(new InMemoryObjectStore(), folder.resolve("satchel"));
        beginSession();
        SampleDatabase.fill(tracked, 1 << 20);
        plain = PlainSqlite.open(folder.resolve("plain.sqlite"), "OFF");
        SampleDatabase.fill(plain, 1 << 20);
        fsynced = PlainSqlite.open(folder.resolve("fsynced.sqlite"), "FULL");
        SampleDatabase.fill(fsynced, 1 << 20);
    }

    private void beginSession() throws SQLException {
        session = satchel.open(ID, Freshness.local(), Durability.DURABLE);
        tracked = session.connection();
    }

    /** Publishes what the last iteration committed, so that the log is as short as the peer's. */
    @Setup(Level.Iteration)
    public void publish() throws SQLException {
        session.close();
        beginSession();
    }

    /** Closes all. */
    @TearDown
    public void close() throws Exception {
        plain.close();
        fsynced.close();
        session.close();
        satchel.close();
        Bench.delete(folder);
    }

    private void write(Connection connection) throws SQLException {
        n++;
        SampleDatabase.renameProject(connection, 1 + n % PROJECTS, n);
    }

    /** Update and commit; the log is merged every 1,000 pages. */
    @Benchmark
    public void plainCommit() throws SQLException {
        write(plain);
    }

    /** The same, not yet published. */
    @Benchmark
    @Beside("plainCommit")
    public void satchelCommit() throws SQLException {
        write(tracked);
    }

    /** Update and commit with an fsync: durable as long as this disk is. */
    @Benchmark
    @Beside("plainCommit")
    public void plainCommitFsync() throws SQLException {
        write(fsynced);
    }

    /** A session, update, commit and publish to a store in memory: all that Satchel adds to a PUT. */
    @Benchmark
    @Beside("plainCommit")
    public void satchelPublish() throws SQLException {
        try (Session own = satchel.open(ID, Freshness.local(), Durability.DURABLE);
                Connection connection = own.connection()) {
            write(connection);
        }
    }
}
