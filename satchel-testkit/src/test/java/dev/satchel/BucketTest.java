package dev.satchel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.store.ObjectBody;
import dev.satchel.store.ObjectStore;
import dev.satchel.store.PutCondition;
import dev.satchel.store.PutResult;
import dev.satchel.testkit.FaultyObjectStore;
import dev.satchel.testkit.FaultyObjectStore.Fault;
import dev.satchel.testkit.ForwardingObjectStore;
import dev.satchel.testkit.InMemoryObjectStore;
import dev.satchel.testkit.Operation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BucketTest {
    private static final DatabaseId ALICE = DatabaseId.of("alice");

    private final InMemoryObjectStore store = new InMemoryObjectStore();
    private final Bucket bucket = bucket(store);

    @TempDir
    private Path folder;

    private static Bucket bucket(ObjectStore store) {
        return Bucket.builder(store).node("here").sleeper(pause -> {}).build();
    }

    private Path file(String name) {
        return folder.resolve(name);
    }

    private static void put(ObjectStore store, String key) {
        store.put(key, ObjectBody.of(new byte[] {1}), Map.of(), PutCondition.none());
    }

    // listing users

    @Test
    void emptyBucketHasNoUsers() {
        assertThat(bucket.users()).isEmpty();
        assertThat(bucket.databases(UserId.of("alice"))).isEmpty();
    }

    @Test
    void listsUsersWithTheirDatabases() throws SQLException {
        Path file = SqliteFiles.notes(file("a.sqlite"), 1);
        bucket.push(ALICE, file);
        bucket.push(DatabaseId.of("alice", "notes"), file);
        bucket.push(DatabaseId.of("bob", "a.b"), file);

        assertThat(bucket.users())
                .containsExactly(
                        new UserDatabases(UserId.of("alice"), List.of(ALICE, DatabaseId.of("alice", "notes"))),
                        new UserDatabases(UserId.of("bob"), List.of(DatabaseId.of("bob", "a.b"))));
        assertThat(bucket.databases(UserId.of("alice"))).containsExactly(ALICE, DatabaseId.of("alice", "notes"));
    }

    @Test
    void passesOverForeignObjects() throws SQLException {
        bucket.push(ALICE, SqliteFiles.notes(file("a.sqlite"), 1));
        Stream.of(
                        ".satchel-probe/x/y",
                        "README.txt",
                        "Alice/database.sqlite",
                        "%61lice/database.sqlite",
                        "bob/photo.jpg",
                        "bob/database.conflicts/0000000000000001-x.ltx",
                        "bob/database.ltx/0000/0000000000000001-0000000000000002.ltx",
                        "bob/database.ltx/0009/0000000000000001-0000000000000002.ltx",
                        "zoe/deep/er/database.sqlite")
                .forEach(key -> put(store, key));

        assertThat(bucket.users().map(user -> user.user().value())).containsExactly("alice");
    }

    @Test
    void findsUserWhoseImageWasNeverWritten() throws SQLException {
        bucket.push(ALICE, SqliteFiles.notes(file("a.sqlite"), 1));
        store.delete("alice/database.sqlite");

        assertThat(bucket.users()).containsExactly(new UserDatabases(UserId.of("alice"), List.of(ALICE)));
        assertThat(bucket.head(ALICE).version()).isEqualTo(Version.of(1));
    }

    @Test
    void listingStepsOverLongLogs() {
        for (int user = 0; user < 20; user++) {
            String base = "user-%02d/database".formatted(user);
            for (int version = 1; version <= 2500; version++) {
                put(store, base + ".ltx/0000/%016x-%016x.ltx".formatted(version, version));
            }
            put(store, base + ".sqlite");
        }
        store.requests().reset();

        assertThat(bucket.users())
                .hasSize(20)
                .allSatisfy(user -> assertThat(user.databases()).hasSize(1));
        assertThat(store.requests().count()).isLessThanOrEqualTo(21);
    }

    @Test
    void listingReadsNoFurtherThanAsked() {
        IntStream.range(0, 5000).forEach(user -> put(store, "user-%04d/database.sqlite".formatted(user)));
        store.requests().reset();

        assertThat(bucket.usersAfter(UserId.of("user-0009"))
                        .limit(3)
                        .map(user -> user.user().value()))
                .containsExactly("user-0010", "user-0011", "user-0012");
        assertThat(store.requests().count()).isEqualTo(1);
        assertThat(bucket.users()).hasSize(5000);
    }

    @Test
    void hostileIdsKeepApart() throws SQLException {
        List<String> ids =
                List.of("Alice", "alice", "a/b", "a\\b", "%61lice", "con", ".hidden", "ä", "a b", "x".repeat(200));
        for (String id : ids) {
            bucket.push(
                    DatabaseId.of(id),
                    SqliteFiles.run(
                            file("f.sqlite"), "DROP TABLE IF EXISTS t", "CREATE TABLE t AS SELECT '" + id + "' AS a"));
        }

        assertThat(bucket.users().map(user -> user.user().value())).containsExactlyInAnyOrderElementsOf(ids);
        for (String id : ids) {
            bucket.pull(DatabaseId.of(id), file("back.sqlite"), StandardCopyOption.REPLACE_EXISTING);
            assertThat(SqliteFiles.query(file("back.sqlite"), "SELECT a FROM t"))
                    .isEqualTo(id);
        }
    }

    // log

    @Test
    void logTellsVersionsNewestFirst() throws SQLException, IOException {
        Path file = SqliteFiles.notes(file("a.sqlite"), 20);
        bucket.push(ALICE, file);
        SqliteFiles.run(file, "INSERT INTO t VALUES ('one more')");
        bucket.push(ALICE, file);

        List<VersionInfo> log = bucket.log(ALICE, 10);

        assertThat(log).extracting(info -> info.version().number()).containsExactly(2L, 1L);
        assertThat(log.get(0).writer()).startsWith("here-");
        assertThat(log.get(0).timestamp()).isAfter(log.get(1).timestamp());
        assertThat(log.get(0).commitId()).isNotEqualTo(log.get(1).commitId());
        assertThat(log.get(0).databaseBytes()).isEqualTo(Files.size(file));
        assertThat(log.get(0).commitBytes().orElseThrow())
                .isLessThan(log.get(1).commitBytes().orElseThrow());
        assertThat(bucket.head(ALICE)).isEqualTo(log.get(0));
    }

    @Test
    void logWithLimitListsOnlyTheNewestVersions() throws SQLException {
        Path file = SqliteFiles.notes(file("a.sqlite"), 1);
        for (int i = 1; i <= 12; i++) {
            SqliteFiles.run(file, "INSERT INTO t VALUES ('" + i + "')");
            bucket.push(ALICE, file);
        }
        store.requests().reset();

        assertThat(bucket.log(ALICE, 3))
                .extracting(info -> info.version().number())
                .containsExactly(12L, 11L, 10L);
        assertThat(store.requests().count()).isEqualTo(5);
        assertThat(bucket.log(ALICE, Integer.MAX_VALUE)).hasSize(12);
    }

    @Test
    void logFallsBackToTheImage() throws SQLException {
        bucket.push(ALICE, SqliteFiles.notes(file("a.sqlite"), 1));
        store.delete("alice/database.ltx/0000/0000000000000001-0000000000000001.ltx");

        assertThat(bucket.log(ALICE, 5)).singleElement().satisfies(info -> {
            assertThat(info.version()).isEqualTo(Version.of(1));
            assertThat(info.commitBytes()).isEmpty();
        });
    }

    @Test
    void unknownUserIsNotFound() throws SQLException {
        assertThatThrownBy(() -> bucket.log(ALICE, 5))
                .isInstanceOf(NotFoundException.class)
                .hasMessageContaining("\"alice\"");
        assertThatThrownBy(() -> bucket.pull(ALICE, file("x.sqlite"))).isInstanceOf(NotFoundException.class);
        assertThat(file("x.sqlite")).doesNotExist();

        bucket.push(DatabaseId.of("alice", "notes"), SqliteFiles.notes(file("a.sqlite"), 1));
        assertThatThrownBy(() -> bucket.head(ALICE))
                .isInstanceOf(NotFoundException.class)
                .hasMessageContaining("notes");
    }

    @Test
    void unreachableStoreIsNeverAnAbsentDatabase() {
        FaultyObjectStore faulty = new FaultyObjectStore(store);
        faulty.on(".*", Operation.HEAD, Operation.GET, Operation.LIST).always().inject(Fault.NOT_SENT);
        Bucket away = bucket(faulty);

        assertThatThrownBy(() -> away.head(ALICE)).isInstanceOf(UnavailableException.class);
        assertThatThrownBy(() -> away.pull(ALICE, file("x.sqlite"))).isInstanceOf(UnavailableException.class);
        assertThatThrownBy(() -> away.users().toList()).isInstanceOf(UnavailableException.class);
        assertThatThrownBy(() -> away.push(ALICE, SqliteFiles.notes(file("a.sqlite"), 1)))
                .isInstanceOf(UnavailableException.class);
    }

    // pull

    @Test
    void pullsEachVersionExactly() throws SQLException, IOException {
        Path file = SqliteFiles.notes(file("a.sqlite"), 300);
        bucket.push(ALICE, file);
        SqliteFiles.run(file, "DELETE FROM t WHERE rowid > 10", "VACUUM");
        bucket.push(ALICE, file);
        SqliteFiles.run(file, "INSERT INTO t VALUES ('new')");
        bucket.push(ALICE, file);

        assertThat(bucket.pull(ALICE, file("head.sqlite")).version()).isEqualTo(Version.of(3));
        bucket.pull(ALICE, Version.of(1), file("first.sqlite"));
        VersionInfo second = bucket.pull(ALICE, Version.of(2), file("second.sqlite"));

        assertThat(SqliteFiles.query(file("head.sqlite"), "SELECT count(*) FROM t"))
                .isEqualTo("11");
        assertThat(SqliteFiles.query(file("first.sqlite"), "SELECT count(*) FROM t"))
                .isEqualTo("300");
        assertThat(SqliteFiles.query(file("second.sqlite"), "SELECT count(*) FROM t"))
                .isEqualTo("10");
        assertThat(SqliteFiles.query(file("head.sqlite"), "PRAGMA integrity_check"))
                .isEqualTo("ok");
        assertThat(second.databaseBytes()).isEqualTo(Files.size(file("second.sqlite")));
        assertThat(folder).isDirectoryNotContaining("glob:**.pulling");
    }

    @Test
    void versionThatDoesNotExistIsNotFound() throws SQLException {
        bucket.push(ALICE, SqliteFiles.notes(file("a.sqlite"), 1));

        assertThatThrownBy(() -> bucket.pull(ALICE, Version.of(2), file("x.sqlite")))
                .isInstanceOf(NotFoundException.class)
                .hasMessageContaining("version 2");
        assertThat(folder.toFile().list()).containsExactly("a.sqlite");
    }

    @Test
    void neverPullsOverAFileUnlessTold() throws SQLException, IOException {
        bucket.push(ALICE, SqliteFiles.notes(file("a.sqlite"), 1));
        Files.writeString(file("mine.sqlite"), "precious");

        assertThatThrownBy(() -> bucket.pull(ALICE, file("mine.sqlite")))
                .isInstanceOf(LocalStorageException.class)
                .hasMessageContaining("exists already");
        assertThat(file("mine.sqlite")).hasContent("precious");

        bucket.pull(ALICE, file("mine.sqlite"), StandardCopyOption.REPLACE_EXISTING);
        assertThat(SqliteFiles.query(file("mine.sqlite"), "SELECT count(*) FROM t"))
                .isEqualTo("1");
    }

    @Test
    void pullNeverMeetsTheWalOfAnotherDatabase() throws SQLException, IOException {
        bucket.push(ALICE, SqliteFiles.notes(file("a.sqlite"), 1));
        Files.writeString(file("mine.sqlite-wal"), "of another database");

        assertThatThrownBy(() -> bucket.pull(ALICE, file("mine.sqlite"))).isInstanceOf(LocalStorageException.class);
        assertThat(file("mine.sqlite")).doesNotExist();

        bucket.pull(ALICE, file("mine.sqlite"), StandardCopyOption.REPLACE_EXISTING);
        assertThat(file("mine.sqlite-wal")).doesNotExist();
    }

    @Test
    void damagedObjectLeavesNoFile() throws SQLException {
        bucket.push(ALICE, SqliteFiles.notes(file("a.sqlite"), 50));
        FaultyObjectStore faulty = new FaultyObjectStore(store);
        faulty.on(".*", Operation.GET).always().inject(Fault.CORRUPTED_BODY);

        assertThatThrownBy(() -> bucket(faulty).pull(ALICE, file("x.sqlite"))).isInstanceOf(CorruptException.class);
        assertThat(folder.toFile().list()).containsExactly("a.sqlite");
    }

    // push

    @Test
    void firstPushMakesVersionOneAndAnImageThatOpensByItself() throws SQLException, IOException {
        Path file = SqliteFiles.notes(file("a.sqlite"), 3);

        PushResult result = bucket.push(ALICE, file);

        assertThat(result.changed()).isTrue();
        assertThat(result.head().version()).isEqualTo(Version.of(1));
        try (var image = store.get("alice/database.sqlite").orElseThrow()) {
            assertThat(image.info().metadata()).containsEntry("db-version", "1");
            Files.write(file("image.sqlite"), image.readAll());
        }
        assertThat(SqliteFiles.query(file("image.sqlite"), "PRAGMA integrity_check"))
                .isEqualTo("ok");
        assertThat(SqliteFiles.query(file("image.sqlite"), "PRAGMA journal_mode"))
                .isEqualTo("wal");
        assertThat(SqliteFiles.query(file, "PRAGMA journal_mode")).isEqualTo("delete");
    }

    @Test
    void pushingTheSameContentAgainChangesNothing() throws SQLException {
        Path file = SqliteFiles.notes(file("a.sqlite"), 3);
        bucket.push(ALICE, file);
        bucket.pull(ALICE, file("back.sqlite"));
        store.requests().reset();

        assertThat(bucket.push(ALICE, file).changed()).isFalse();
        PushResult again = bucket.push(ALICE, file("back.sqlite"));

        assertThat(again.changed()).isFalse();
        assertThat(again.head().version()).isEqualTo(Version.of(1));
        assertThat(store.requests().count(Operation.PUT)).isZero();
    }

    @Test
    void pushSendsOnlyWhatDiffers() throws SQLException {
        Path file = SqliteFiles.notes(file("a.sqlite"), 5000);
        long whole = bucket.push(ALICE, file).head().databaseBytes();
        SqliteFiles.run(file, "UPDATE t SET a = 'changed' WHERE rowid = 2500");

        PushResult result = bucket.push(ALICE, file);

        assertThat(whole).isGreaterThan(5_000_000);
        assertThat(result.head().version()).isEqualTo(Version.of(2));
        assertThat(result.head().commitBytes().orElseThrow()).isLessThan(8 * 1024);
        bucket.pull(ALICE, file("back.sqlite"));
        assertThat(SqliteFiles.query(file("back.sqlite"), "SELECT a FROM t WHERE rowid = 2500"))
                .isEqualTo("changed");
    }

    @Test
    void pushTakesWhatIsInTheWalAndLeavesTheSourceAlone() throws SQLException, IOException {
        Path file = SqliteFiles.run(file("live.sqlite"), "PRAGMA journal_mode=WAL", "CREATE TABLE t(a)");
        try (Connection writer = SqliteFiles.open(file)) {
            SqliteFiles.run(writer, "PRAGMA wal_autocheckpoint=0", "INSERT INTO t VALUES ('in the wal')");
            SqliteFiles.run(writer, "BEGIN", "INSERT INTO t VALUES ('not committed')");
            byte[] before = Files.readAllBytes(file("live.sqlite-wal"));

            bucket.push(ALICE, file);

            assertThat(Files.readAllBytes(file("live.sqlite-wal"))).isEqualTo(before);
            SqliteFiles.run(writer, "COMMIT");
        }
        bucket.pull(ALICE, file("back.sqlite"));
        assertThat(SqliteFiles.query(file("back.sqlite"), "SELECT group_concat(a) FROM t"))
                .isEqualTo("in the wal");
        assertThat(SqliteFiles.query(file, "SELECT count(*) FROM t")).isEqualTo("2");
    }

    @Test
    void pushFollowsALinkToTheWal() throws SQLException, IOException {
        Path file = SqliteFiles.run(file("live.sqlite"), "PRAGMA journal_mode=WAL", "CREATE TABLE t(a)");
        Path link = Files.createSymbolicLink(
                Files.createDirectory(file("elsewhere")).resolve("link.sqlite"), file);
        try (Connection writer = SqliteFiles.open(file)) {
            SqliteFiles.run(writer, "PRAGMA wal_autocheckpoint=0", "INSERT INTO t VALUES ('in the wal')");
            bucket.push(ALICE, link);
        }

        bucket.pull(ALICE, file("back.sqlite"));
        assertThat(SqliteFiles.query(file("back.sqlite"), "SELECT a FROM t")).isEqualTo("in the wal");
    }

    @Test
    void pushLeavesNothingBesideTheSource() throws SQLException {
        Path file = SqliteFiles.run(file("a.sqlite"), "PRAGMA journal_mode=WAL", "CREATE TABLE t(a)");

        bucket.push(ALICE, file);

        assertThat(folder.toFile().list()).containsExactly("a.sqlite");
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 1024, 4096, 65536})
    void pushKeepsThePageSize(int pageSize) throws SQLException {
        Path file = SqliteFiles.run(file("a.sqlite"), "PRAGMA page_size=" + pageSize, "CREATE TABLE t(a)");

        bucket.push(ALICE, file);
        SqliteFiles.run(file, "INSERT INTO t VALUES (1)");
        bucket.push(ALICE, file);

        bucket.pull(ALICE, file("back.sqlite"));
        assertThat(SqliteFiles.query(file("back.sqlite"), "PRAGMA page_size")).isEqualTo(Integer.toString(pageSize));
        assertThat(SqliteFiles.query(file("back.sqlite"), "SELECT a FROM t")).isEqualTo("1");
    }

    @Test
    void otherPageSizeIsRefusedWithAWayOut() throws SQLException {
        bucket.push(ALICE, SqliteFiles.notes(file("a.sqlite"), 1));
        Path other = SqliteFiles.run(file("b.sqlite"), "PRAGMA page_size=1024", "CREATE TABLE t(a)");

        assertThatThrownBy(() -> bucket.push(ALICE, other))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PRAGMA page_size=4096; VACUUM INTO 'copy.sqlite'");

        SqliteFiles.run(other, "PRAGMA page_size=4096", "VACUUM INTO '" + file("copy.sqlite") + "'");
        assertThat(bucket.push(ALICE, file("copy.sqlite")).head().version()).isEqualTo(Version.of(2));
    }

    @Test
    void refusesWhatIsNotASoundDatabase() throws SQLException, IOException {
        Files.writeString(file("text.txt"), "not a database, and longer than a header would be ".repeat(20));
        Files.createFile(file("empty.sqlite"));
        Path damaged = SqliteFiles.notes(file("damaged.sqlite"), 500);
        try (var channel = Files.newByteChannel(damaged, StandardOpenOption.WRITE)) {
            channel.position(4096 * 3)
                    .write(ByteBuffer.wrap("rubbish".repeat(500).getBytes(StandardCharsets.US_ASCII)));
        }

        assertThatThrownBy(() -> bucket.push(ALICE, file("text.txt")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not a SQLite database");
        assertThatThrownBy(() -> bucket.push(ALICE, file("empty.sqlite")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("empty");
        assertThatThrownBy(() -> bucket.push(ALICE, folder)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> bucket.push(ALICE, file("absent.sqlite"))).isInstanceOf(LocalStorageException.class);
        assertThatThrownBy(() -> bucket.push(ALICE, damaged)).isInstanceOf(CorruptException.class);
        assertThat(bucket.users()).isEmpty();
    }

    @Test
    void losingARaceIsAConflictAndForceTriesAgain() throws SQLException {
        Path mine = SqliteFiles.run(file("mine.sqlite"), "CREATE TABLE t AS SELECT 'mine' AS a");
        Path theirs = SqliteFiles.run(file("theirs.sqlite"), "CREATE TABLE t AS SELECT 'theirs' AS a");
        AtomicInteger races = new AtomicInteger();
        Bucket slow = bucket(new BeforeCommit(store, () -> {
            int race = races.incrementAndGet();
            if (race <= 2) {
                bucket.push(
                        DatabaseId.of("alice"),
                        race == 1 ? theirs : SqliteFiles.run(theirs, "UPDATE t SET a = 'again'"));
            }
        }));

        assertThatThrownBy(() -> slow.push(ALICE, mine)).isInstanceOfSatisfying(ConflictException.class, e -> {
            assertThat(e.conflict().head()).isEqualTo(Version.of(1));
            assertThat(e.conflict().keptAs()).isEqualTo(mine.toString());
        });
        PushResult forced = slow.push(ALICE, mine, PushCondition.force());

        assertThat(forced.head().version()).isEqualTo(Version.of(3));
        bucket.pull(ALICE, file("back.sqlite"));
        assertThat(SqliteFiles.query(file("back.sqlite"), "SELECT a FROM t")).isEqualTo("mine");
        bucket.pull(ALICE, Version.of(2), file("overwritten.sqlite"));
        assertThat(SqliteFiles.query(file("overwritten.sqlite"), "SELECT a FROM t"))
                .isEqualTo("again");
    }

    @Test
    void pushCanInsistOnTheVersionItIsBasedOn() throws SQLException {
        Path file = SqliteFiles.notes(file("a.sqlite"), 1);
        bucket.push(ALICE, file, PushCondition.ifHead(Version.NONE));
        SqliteFiles.run(file, "INSERT INTO t VALUES ('b')");

        assertThatThrownBy(() -> bucket.push(ALICE, file, PushCondition.ifHead(Version.NONE)))
                .isInstanceOf(ConflictException.class);
        assertThat(bucket.push(ALICE, file, PushCondition.ifHead(Version.of(1)))
                        .head()
                        .version())
                .isEqualTo(Version.of(2));
    }

    @Test
    void lostAnswerIsRecognisedAsOurOwnCommit() throws SQLException {
        FaultyObjectStore faulty = new FaultyObjectStore(store);
        faulty.on(".*[.]ltx", Operation.PUT).nth(1).inject(Fault.FAIL_AFTER);

        PushResult result = bucket(faulty).push(ALICE, SqliteFiles.notes(file("a.sqlite"), 1));

        assertThat(result.head().version()).isEqualTo(Version.of(1));
        assertThat(bucket.head(ALICE)).isEqualTo(result.head());
    }

    @Test
    void silentStoreMakesThePushUnknownAndRepeatingItSafe() throws SQLException {
        Path file = SqliteFiles.notes(file("a.sqlite"), 1);
        FaultyObjectStore faulty = new FaultyObjectStore(store);
        faulty.on(".*[.]ltx", Operation.PUT).nth(1).inject(Fault.FAIL_AFTER);
        faulty.on(".*[.]ltx", Operation.HEAD).always().inject(Fault.FAIL_BEFORE);

        assertThatThrownBy(() -> bucket(faulty).push(ALICE, file)).isInstanceOf(OutcomeUnknownException.class);
        assertThat(bucket.push(ALICE, file)).satisfies(again -> {
            assertThat(again.changed()).isFalse();
            assertThat(again.head().version()).isEqualTo(Version.of(1));
        });
    }

    @Test
    void refusedPushSaysSo() throws SQLException {
        FaultyObjectStore faulty = new FaultyObjectStore(store);
        faulty.on(".*", Operation.PUT).always().inject(Fault.DENIED);

        assertThatThrownBy(() -> bucket(faulty).push(ALICE, SqliteFiles.notes(file("a.sqlite"), 1)))
                .isInstanceOf(StoreRefusedException.class);
        assertThat(bucket.users()).isEmpty();
    }

    /** Lets somebody else be faster. */
    private static final class BeforeCommit extends ForwardingObjectStore {
        private final Intruder intruder;

        BeforeCommit(ObjectStore delegate, Intruder intruder) {
            super(delegate);
            this.intruder = intruder;
        }

        @Override
        public PutResult put(String key, ObjectBody body, Map<String, String> metadata, PutCondition condition) {
            if (key.contains(".ltx/")) {
                try {
                    intruder.commit();
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            }
            return super.put(key, body, metadata, condition);
        }
    }

    /** What somebody else does. */
    private interface Intruder {
        void commit() throws SQLException;
    }
}
