package dev.satchel.benchmarks;

import dev.satchel.DatabaseId;
import dev.satchel.Durability;
import dev.satchel.Freshness;
import dev.satchel.Satchel;
import dev.satchel.Session;
import dev.satchel.SessionResult;
import dev.satchel.testkit.InMemoryObjectStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
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

/** What a session costs that asks the store nothing. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(value = 1, jvmArgsAppend = "--enable-native-access=ALL-UNNAMED")
@Warmup(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class SessionOverhead {
    private static final DatabaseId ID = DatabaseId.of("alice");

    private Path folder;
    private Satchel satchel;
    private Session session;

    /** Opens a database that has a version. */
    @Setup
    public void open() throws Exception {
        folder = Files.createTempDirectory("satchel-bench");
        satchel = Bench.start(new InMemoryObjectStore(), folder);
        session = satchel.open(ID);
        try (Connection connection = session.connection()) {
            SampleDatabase.fill(connection, 1 << 20);
        }
        session.flush();
    }

    /** Closes it. */
    @TearDown
    public void close() {
        session.close();
        satchel.close();
        Bench.delete(folder);
    }

    /** Open and complete, nothing read. */
    @Benchmark
    public SessionResult session() {
        try (Session own = satchel.open(ID, Freshness.local(), Durability.DURABLE)) {
            return own.complete();
        }
    }

    /** Open, take a connection, give it back, complete. */
    @Benchmark
    public SessionResult sessionAndConnection() throws SQLException {
        try (Session own = satchel.open(ID, Freshness.local(), Durability.DURABLE)) {
            own.connection().close();
            return own.complete();
        }
    }

    /** A connection of a session that is open, and back. */
    @Benchmark
    public boolean connection() throws SQLException {
        try (Connection connection = session.connection()) {
            return connection.isClosed();
        }
    }
}
