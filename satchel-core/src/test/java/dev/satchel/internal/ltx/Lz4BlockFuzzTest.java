package dev.satchel.internal.ltx;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Runs its seeds; {@code make fuzz} searches. */
class Lz4BlockFuzzTest {
    private static final int PAGE = 512;

    static Stream<byte[]> blocks() {
        byte[] page = new byte[PAGE];
        for (int i = 0; i < PAGE; i++) {
            page[i] = (byte) (i % 19 * i);
        }
        return Stream.of(new byte[0], compressed(new byte[PAGE]), compressed(page));
    }

    private static byte[] compressed(byte[] page) {
        byte[] into = new byte[2 * PAGE];
        return Arrays.copyOf(into, Lz4Block.compress(page, 0, PAGE, into, 0));
    }

    @MethodSource("blocks")
    @FuzzTest(maxDuration = "1m")
    void anyBytesAreABlockOfOnePageOrCorrupt(byte[] block) {
        byte[] page = new byte[PAGE];
        try {
            Lz4Block.decompress(block, block.length, 0, page, PAGE);
        } catch (LtxCorruptException e) {
            return;
        }
        byte[] again = new byte[PAGE];
        byte[] compressed = compressed(page);
        Lz4Block.decompress(compressed, compressed.length, 0, again, PAGE);
        assertThat(again).isEqualTo(page);
    }

    @FuzzTest(maxDuration = "1m")
    void anyPageComesBack(FuzzedDataProvider data) {
        byte[] page = Arrays.copyOf(data.consumeBytes(PAGE), PAGE);
        byte[] block = compressed(page);

        byte[] back = new byte[PAGE];
        Lz4Block.decompress(block, block.length, 0, back, PAGE);

        assertThat(back).isEqualTo(page);
    }
}
