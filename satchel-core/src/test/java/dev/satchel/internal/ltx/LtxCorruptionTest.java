package dev.satchel.internal.ltx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.satchel.internal.ltx.LtxCorruptException.Reason;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Damaged files of every shape: always {@link LtxCorruptException}, never another exception or a wrong result. */
class LtxCorruptionTest {

    static Stream<Named<byte[]>> files() {
        return Stream.concat(
                literalFiles(),
                Stream.of(
                        Named.of("compressible snapshot", encode(LtxFiles.compressible())),
                        Named.of("noise of 4096", encode(noise(4096))),
                        Named.of("zeros of 65536", encode(zeros()))));
    }

    /** Files whose pages are not compressed, so that one block only gives the page. */
    static Stream<Named<byte[]>> literalFiles() {
        return Stream.of(
                Named.of("first vector", GoldenVectorTest.V1),
                Named.of("second vector, tracked", GoldenVectorTest.V2),
                Named.of("third vector", GoldenVectorTest.V3),
                Named.of(
                        "empty commit", LtxEncoder.encode(LtxHeader.ofTransaction(4096, 3, 9, 1, 1), new TreeMap<>())));
    }

    @ParameterizedTest
    @MethodSource("files")
    void everyTruncationIsFound(byte[] file) {
        for (int length = 0; length < file.length; length++) {
            byte[] start = Arrays.copyOf(file, length);

            Throwable thrown = catchThrowable(() -> LtxDecoder.decode(start));

            assertThat(thrown).as("first %d bytes", length).isInstanceOf(LtxCorruptException.class);
            assertThat(((LtxCorruptException) thrown).reason())
                    .as("first %d bytes", length)
                    .isEqualTo(Reason.TRUNCATED);
            assertThat(((LtxCorruptException) thrown).offset()).isBetween(0L, (long) length);
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void bytesAfterTheEndAreFound(byte[] file) {
        assertMalformed(Arrays.copyOf(file, file.length + 1), file.length);
        byte[] twice = Arrays.copyOf(file, 2 * file.length);
        System.arraycopy(file, 0, twice, file.length, file.length);
        assertMalformed(twice, file.length);
    }

    /** The one thing in a block of literals that means nothing is the match length in its token: four bits for each page. */
    @ParameterizedTest
    @MethodSource("literalFiles")
    void everyFlippedBitThatMeansSomethingIsFound(byte[] file) {
        int pages = LtxDecoder.decode(file).pages().size();

        assertThat(flipEveryBit(file)).isEqualTo(4 * pages);
    }

    /** A flip inside an LZ4 block may give another block of the same page (another match of the same bytes): that is no damage. */
    @ParameterizedTest
    @MethodSource("files")
    void everyFlippedBitIsFoundOrGivesTheSameContent(byte[] file) {
        assertThat(flipEveryBit(file)).isLessThan(file.length);
    }

    /** Flips each bit; the number of flips that were rightly accepted, since the content is unchanged. */
    private static int flipEveryBit(byte[] original) {
        LtxFile expected = LtxDecoder.decode(original);
        byte[] file = original.clone();
        int accepted = 0;
        for (int bit = 0; bit < 8 * file.length; bit++) {
            file[bit / 8] ^= (byte) (1 << (bit % 8));
            try {
                LtxFile found = LtxDecoder.decode(file);
                assertThat(found.header()).as("bit %d", bit).isEqualTo(expected.header());
                assertThat(LtxFiles.samePages(found.pages(), expected.pages()))
                        .as("bit %d gives the same pages", bit)
                        .isTrue();
                assertThat(insideABlock(original, expected, bit / 8))
                        .as("accepted bit %d is in a block", bit)
                        .isTrue();
                accepted++;
            } catch (LtxCorruptException e) {
                assertThat(e.offset()).isBetween(0L, (long) file.length);
            }
            file[bit / 8] ^= (byte) (1 << (bit % 8));
        }
        assertThat(file).isEqualTo(original);
        return accepted;
    }

    private static boolean insideABlock(byte[] file, LtxFile content, int at) {
        int frame = LtxFormat.HEADER_SIZE;
        for (int i = 0; i < content.pages().size(); i++) {
            int block = frame + LtxFormat.FRAME_HEADER_SIZE;
            int size = ByteBuffer.wrap(file).getInt(frame + LtxFormat.FRAME_BLOCK_SIZE_OFFSET);
            if (at >= block && at < block + size) {
                return true;
            }
            frame = block + size;
        }
        return false;
    }

    @ParameterizedTest
    @MethodSource("files")
    void everyByteReplacedByNoiseIsFoundOrGivesTheSameContent(byte[] original) {
        LtxFile expected = LtxDecoder.decode(original);
        Random random = new Random(original.length);
        byte[] file = original.clone();
        for (int at = 0; at < file.length; at++) {
            file[at] = (byte) random.nextInt();
            try {
                LtxFile found = LtxDecoder.decode(file);
                assertThat(found.header()).isEqualTo(expected.header());
                assertThat(LtxFiles.samePages(found.pages(), expected.pages())).isTrue();
            } catch (LtxCorruptException e) {
                assertThat(e).hasMessageContaining("offset " + e.offset());
            }
            file[at] = original[at];
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void aFailureOfTheStreamStaysWhatItIs(byte[] file) throws IOException {
        IOException failure = new IOException("connection reset");
        for (int length = 0; length <= file.length; length += 1 + length / 50) {
            InputStream in = new BreakingStream(file, length, failure);

            assertThatThrownBy(() -> readAll(in)).isSameAs(failure);
        }
    }

    @Test
    void nothingIsReadAfterAFailure() throws IOException {
        byte[] file = GoldenVectorTest.V1.clone();
        file[file.length - 1] ^= 1;
        LtxDecoder decoder = new LtxDecoder(new ByteArrayInputStream(file));
        byte[] page = new byte[512];

        assertThat(decoder.nextPage(page)).isEqualTo(1);
        assertThatThrownBy(() -> decoder.nextPage(page))
                .isInstanceOfSatisfying(
                        LtxCorruptException.class, e -> assertThat(e.reason()).isEqualTo(Reason.CHECKSUM_MISMATCH));
        assertThatThrownBy(() -> decoder.nextPage(page)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(decoder::fileChecksum).isInstanceOf(IllegalStateException.class);
    }

    private static void readAll(InputStream in) throws IOException {
        LtxDecoder decoder = new LtxDecoder(in);
        byte[] page = new byte[decoder.header().pageSize()];
        while (decoder.nextPage(page) != LtxDecoder.END) {}
    }

    private static void assertMalformed(byte[] file, long offset) {
        assertThatThrownBy(() -> LtxDecoder.decode(file)).isInstanceOfSatisfying(LtxCorruptException.class, e -> {
            assertThat(e.reason()).isEqualTo(Reason.MALFORMED);
            assertThat(e.offset()).isEqualTo(offset);
        });
    }

    private static byte[] encode(LtxFile file) {
        return LtxEncoder.encode(file.header(), file.pages());
    }

    private static LtxFile noise(int pageSize) {
        TreeMap<Integer, byte[]> pages = new TreeMap<>();
        pages.put(3, LtxFiles.noise(new Random(4), pageSize));
        return new LtxFile(LtxHeader.ofTransaction(pageSize, 3, 2, 0, 0), pages);
    }

    private static LtxFile zeros() {
        TreeMap<Integer, byte[]> pages = new TreeMap<>();
        pages.put(20000, new byte[65536]);
        return new LtxFile(LtxHeader.ofTransaction(65536, 20001, 2, 0, 0), pages);
    }

    /** Gives the first bytes of a file, then fails. */
    private static final class BreakingStream extends InputStream {
        private final InputStream start;
        private final IOException failure;

        BreakingStream(byte[] file, int length, IOException failure) {
            this.start = new ByteArrayInputStream(file, 0, length);
            this.failure = failure;
        }

        @Override
        public int read() throws IOException {
            int b = start.read();
            if (b < 0) {
                throw failure;
            }
            return b;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            int count = start.read(into, offset, length);
            if (count < 0) {
                throw failure;
            }
            return count;
        }
    }
}
