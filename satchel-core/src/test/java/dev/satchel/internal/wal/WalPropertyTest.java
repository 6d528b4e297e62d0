package dev.satchel.internal.wal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever an application does, the main file with the pages of the log over it is the database that SQLite sees, byte for
 * byte; and reading commit by commit adds up to reading everything at once.
 */
class WalPropertyTest {
    private static final int STEPS = 60;

    @TempDir
    private Path directory;

    static LongStream seeds() {
        Long given = Long.getLong("satchel.seed");
        return given != null ? LongStream.of(given) : LongStream.range(0, 24);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void readsTheDatabaseThatSqliteSees(long seed) throws Exception {
        Random random = new Random(seed);
        int pageSize = 512 << random.nextInt(random.nextInt(4) == 0 ? 8 : 4);
        try (SqliteFile database = SqliteFile.create(directory.resolve("live"), pageSize);
                WalReader reader = WalReader.open(database.wal)) {
            database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)");
            database.execute("PRAGMA cache_size=10");
            Application application = new Application(database, random);
            WalPageIndex index = new WalPageIndex();
            int transactions = 0;
            for (int step = 0; step < STEPS; step++) {
                String doing = application.step();
                String where = "replay with -Dsatchel.seed=" + seed + ", step " + step + ": " + doing;
                if (random.nextInt(3) != 0) {
                    WalPosition end = reader.end(index.position());
                    WalCommits commits = reader.read(index.position());
                    assertThat(commits.position()).as(where).isEqualTo(end);
                    assertThat(commits.continuity()).as(where).isNotEqualTo(WalContinuity.CUT);
                    transactions = commits.transactions() + (commits.isRestarted() ? 0 : transactions);
                    index.advance(commits);

                    WalCommits all = reader.read(WalPosition.START);
                    assertThat(index.position()).as(where).isEqualTo(all.position());
                    assertThat(transactions).as(where).isEqualTo(all.transactions());
                    assertThat(ReferenceWal.of(all)).as(where).isEqualTo(ReferenceWal.of(database.walBytes()));
                    for (int i = 0; i < all.pageCount(); i++) {
                        assertThat(index.frameOf(all.pageNumber(i))).as(where).isEqualTo(all.frameIndex(i));
                    }
                }
                if (random.nextInt(4) == 0) {
                    byte[] main = database.mainBytes();
                    byte[] wal = database.walBytes();
                    SqliteFile.Recovered recovered = SqliteFile.recover(main, wal, directory.resolve("recovered"));
                    WalCommits all = reader.read(WalPosition.START);
                    assertThat(all.position().frames()).as(where).isEqualTo(recovered.frames());
                    assertThat(Arrays.equals(SqliteFile.apply(main, reader, all), recovered.main()))
                            .as(where)
                            .isTrue();
                    index.advance(reader.read(index.position()));
                    transactions = all.transactions();
                    assertThat(Arrays.equals(throughIndex(main, reader, index, pageSize), recovered.main()))
                            .as(where)
                            .isTrue();
                }
            }
            application.end();
        }
    }

    /** Every page asked for on its own, from the frame the index names or else from the main file. */
    private static byte[] throughIndex(byte[] main, WalReader reader, WalPageIndex index, int pageSize)
            throws Exception {
        if (index.position().isStart()) {
            return main;
        }
        byte[] database = new byte[index.databaseSizeInPages() * pageSize];
        for (int page = 1; page <= index.databaseSizeInPages(); page++) {
            int frame = index.frameOf(page);
            byte[] content = frame == WalPageIndex.ABSENT
                    ? Arrays.copyOfRange(main, (page - 1) * pageSize, page * pageSize)
                    : reader.page(frame);
            System.arraycopy(content, 0, database, (page - 1) * pageSize, pageSize);
        }
        return database;
    }

    /** Does one random thing after another to a database. */
    private static final class Application {
        private final SqliteFile database;
        private final Random random;
        private Connection snapshot;

        Application(SqliteFile database, Random random) {
            this.database = database;
            this.random = random;
        }

        String step() throws SQLException {
            switch (random.nextInt(18)) {
                case 0, 1, 2, 3 -> {
                    insert(1, 300);
                    return "insert";
                }
                case 4, 5 -> {
                    database.execute("UPDATE t SET v = hex(randomblob(" + random.nextInt(200) + ")) WHERE id % 7 = "
                            + random.nextInt(7));
                    return "update";
                }
                case 6 -> {
                    database.execute("DELETE FROM t WHERE id % 3 = " + random.nextInt(3));
                    return "delete";
                }
                case 7 -> {
                    database.execute("BEGIN");
                    insert(1 + random.nextInt(150), 400);
                    database.execute("COMMIT");
                    return "large transaction";
                }
                case 8 -> {
                    database.execute("BEGIN");
                    insert(1 + random.nextInt(150), 400);
                    database.execute("ROLLBACK");
                    return "rollback";
                }
                case 9 -> {
                    database.execute("BEGIN");
                    insert(20, 300);
                    database.execute("SAVEPOINT s");
                    insert(100, 400);
                    database.execute("ROLLBACK TO s");
                    insert(5, 300);
                    database.execute("COMMIT");
                    return "savepoint";
                }
                case 10 -> {
                    database.execute("DELETE FROM t");
                    database.executeFully("PRAGMA incremental_vacuum(" + random.nextInt(20) + ")");
                    return "delete all and incremental vacuum";
                }
                case 11 -> {
                    if (snapshot == null) {
                        database.execute("VACUUM");
                    }
                    return "vacuum";
                }
                case 12 -> {
                    String name = "x" + random.nextInt(3);
                    database.execute("CREATE TABLE IF NOT EXISTS " + name + " (a, b)");
                    database.execute("CREATE INDEX IF NOT EXISTS i" + name + " ON " + name + " (a)");
                    database.execute("INSERT INTO " + name + " SELECT id, v FROM t LIMIT 5");
                    return "create";
                }
                case 13 -> {
                    database.execute("DROP TABLE IF EXISTS x" + random.nextInt(3));
                    return "drop";
                }
                case 14 -> {
                    return "busy checkpoint " + database.query("PRAGMA wal_checkpoint(PASSIVE)");
                }
                case 15 -> {
                    String mode = random.nextBoolean() ? "TRUNCATE" : "RESTART";
                    if (snapshot == null) {
                        database.query("PRAGMA wal_checkpoint(" + mode + ")");
                    }
                    return mode;
                }
                case 16 -> {
                    if (snapshot == null) {
                        snapshot = database.secondConnection();
                        SqliteFile.execute(snapshot, "BEGIN");
                        SqliteFile.execute(snapshot, "SELECT count(*) FROM t");
                        return "begin a snapshot";
                    }
                    end();
                    return "end the snapshot";
                }
                default -> {
                    if (snapshot == null) {
                        database.reopen();
                        database.execute("PRAGMA cache_size=10");
                    }
                    return "close and open";
                }
            }
        }

        void end() throws SQLException {
            if (snapshot != null) {
                snapshot.close();
                snapshot = null;
            }
        }

        private void insert(int rows, int maxBytes) throws SQLException {
            for (int i = 0; i < rows; i++) {
                database.execute("INSERT OR REPLACE INTO t VALUES (" + random.nextInt(1000) + ", hex(randomblob("
                        + random.nextInt(maxBytes) + ")))");
            }
        }
    }
}
