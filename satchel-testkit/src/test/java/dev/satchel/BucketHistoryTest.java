package dev.satchel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.store.ObjectBody;
import dev.satchel.store.PutCondition;
import dev.satchel.store.PutResult;
import dev.satchel.testkit.FaultyObjectStore;
import dev.satchel.testkit.FaultyObjectStore.Fault;
import dev.satchel.testkit.ForwardingObjectStore;
import dev.satchel.testkit.InMemoryObjectStore;
import dev.satchel.testkit.Operation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Opening and restoring older versions with nothing but the store. */
class BucketHistoryTest {
    private static final DatabaseId ALICE = DatabaseId.of("alice");
    private static final Instant BEGINNING = Instant.parse("2026-01-01T00:00:00Z");
    private static final int VERSIONS = 9;

    private final InMemoryObjectStore store = new InMemoryObjectStore();
    private final AtomicLong minutes = new AtomicLong();
    private final Bucket bucket = Bucket.builder(store)
            .node("here")
            .clock(() -> at(minutes.get()))
            .sleeper(pause -> {})
            .build();

    @TempDir
    private Path folder;

    private static Instant at(long minute) {
        return BEGINNING.plusSeconds(60 * minute);
    }

    /** Version n has the rows 1 to n, and was committed n minutes after the beginning. */
    @BeforeEach
    void commitOncePerMinute() throws SQLException {
        Path file = SqliteFiles.run(folder.resolve("a.sqlite"), "CREATE TABLE t(a INTEGER)");
        for (int version = 1; version <= VERSIONS; version++) {
            minutes.set(version);
            bucket.push(ALICE, SqliteFiles.run(file, "INSERT INTO t VALUES (" + version + ")"));
        }
    }

    private static int rows(DatabaseAt state) throws SQLException {
        try (Connection connection = state.connection();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT count(*) FROM t")) {
            return result.getInt(1);
        }
    }

    private int rowsOfHead() throws SQLException {
        try (DatabaseAt head = bucket.openAt(ALICE, bucket.head(ALICE).version())) {
            return rows(head);
        }
    }

    // opening

    @Test
    void opensEachVersion() throws SQLException {
        for (int version = 1; version <= VERSIONS; version++) {
            try (DatabaseAt state = bucket.openAt(ALICE, Version.of(version))) {
                assertThat(rows(state)).isEqualTo(version);
                assertThat(state.version().version()).isEqualTo(Version.of(version));
                assertThat(state.version().timestamp()).isEqualTo(at(version));
                assertThat(state.database()).isEqualTo(ALICE);
            }
        }
    }

    @Test
    void opensWhatWasTheNewestAtAnInstant() throws SQLException {
        try (DatabaseAt exactly = bucket.openAt(ALICE, at(4));
                DatabaseAt between = bucket.openAt(ALICE, at(4).plusSeconds(59));
                DatabaseAt now = bucket.openAt(ALICE, at(10_000))) {
            assertThat(rows(exactly)).isEqualTo(4);
            assertThat(rows(between)).isEqualTo(4);
            assertThat(rows(now)).isEqualTo(VERSIONS);
        }
    }

    @Test
    void nothingIsAsOldAsTheTimeBeforeTheFirstVersion() {
        assertThatThrownBy(() -> bucket.openAt(ALICE, at(1).minusMillis(1)))
                .isInstanceOf(NotFoundException.class)
                .hasMessageContaining("the oldest is version 1 of 2026-01-01T00:01:00Z");
    }

    @Test
    void versionThatDoesNotExistIsNotFound() {
        assertThatThrownBy(() -> bucket.openAt(ALICE, Version.of(VERSIONS + 1)))
                .isInstanceOf(NotFoundException.class)
                .hasMessageContaining("versions 1 to 9");
        assertThatThrownBy(() -> bucket.openAt(DatabaseId.of("bob"), Version.of(1)))
                .isInstanceOf(NotFoundException.class)
                .hasMessageContaining("bob");
        assertThatThrownBy(() -> bucket.openAt(ALICE, Version.NONE)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void instantIsFoundWithoutReadingTheWholeLog() {
        store.requests().reset();

        assertThat(bucket.versionAt(ALICE, at(3))).isEqualTo(Version.of(3));

        assertThat(store.requests().count(Operation.GET)).isZero();
        assertThat(store.requests().count(Operation.HEAD)).isLessThanOrEqualTo(8);
    }

    @Test
    void openedVersionCannotBeChanged() throws SQLException {
        try (DatabaseAt state = bucket.openAt(ALICE, Version.of(2));
                Connection connection = state.dataSource().getConnection()) {
            assertThatThrownBy(() -> SqliteFiles.run(connection, "DELETE FROM t"))
                    .isInstanceOf(SQLException.class);
        }
        assertThat(bucket.head(ALICE).version()).isEqualTo(Version.of(VERSIONS));
    }

    @Test
    void closingRemovesTheCopyAndClosesItsConnections() throws SQLException {
        DatabaseAt state = bucket.openAt(ALICE, Version.of(2));
        Connection connection = state.connection();
        Path copy = Path.of(databaseFile(connection));
        assertThat(copy).exists();

        state.close();
        state.close();

        assertThat(copy.getParent()).doesNotExist();
        assertThat(connection.isClosed()).isTrue();
        assertThatThrownBy(state::connection).isInstanceOf(SQLException.class);
    }

    private static String databaseFile(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("PRAGMA database_list")) {
            return result.getString("file");
        }
    }

    @Test
    void unreachableStoreIsNeverAnAbsentVersion() {
        FaultyObjectStore faulty = new FaultyObjectStore(store);
        faulty.on(".*/0000/.*", Operation.GET).always().inject(Fault.FAIL_BEFORE);
        store.delete("alice/database.sqlite");

        try (Bucket blind = Bucket.of(faulty)) {
            assertThatThrownBy(() -> blind.openAt(ALICE, Version.of(3))).isInstanceOf(UnavailableException.class);
        }
    }

    @Test
    void nodeOpensOlderVersionsToo() throws SQLException {
        try (Satchel satchel = Satchel.builder(store, folder.resolve("node")).build();
                DatabaseAt third = satchel.openAt(ALICE, Version.of(3));
                DatabaseAt fifth = satchel.openAt(ALICE, at(5))) {
            assertThat(rows(third)).isEqualTo(3);
            assertThat(rows(fifth)).isEqualTo(5);
            assertThatThrownBy(() -> satchel.openAt(ALICE, Version.of(99))).isInstanceOf(NotFoundException.class);
        }
    }

    @Test
    void historyReachesBackToTheFirstVersionWithItsCommit() {
        assertThat(bucket.history(ALICE))
                .isEqualTo(new HistoryInfo(
                        Optional.of(Version.of(1)),
                        Version.of(VERSIONS),
                        Optional.of(Version.of(VERSIONS)),
                        List.of()));
        assertThatThrownBy(() -> bucket.history(DatabaseId.of("bob"))).isInstanceOf(NotFoundException.class);
    }

    @Test
    void historyEndsAtAHoleInTheLog() {
        store.delete("alice/database.ltx/0000/0000000000000004-0000000000000004.ltx");

        assertThat(bucket.history(ALICE).oldest()).contains(Version.of(VERSIONS));
    }

    @Test
    void historyBeginsAfterADeletion() throws SQLException {
        bucket.delete(ALICE);
        assertThat(bucket.history(ALICE))
                .isEqualTo(new HistoryInfo(Optional.empty(), Version.of(VERSIONS + 1), Optional.empty(), List.of()));

        Path file = SqliteFiles.run(folder.resolve("new.sqlite"), "CREATE TABLE t(a INTEGER)");
        bucket.push(ALICE, file);
        bucket.push(ALICE, SqliteFiles.run(file, "INSERT INTO t VALUES (1)"));
        assertThat(bucket.history(ALICE).oldest()).contains(Version.of(VERSIONS + 2));
    }

    // restoring

    @Test
    void restoreIsANewVersionAndCanBeTakenBack() throws SQLException, IOException {
        minutes.set(20);

        RestoreResult restored = bucket.restore(ALICE, Version.of(4));

        assertThat(restored.changed()).isTrue();
        assertThat(restored.head().version()).isEqualTo(Version.of(VERSIONS + 1));
        assertThat(restored.head().timestamp()).isEqualTo(at(20));
        assertThat(rowsOfHead()).isEqualTo(4);
        bucket.pull(ALICE, Version.of(4), folder.resolve("old.sqlite"));
        bucket.pull(ALICE, folder.resolve("new.sqlite"));
        assertThat(Files.mismatch(folder.resolve("old.sqlite"), folder.resolve("new.sqlite")))
                .isEqualTo(-1);

        assertThat(bucket.restore(ALICE, Version.of(VERSIONS)).head().version()).isEqualTo(Version.of(VERSIONS + 2));
        assertThat(rowsOfHead()).isEqualTo(VERSIONS);
    }

    @Test
    void restoresWhatWasTheNewestAtAnInstant() throws SQLException {
        RestoreResult restored = bucket.restore(ALICE, at(6).plusSeconds(30));

        assertThat(restored.restored()).isEqualTo(Version.of(6));
        assertThat(rowsOfHead()).isEqualTo(6);
    }

    @Test
    void restoringWhatIsThereAlreadyChangesNothing() {
        store.requests().reset();

        RestoreResult restored = bucket.restore(ALICE, Version.of(VERSIONS));

        assertThat(restored.changed()).isFalse();
        assertThat(restored.head().version()).isEqualTo(Version.of(VERSIONS));
        assertThat(store.requests().count(Operation.PUT)).isZero();
    }

    @Test
    void openNodesSeeARestoreAtTheirNextSession() throws SQLException {
        try (Satchel satchel = Satchel.builder(store, folder.resolve("node")).build()) {
            SessionWork<Integer, SQLException> count = session -> {
                try (Connection connection = session.connection();
                        Statement statement = connection.createStatement();
                        ResultSet result = statement.executeQuery("SELECT count(*) FROM t")) {
                    return result.getInt(1);
                }
            };
            assertThat(satchel.read(ALICE, count)).isEqualTo(VERSIONS);

            bucket.restore(ALICE, Version.of(2));

            assertThat(satchel.read(ALICE, count)).isEqualTo(2);
        }
    }

    @Test
    void restoreThatAnotherMachineOvertakesIsAConflict() throws SQLException {
        Path other = SqliteFiles.run(folder.resolve("b.sqlite"), "CREATE TABLE t(a INTEGER)");
        AtomicBoolean overtaken = new AtomicBoolean();
        try (Bucket slow = Bucket.of(new ForwardingObjectStore(store) {
            @Override
            public PutResult put(String key, ObjectBody body, Map<String, String> metadata, PutCondition condition) {
                if (overtaken.compareAndSet(false, true)) {
                    bucket.push(ALICE, other);
                }
                return super.put(key, body, metadata, condition);
            }
        })) {
            assertThatThrownBy(() -> slow.restore(ALICE, Version.of(2)))
                    .isInstanceOfSatisfying(
                            ConflictException.class,
                            e -> assertThat(e.conflict().keptAs()).isEqualTo("version 2"));
            assertThat(rowsOfHead()).isZero();

            assertThat(slow.restore(ALICE, Version.of(2)).changed()).isTrue();
            assertThat(rowsOfHead()).isEqualTo(2);
        }
    }

    @Test
    void restoreCanInsistOnTheNewestVersion() {
        assertThatThrownBy(() -> bucket.restore(ALICE, Version.of(2), PushCondition.ifHead(Version.of(8))))
                .isInstanceOf(ConflictException.class);
        assertThat(bucket.restore(ALICE, Version.of(2), PushCondition.ifHead(Version.of(VERSIONS)))
                        .changed())
                .isTrue();
    }

    @Test
    void silentStoreMakesARestoreUnknownAndRepeatingItSafe() throws SQLException {
        FaultyObjectStore faulty = new FaultyObjectStore(store);
        faulty.on(".*[.]ltx", Operation.PUT).nth(1).inject(Fault.FAIL_AFTER);
        faulty.on(".*/0000/000000000000000a.*", Operation.HEAD).always().inject(Fault.FAIL_BEFORE);

        try (Bucket deaf = Bucket.builder(faulty).sleeper(pause -> {}).build()) {
            assertThatThrownBy(() -> deaf.restore(ALICE, Version.of(2)))
                    .isInstanceOf(OutcomeUnknownException.class)
                    .hasMessageContaining("restore it again");
        }
        RestoreResult again = bucket.restore(ALICE, Version.of(2));
        assertThat(again.changed()).isFalse();
        assertThat(again.head().version()).isEqualTo(Version.of(VERSIONS + 1));
        assertThat(rowsOfHead()).isEqualTo(2);
    }
}
