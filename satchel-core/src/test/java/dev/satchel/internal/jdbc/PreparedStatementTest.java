package dev.satchel.internal.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.StringReader;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.BatchUpdateException;
import java.sql.Date;
import java.sql.JDBCType;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLSyntaxErrorException;
import java.sql.Statement;
import java.sql.Time;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.LocalDate;
import java.util.Calendar;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PreparedStatementTest {
    @TempDir
    Path directory;

    private LocalDatabase database;
    private TrackedConnection connection;

    @BeforeEach
    void open() throws Exception {
        database = new LocalDatabase(directory);
        database.run("CREATE TABLE t(a INTEGER PRIMARY KEY, b TEXT UNIQUE)");
        connection = database.connect();
    }

    @AfterEach
    void close() throws Exception {
        connection.close();
        assertThat(database.writeLeaseIsFree()).isTrue();
        database.close();
    }

    private interface Setter {
        void set(PreparedStatement statement) throws Exception;
    }

    private String stored(Setter setter) throws Exception {
        try (PreparedStatement statement = connection.prepareStatement("SELECT quote(?1), typeof(?1)")) {
            setter.set(statement);
            try (ResultSet rows = statement.executeQuery()) {
                rows.next();
                return rows.getString(2) + " " + rows.getString(1);
            }
        }
    }

    @Test
    void storesValuesAsTheDriverDoes() throws Exception {
        Calendar calendar = Calendar.getInstance();
        calendar.setTimeInMillis(5000);
        UUID uuid = new UUID(1, 2);

        assertThat(stored(s -> s.setInt(1, 7))).isEqualTo("integer 7");
        assertThat(stored(s -> s.setByte(1, (byte) -7))).isEqualTo("integer -7");
        assertThat(stored(s -> s.setShort(1, (short) 7))).isEqualTo("integer 7");
        assertThat(stored(s -> s.setLong(1, 1L << 40))).isEqualTo("integer 1099511627776");
        assertThat(stored(s -> s.setBoolean(1, true))).isEqualTo("integer 1");
        assertThat(stored(s -> s.setDouble(1, 1.5))).isEqualTo("real 1.5");
        assertThat(stored(s -> s.setFloat(1, 1.5f))).isEqualTo("real 1.5");
        assertThat(stored(s -> s.setString(1, "é😀'"))).isEqualTo("text 'é😀'''");
        assertThat(stored(s -> s.setNString(1, "n"))).isEqualTo("text 'n'");
        assertThat(stored(s -> s.setBytes(1, new byte[] {1, -1}))).isEqualTo("blob X'01FF'");
        assertThat(stored(s -> s.setBigDecimal(1, new BigDecimal("1.10")))).isEqualTo("text '1.10'");
        assertThat(stored(s -> s.setNull(1, Types.VARCHAR))).isEqualTo("null NULL");
        assertThat(stored(s -> s.setNull(1, Types.VARCHAR, "x"))).isEqualTo("null NULL");
        assertThat(stored(s -> s.setDate(1, new Date(5000)))).isEqualTo("integer 5000");
        assertThat(stored(s -> s.setTime(1, new Time(5000), calendar))).isEqualTo("integer 5000");
        assertThat(stored(s -> s.setTimestamp(1, new Timestamp(5001)))).isEqualTo("integer 5001");
        assertThat(stored(s -> s.setURL(1, new URL("https://example.org")))).isEqualTo("text 'https://example.org'");
        assertThat(stored(s -> s.setObject(1, null))).isEqualTo("null NULL");
        assertThat(stored(s -> s.setObject(1, 7, Types.INTEGER))).isEqualTo("integer 7");
        assertThat(stored(s -> s.setObject(1, (short) 7, JDBCType.INTEGER))).isEqualTo("integer 7");
        assertThat(stored(s -> s.setObject(1, 1.5f))).isEqualTo("real 1.5");
        assertThat(stored(s -> s.setObject(1, false))).isEqualTo("integer 0");
        assertThat(stored(s -> s.setObject(1, uuid))).isEqualTo("text '" + uuid + "'");
        assertThat(stored(s -> s.setObject(1, LocalDate.of(2026, 1, 2)))).isEqualTo("text '2026-01-02'");
        assertThat(stored(s -> s.setObject(1, BigInteger.TEN))).isEqualTo("text '10'");
        assertThat(stored(s -> s.setObject(1, new java.util.Date(5000)))).isEqualTo("integer 5000");
        assertThat(stored(s -> s.setObject(1, calendar))).isEqualTo("integer 5000");
        assertThat(stored(s -> s.setObject(1, new byte[] {2}))).isEqualTo("blob X'02'");
    }

    @Test
    void readsStreams() throws Exception {
        byte[] bytes = {1, 2, 3};
        assertThat(stored(s -> s.setBinaryStream(1, new ByteArrayInputStream(bytes))))
                .isEqualTo("blob X'010203'");
        assertThat(stored(s -> s.setBinaryStream(1, new ByteArrayInputStream(bytes), 2)))
                .isEqualTo("blob X'0102'");
        assertThat(stored(s -> s.setBlob(1, new ByteArrayInputStream(bytes), 1L)))
                .isEqualTo("blob X'01'");
        assertThat(stored(s -> s.setAsciiStream(1, new ByteArrayInputStream("abc".getBytes(StandardCharsets.UTF_8)))))
                .isEqualTo("text 'abc'");
        assertThat(stored(s -> s.setCharacterStream(1, new StringReader("é".repeat(10_000)), 9_999L)))
                .hasSize(7 + 9_999);
        assertThat(stored(s -> s.setClob(1, new StringReader("clob")))).isEqualTo("text 'clob'");
        assertThat(stored(s -> s.setNCharacterStream(1, new StringReader("clob"), 2)))
                .isEqualTo("text 'cl'");
        assertThat(stored(s -> s.setObject(1, new StringReader("r")))).isEqualTo("text 'r'");
        assertThat(stored(s -> s.setBinaryStream(1, null))).isEqualTo("null NULL");
        assertThatThrownBy(() -> stored(s -> s.setBinaryStream(1, new ByteArrayInputStream(bytes), -1)))
                .isInstanceOf(SQLException.class);
    }

    @Test
    void refusesWhatSqliteHasNot() throws Exception {
        try (PreparedStatement statement = connection.prepareStatement("SELECT ?")) {
            assertThatThrownBy(() -> statement.setArray(1, null)).isInstanceOf(SQLFeatureNotSupportedException.class);
            assertThatThrownBy(() -> statement.setRef(1, null)).isInstanceOf(SQLFeatureNotSupportedException.class);
            assertThatThrownBy(() -> statement.setRowId(1, null)).isInstanceOf(SQLFeatureNotSupportedException.class);
        }
    }

    @Test
    void parameterThatDoesNotExistIsAnError() throws Exception {
        try (PreparedStatement statement = connection.prepareStatement("SELECT ?, :name, ?")) {
            assertThat(statement.getParameterMetaData().getParameterCount()).isEqualTo(3);
            assertThatThrownBy(() -> statement.setInt(4, 1)).hasMessageContaining("Parameter 4 does not exist");
            assertThatThrownBy(() -> statement.setInt(0, 1)).hasMessageContaining("Parameter 0 does not exist");
            assertThatThrownBy(() -> statement.getParameterMetaData().getParameterType(4))
                    .isInstanceOf(SQLException.class);
        }
    }

    @Test
    void parametersStayUntilClearedAndDoNotLeakIntoTheNextUse() throws Exception {
        String sql = "SELECT coalesce(?, 'none')";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, "secret");
            assertThat(single(statement)).isEqualTo("secret");
            assertThat(single(statement)).isEqualTo("secret");
            statement.clearParameters();
            assertThat(single(statement)).isEqualTo("none");
            statement.setString(1, "secret");
            assertThat(single(statement)).isEqualTo("secret");
        }
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            assertThat(single(statement)).isEqualTo("none");
        }
    }

    @Test
    void limitsDoNotLeakIntoTheNextUse() throws Exception {
        String sql = "VALUES (1), (2), (3)";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setMaxRows(1);
            statement.setFetchSize(2);
            statement.setQueryTimeout(5);
            assertThat(count(statement.executeQuery())).isEqualTo(1);
        }
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            assertThat(statement.getMaxRows()).isZero();
            assertThat(statement.getFetchSize()).isZero();
            assertThat(statement.getQueryTimeout()).isZero();
            assertThat(count(statement.executeQuery())).isEqualTo(3);
        }
    }

    @Test
    void sameTextCanBePreparedTwiceAtOnce() throws Exception {
        String sql = "SELECT ? UNION ALL SELECT 'end'";
        try (PreparedStatement one = connection.prepareStatement(sql);
                PreparedStatement two = connection.prepareStatement(sql)) {
            one.setString(1, "one");
            two.setString(1, "two");
            try (ResultSet first = one.executeQuery();
                    ResultSet second = two.executeQuery()) {
                first.next();
                second.next();
                assertThat(first.getString(1)).isEqualTo("one");
                assertThat(second.getString(1)).isEqualTo("two");
            }
        }
    }

    @Test
    void metaDataIsThereBeforeAndAfterRunningAndForAReusedStatement() throws Exception {
        for (int i = 0; i < 2; i++) {
            try (PreparedStatement statement = connection.prepareStatement("SELECT a, b AS other FROM t")) {
                assertThat(statement.getMetaData().getColumnCount()).isEqualTo(2);
                statement.executeQuery().close();
                assertThat(statement.getMetaData().getColumnLabel(2)).isEqualTo("other");
            }
        }
        try (PreparedStatement statement = connection.prepareStatement("DELETE FROM t")) {
            assertThat(statement.getMetaData()).isNull();
        }
    }

    @Test
    void schemaChangeIsSeenByStatementsPreparedBefore() throws Exception {
        try (PreparedStatement statement = connection.prepareStatement("SELECT * FROM t")) {
            assertThat(statement.executeQuery().getMetaData().getColumnCount()).isEqualTo(2);

            database.run("ALTER TABLE t ADD COLUMN c DEFAULT 'new'; INSERT INTO t(a, b) VALUES (1, 'x')");

            try (ResultSet rows = statement.executeQuery()) {
                assertThat(rows.getMetaData().getColumnCount()).isEqualTo(3);
                rows.next();
                assertThat(rows.getString("c")).isEqualTo("new");
            }
        }
        database.run("ALTER TABLE t DROP COLUMN c");
        try (PreparedStatement statement = connection.prepareStatement("SELECT * FROM t")) {
            assertThat(statement.executeQuery().getMetaData().getColumnCount()).isEqualTo(2);
        }
        database.run("DROP TABLE t");
        try (PreparedStatement statement = connection.prepareStatement("SELECT * FROM t")) {
            assertThatThrownBy(statement::executeQuery).isInstanceOf(SQLSyntaxErrorException.class);
            database.run("CREATE TABLE t(z)");
            assertThat(statement.executeQuery().getMetaData().getColumnLabel(1)).isEqualTo("z");
        }
    }

    @Test
    void keepsItsParametersWhenItIsRunAgainAfterAnError() throws Exception {
        try (PreparedStatement statement = connection.prepareStatement("INSERT INTO t VALUES (?, abs(?))")) {
            statement.setInt(1, 1);
            statement.setLong(2, Long.MIN_VALUE);
            assertThatThrownBy(statement::executeUpdate).hasMessageContaining("integer overflow");

            statement.setLong(2, -5);
            assertThat(statement.executeUpdate()).isEqualTo(1);
        }
        assertThat(database.queryLong("SELECT b FROM t WHERE a = 1")).isEqualTo(5);
    }

    @Test
    void runsAgainAfterAConstraintWasViolated() throws Exception {
        try (PreparedStatement statement = connection.prepareStatement("INSERT INTO t VALUES (?, ?)")) {
            statement.setInt(1, 1);
            statement.setString(2, "x");
            statement.executeUpdate();
            assertThatThrownBy(statement::executeUpdate).hasMessageContaining("UNIQUE");
            statement.setInt(1, 2);
            statement.setString(2, "y");
            assertThat(statement.executeUpdate()).isEqualTo(1);
        }
    }

    @Test
    void takesOneStatementOnly() {
        assertThatThrownBy(() -> connection.prepareStatement("SELECT 1; SELECT 2"))
                .hasMessageContaining("has 2");
        assertThatThrownBy(() -> connection.prepareStatement(" -- none")).hasMessageContaining("no SQL statement");
        assertThatThrownBy(() -> connection.prepareStatement("ATTACH 'x' AS y"))
                .isInstanceOf(RefusedStatementException.class);
        assertThatThrownBy(() -> connection.prepareStatement("SELEC 1")).isInstanceOf(SQLSyntaxErrorException.class);
    }

    @Test
    void ignoresASemicolonAndCommentsAround() throws Exception {
        try (PreparedStatement statement = connection.prepareStatement("/* a */ SELECT 5 ; -- b\n")) {
            assertThat(single(statement)).isEqualTo("5");
        }
    }

    @Test
    void methodsThatDoNotFitTheStatementFailWithoutRunningIt() throws Exception {
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO t VALUES (1, 'x')");
                PreparedStatement select = connection.prepareStatement("SELECT 1")) {
            assertThatThrownBy(insert::executeQuery).hasMessageContaining("gives no rows");
            assertThatThrownBy(select::executeUpdate).hasMessageContaining("gives rows");
            assertThatThrownBy(() -> insert.execute("SELECT 1")).hasMessageContaining("without a text");
            assertThatThrownBy(() -> insert.executeUpdate("SELECT 1")).hasMessageContaining("without a text");
            assertThatThrownBy(() -> insert.addBatch("SELECT 1")).hasMessageContaining("without a text");
        }
        assertThat(database.count("t")).isZero();
    }

    @Test
    void executeTellsWhetherThereAreRows() throws Exception {
        try (PreparedStatement statement =
                connection.prepareStatement("INSERT INTO t VALUES (?, 'x') RETURNING a, b")) {
            statement.setInt(1, 5);
            assertThat(statement.execute()).isTrue();
            try (ResultSet rows = statement.getResultSet()) {
                rows.next();
                assertThat(rows.getInt("a")).isEqualTo(5);
            }
        }
        try (PreparedStatement statement = connection.prepareStatement("UPDATE t SET b = 'y'")) {
            assertThat(statement.execute()).isFalse();
            assertThat(statement.getUpdateCount()).isEqualTo(1);
            assertThat(statement.getResultSet()).isNull();
        }
    }

    @Test
    void batchRunsEachSetOfParameters() throws Exception {
        int before = database.writesBegun.get();
        try (PreparedStatement statement = connection.prepareStatement("INSERT INTO t VALUES (?, ?)")) {
            for (int i = 1; i <= 100; i++) {
                statement.setInt(1, i);
                statement.setString(2, "row " + i);
                statement.addBatch();
            }
            statement.setString(2, "never");
            assertThat(statement.executeBatch()).hasSize(100).containsOnly(1);
            assertThat(statement.executeBatch()).isEmpty();
        }
        assertThat(database.queryLong("SELECT count(*) FROM t WHERE b = 'row ' || a"))
                .isEqualTo(100);
        assertThat(database.writesBegun.get()).isEqualTo(before + 1);
    }

    @Test
    void batchStopsAtTheFirstFailureAndTellsHowFarItCame() throws Exception {
        connection.setAutoCommit(false);
        try (PreparedStatement statement = connection.prepareStatement("INSERT INTO t VALUES (?, 'b' || ?1)")) {
            for (int a : new int[] {1, 2, 2, 3}) {
                statement.setInt(1, a);
                statement.addBatch();
            }
            assertThatThrownBy(statement::executeLargeBatch).isInstanceOfSatisfying(BatchUpdateException.class, e -> {
                assertThat(e.getUpdateCounts()).containsExactly(1, 1);
                assertThat(e.getSQLState()).isEqualTo("23505");
            });
            statement.setInt(1, 9);
            statement.addBatch();
            assertThat(statement.executeBatch()).containsExactly(1);
        }
        connection.commit();
        assertThat(database.queryLong("SELECT sum(a) FROM t")).isEqualTo(12);
    }

    @Test
    void closedStatementSaysSoAndItsCompiledFormLivesOn() throws Exception {
        PreparedStatement statement = connection.prepareStatement("SELECT 1");
        statement.close();

        assertThatThrownBy(statement::executeQuery).hasMessageContaining("statement is closed");
        assertThatThrownBy(() -> statement.setInt(1, 1)).hasMessageContaining("statement is closed");
        assertThatThrownBy(statement::getMetaData).hasMessageContaining("statement is closed");
        assertThatThrownBy(statement::addBatch).hasMessageContaining("statement is closed");
        try (PreparedStatement again = connection.prepareStatement("SELECT 1")) {
            assertThat(single(again)).isEqualTo("1");
        }
    }

    @Test
    void largeValuesSurvive() throws Exception {
        byte[] large = new byte[3_000_000];
        large[2_999_999] = 7;
        try (PreparedStatement statement = connection.prepareStatement("INSERT INTO t VALUES (1, ?)")) {
            statement.setBytes(1, large);
            statement.executeUpdate();
        }
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT b FROM t")) {
            rows.next();
            assertThat(rows.getBytes(1)).isEqualTo(large);
        }
    }

    private static String single(PreparedStatement statement) throws SQLException {
        try (ResultSet rows = statement.executeQuery()) {
            rows.next();
            return rows.getString(1);
        }
    }

    private static int count(ResultSet rows) throws SQLException {
        int count = 0;
        while (rows.next()) {
            count++;
        }
        return count;
    }
}
