package dev.satchel.internal.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WalReaderTest {
    @TempDir
    private Path directory;

    private SqliteFile database;
    private WalReader reader;

    @BeforeEach
    void open() throws Exception {
        database = SqliteFile.create(directory.resolve("live"), 4096);
        reader = WalReader.open(database.wal);
        database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)");
    }

    @AfterEach
    void close() throws Exception {
        reader.close();
        database.close();
    }

    @Test
    void findsNothingWhereThereIsNoFile() throws IOException {
        try (WalReader absent = WalReader.open(directory.resolve("absent-wal"))) {
            assertThat(absent.end(WalPosition.START)).isEqualTo(WalPosition.START);
            assertThat(absent.header()).isNull();
            assertThat(absent.read(WalPosition.START).isEmpty()).isTrue();
            assertThat(absent.read(WalPosition.START).isRestarted()).isFalse();
        }
    }

    @Test
    void findsTheFileThatAppearsLater() throws Exception {
        Path path = directory.resolve("later-wal");
        try (WalReader later = WalReader.open(path)) {
            assertThat(later.end(WalPosition.START)).isEqualTo(WalPosition.START);

            Files.write(path, new byte[0]);
            assertThat(later.end(WalPosition.START)).isEqualTo(WalPosition.START);

            Files.write(path, database.walBytes());
            assertThat(later.end(WalPosition.START)).isEqualTo(reader.end(WalPosition.START));
        }
    }

    @Test
    void readsASingleCommit() throws Exception {
        WalPosition before = reader.end(WalPosition.START);

        database.execute("INSERT INTO t VALUES (1, 'one')");

        WalCommits commits = reader.read(before);
        assertThat(commits.transactions()).isEqualTo(1);
        assertThat(commits.continuity()).isEqualTo(WalContinuity.CONTINUED);
        assertThat(commits.pageSize()).isEqualTo(4096);
        assertThat(commits.databaseSizeInPages()).isEqualTo((int) database.query("PRAGMA page_count"));
        assertThat(commits.pageCount()).isEqualTo(1);
        assertThat(commits.frameIndex(0)).isEqualTo(before.frames());
        assertThat(commits.position().frames()).isEqualTo(before.frames() + 1);
        assertThat(commits.position().isAtOrAfter(before)).isTrue();
        assertThat(new String(reader.page(commits.frameIndex(0)), "ISO-8859-1")).contains("one");
    }

    @Test
    void saysNothingIsNewAfterReadingEverything() throws Exception {
        WalCommits commits = reader.read(WalPosition.START);

        assertThat(reader.end(commits.position())).isEqualTo(commits.position());
        WalCommits again = reader.read(commits.position());
        assertThat(again.isEmpty()).isTrue();
        assertThat(again.position()).isEqualTo(commits.position());
        assertThat(again.databaseSizeInPages()).isEqualTo(commits.databaseSizeInPages());
        assertThat(again.pageSize()).isEqualTo(4096);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE t SET v = 'x' WHERE id = 99",
                "INSERT OR IGNORE INTO t VALUES (1, 'again')",
                "BEGIN IMMEDIATE; COMMIT",
                "BEGIN; INSERT INTO t VALUES (5, 'no'); ROLLBACK",
                "SELECT * FROM t"
            })
    void seesNothingNewAfterStatementsThatChangeNothing(String script) throws Exception {
        database.execute("INSERT INTO t VALUES (1, 'one')");
        WalPosition before = reader.end(WalPosition.START);

        for (String sql : script.split("; ")) {
            database.execute(sql);
        }

        assertThat(reader.end(before)).isEqualTo(before);
    }

    @Test
    void countsTheTransactionsOfABatchInAutocommit() throws Exception {
        WalPosition before = reader.end(WalPosition.START);

        try (PreparedStatement insert = database.connection().prepareStatement("INSERT INTO t VALUES (?, 'v')")) {
            for (int i = 1; i <= 3; i++) {
                insert.setInt(1, i);
                insert.addBatch();
            }
            insert.executeBatch();
        }

        assertThat(reader.read(before).transactions()).isEqualTo(3);
        assertThat(reader.read(before).pageCount()).isEqualTo(1);
    }

    @Test
    void takesTheNewestFrameOfAPageThatWasWrittenOften() throws Exception {
        WalPosition before = reader.end(WalPosition.START);
        for (int i = 1; i <= 20; i++) {
            database.execute("INSERT OR REPLACE INTO t VALUES (1, 'value " + i + "')");
        }

        WalCommits commits = reader.read(before);

        assertThat(commits.transactions()).isEqualTo(20);
        assertThat(commits.pageCount()).isEqualTo(1);
        assertThat(commits.frameIndex(0)).isEqualTo(commits.position().frames() - 1);
        assertThat(new String(reader.page(commits.frameIndex(0)), "ISO-8859-1")).contains("value 20");
    }

    @Test
    void ignoresFramesThatAnOpenTransactionHasSpilled() throws Exception {
        WalPosition before = reader.end(WalPosition.START);
        long length = database.walBytes().length;

        spill(300);

        assertThat(database.walBytes().length).isGreaterThan((int) length + 10 * 4120);
        assertThat(reader.end(before)).isEqualTo(before);
        assertThat(reader.read(before).isEmpty()).isTrue();

        database.execute("COMMIT");
        WalCommits commits = reader.read(before);
        assertThat(commits.transactions()).isEqualTo(1);
        assertSameAsRecovered(WalPosition.START);
    }

    @Test
    void ignoresTheTailOfARolledBackTransactionAndReadsWhatOverwritesIt() throws Exception {
        WalPosition before = reader.end(WalPosition.START);
        spill(300);
        database.execute("ROLLBACK");
        int length = database.walBytes().length;

        assertThat(reader.end(before)).isEqualTo(before);

        database.execute("INSERT INTO t VALUES (1, 'kept')");
        assertThat(database.walBytes().length).isEqualTo(length);
        WalCommits commits = reader.read(before);
        assertThat(commits.transactions()).isEqualTo(1);
        assertThat(commits.position().frames()).isLessThan(before.frames() + 4);
        assertSameAsRecovered(WalPosition.START);
    }

    @ParameterizedTest
    @ValueSource(strings = {"PASSIVE", "FULL", "RESTART"})
    void staysWhereItIsAfterACheckpointAndRestartsWithTheNextCommit(String mode) throws Exception {
        database.execute("INSERT INTO t VALUES (1, 'one')");
        database.execute("INSERT INTO t VALUES (2, 'two')");
        WalPosition before = reader.end(WalPosition.START);
        WalHeader header = reader.header();

        database.execute("PRAGMA wal_checkpoint(" + mode + ")");
        assertThat(reader.end(before)).isEqualTo(before);
        assertThat(reader.read(before).isRestarted()).isFalse();

        database.execute("INSERT INTO t VALUES (3, 'three')");
        WalCommits commits = reader.read(before);
        assertThat(commits.continuity()).isEqualTo(WalContinuity.RESTARTED);
        assertThat(commits.transactions()).isEqualTo(1);
        assertThat(commits.position().isSameGeneration(before)).isFalse();
        assertThat(commits.position().frames()).isEqualTo(1);
        assertThat(reader.header().salt1()).isEqualTo(header.salt1() + 1);
        assertThat(reader.header().checkpointSequence()).isEqualTo(header.checkpointSequence() + 1);
        assertThat(reader.end(before)).isEqualTo(commits.position());
    }

    @Test
    void startsAgainAfterATruncatingCheckpoint() throws Exception {
        WalPosition before = reader.end(WalPosition.START);

        database.execute("PRAGMA wal_checkpoint(TRUNCATE)");
        assertThat(reader.end(before)).isEqualTo(WalPosition.START);
        assertThat(reader.read(before).continuity()).isEqualTo(WalContinuity.RESTARTED);
        assertThat(reader.read(before).isEmpty()).isTrue();
        assertThat(reader.read(WalPosition.START).continuity()).isEqualTo(WalContinuity.CONTINUED);

        database.execute("INSERT INTO t VALUES (1, 'one')");
        assertThat(reader.read(WalPosition.START).transactions()).isEqualTo(1);
        assertThat(reader.read(before).continuity()).isEqualTo(WalContinuity.RESTARTED);
    }

    @Test
    void followsALogThatIsDeletedAndCreatedAgain() throws Exception {
        WalPosition before = reader.end(WalPosition.START);

        database.close();
        assertThat(database.wal).doesNotExist();
        assertThat(reader.end(before)).isEqualTo(WalPosition.START);
        assertThat(reader.end(WalPosition.START)).isEqualTo(WalPosition.START);

        database.reopen();
        database.execute("INSERT INTO t VALUES (1, 'one')");
        WalCommits commits = reader.read(before);
        assertThat(commits.continuity()).isEqualTo(WalContinuity.RESTARTED);
        assertThat(commits.transactions()).isEqualTo(1);
    }

    @Test
    void followsALogThatWasReplacedUnseen() throws Exception {
        WalPosition before = reader.end(WalPosition.START);

        database.reopen();
        database.execute("INSERT INTO t VALUES (1, 'one')");

        assertThat(reader.read(before).continuity()).isEqualTo(WalContinuity.RESTARTED);
        assertThat(reader.read(before).transactions()).isEqualTo(1);
    }

    @Test
    void noticesThatTheLogWasCutBeforeThePosition() throws Exception {
        WalPosition early = reader.end(WalPosition.START);
        database.execute("INSERT INTO t VALUES (1, 'one')");
        database.execute("INSERT INTO t VALUES (2, 'two')");
        WalPosition late = reader.end(early);
        Path cut = directory.resolve("cut-wal");
        byte[] bytes = database.walBytes();
        Files.write(cut, Arrays.copyOf(bytes, (int) WalFormat.frameOffset(4096, early.frames())));

        try (WalReader reader = WalReader.open(cut)) {
            WalCommits commits = reader.read(late);

            assertThat(commits.continuity()).isEqualTo(WalContinuity.CUT);
            assertThat(commits.position()).isEqualTo(early);
            assertThat(reader.end(late)).isEqualTo(early);
            assertThat(reader.end(early)).isEqualTo(early);
        }
    }

    @Test
    void noticesThatTheFrameItEndedWithIsAnotherOneNow() throws Exception {
        database.execute("INSERT INTO t VALUES (1, 'one')");
        WalPosition position = reader.end(WalPosition.START);
        WalPosition other =
                new WalPosition(position.salt1(), position.salt2(), position.frames(), position.checksum() ^ 1);

        assertThat(reader.read(other).continuity()).isEqualTo(WalContinuity.CUT);
        assertThat(reader.read(other).position()).isEqualTo(position);
    }

    @Test
    void leavesOutPagesBeyondTheEndOfAShrunkDatabase() throws Exception {
        database.execute("INSERT INTO t VALUES (1, hex(randomblob(20000)))");
        WalPosition before = reader.end(WalPosition.START);
        database.execute("INSERT INTO t VALUES (2, hex(randomblob(20000)))");
        database.execute("DELETE FROM t");
        database.executeFully("PRAGMA incremental_vacuum");

        WalCommits commits = reader.read(before);

        assertThat(commits.databaseSizeInPages()).isEqualTo((int) database.query("PRAGMA page_count"));
        assertThat(commits.databaseSizeInPages()).isLessThan(6);
        assertThat(commits.pageNumber(commits.pageCount() - 1)).isLessThanOrEqualTo(commits.databaseSizeInPages());
        assertSameAsRecovered(WalPosition.START);
    }

    @Test
    void readsAVacuum() throws Exception {
        database.execute("INSERT INTO t VALUES (1, hex(randomblob(20000)))");
        database.execute("INSERT INTO t VALUES (2, 'two')");
        database.execute("DELETE FROM t WHERE id = 1");
        WalPosition before = reader.end(WalPosition.START);

        database.execute("VACUUM");

        assertThat(reader.read(before).transactions()).isEqualTo(1);
        assertSameAsRecovered(WalPosition.START);
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 1024, 2048, 4096, 8192, 16384, 32768, 65536})
    void readsEveryPageSize(int pageSize) throws Exception {
        try (SqliteFile sized = SqliteFile.create(directory.resolve("size-" + pageSize), pageSize);
                WalReader reader = WalReader.open(sized.wal)) {
            sized.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)");
            WalPosition position = reader.end(WalPosition.START);
            for (int i = 1; i <= 10; i++) {
                sized.execute("INSERT INTO t VALUES (" + i + ", hex(randomblob(" + i * 500 + ")))");
                WalCommits commits = reader.read(position);
                assertThat(commits.transactions()).isEqualTo(1);
                assertThat(commits.pageSize()).isEqualTo(pageSize);
                position = commits.position();
                assertThat(reader.end(position)).isEqualTo(position);
            }

            SqliteFile.Recovered recovered =
                    SqliteFile.recover(sized.mainBytes(), sized.walBytes(), directory.resolve("recovered-" + pageSize));
            assertThat(position.frames()).isEqualTo(recovered.frames());
            assertThat(SqliteFile.apply(sized.mainBytes(), reader, reader.read(WalPosition.START)))
                    .isEqualTo(recovered.main());
        }
    }

    @Test
    void readsALogWithBigEndianChecksums() throws Exception {
        for (int i = 1; i <= 5; i++) {
            database.execute("INSERT INTO t VALUES (" + i + ", 'v')");
        }
        byte[] bigEndian = WalBytes.rewrite(database.walBytes(), true);
        Path path = directory.resolve("big-wal");
        Files.write(path, bigEndian);

        try (WalReader big = WalReader.open(path)) {
            WalCommits commits = big.read(WalPosition.START);

            SqliteFile.Recovered recovered =
                    SqliteFile.recover(database.mainBytes(), bigEndian, directory.resolve("big"));
            assertThat(recovered.frames()).isGreaterThan(5);
            assertThat(commits.position().frames()).isEqualTo(recovered.frames());
            assertThat(SqliteFile.apply(database.mainBytes(), big, commits)).isEqualTo(recovered.main());
            assertThat(big.header().bigEndianChecksums()).isTrue();
        }
    }

    @Test
    void readsPagesIntoABuffer() throws Exception {
        WalCommits commits = reader.read(WalPosition.START);
        ByteBuffer target = ByteBuffer.allocateDirect(4096);

        reader.readPage(commits.frameIndex(0), target);

        byte[] read = new byte[4096];
        target.flip().get(read);
        assertThat(read).isEqualTo(reader.page(commits.frameIndex(0)));
    }

    @Test
    void refusesAFrameThatIsNotThere() throws Exception {
        int frames = reader.end(WalPosition.START).frames();

        assertThatThrownBy(() -> reader.page(frames)).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> reader.page(-1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void refusesAFrameWhoseContentIsDamaged() throws Exception {
        Path path = directory.resolve("damaged-wal");
        Files.write(path, database.walBytes());
        try (WalReader damaged = WalReader.open(path)) {
            int last = damaged.end(WalPosition.START).frames() - 1;
            assertThat(damaged.page(last)).hasSize(4096);

            byte[] bytes = Files.readAllBytes(path);
            bytes[(int) WalFormat.frameOffset(4096, last) + 2000] ^= 4;
            Files.write(path, bytes, StandardOpenOption.WRITE);

            assertThatThrownBy(() -> damaged.page(last)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void refusesAFrameOfAnEarlierGeneration() throws Exception {
        for (int i = 1; i <= 5; i++) {
            database.execute("INSERT INTO t VALUES (" + i + ", 'v')");
        }
        WalPosition before = reader.end(WalPosition.START);
        database.execute("PRAGMA wal_checkpoint(PASSIVE)");
        database.execute("INSERT INTO t VALUES (6, 'v')");
        reader.end(before);

        assertThat(reader.page(0)).hasSize(4096);
        assertThatThrownBy(() -> reader.page(before.frames() - 1)).isInstanceOf(IOException.class);
    }

    @Test
    void worksOnAnInterruptedThreadAndLeavesItInterrupted() throws Exception {
        WalPosition before = reader.end(WalPosition.START);
        database.execute("INSERT INTO t VALUES (1, 'one')");

        Thread.currentThread().interrupt();
        WalCommits commits = reader.read(before);
        byte[] page = reader.page(commits.frameIndex(0));
        boolean interrupted = Thread.interrupted();

        assertThat(interrupted).isTrue();
        assertThat(commits.transactions()).isEqualTo(1);
        assertThat(page).hasSize(4096);
    }

    @Test
    void refusesToReadAfterClose() throws Exception {
        reader.end(WalPosition.START);

        reader.close();
        reader.close();

        assertThatThrownBy(() -> reader.end(WalPosition.START)).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void doesNotDisturbOtherConnectionsByClosing() throws Exception {
        try (Connection second = database.secondConnection()) {
            SqliteFile.execute(second, "SELECT count(*) FROM t");
            reader.end(WalPosition.START);
            reader.close();

            database.execute("BEGIN IMMEDIATE");
            assertThatThrownBy(() -> {
                        SqliteFile.execute(second, "PRAGMA busy_timeout=0");
                        SqliteFile.execute(second, "BEGIN IMMEDIATE");
                    })
                    .isInstanceOf(SQLException.class);
            database.execute("COMMIT");
        }
    }

    /** Opens a transaction that is larger than SQLite's page cache, so that it writes frames before it commits. */
    private void spill(int rows) throws SQLException {
        database.execute("PRAGMA cache_size=10");
        database.execute("BEGIN IMMEDIATE");
        for (int i = 0; i < rows; i++) {
            database.execute("INSERT INTO t VALUES (" + (1000 + i * 7919 % 10_000) + ", hex(randomblob(600)))");
        }
    }

    private void assertSameAsRecovered(WalPosition from) throws Exception {
        WalCommits commits = reader.read(from);
        SqliteFile.Recovered recovered =
                SqliteFile.recover(database.mainBytes(), database.walBytes(), directory.resolve("recovered"));
        assertThat(commits.position().frames()).isEqualTo(recovered.frames());
        assertThat(SqliteFile.apply(database.mainBytes(), reader, commits)).isEqualTo(recovered.main());
    }
}
