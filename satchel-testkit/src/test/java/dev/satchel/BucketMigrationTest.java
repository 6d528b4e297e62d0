package dev.satchel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.testkit.InMemoryObjectStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Migrations from outside, while nodes and others work on the same database. */
class BucketMigrationTest {
    private static final DatabaseId ID = DatabaseId.of("alice");

    @TempDir
    private Path directory;

    private final InMemoryObjectStore store = new InMemoryObjectStore();
    private final Bucket bucket = Bucket.of(store);

    @AfterEach
    void close() {
        bucket.close();
    }

    private Path file(String... statements) throws SQLException {
        Path file = directory.resolve("file.sqlite");
        SqliteFiles.run(file, statements);
        return file;
    }

    private void versionOne() throws SQLException {
        bucket.push(
                ID, file("CREATE TABLE note(text)", "INSERT INTO note VALUES ('first')", "PRAGMA user_version = 1"));
    }

    private static SchemaScripts.Builder steps() {
        return SchemaScripts.builder().script("V1__note.sql", "CREATE TABLE note(text)");
    }

    /** Whose second step does something else the first time it runs. */
    private static SchemaScripts interrupted(Runnable meanwhile, AtomicInteger runs) {
        return steps().java("2", "colour", connection -> {
                    if (runs.incrementAndGet() == 1) {
                        meanwhile.run();
                    }
                    try (Statement statement = connection.createStatement()) {
                        statement.execute("ALTER TABLE note ADD COLUMN colour TEXT");
                    }
                })
                .build();
    }

    private String ask(String sql) throws SQLException {
        try (DatabaseAt head = bucket.openAt(ID, bucket.head(ID).version());
                Connection connection = head.dataSource().getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            return rows.getString(1);
        }
    }

    @Test
    void versionBeforeIsTheRestorePoint() throws SQLException {
        versionOne();

        MigrationReport report = bucket.migrate(ID, interrupted(() -> {}, new AtomicInteger()), false);

        assertThat(report)
                .isEqualTo(new MigrationReport(ID, MigrationReport.State.MIGRATED, 1, 2, Version.of(1), Version.of(2)));
        bucket.restore(ID, report.before(), PushCondition.ifHead(report.after()));
        assertThat(ask("PRAGMA user_version")).isEqualTo("1");
    }

    @Test
    void changeThatComesInBetweenIsKeptAndTheMigrationMadeOnTopOfIt() throws SQLException {
        versionOne();
        AtomicInteger runs = new AtomicInteger();
        SchemaScripts schema = interrupted(
                () -> {
                    try {
                        bucket.push(ID, file("INSERT INTO note VALUES ('meanwhile')"));
                    } catch (SQLException e) {
                        throw new IllegalStateException(e);
                    }
                },
                runs);

        MigrationReport report = bucket.migrate(ID, schema, false);

        assertThat(report.before()).isEqualTo(Version.of(2));
        assertThat(report.after()).isEqualTo(Version.of(3));
        assertThat(runs).hasValue(2);
        assertThat(ask("SELECT group_concat(text) FROM note")).isEqualTo("first,meanwhile");
    }

    @Test
    void migrationOfANodeThatComesInBetweenCounts() throws SQLException {
        versionOne();
        AtomicInteger runs = new AtomicInteger();
        SchemaScripts ofTheNode = interrupted(() -> {}, new AtomicInteger());
        SchemaScripts schema = interrupted(
                () -> {
                    try (Satchel node = Satchel.builder(store, directory.resolve("node"))
                                    .schema(ofTheNode)
                                    .build();
                            Session session = node.open(ID);
                            Connection connection = session.connection()) {
                        assertThat(connection.isClosed()).isFalse();
                    } catch (SQLException e) {
                        throw new IllegalStateException(e);
                    }
                },
                runs);

        MigrationReport report = bucket.migrate(ID, schema, false);

        assertThat(report.state()).isEqualTo(MigrationReport.State.CURRENT);
        assertThat(report.after()).isEqualTo(Version.of(2));
        assertThat(runs).hasValue(1);
    }

    @Test
    void nothingIsPublishedInADryRunNorByAFailure() throws SQLException {
        versionOne();
        SchemaScripts good =
                steps().script("V2__more.sql", "CREATE TABLE more(a)").build();
        SchemaScripts bad = steps().script("V2__more.sql", "DROP TABLE nowhere").build();

        assertThat(bucket.migrate(ID, good, true).state()).isEqualTo(MigrationReport.State.MIGRATED);
        assertThatThrownBy(() -> bucket.migrate(ID, bad, false))
                .isInstanceOf(MigrationFailedException.class)
                .hasMessageContaining("database alice")
                .hasMessageContaining("V2__more.sql, statement 1 on line 1");

        assertThat(bucket.head(ID).version()).isEqualTo(Version.of(1));
    }

    @Test
    void deletedAndUnknownDatabasesAreToldApart() throws SQLException {
        versionOne();
        bucket.delete(ID);
        SchemaScripts schema = steps().build();

        assertThat(bucket.migrate(ID, schema, false).state()).isEqualTo(MigrationReport.State.DELETED);
        assertThatThrownBy(() -> bucket.migrate(DatabaseId.of("nobody"), schema, false))
                .isInstanceOf(NotFoundException.class);
        assertThat(Files.exists(directory.resolve("node"))).isFalse();
    }
}
