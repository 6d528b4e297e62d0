package dev.satchel.internal.ltx;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Files whose sizes and checksums the Go library has confirmed; they stay valid for ever. */
class GoldenVectorTest {
    static final byte[] PAGE_A = page(1);
    static final byte[] PAGE_B = page(7);

    static final LtxHeader V1_HEADER = LtxHeader.ofTransaction(512, 1, 1, 1700000000000L, 0);
    static final LtxHeader V2_HEADER = new LtxHeader(0, 512, 2, 1, 1, 1700000000000L, 0, 0, 0, 0, 0, 0);
    static final LtxHeader V3_HEADER = LtxHeader.ofTransaction(512, 2, 2, 1700000001000L, 0);

    static final SortedMap<Integer, byte[]> V1_PAGES = new TreeMap<>(Map.of(1, PAGE_A));
    static final SortedMap<Integer, byte[]> V2_PAGES = new TreeMap<>(Map.of(1, PAGE_A, 2, PAGE_B));
    static final SortedMap<Integer, byte[]> V3_PAGES = new TreeMap<>(Map.of(2, PAGE_B));

    static final byte[] V1 = ReferenceEncoder.encode(V1_HEADER, V1_PAGES, 0);
    static final byte[] V2 = ReferenceEncoder.encode(V2_HEADER, V2_PAGES, 0xcd66d6844b27cbc3L);
    static final byte[] V3 = ReferenceEncoder.encode(V3_HEADER, V3_PAGES, 0);

    private static byte[] page(int factor) {
        byte[] page = new byte[512];
        for (int i = 0; i < page.length; i++) {
            page[i] = (byte) (factor * i % 251);
        }
        return page;
    }

    @Test
    void firstVectorHasTheConfirmedBytes() {
        assertThat(V1).hasSize(660);
        assertThat(HexFormat.of().formatHex(V1, 0, 40))
                .isEqualTo("4c54583100000002" + "0000020000000001" + "0000000000000001" + "0000000000000001"
                        + "0000018bcfe56800");
        assertThat(HexFormat.of().formatHex(V1, 100, 116)).isEqualTo("00000001" + "0001" + "00000203" + "f0fff2000102");
        assertThat(HexFormat.of().formatHex(V1, 625, 660))
                .isEqualTo(
                        "000000000000" + "01648d0400" + "0000000000000005" + "0000000000000000" + "9f157148170d0ba4");
    }

    @Test
    void secondVectorHasTheConfirmedSizeAndChecksums() {
        assertThat(V2).hasSize(1190);
        assertThat(checksumAtEnd(V2)).isEqualTo(0x92db8307c22102deL);
    }

    @Test
    void thirdVectorHasTheConfirmedSizeAndChecksum() {
        assertThat(V3).hasSize(660);
        assertThat(checksumAtEnd(V3)).isEqualTo(0xe200c43b900b21b8L);
    }

    @Test
    void decodesTheFirstVector() {
        assertDecodes(V1, V1_HEADER, V1_PAGES);
    }

    @Test
    void decodesTheSecondVectorWithItsDatabaseChecksum() throws Exception {
        assertDecodes(V2, V2_HEADER, V2_PAGES);

        LtxDecoder decoder = new LtxDecoder(new ByteArrayInputStream(V2));
        byte[] page = new byte[512];
        while (decoder.nextPage(page) != LtxDecoder.END) {}

        assertThat(decoder.postApplyChecksum()).isEqualTo(0xcd66d6844b27cbc3L);
        assertThat(decoder.fileChecksum()).isEqualTo(0x92db8307c22102deL);
    }

    @Test
    void decodesTheThirdVector() {
        assertDecodes(V3, V3_HEADER, V3_PAGES);
    }

    @Test
    void checksumsOfThePagesAreTheConfirmedOnes() {
        long a = PageChecksum.of(1, PAGE_A);
        long b = PageChecksum.of(2, PAGE_B);

        assertThat(a).isEqualTo(0xf8ef4cd65d3034dcL);
        assertThat(b).isEqualTo(0xb5899a521617ff1fL);
        assertThat(PageChecksum.add(PageChecksum.add(PageChecksum.EMPTY, b), a)).isEqualTo(0xcd66d6844b27cbc3L);
    }

    private static long checksumAtEnd(byte[] file) {
        return ByteBuffer.wrap(file).getLong(file.length - 8);
    }

    private static void assertDecodes(byte[] bytes, LtxHeader header, SortedMap<Integer, byte[]> pages) {
        LtxFile file = LtxDecoder.decode(bytes);

        assertThat(file.header()).isEqualTo(header);
        assertThat(file.pages().keySet()).isEqualTo(pages.keySet());
        file.pages()
                .forEach((number, page) -> assertThat(page).as("page " + number).isEqualTo(pages.get(number)));
    }
}
