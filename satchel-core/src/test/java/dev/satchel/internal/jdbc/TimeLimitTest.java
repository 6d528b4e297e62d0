package dev.satchel.internal.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.SQLTransactionRollbackException;
import java.sql.Statement;
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
class TimeLimitTest {
    private static final String FOREVER =
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
    private static final String SLOW_ROWS =
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)" + " SELECT i FROM n WHERE i = 1 OR i < 0";

    @TempDir
    Path directory;

    private LocalDatabase database;
    private TrackedConnection connection;

    @BeforeEach
    void open() throws Exception {
        database = new LocalDatabase(directory);
        database.run("CREATE TABLE t(a)");
        connection = database.connect();
    }

    @AfterEach
    void close() throws Exception {
        connection.close();
        assertThat(database.writeLeaseIsFree()).isTrue();
        assertThat(database.scheduler.getQueue()).isEmpty();
        database.close();
    }

    @Test
    void queryTimeoutStopsARunningQuery() throws Exception {
        try (Statement statement = connection.createStatement()) {
            statement.setQueryTimeout(1);

            assertThatThrownBy(() -> statement.executeQuery(FOREVER))
                    .isInstanceOf(SQLTimeoutException.class)
                    .hasMessageContaining("1000 ms");

            assertThat(statement.executeQuery("SELECT 5").next()).isTrue();
        }
    }

    @Test
    void limitCountsWhileRowsAreRead() throws Exception {
        connection.setNetworkTimeout(Runnable::run, 50);
        try (PreparedStatement statement = connection.prepareStatement(SLOW_ROWS)) {
            try (ResultSet rows = statement.executeQuery()) {
                assertThat(rows.next()).isTrue();

                assertThatThrownBy(rows::next).isInstanceOf(SQLTimeoutException.class);
                assertThat(rows.next()).isFalse();
            }
            try (ResultSet rows = statement.executeQuery()) {
                assertThat(rows.next()).isTrue();
                assertThat(rows.getInt(1)).isEqualTo(1);
            }
        }
    }

    @Test
    void shorterOfNetworkTimeoutAndQueryTimeoutCounts() throws Exception {
        connection.setNetworkTimeout(null, 20);
        assertThat(connection.getNetworkTimeout()).isEqualTo(20);
        try (Statement statement = connection.createStatement()) {
            statement.setQueryTimeout(1000);
            assertThatThrownBy(() -> statement.execute(FOREVER)).isInstanceOf(SQLTimeoutException.class);
        }
    }

    @Test
    void writeThatIsStoppedRollsItsTransactionBack() throws Exception {
        connection.setAutoCommit(false);
        connection.setNetworkTimeout(null, 20);
        try (Statement statement = connection.createStatement()) {
            statement.execute("INSERT INTO t VALUES (1)");

            assertThatThrownBy(
                            () -> statement.execute(
                                    "INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"))
                    .isInstanceOf(SQLTimeoutException.class);

            assertThat(database.writeLeaseIsFree()).isTrue();
            assertThatThrownBy(() -> statement.execute("INSERT INTO t VALUES (2)"))
                    .isInstanceOf(SQLTransactionRollbackException.class);
            connection.rollback();
            statement.execute("INSERT INTO t VALUES (3)");
            connection.commit();
        }
        assertThat(database.queryLong("SELECT sum(a) FROM t")).isEqualTo(3);
    }

    @Test
    void writeThatIsStoppedWhileAnotherResultIsOpenIsSettledToo() throws Exception {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement();
                Statement reading = connection.createStatement()) {
            statement.execute("INSERT INTO t VALUES (1), (2)");
            ResultSet rows = reading.executeQuery("SELECT a FROM t");
            rows.next();
            connection.setNetworkTimeout(null, 20);

            assertThatThrownBy(
                            () -> statement.execute(
                                    "INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"))
                    .isInstanceOf(SQLTimeoutException.class);

            assertThatThrownBy(rows::next).isInstanceOf(SQLException.class);
            connection.rollback();
        }
        assertThat(database.count("t")).isZero();
    }

    @Test
    void stoppedReadLeavesItsTransactionOpen() throws Exception {
        connection.setAutoCommit(false);
        connection.setNetworkTimeout(null, 20);
        try (Statement statement = connection.createStatement()) {
            statement.execute("INSERT INTO t VALUES (1)");
            assertThatThrownBy(() -> statement.execute(FOREVER)).isInstanceOf(SQLTimeoutException.class);
            connection.commit();
        }
        assertThat(database.count("t")).isEqualTo(1);
    }

    @Test
    void statementsThatEndInTimeLeaveNoTask() throws Exception {
        try (Statement statement = connection.createStatement()) {
            statement.setQueryTimeout(1000);
            statement.execute("INSERT INTO t VALUES (1), (2)");
            ResultSet rows = statement.executeQuery("SELECT a FROM t");
            rows.next();
            assertThat(database.scheduler.getQueue()).hasSize(1);
            rows.next();
            rows.next();
            assertThat(database.scheduler.getQueue()).isEmpty();
            statement.executeQuery("SELECT a FROM t");
        }
        assertThat(database.scheduler.getQueue()).isEmpty();
    }

    @Test
    void cancelStopsFromAnotherThread() throws Exception {
        ExecutorService other = Executors.newSingleThreadExecutor();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(SLOW_ROWS)) {
            assertThat(rows.next()).isTrue();
            CountDownLatch reading = new CountDownLatch(1);
            Future<?> canceller = other.submit(() -> {
                reading.await();
                statement.cancel();
                return null;
            });
            reading.countDown();

            assertThatThrownBy(rows::next)
                    .isInstanceOf(SQLException.class)
                    .isNotInstanceOf(SQLTimeoutException.class)
                    .hasMessageContaining("cancelled");
            canceller.get(30, TimeUnit.SECONDS);
        } finally {
            other.shutdownNow();
        }
    }

    @Test
    void cancelOfAnIdleStatementDoesNothing() throws Exception {
        try (Statement statement = connection.createStatement()) {
            statement.cancel();
            assertThat(statement.execute("SELECT 1")).isTrue();
        }
    }

    @Test
    void negativeLimitsAreRefused() throws Exception {
        try (Statement statement = connection.createStatement()) {
            assertThatThrownBy(() -> statement.setQueryTimeout(-1)).isInstanceOf(SQLException.class);
        }
        assertThatThrownBy(() -> connection.setNetworkTimeout(null, -1)).isInstanceOf(SQLException.class);
    }
}
