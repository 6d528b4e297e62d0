package dev.satchel.internal.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class WriteContentionTest {
    @TempDir
    Path directory;

    private LocalDatabase database;
    private final ExecutorService others = Executors.newCachedThreadPool();

    @BeforeEach
    void open() throws Exception {
        database = new LocalDatabase(directory);
        database.run("CREATE TABLE t(a INTEGER PRIMARY KEY)");
    }

    @AfterEach
    void close() throws Exception {
        others.shutdownNow();
        assertThat(others.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        database.close();
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Test
    void secondWriterWaitsForTheFirstTransactionToEnd() throws Exception {
        try (TrackedConnection first = database.connect()) {
            first.setAutoCommit(false);
            run(first, "INSERT INTO t VALUES (1)");

            Future<Long> second = others.submit(() -> {
                try (TrackedConnection connection = database.connect()) {
                    connection.setAutoCommit(false);
                    run(connection, "INSERT INTO t VALUES (2)");
                    connection.commit();
                }
                return database.count("t");
            });
            while (database.writersWaiting() == 0) {
                Thread.onSpinWait();
            }
            assertThat(second).isNotDone();
            first.commit();

            assertThat(second.get(30, TimeUnit.SECONDS)).isEqualTo(2);
        }
    }

    @Test
    void readersGoOnWhileAWriterWrites() throws Exception {
        try (TrackedConnection writer = database.connect()) {
            writer.setAutoCommit(false);
            run(writer, "INSERT INTO t VALUES (1)");

            assertThat(others.submit(() -> database.count("t")).get(30, TimeUnit.SECONDS))
                    .isZero();
            writer.commit();
            assertThat(others.submit(() -> database.count("t")).get(30, TimeUnit.SECONDS))
                    .isEqualTo(1);
        }
    }

    @Test
    void unreadRowsOfReturningKeepOtherWritersOut() throws Exception {
        try (TrackedConnection first = database.connect();
                Statement statement = first.createStatement()) {
            ResultSet rows = statement.executeQuery("INSERT INTO t VALUES (1), (2) RETURNING a");
            rows.next();
            Future<?> second = others.submit(() -> {
                database.run("INSERT INTO t VALUES (3)");
                return null;
            });
            while (database.writersWaiting() == 0) {
                Thread.onSpinWait();
            }
            assertThat(second).isNotDone();
            rows.close();

            second.get(30, TimeUnit.SECONDS);
        }
        assertThat(database.count("t")).isEqualTo(3);
    }

    @Test
    void waitingTooLongIsATransientErrorAndLeavesTheConnectionUsable() throws Exception {
        try (LocalDatabase impatient = new LocalDatabase(directory, 1);
                TrackedConnection first = impatient.connect();
                TrackedConnection second = impatient.connect()) {
            CountDownLatch holding = new CountDownLatch(1);
            CountDownLatch finish = new CountDownLatch(1);
            Future<?> holder = others.submit(() -> {
                first.setAutoCommit(false);
                run(first, "INSERT INTO t VALUES (1)");
                holding.countDown();
                finish.await();
                first.rollback();
                return null;
            });
            holding.await();
            second.setAutoCommit(false);

            assertThatThrownBy(() -> run(second, "INSERT INTO t VALUES (2)")).isInstanceOf(SQLTransientException.class);
            second.rollback();
            second.setAutoCommit(true);
            assertThatThrownBy(() -> run(second, "INSERT INTO t VALUES (2)")).isInstanceOf(SQLTransientException.class);

            finish.countDown();
            holder.get(30, TimeUnit.SECONDS);
            run(second, "INSERT INTO t VALUES (3)");
            assertThat(impatient.queryLong("SELECT sum(a) FROM t")).isEqualTo(3);
        }
    }

    @Test
    void writingThroughTwoConnectionsOfOneThreadFailsInsteadOfWaitingForEver() throws Exception {
        try (TrackedConnection outer = database.connect();
                TrackedConnection inner = database.connect()) {
            outer.setAutoCommit(false);
            run(outer, "INSERT INTO t VALUES (1)");

            assertThatThrownBy(() -> run(inner, "INSERT INTO t VALUES (2)"))
                    .isInstanceOf(SQLTransientException.class)
                    .hasMessageContaining("another connection");
            run(inner, "SELECT * FROM t");
            outer.commit();
            run(inner, "INSERT INTO t VALUES (2)");
        }
        assertThat(database.count("t")).isEqualTo(2);
    }

    @Test
    void manyWritersLoseNothing() throws Exception {
        List<Future<?>> all = new ArrayList<>();
        for (int w = 0; w < 8; w++) {
            int writer = w;
            all.add(others.submit(() -> {
                try (TrackedConnection connection = database.connect()) {
                    for (int i = 0; i < 50; i++) {
                        boolean manual = i % 2 == 0;
                        connection.setAutoCommit(!manual);
                        run(connection, "SELECT count(*) FROM t");
                        run(connection, "INSERT INTO t VALUES (" + (writer * 1000 + i) + ")");
                        if (manual) {
                            connection.commit();
                        }
                    }
                }
                return null;
            }));
        }
        for (Future<?> one : all) {
            one.get(50, TimeUnit.SECONDS);
        }
        assertThat(database.count("t")).isEqualTo(400);
        assertThat(database.writeLeaseIsFree()).isTrue();
    }
}
