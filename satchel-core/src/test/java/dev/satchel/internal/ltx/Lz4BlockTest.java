package dev.satchel.internal.ltx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import net.jpountz.lz4.LZ4Factory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Lz4BlockTest {
    private static final long ORIGIN = 1000;

    /** The native compressor, at every effort, takes other matches than the one we write with. */
    @ParameterizedTest
    @ValueSource(ints = {512, 1024, 2048, 4096, 8192, 16384, 32768, 65536})
    void readsTheBlocksOfOtherCompressors(int pageSize) {
        Random random = new Random(pageSize);
        LZ4Factory library = LZ4Factory.fastestInstance();
        for (int i = 0; i < 100; i++) {
            byte[] page = LtxFiles.page(random, pageSize);

            assertDecompresses(library.fastCompressor().compress(page), page);
            assertDecompresses(library.highCompressor(1 + i % 17).compress(page), page);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 1024, 2048, 4096, 8192, 16384, 32768, 65536})
    void otherDecompressorsReadOurBlocks(int pageSize) {
        Random random = new Random(pageSize);
        byte[] block = new byte[LtxFormat.maxBlockSize(pageSize)];
        for (int i = 0; i < 100; i++) {
            byte[] page = LtxFiles.page(random, pageSize);

            int size = Lz4Block.compress(page, 0, pageSize, block, 0);

            assertThat(LZ4Factory.fastestInstance().safeDecompressor().decompress(block, 0, size, pageSize))
                    .isEqualTo(page);
        }
    }

    /** Every distance and length, so that each way of copying meets its limits. */
    @Test
    void copiesMatchesOfEveryDistanceAndLength() {
        Random random = new Random(8);
        for (int distance = 1; distance <= 70; distance++) {
            for (int match = 4; match <= 80; match++) {
                byte[] page = LtxFiles.noise(random, distance + match + 5);
                for (int i = distance; i < distance + match; i++) {
                    page[i] = page[i - distance];
                }

                assertDecompresses(block(page, distance, match), page);
            }
        }
    }

    @Test
    void bytesBehindThePageStayUntouched() {
        Random random = new Random(9);
        for (int i = 0; i < 200; i++) {
            byte[] page = LtxFiles.page(random, 512);
            byte[] block = LZ4Factory.safeInstance().fastCompressor().compress(page);
            byte[] into = new byte[600];
            Arrays.fill(into, (byte) 0x55);

            Lz4Block.decompress(block, block.length, ORIGIN, into, 512);

            assertThat(into).startsWith(page);
            assertThat(Arrays.copyOfRange(into, 512, 600)).containsOnly(0x55);
        }
    }

    @Test
    void bytesBehindTheBlockAreNotRead() {
        byte[] page = LtxFiles.page(new Random(10), 512);
        byte[] block = LZ4Factory.safeInstance().fastCompressor().compress(page);
        for (int size = 0; size < block.length; size++) {
            int length = size;

            assertThatThrownBy(() -> Lz4Block.decompress(block, length, ORIGIN, new byte[512], 512))
                    .as("first %d of %d bytes", length, block.length)
                    .isInstanceOf(LtxCorruptException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", // no token
                "f0", // no further length
                "f0ff", // length goes on
                "00", // no literals, no page
                "10", // a literal is missing
                "1061", // page too short
                "9061626364656667686961", // page too long
                "1061", // ends before the page
                "106101", // half a distance
                "10610000106162636465", // distance zero
                "1f61000000106162636465", // distance zero, longer match
                "10610200106162636465", // distance before the page
                "1061ffff106162636465", // distance far before the page
                "1f610100", // match length missing
                "1f6101000f", // match too long
                "1f610100ffffffffffffffff", // match length goes on
                "13610100", // ends with a match
            })
    void refusesWhatIsNoBlockOfThePage(String hex) {
        byte[] block = HexFormat.of().parseHex(hex);
        byte[] into = new byte[8];

        assertThatThrownBy(() -> Lz4Block.decompress(block, block.length, ORIGIN, into, 8))
                .isInstanceOfSatisfying(LtxCorruptException.class, e -> {
                    assertThat(e.reason()).isEqualTo(LtxCorruptException.Reason.MALFORMED);
                    assertThat(e.offset()).isBetween(ORIGIN, ORIGIN + block.length);
                });
    }

    @Test
    void lengthsThatNeverEndDoNotOverflow() {
        byte[] block = new byte[LtxFormat.maxBlockSize(65536)];
        Arrays.fill(block, (byte) 0xff);

        assertThatThrownBy(() -> Lz4Block.decompress(block, block.length, ORIGIN, new byte[65536], 65536))
                .isInstanceOf(LtxCorruptException.class);
    }

    /** {@code distance} literals, a match, five literals. */
    private static byte[] block(byte[] page, int distance, int match) {
        byte[] block = new byte[page.length + 20];
        int at = 1;
        int extra = match - 4;
        block[0] = (byte) (Math.min(distance, 15) << 4 | Math.min(extra, 15));
        if (distance >= 15) {
            block[at++] = (byte) (distance - 15);
        }
        System.arraycopy(page, 0, block, at, distance);
        at += distance;
        block[at++] = (byte) distance;
        block[at++] = 0;
        if (extra >= 15) {
            block[at++] = (byte) (extra - 15);
        }
        block[at++] = 0x50;
        System.arraycopy(page, page.length - 5, block, at, 5);
        return Arrays.copyOf(block, at + 5);
    }

    private static void assertDecompresses(byte[] block, byte[] page) {
        byte[] into = LtxFiles.noise(new Random(block.length), page.length);

        Lz4Block.decompress(block, block.length, ORIGIN, into, page.length);

        assertThat(into).isEqualTo(page);
    }
}
