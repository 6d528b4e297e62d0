package dev.satchel.internal.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Properties;
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
import org.sqlite.SQLiteConnection;

@Timeout(60)
class ConnectionTest {
    @TempDir
    Path directory;

    private LocalDatabase database;
    private TrackedConnection connection;

    @BeforeEach
    void open() throws Exception {
        database = new LocalDatabase(directory);
        database.run("CREATE TABLE parent(id INTEGER PRIMARY KEY, name TEXT NOT NULL CHECK (name <> ''));"
                + "CREATE TABLE child(id INTEGER PRIMARY KEY, parent_id INTEGER NOT NULL REFERENCES parent(id));"
                + "CREATE UNIQUE INDEX parent_name ON parent(name)");
        connection = database.connect();
    }

    @AfterEach
    void close() throws Exception {
        connection.close();
        assertThat(database.writeLeaseIsFree()).isTrue();
        database.close();
    }

    @Test
    void closedConnectionSaysSoEverywhere() throws Exception {
        Statement statement = connection.createStatement();
        PreparedStatement prepared = connection.prepareStatement("SELECT 1");
        ResultSet rows = prepared.executeQuery();
        DatabaseMetaData metaData = connection.getMetaData();
        connection.close();

        assertThat(connection.isClosed()).isTrue();
        assertThat(connection.isValid(1)).isFalse();
        assertThat(statement.isClosed()).isTrue();
        assertThat(prepared.isClosed()).isTrue();
        assertThat(rows.isClosed()).isTrue();
        List<ThrowingCall> calls = List.of(
                () -> connection.createStatement(),
                () -> connection.prepareStatement("SELECT 1"),
                () -> connection.commit(),
                () -> connection.rollback(),
                () -> connection.setAutoCommit(false),
                () -> connection.getMetaData(),
                () -> connection.setSavepoint(),
                () -> connection.unwrap(TrackedConnection.class),
                () -> statement.execute("SELECT 1"),
                () -> prepared.executeQuery(),
                () -> metaData.getTables(null, null, null, null));
        for (ThrowingCall call : calls) {
            assertThatThrownBy(call::run)
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("connection is closed")
                    .extracting(e -> ((SQLException) e).getSQLState())
                    .isEqualTo("08003");
        }
        assertThatThrownBy(rows::next).hasMessageContaining("closed");
        statement.close();
        prepared.close();
        rows.close();
    }

    private interface ThrowingCall {
        void run() throws Exception;
    }

    @Test
    void tellsOnceThatItWasClosed() {
        int before = database.closed.get();
        connection.close();
        connection.close();

        assertThat(database.closed.get()).isEqualTo(before + 1);
    }

    @Test
    void unwrapsToItselfAndToTheDriver() throws Exception {
        assertThat(connection.isWrapperFor(Connection.class)).isTrue();
        assertThat(connection.isWrapperFor(TrackedConnection.class)).isTrue();
        assertThat(connection.isWrapperFor(SQLiteConnection.class)).isTrue();
        assertThat(connection.isWrapperFor(String.class)).isFalse();
        assertThat(connection.unwrap(Connection.class)).isSameAs(connection);
        assertThat(connection.unwrap(TrackedConnection.class)).isSameAs(connection);
        assertThatThrownBy(() -> connection.unwrap(String.class)).isInstanceOf(SQLException.class);

        SQLiteConnection driver = connection.unwrap(SQLiteConnection.class);
        assertThat(driver.getAutoCommit()).isTrue();
        assertThat(connection.isValid(1)).isTrue();
        connection.close();
        assertThat(database.discarded.get()).isEqualTo(1);
        assertThat(driver.isClosed()).isTrue();
    }

    @Test
    void abortStopsWhatRunsAndDropsWhatWasNotCommitted() throws Exception {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            statement.execute("INSERT INTO parent VALUES (1, 'x')");
        }
        ExecutorService other = Executors.newSingleThreadExecutor();
        try {
            CountDownLatch running = new CountDownLatch(1);
            Future<?> aborter = other.submit(() -> {
                running.await();
                connection.abort(Runnable::run);
                return null;
            });
            PreparedStatement forever = connection.prepareStatement(
                    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n");
            ResultSet rows = forever.executeQuery();
            running.countDown();

            assertThatThrownBy(() -> {
                        while (rows.next()) {}
                    })
                    .isInstanceOf(SQLException.class);
            aborter.get(30, TimeUnit.SECONDS);
        } finally {
            other.shutdownNow();
        }
        assertThat(connection.isClosed()).isTrue();
        assertThat(database.discarded.get()).isEqualTo(1);
        assertThat(database.writeLeaseIsFree()).isTrue();
        connection.close();
        connection.abort(Runnable::run);
        assertThat(database.discarded.get()).isEqualTo(1);
        assertThat(database.count("parent")).isZero();
    }

    @Test
    void isValidWhileOpen() throws Exception {
        connection.setAutoCommit(false);
        assertThat(connection.isValid(0)).isTrue();
        assertThat(database.writeLeaseIsFree()).isTrue();
        assertThatThrownBy(() -> connection.isValid(-1)).isInstanceOf(SQLException.class);
    }

    @Test
    void keepsPropertiesThatHaveNoEffect() throws Exception {
        assertThat(connection.getCatalog()).isNull();
        connection.setCatalog("x");
        assertThat(connection.getSchema()).isNull();
        connection.setSchema("x");
        assertThat((Throwable) connection.getWarnings()).isNull();
        connection.clearWarnings();
        assertThat(connection.getClientInfo()).isEmpty();
        connection.setClientInfo("ApplicationName", "test");
        assertThat(connection.getClientInfo("ApplicationName")).isEqualTo("test");
        connection.setClientInfo("ApplicationName", null);
        connection.setClientInfo(new Properties());
        assertThat(connection.getClientInfo()).isEmpty();
        assertThat(connection.getTypeMap()).isEmpty();
        connection.setTypeMap(new HashMap<>());
        assertThat(connection.nativeSQL("SELECT 1")).isEqualTo("SELECT 1");
        assertThat(connection.getHoldability()).isEqualTo(ResultSet.CLOSE_CURSORS_AT_COMMIT);
        connection.setHoldability(ResultSet.CLOSE_CURSORS_AT_COMMIT);
        connection.beginRequest();
        connection.endRequest();
    }

    @Test
    void refusesWhatSqliteHasNot() {
        List<ThrowingCall> calls = List.of(
                () -> connection.prepareCall("{call x}"),
                () -> connection.createBlob(),
                () -> connection.createClob(),
                () -> connection.createNClob(),
                () -> connection.createSQLXML(),
                () -> connection.createArrayOf("int", new Object[0]),
                () -> connection.createStruct("x", new Object[0]),
                () -> connection.setHoldability(ResultSet.HOLD_CURSORS_OVER_COMMIT),
                () -> connection.createStatement(ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_READ_ONLY),
                () -> connection.prepareStatement("SELECT 1", ResultSet.TYPE_FORWARD_ONLY, ResultSet.CONCUR_UPDATABLE));
        for (ThrowingCall call : calls) {
            assertThatThrownBy(call::run).isInstanceOf(SQLFeatureNotSupportedException.class);
        }
    }

    @Test
    void metaDataDescribesTheSchemaAndKnowsItsConnection() throws Exception {
        DatabaseMetaData metaData = connection.getMetaData();

        assertThat(metaData.getConnection()).isSameAs(connection);
        assertThat(metaData.getDatabaseProductName()).isEqualTo("SQLite");
        assertThat(metaData.getDriverMajorVersion()).isEqualTo(3);
        assertThat(metaData.getURL()).startsWith("jdbc:sqlite:");
        assertThat(metaData.isReadOnly()).isFalse();
        assertThat(metaData.supportsTransactions()).isTrue();
        assertThat(metaData.supportsSavepoints()).isTrue();
        assertThat(metaData.supportsGetGeneratedKeys()).isTrue();
        assertThat(metaData.unwrap(DatabaseMetaData.class)).isSameAs(metaData);
        assertThat(column(metaData.getTables(null, null, "%", new String[] {"TABLE"}), "TABLE_NAME"))
                .containsExactlyInAnyOrder("parent", "child");
        assertThat(column(metaData.getColumns(null, null, "parent", "%"), "COLUMN_NAME"))
                .containsExactly("id", "name");
        assertThat(column(metaData.getPrimaryKeys(null, null, "child"), "COLUMN_NAME"))
                .containsExactly("id");
        assertThat(column(metaData.getImportedKeys(null, null, "child"), "FKCOLUMN_NAME"))
                .containsExactly("parent_id");
        assertThat(column(metaData.getExportedKeys(null, null, "parent"), "FKTABLE_NAME"))
                .containsExactly("child");
        assertThat(column(metaData.getIndexInfo(null, null, "parent", true, false), "INDEX_NAME"))
                .containsExactly("parent_name");
        assertThat(column(metaData.getTypeInfo(), "TYPE_NAME")).contains("TEXT");
        assertThat(column(metaData.getTableTypes(), "TABLE_TYPE")).contains("TABLE", "VIEW");
        assertThat(database.writeLeaseIsFree()).isTrue();
    }

    @Test
    void resultsOfMetaDataAreClosedWithTheConnection() throws Exception {
        ResultSet tables = connection.getMetaData().getTables(null, null, "%", null);
        assertThat(tables.next()).isTrue();
        assertThat(tables.getStatement()).isNull();

        connection.close();

        assertThatThrownBy(tables::next).isInstanceOf(SQLException.class);
        // An unclosed result would keep the next write from being committed.
        database.run("INSERT INTO parent VALUES (1, 'x')");
        assertThat(database.count("parent")).isEqualTo(1);
    }

    @Test
    void openResultsAndStatementsAreClosedWithTheConnection() throws Exception {
        for (int i = 0; i < 5; i++) {
            connection.createStatement().executeQuery("SELECT 1 UNION SELECT 2").next();
            connection
                    .prepareStatement("INSERT INTO parent VALUES (" + i + ", 'n" + i + "') RETURNING id")
                    .executeQuery();
        }
        connection.close();

        assertThat(database.discarded.get()).isZero();
        database.run("INSERT INTO parent VALUES (100, 'x')");
    }

    private static List<String> column(ResultSet rows, String label) throws SQLException {
        List<String> values = new ArrayList<>();
        try (rows) {
            while (rows.next()) {
                values.add(rows.getString(label));
            }
        }
        return values;
    }
}
