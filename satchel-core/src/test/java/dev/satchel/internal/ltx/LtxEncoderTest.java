package dev.satchel.internal.ltx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Comparator;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LtxEncoderTest {
    private static final LtxHeader HEADER = LtxHeader.ofTransaction(512, 9, 5, 1700000000000L, 1);
    private static final byte[] PAGE = new byte[512];

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /** Pages of zeros, text, records and counters: the compressor's choices show in these bytes. */
    @Test
    void writesTheSameBytesOnEveryMachineAndEveryRelease() throws IOException {
        try (InputStream golden = LtxEncoderTest.class.getResourceAsStream("compressed.ltx")) {
            assertThat(LtxEncoder.encode(
                            LtxFiles.compressible().header(),
                            LtxFiles.compressible().pages()))
                    .isEqualTo(golden.readAllBytes());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {4, 3, 1, 0, -1, 10, Integer.MAX_VALUE, Integer.MIN_VALUE})
    void refusesAPageThatMayNotComeNext(int pageNumber) throws IOException {
        LtxEncoder encoder = new LtxEncoder(out, HEADER);
        encoder.page(4, PAGE);
        int written = out.size();

        assertThatThrownBy(() -> encoder.page(pageNumber, PAGE)).isInstanceOf(IllegalArgumentException.class);

        assertThat(out.size()).isEqualTo(written);
    }

    @Test
    void goesOnAfterARefusal() throws IOException {
        LtxEncoder encoder = new LtxEncoder(out, HEADER);
        encoder.page(4, PAGE);
        assertThatThrownBy(() -> encoder.page(4, PAGE)).isInstanceOf(IllegalArgumentException.class);
        encoder.page(5, PAGE);
        encoder.finish();

        assertThat(LtxDecoder.decode(out.toByteArray()).pages()).containsOnlyKeys(4, 5);
    }

    @Test
    void refusesTheLockPage() throws IOException {
        LtxEncoder encoder = new LtxEncoder(out, LtxHeader.ofTransaction(65536, 20000, 5, 0, 0));

        assertThatThrownBy(() -> encoder.page(16385, new byte[65536]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("lock page");
    }

    @Test
    void refusesAPageOfAnotherSize() throws IOException {
        LtxEncoder encoder = new LtxEncoder(out, HEADER);

        assertThatThrownBy(() -> encoder.page(1, new byte[511])).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> encoder.page(1, new byte[1024])).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> encoder.page(1, new byte[1024], 513)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void refusesToFinishASnapshotWithAPageMissing() throws IOException {
        LtxEncoder encoder = new LtxEncoder(out, LtxHeader.ofSnapshot(512, 2, 5, 0, 0));
        assertThatThrownBy(encoder::finish).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> encoder.page(2, PAGE)).isInstanceOf(IllegalArgumentException.class);
        encoder.page(1, PAGE);
        assertThatThrownBy(encoder::finish).isInstanceOf(IllegalStateException.class);
        encoder.page(2, PAGE);

        assertThat(encoder.finish()).isEqualTo(out.size());
    }

    @Test
    void theFirstTransactionIsASnapshot() throws IOException {
        LtxEncoder encoder = new LtxEncoder(out, LtxHeader.ofTransaction(512, 2, 1, 0, 0));
        encoder.page(1, PAGE);

        assertThatThrownBy(encoder::finish).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void refusesGrowthWithANewPageMissing() {
        SortedMap<Integer, byte[]> pages = new TreeMap<>();
        pages.put(2, PAGE);
        pages.put(8, PAGE);

        assertThat(LtxEncoder.encode(HEADER, pages)).isNotEmpty();
        assertThatThrownBy(() -> LtxEncoder.encode(HEADER, 7, pages)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> LtxEncoder.encode(HEADER, 6, pages)).isInstanceOf(IllegalArgumentException.class);
        pages.put(9, PAGE);
        assertThat(LtxEncoder.encode(HEADER, 7, pages)).isNotEmpty();
        assertThatThrownBy(() -> LtxEncoder.encode(HEADER, -1, pages)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void refusesAMapInAnotherOrder() {
        SortedMap<Integer, byte[]> pages = new TreeMap<>(Comparator.reverseOrder());
        pages.put(1, PAGE);
        pages.put(2, PAGE);

        assertThatThrownBy(() -> LtxEncoder.encode(HEADER, pages)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void refusesEverythingAfterTheEnd() throws IOException {
        LtxEncoder encoder = new LtxEncoder(out, HEADER);
        encoder.finish();

        assertThatThrownBy(encoder::finish).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> encoder.page(1, PAGE)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void refusesAnIllegalHeaderBeforeWriting() {
        LtxHeader zeroPages = LtxHeader.ofTransaction(512, 0, 5, 0, 0);
        LtxHeader oddPageSize = LtxHeader.ofTransaction(1000, 3, 5, 0, 0);
        LtxHeader tracked = new LtxHeader(0, 512, 3, 5, 5, 0, PageChecksum.EMPTY, 0, 0, 0, 0, 0);

        assertThatThrownBy(() -> new LtxEncoder(out, zeroPages)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new LtxEncoder(out, oddPageSize)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new LtxEncoder(out, tracked)).isInstanceOf(IllegalArgumentException.class);
        assertThat(out.size()).isZero();
    }

    @Test
    void cannotBeUsedAfterItsStreamHasFailed() throws IOException {
        IOException full = new IOException("disk full");
        LtxEncoder encoder = new LtxEncoder(
                new OutputStream() {
                    private int left = LtxFormat.HEADER_SIZE;

                    @Override
                    public void write(int b) throws IOException {
                        if (left-- == 0) {
                            throw full;
                        }
                    }
                },
                HEADER);

        assertThatThrownBy(() -> encoder.page(1, PAGE)).isSameAs(full);
        assertThatThrownBy(() -> encoder.page(2, PAGE)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(encoder::finish).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void flushesButDoesNotCloseItsStream() throws IOException {
        StringBuilder calls = new StringBuilder();
        LtxEncoder encoder = new LtxEncoder(
                new ByteArrayOutputStream() {
                    @Override
                    public void flush() {
                        calls.append("flush ");
                    }

                    @Override
                    public void close() {
                        calls.append("close ");
                    }
                },
                HEADER);
        encoder.finish();

        assertThat(calls).hasToString("flush ");
    }
}
