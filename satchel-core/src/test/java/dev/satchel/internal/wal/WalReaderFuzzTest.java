package dev.satchel.internal.wal;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.MethodSource;

/** With {@code JAZZER_FUZZ=1} and {@code -Dtest=WalReaderFuzzTest#<method>} it searches; without, it runs its seeds. */
class WalReaderFuzzTest {
    @TempDir
    private static Path directory;

    static Stream<byte[]> logs() {
        WalHeader little = WalHeader.of(512, 1, 2, 3, false);
        WalHeader big = WalHeader.of(512, 0, -2, 0, true);
        return Stream.of(
                new byte[0], little.encode(), log(little, 1, 0, 2, 2, 1, 2), log(big, 1, 1, 2, 2, 3, 3, 2, 2, 1, 0));
    }

    @MethodSource("logs")
    @FuzzTest(maxDuration = "1m")
    void anyBytesAreReadAsSqliteWouldRecoverThem(byte[] bytes) throws IOException {
        assertReadAsSqliteWould(bytes, bytes.length);
    }

    /** The checksums are right here, so that the search gets past them: any pages, sizes and places to stop. */
    @FuzzTest(maxDuration = "1m")
    void anyFramesUnderRightChecksumsAreReadAsSqliteWouldRecoverThem(FuzzedDataProvider data) throws IOException {
        int pageSize = 512 << data.consumeInt(0, 2);
        WalHeader header = WalHeader.of(pageSize, data.consumeInt(), data.consumeInt(), 1, data.consumeBoolean());
        int stop = data.consumeInt(0, 20_000);
        int damageAt = data.consumeInt(0, 20_000);
        byte damage = data.consumeByte();
        int[] frames = data.consumeInts(40);
        byte[] bytes =
                log(header, Arrays.stream(frames).map(i -> i % 3 == 0 ? 0 : i).toArray());
        if (damageAt < bytes.length) {
            bytes[damageAt] ^= damage;
        }
        assertReadAsSqliteWould(bytes, stop);
    }

    private static void assertReadAsSqliteWould(byte[] bytes, int stop) throws IOException {
        Path path = directory.resolve("fuzz-wal");
        Files.write(path, Arrays.copyOf(bytes, Math.min(stop, bytes.length)));
        try (WalReader reader = WalReader.open(path)) {
            WalCommits first = reader.read(WalPosition.START);
            Files.write(path, bytes);
            WalCommits all = reader.read(WalPosition.START);
            WalCommits second = reader.read(first.position());

            ReferenceWal expected = ReferenceWal.of(bytes);
            assertThat(ReferenceWal.of(all)).isEqualTo(expected);
            assertThat(second.position()).isEqualTo(all.position());
            assertThat(first.transactions() + second.transactions()).isEqualTo(expected.transactions());
            assertThat(reader.end(first.position())).isEqualTo(all.position());
            assertThat(reader.end(all.position())).isEqualTo(all.position());
            for (int i = 0; i < all.pageCount(); i++) {
                byte[] page = reader.page(all.frameIndex(i));
                int at = (int) WalFormat.frameOffset(all.pageSize(), all.frameIndex(i)) + 24;
                assertThat(Arrays.equals(page, 0, page.length, bytes, at, at + page.length))
                        .isTrue();
            }
        }
    }

    /** A log of frames given as page number, database size, and so on in turn. */
    private static byte[] log(WalHeader header, int... frames) {
        int count = frames.length / 2;
        byte[] bytes = new byte[(int) WalFormat.frameOffset(header.pageSize(), count)];
        System.arraycopy(header.encode(), 0, bytes, 0, 32);
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        for (int i = 0; i < count; i++) {
            int at = (int) WalFormat.frameOffset(header.pageSize(), i);
            buffer.putInt(at, frames[2 * i]).putInt(at + 4, frames[2 * i + 1]);
            bytes[at + 24] = (byte) i;
        }
        WalBytes.sign(bytes, header);
        return bytes;
    }
}
