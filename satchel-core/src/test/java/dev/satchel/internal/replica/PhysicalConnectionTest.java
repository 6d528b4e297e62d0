package dev.satchel.internal.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PhysicalConnectionTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {"%41lice", "a b", "a?mode=memory", "a#b", "a&cache=shared", "é€😀", "100%", "a'b\"c", ":memory:"
            })
    void opensExactlyTheFileNamed(String name) throws Exception {
        Path database = Files.createDirectory(directory.resolve(name)).resolve("database.sqlite");

        try (PhysicalConnection connection = PhysicalConnection.open(database, false)) {
            connection.execute("CREATE TABLE t(a)");
        }

        assertThat(Files.size(database)).isPositive();
        try (var folders = Files.list(directory)) {
            assertThat(folders.map(p -> p.getFileName().toString())).containsExactly(name);
        }
    }

    @Test
    void setsUpANewDatabaseAsTheEngineNeedsIt() throws Exception {
        try (PhysicalConnection connection = PhysicalConnection.open(directory.resolve("db"), false)) {
            assertThat(text(connection, "PRAGMA journal_mode")).isEqualTo("wal");
            assertThat(connection.queryLong("PRAGMA page_size")).isEqualTo(4096);
            assertThat(connection.queryLong("PRAGMA auto_vacuum")).isEqualTo(2);
            assertThat(connection.queryLong("PRAGMA wal_autocheckpoint")).isZero();
            assertThat(connection.queryLong("PRAGMA synchronous")).isZero();
            assertThat(connection.queryLong("PRAGMA temp_store")).isEqualTo(2);
            assertThat(connection.queryLong("PRAGMA foreign_keys")).isEqualTo(1);
            assertThat(connection.queryLong("PRAGMA busy_timeout")).isEqualTo(100);
            assertThat(Files.exists(directory.resolve("db-shm"))).isFalse();
        }
    }

    @Test
    void keepsThePageSizeAndVacuumModeOfAnExistingDatabase() throws Exception {
        Path database = directory.resolve("db");
        try (var plain = java.sql.DriverManager.getConnection("jdbc:sqlite:" + database);
                Statement statement = plain.createStatement()) {
            statement.executeUpdate("PRAGMA page_size=8192; CREATE TABLE t(a)");
        }

        try (PhysicalConnection connection = PhysicalConnection.open(database, false)) {
            assertThat(connection.queryLong("PRAGMA page_size")).isEqualTo(8192);
            assertThat(connection.queryLong("PRAGMA auto_vacuum")).isZero();
        }
    }

    @Test
    void refusesAttachNatively() throws Exception {
        for (boolean readOnly : List.of(false, true)) {
            try (PhysicalConnection connection = PhysicalConnection.open(directory.resolve("db"), readOnly)) {
                assertThatThrownBy(() -> connection.execute("ATTACH ':memory:' AS other"))
                        .isInstanceOf(SQLException.class)
                        .hasMessageContaining("too many attached");
            }
        }
    }

    @Test
    void vacuumsAndStillRefusesAttachAfterwards() throws Exception {
        try (PhysicalConnection connection = PhysicalConnection.open(directory.resolve("db"), false)) {
            connection.vacuum("VACUUM");

            assertThatThrownBy(() -> connection.execute("ATTACH ':memory:' AS other"))
                    .hasMessageContaining("too many attached");
        }
    }

    @Test
    void readOnlyConnectionCannotWriteOrCreate() throws Exception {
        Path database = directory.resolve("db");
        assertThatThrownBy(() -> PhysicalConnection.open(database, true)).isInstanceOf(SQLException.class);
        assertThat(Files.exists(database)).isFalse();
        try (PhysicalConnection writer = PhysicalConnection.open(database, false);
                PhysicalConnection reader = PhysicalConnection.open(database, true)) {
            writer.execute("CREATE TABLE t(a)");

            assertThatThrownBy(() -> reader.execute("INSERT INTO t VALUES (1)")).hasMessageContaining("READONLY");
            assertThat(reader.queryLong("SELECT count(*) FROM t")).isZero();
        }
    }

    @Test
    void tellsWhetherSqliteEndedTheTransactionByItself() throws Exception {
        try (PhysicalConnection connection = PhysicalConnection.open(directory.resolve("db"), false)) {
            connection.execute("CREATE TABLE t(a UNIQUE)");
            connection.begin(true);
            connection.execute("INSERT INTO t VALUES (1)");
            assertThat(connection.transactionIsOpen()).isTrue();

            assertThatThrownBy(() -> connection.execute("INSERT OR ROLLBACK INTO t VALUES (1)"))
                    .hasMessageContaining("UNIQUE");

            assertThat(connection.transactionIsOpen()).isFalse();
            assertThat(connection.queryLong("SELECT count(*) FROM t")).isZero();
        }
    }

    @Test
    void resetRestoresEverythingASessionMayHaveChanged() throws Exception {
        try (PhysicalConnection connection = PhysicalConnection.open(directory.resolve("db"), false)) {
            connection.execute("CREATE TABLE t(a)");
            connection.execute("CREATE TEMP TABLE scratch(a INTEGER PRIMARY KEY AUTOINCREMENT)");
            connection.execute("CREATE VIRTUAL TABLE temp.words USING fts5(a)");
            connection.execute("CREATE TEMP VIEW v AS SELECT * FROM t");
            connection.execute("CREATE TEMP TRIGGER r AFTER INSERT ON t BEGIN INSERT INTO scratch VALUES (1); END");
            connection.temporaryObjectCreated();
            for (SessionSetting setting : SessionSetting.values()) {
                String opposite =
                        setting == SessionSetting.FOREIGN_KEYS || setting == SessionSetting.AUTOMATIC_INDEX ? "0" : "1";
                connection.execute("PRAGMA " + setting + "=" + opposite);
                connection.settingChanged(setting);
            }
            connection.begin(false);

            connection.reset();

            assertThat(connection.transactionIsOpen()).isFalse();
            assertThat(connection.queryLong("SELECT count(*) FROM temp.sqlite_master WHERE name NOT LIKE 'sqlite_%'"))
                    .isZero();
            assertThat(connection.queryLong("SELECT 'A' LIKE 'a'")).isEqualTo(1);
            for (SessionSetting setting : SessionSetting.values()) {
                if (setting != SessionSetting.CASE_SENSITIVE_LIKE) {
                    long expected =
                            setting == SessionSetting.FOREIGN_KEYS || setting == SessionSetting.AUTOMATIC_INDEX ? 1 : 0;
                    assertThat(connection.queryLong("PRAGMA " + setting))
                            .as("%s", setting)
                            .isEqualTo(expected);
                }
            }
        }
    }

    @Test
    void forgetsParametersAndRowLimitsBetweenUsesOfAStatement() throws Exception {
        try (PhysicalConnection connection = PhysicalConnection.open(directory.resolve("db"), false)) {
            String sql = "SELECT coalesce(?, 'none') UNION ALL SELECT 'second'";
            CompiledStatement first = connection.compile(sql);
            first.statement().setString(1, "set");
            first.limitRows(1);
            first.statement().executeQuery();
            connection.recycle(first);

            CompiledStatement again = connection.compile(sql);

            assertThat(again).isSameAs(first);
            assertThat(again.metaData().getColumnCount()).isEqualTo(1);
            ResultSet rows = again.statement().executeQuery();
            assertThat(rows.next()).isTrue();
            assertThat(rows.getString(1)).isEqualTo("none");
            assertThat(rows.next()).isTrue();
        }
    }

    @Test
    void keepsABoundedNumberOfStatements() throws Exception {
        try (PhysicalConnection connection = PhysicalConnection.open(directory.resolve("db"), false)) {
            CompiledStatement first = connection.compile("SELECT 0");
            connection.recycle(first);
            for (int i = 1; i <= 64; i++) {
                connection.recycle(connection.compile("SELECT " + i));
            }

            assertThat(first.isUsable()).isFalse();
            assertThat(connection.compile("SELECT 0")).isNotSameAs(first);
        }
    }

    @Test
    void doesNotKeepAStatementThatFailed() throws Exception {
        try (PhysicalConnection connection = PhysicalConnection.open(directory.resolve("db"), false)) {
            CompiledStatement broken = connection.compile("SELECT abs(-9223372036854775808)");
            assertThatThrownBy(() -> broken.statement().executeQuery()).hasMessageContaining("overflow");
            connection.recycle(broken);

            assertThat(broken.isUsable()).isFalse();
            assertThat(connection.compile(broken.sql())).isNotSameAs(broken);
        }
    }

    private static String text(PhysicalConnection connection, String sql) throws SQLException {
        try (Statement statement = connection.connection().createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            return rows.getString(1);
        }
    }
}
