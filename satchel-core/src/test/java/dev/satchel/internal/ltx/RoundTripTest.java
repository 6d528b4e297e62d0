package dev.satchel.internal.ltx;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is encoded comes back the same, for any pages; the same input gives the same bytes. */
class RoundTripTest {

    static LongStream seeds() {
        Long given = Long.getLong("satchel.seed");
        return given != null ? LongStream.of(given) : LongStream.range(0, 200);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void decodingGivesBackWhatWasEncoded(long seed) {
        LtxFile file = LtxFiles.random(new Random(seed), 20);

        byte[] bytes = LtxEncoder.encode(file.header(), file.pages());

        assertSame(LtxDecoder.decode(bytes), file, "replay with -Dsatchel.seed=" + seed);
        assertThat(LtxEncoder.encode(file.header(), file.pages()))
                .as("second encoding, replay with -Dsatchel.seed=%d", seed)
                .isEqualTo(bytes);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void readsWhatAnotherEncoderWrote(long seed) {
        LtxFile file = LtxFiles.random(new Random(seed), 4);

        byte[] bytes = ReferenceEncoder.encode(file.header(), file.pages(), 0);

        assertSame(LtxDecoder.decode(bytes), file, "replay with -Dsatchel.seed=" + seed);
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 1024, 2048, 4096, 8192, 16384, 32768, 65536})
    void incompressiblePagesGiveTheBytesOfALiteralOnlyEncoder(int pageSize) {
        Random random = new Random(pageSize);
        SortedMap<Integer, byte[]> pages = new TreeMap<>();
        for (int number = 1; number <= 5; number++) {
            pages.put(number, LtxFiles.noise(random, pageSize));
        }
        LtxHeader header = LtxHeader.ofSnapshot(pageSize, 5, 9, 1700000000000L, 0xabcdef);

        assertThat(LtxEncoder.encode(header, pages)).isEqualTo(ReferenceEncoder.encode(header, pages, 0));
    }

    @ParameterizedTest
    @ValueSource(ints = {512, 1024, 2048, 4096, 8192, 16384, 32768, 65536})
    void pagesOfEverySizeAreCompressed(int pageSize) {
        LtxHeader header = LtxHeader.ofTransaction(pageSize, 1, 1, 0, 0);
        SortedMap<Integer, byte[]> pages = new TreeMap<>();
        pages.put(1, new byte[pageSize]);

        byte[] bytes = LtxEncoder.encode(header, pages);

        assertThat(bytes).hasSizeLessThan(200 + pageSize / 200);
        assertSame(LtxDecoder.decode(bytes), new LtxFile(header, pages), "zeros");
    }

    @Test
    void aFileWithoutPagesIsAnEmptyCommit() {
        LtxHeader header = LtxHeader.ofTransaction(4096, 7, 12, 1700000000000L, 3);

        byte[] bytes = LtxEncoder.encode(header, new TreeMap<>());

        assertThat(bytes).hasSize(100 + 6 + 1 + 8 + 16);
        assertThat(LtxDecoder.decode(bytes).pages()).isEmpty();
        assertThat(LtxDecoder.decode(bytes).header()).isEqualTo(header);
    }

    @Test
    void aStreamThatGivesOneByteAtATimeIsReadWhole() throws IOException {
        LtxFile file = LtxFiles.random(new Random(5), 10);
        byte[] bytes = LtxEncoder.encode(file.header(), file.pages());
        InputStream source = new ByteArrayInputStream(bytes);
        LtxDecoder decoder = new LtxDecoder(new InputStream() {
            @Override
            public int read() throws IOException {
                return source.read();
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                return source.read(into, offset, Math.min(length, 1));
            }
        });
        byte[] page = new byte[file.header().pageSize()];
        int count = 0;

        while (decoder.nextPage(page) != LtxDecoder.END) {
            count++;
        }

        assertThat(count).isEqualTo(file.pages().size());
        assertThat(decoder.nextPage(page)).isEqualTo(LtxDecoder.END);
    }

    @Test
    void streamingGivesTheSameBytesAsTheWholeMapAndTellsTheSize() throws IOException {
        LtxFile file = LtxFiles.random(new Random(11), 20);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        LtxEncoder encoder = new LtxEncoder(out, file.header());
        byte[] shared = new byte[file.header().pageSize() + 7];
        for (var page : file.pages().entrySet()) {
            System.arraycopy(page.getValue(), 0, shared, 7, page.getValue().length);
            encoder.page(page.getKey(), shared, 7);
        }

        long size = encoder.finish();

        assertThat(size).isEqualTo(out.size());
        assertThat(out.toByteArray()).isEqualTo(LtxEncoder.encode(file.header(), file.pages()));
    }

    private static void assertSame(LtxFile actual, LtxFile expected, String description) {
        assertThat(actual.header()).as(description).isEqualTo(expected.header());
        assertThat(LtxFiles.samePages(actual.pages(), expected.pages()))
                .as(description)
                .isTrue();
    }
}
