package dev.satchel.internal.wal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A damaged log is read exactly as far as SQLite itself reads it after a crash. */
class WalDamageTest {
    private static final int PAGE_SIZE = 1024;
    private static final int FRAME_SIZE = 24 + PAGE_SIZE;

    @TempDir
    private Path directory;

    private byte[] main;
    private byte[] wal;
    private int frames;

    /** A log of a second generation with stale frames behind it, made of small, large and rolled-back transactions. */
    @BeforeEach
    void fill() throws Exception {
        try (SqliteFile database = SqliteFile.create(directory.resolve("live"), PAGE_SIZE);
                WalReader reader = WalReader.open(database.wal)) {
            database.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)");
            database.execute("PRAGMA cache_size=10");
            database.execute("BEGIN");
            for (int i = 0; i < 60; i++) {
                database.execute("INSERT INTO t VALUES (" + i + ", hex(randomblob(400)))");
            }
            database.execute("COMMIT");
            database.execute("PRAGMA wal_checkpoint(PASSIVE)");
            for (int i = 100; i < 110; i++) {
                database.execute("INSERT INTO t VALUES (" + i + ", hex(randomblob(" + (i % 4) * 300 + ")))");
            }
            database.execute("BEGIN");
            for (int i = 200; i < 230; i++) {
                database.execute("INSERT INTO t VALUES (" + i + ", hex(randomblob(400)))");
            }
            database.execute("ROLLBACK");
            database.execute("UPDATE t SET v = 'short' WHERE id < 5");
            main = database.mainBytes();
            wal = database.walBytes();
            frames = reader.end(WalPosition.START).frames();
        }
        assertThat(frames).isBetween(20, wal.length / FRAME_SIZE - 20);
    }

    @Test
    void cutAnywhereNearAFrameBoundary() throws Exception {
        TreeSet<Integer> lengths = new TreeSet<>();
        for (int i = 0; i <= frames + 2; i++) {
            for (int delta : new int[] {-1, 0, 1, 24}) {
                lengths.add(32 + i * FRAME_SIZE + delta);
            }
        }
        lengths.add(0);
        lengths.add(1);
        for (int length : lengths) {
            assertReadAsRecovered(Arrays.copyOf(wal, length), "cut to " + length + " bytes");
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void oneBitFlippedAnywhere(long seed) throws Exception {
        Random random = new Random(seed);
        for (int i = 0; i < 50; i++) {
            byte[] damaged = wal.clone();
            int at = random.nextInt(32 + frames * FRAME_SIZE);
            damaged[at] ^= (byte) (1 << random.nextInt(8));
            assertReadAsRecovered(damaged, "seed " + seed + ", bit flipped in byte " + at);
        }
    }

    @Test
    void everyBitOfTheHeaderAndOfAFrameHeaderFlipped() throws Exception {
        for (int bit = 0; bit < (32 + 24) * 8; bit++) {
            byte[] damaged = wal.clone();
            damaged[bit / 8] ^= (byte) (1 << bit % 8);
            assertReadAsRecovered(damaged, "bit " + bit + " flipped");
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {5, 6})
    void bytesOverwrittenOrSwapped(long seed) throws Exception {
        Random random = new Random(seed);
        for (int i = 0; i < 50; i++) {
            byte[] damaged = wal.clone();
            if (random.nextBoolean()) {
                byte[] noise = new byte[1 + random.nextInt(3000)];
                random.nextBytes(noise);
                int at = random.nextInt(32 + frames * FRAME_SIZE);
                System.arraycopy(noise, 0, damaged, at, Math.min(noise.length, damaged.length - at));
            } else {
                int one = 32 + random.nextInt(frames) * FRAME_SIZE;
                int other = 32 + random.nextInt(frames) * FRAME_SIZE;
                System.arraycopy(wal, one, damaged, other, FRAME_SIZE);
            }
            assertReadAsRecovered(damaged, "seed " + seed + ", damage " + i);
        }
    }

    @Test
    void pageNumberZeroUnderARightChecksum() throws Exception {
        byte[] damaged = Arrays.copyOf(wal, 32 + frames * FRAME_SIZE);
        Arrays.fill(damaged, 32 + 12 * FRAME_SIZE, 32 + 12 * FRAME_SIZE + 4, (byte) 0);
        WalBytes.sign(damaged, WalHeader.decode(damaged));

        assertReadAsRecovered(damaged, "page number 0");
    }

    @Test
    void saltsOfAnotherGenerationUnderARightChecksum() throws Exception {
        byte[] damaged = wal.clone();
        damaged[32 + 5 * FRAME_SIZE + 11]++;

        assertReadAsRecovered(damaged, "other salt-1");
    }

    @ParameterizedTest
    @ValueSource(longs = {7, 8, 9})
    void goingOnFromAnyCommitInADamagedLog(long seed) throws Exception {
        Random random = new Random(seed);
        Path path = directory.resolve("X-wal");
        for (int i = 0; i < 40; i++) {
            byte[] damaged = wal.clone();
            int at = 32 + random.nextInt(frames * FRAME_SIZE);
            damaged[at] ^= (byte) (1 << random.nextInt(8));
            int damagedFrame = (at - 32) / FRAME_SIZE;
            int stop = random.nextInt(damagedFrame + 1);
            Files.write(path, Arrays.copyOf(wal, 32 + stop * FRAME_SIZE));
            try (WalReader reader = WalReader.open(path)) {
                WalCommits first = reader.read(WalPosition.START);
                Files.write(path, damaged);
                WalCommits second = reader.read(first.position());

                ReferenceWal expected = ReferenceWal.of(damaged);
                assertThat(second.position().frames())
                        .as("seed %d, byte %d, stop %d", seed, at, stop)
                        .isEqualTo(expected.frames());
                assertThat(first.transactions() + second.transactions()).isEqualTo(expected.transactions());
                assertThat(second.isRestarted()).isFalse();
                assertThat(reader.end(first.position())).isEqualTo(second.position());
            }
        }
    }

    private void assertReadAsRecovered(byte[] damaged, String damage) throws Exception {
        Path path = directory.resolve("damaged-wal");
        Files.write(path, damaged);
        SqliteFile.Recovered recovered = SqliteFile.recover(main, damaged, directory.resolve("recovered"));
        try (WalReader reader = WalReader.open(path)) {
            WalCommits commits = reader.read(WalPosition.START);

            assertThat(commits.position().frames()).as(damage).isEqualTo(recovered.frames());
            assertThat(ReferenceWal.of(commits)).as(damage).isEqualTo(ReferenceWal.of(damaged));
            assertThat(Arrays.equals(SqliteFile.apply(main, reader, commits), recovered.main()))
                    .as("content after recovery, %s", damage)
                    .isTrue();
            assertThat(reader.end(WalPosition.START)).isEqualTo(commits.position());
        }
    }
}
