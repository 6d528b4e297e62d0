package dev.satchel.internal.ltx;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runs its seeds. Searches with {@code JAZZER_FUZZ=1} in the environment, {@code -Djazzer.hooks=true} and one method named by {@code
 * -Dtest=LtxDecoderFuzzTest#method}.
 */
class LtxDecoderFuzzTest {

    static Stream<byte[]> files() {
        LtxFile compressible = LtxFiles.compressible();
        return Stream.of(
                GoldenVectorTest.V1,
                GoldenVectorTest.V2,
                GoldenVectorTest.V3,
                LtxEncoder.encode(compressible.header(), compressible.pages()),
                LtxEncoder.encode(LtxHeader.ofTransaction(4096, 3, 9, 1, 1), new TreeMap<>()));
    }

    @MethodSource("files")
    @FuzzTest(maxDuration = "1m")
    void anyBytesAreAFileOrCorrupt(byte[] bytes) {
        LtxFile file;
        try {
            file = LtxDecoder.decode(bytes);
        } catch (LtxCorruptException e) {
            return;
        }
        file.header().validate();
        file.pages()
                .values()
                .forEach(page -> assertThat(page).hasSize(file.header().pageSize()));
    }

    /** The checksum is right here, so that the search gets past it: any block, any page numbers, any sizes. */
    @FuzzTest(maxDuration = "1m")
    void anyBlocksUnderARightChecksumAreAFileOrCorrupt(FuzzedDataProvider data) {
        int pageSize = 512 << data.consumeInt(0, 3);
        boolean snapshot = data.consumeBoolean();
        LtxHeader header = LtxHeader.ofRange(
                pageSize, data.consumeInt(), new TxidRange(snapshot ? 1 : 2, 1L << 40), data.consumeLong(), 0);
        SortedMap<Integer, byte[]> pages = new TreeMap<>();
        SortedMap<Integer, byte[]> blocks = new TreeMap<>();
        while (data.remainingBytes() > 0 && pages.size() < 8) {
            int pageNumber = data.consumeInt(-1, 20);
            pages.put(pageNumber, new byte[pageSize]);
            blocks.put(pageNumber, data.consumeBytes(data.consumeInt(0, 100)));
        }
        byte[] bytes = ReferenceEncoder.encode(header, pages, blocks, 0);

        LtxFile file;
        try {
            file = LtxDecoder.decode(bytes);
        } catch (LtxCorruptException e) {
            return;
        }
        assertThat(file.header()).isEqualTo(header);
        assertThat(LtxFiles.samePages(file.pages(), pages)).isTrue();
    }
}
