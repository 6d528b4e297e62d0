package dev.satchel.internal.ltx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.satchel.internal.ltx.LtxCorruptException.Reason;
import java.io.ByteArrayInputStream;
import java.util.Arrays;
import java.util.Comparator;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files whose checksum is right and that break one rule of the format each. */
class LtxRulesTest {
    private static final long PRE = PageChecksum.FLAG | 5;
    private static final long POST = PageChecksum.FLAG | 9;
    private static final byte[] PAGE = GoldenVectorTest.PAGE_A;

    static Stream<Arguments> illegalHeaders() {
        return Stream.of(
                argumentSet("flag 0x1", header(0x3, 512, 9, 5, 5, 0, 0, 0, 0, 0), 4),
                argumentSet("flag 0x4", header(0x6, 512, 9, 5, 5, 0, 0, 0, 0, 0), 4),
                argumentSet("page size 0", header(2, 0, 9, 5, 5, 0, 0, 0, 0, 0), 8),
                argumentSet("page size 1", header(2, 1, 9, 5, 5, 0, 0, 0, 0, 0), 8),
                argumentSet("page size 256", header(2, 256, 9, 5, 5, 0, 0, 0, 0, 0), 8),
                argumentSet("page size 1000", header(2, 1000, 9, 5, 5, 0, 0, 0, 0, 0), 8),
                argumentSet("page size 131072", header(2, 131072, 9, 5, 5, 0, 0, 0, 0, 0), 8),
                argumentSet("page size 2^31", header(2, 1 << 31, 9, 5, 5, 0, 0, 0, 0, 0), 8),
                argumentSet("no pages, not tracked", header(2, 512, 0, 5, 5, 0, 0, 0, 0, 0), 12),
                argumentSet("2^31 pages", header(2, 512, 1 << 31, 5, 5, 0, 0, 0, 0, 0), 12),
                argumentSet("first txid 0", header(2, 512, 9, 0, 5, 0, 0, 0, 0, 0), 16),
                argumentSet("first txid 2^63", header(2, 512, 9, Long.MIN_VALUE, 5, 0, 0, 0, 0, 0), 16),
                argumentSet("txids reversed", header(2, 512, 9, 5, 4, 0, 0, 0, 0, 0), 24),
                argumentSet("last txid 2^63", header(2, 512, 9, 5, Long.MIN_VALUE, 0, 0, 0, 0, 0), 24),
                argumentSet("checksum before, not tracked", header(2, 512, 9, 5, 5, PRE, 0, 0, 0, 0), 40),
                argumentSet("checksum before, snapshot", header(0, 512, 1, 1, 5, PRE, 0, 0, 0, 0), 40),
                argumentSet("checksum before missing", header(0, 512, 9, 5, 5, 0, 0, 0, 0, 0), 40),
                argumentSet("checksum before without bit 63", header(0, 512, 9, 5, 5, 5, 0, 0, 0, 0), 40),
                argumentSet("WAL offset negative", header(2, 512, 9, 5, 5, 0, -1, 0, 0, 0), 48),
                argumentSet("WAL size negative", header(2, 512, 9, 5, 5, 0, 32, -1, 0, 0), 56),
                argumentSet("WAL size without offset", header(2, 512, 9, 5, 5, 0, 0, 1, 0, 0), 56),
                argumentSet("WAL salt 1 without offset", header(2, 512, 9, 5, 5, 0, 0, 0, 1, 0), 64),
                argumentSet("WAL salt 2 without offset", header(2, 512, 9, 5, 5, 0, 0, 0, 0, 1), 64));
    }

    @ParameterizedTest
    @MethodSource("illegalHeaders")
    void refusesAnIllegalHeader(LtxHeader header, long offset) {
        long post = header.isTracked() ? POST : 0;

        assertRefused(ReferenceEncoder.encode(header, pages(), post), Reason.MALFORMED, offset);
        assertThatThrownBy(header::validate).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void refusesAnotherMagic() {
        byte[] file = GoldenVectorTest.V1.clone();
        file[3] = '2';

        assertRefused(file, Reason.MALFORMED, 0);
    }

    @Test
    void readsWhatAWalWriterPutsIntoTheHeader() {
        LtxHeader header = header(2, 512, 9, 5, 7, 0, 4152, 8240, 0x12345678, -1);

        assertThat(LtxDecoder.decode(ReferenceEncoder.encode(header, pages(3), 0))
                        .header())
                .isEqualTo(header);
    }

    @Test
    void readsATrackedFileThatIsNoSnapshot() throws Exception {
        LtxHeader header = header(0, 512, 9, 5, 5, PRE, 0, 0, 0, 0);
        LtxDecoder decoder = new LtxDecoder(new ByteArrayInputStream(ReferenceEncoder.encode(header, pages(3), POST)));
        byte[] page = new byte[512];

        assertThat(decoder.nextPage(page)).isEqualTo(3);
        assertThatThrownBy(decoder::postApplyChecksum).isInstanceOf(IllegalStateException.class);
        assertThat(decoder.nextPage(page)).isEqualTo(LtxDecoder.END);
        assertThat(decoder.header().preApplyChecksum()).isEqualTo(PRE);
        assertThat(decoder.postApplyChecksum()).isEqualTo(POST);
    }

    @Test
    void readsATrackedFileOfADeletedDatabase() {
        LtxHeader header = header(0, 512, 0, 5, 5, PRE, 0, 0, 0, 0);

        assertThat(LtxDecoder.decode(ReferenceEncoder.encode(header, pages(), PageChecksum.EMPTY))
                        .pages())
                .isEmpty();
        assertRefused(ReferenceEncoder.encode(header, pages(), POST), Reason.CHECKSUM_MISMATCH, 115);
    }

    @Test
    void refusesATrackedSnapshotWhosePagesGiveAnotherDatabaseChecksum() {
        byte[] file = ReferenceEncoder.encode(GoldenVectorTest.V2_HEADER, GoldenVectorTest.V2_PAGES, POST);

        assertRefused(file, Reason.CHECKSUM_MISMATCH, file.length - 16);
    }

    @Test
    void refusesADatabaseChecksumWithoutItsFlag() {
        LtxHeader tracked = header(0, 512, 9, 5, 5, PRE, 0, 0, 0, 0);

        assertRefused(ReferenceEncoder.encode(tracked, pages(), 9), Reason.MALFORMED, 115);
        assertRefused(ReferenceEncoder.encode(tracked, pages(), 0), Reason.MALFORMED, 115);
    }

    @Test
    void refusesADatabaseChecksumInAnUntrackedFile() {
        assertRefused(ReferenceEncoder.encode(transaction(9), pages(), POST), Reason.MALFORMED, 115);
    }

    @Test
    void reservedBytesAreNotLookedAtButCounted() {
        byte[] file = GoldenVectorTest.V1.clone();
        file[99] = 1;

        assertRefused(file, Reason.CHECKSUM_MISMATCH, file.length - 8);
    }

    @Test
    void refusesPagesOutOfOrder() {
        SortedMap<Integer, byte[]> pages = new TreeMap<>(Comparator.reverseOrder());
        pages.putAll(pages(2, 3));

        assertRefused(ReferenceEncoder.encode(transaction(9), pages, 0), Reason.MALFORMED, 625);
    }

    @Test
    void refusesAPageBeyondTheDatabase() {
        assertRefused(ReferenceEncoder.encode(transaction(9), pages(10), 0), Reason.MALFORMED, 100);
        assertRefused(ReferenceEncoder.encode(transaction(9), pages(-5), 0), Reason.MALFORMED, 100);
    }

    @Test
    void refusesTheLockPage() {
        int lockPage = LtxFormat.lockPage(512);

        assertRefused(ReferenceEncoder.encode(transaction(lockPage + 1), pages(lockPage), 0), Reason.MALFORMED, 100);
        assertThat(LtxDecoder.decode(ReferenceEncoder.encode(
                                transaction(lockPage + 1), pages(lockPage - 1, lockPage + 1), 0))
                        .pages())
                .hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void refusesASnapshotWithoutOneOfItsPages(int missing) {
        SortedMap<Integer, byte[]> pages = pages(1, 2, 3);
        pages.remove(missing);
        LtxHeader header = LtxHeader.ofSnapshot(512, 3, 8, 0, 0);

        assertRefused(
                ReferenceEncoder.encode(header, pages, 0),
                Reason.MALFORMED,
                missing == 3 ? 1150 : 100 + (missing - 1) * 525);
    }

    @Test
    void refusesASnapshotWithoutPages() {
        assertRefused(
                ReferenceEncoder.encode(LtxHeader.ofSnapshot(512, 1, 8, 0, 0), pages(), 0), Reason.MALFORMED, 100);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 511, 513})
    void refusesAPageOfAnotherSizeThanThePageSize(int size) {
        byte[] block = ReferenceEncoder.literalBlock(Arrays.copyOf(PAGE, size));

        assertThatThrownBy(() -> LtxDecoder.decode(withBlock(block)))
                .isInstanceOfSatisfying(LtxCorruptException.class, e -> {
                    assertThat(e.reason()).isEqualTo(Reason.MALFORMED);
                    assertThat(e.offset()).isBetween(110L, 110L + block.length);
                });
    }

    @Test
    void refusesABlockLargerThanAnyBlockOfThePageSize() {
        assertRefused(withBlock(new byte[LtxFormat.maxBlockSize(512) + 1]), Reason.MALFORMED, 106);
    }

    @Test
    void refusesAnEmptyBlock() {
        assertRefused(withBlock(new byte[0]), Reason.MALFORMED, 106);
    }

    @Test
    void refusesHugeSizesWithoutTakingMemory() {
        byte[] file = GoldenVectorTest.V1.clone();
        file[106] = 0x7f;
        assertRefused(file, Reason.MALFORMED, 106);
        file[106] = (byte) 0xff;
        assertRefused(file, Reason.MALFORMED, 106);
    }

    @Test
    void pagesInLz4FramesAreNotSupported() {
        byte[] file = GoldenVectorTest.V1.clone();
        file[105] = 0;

        assertRefused(file, Reason.UNSUPPORTED, 104);
    }

    @ParameterizedTest
    @ValueSource(ints = {0x0002, 0x0003, 0x0101, 0x8001})
    void refusesUnknownPageFlags(int flags) {
        byte[] file = GoldenVectorTest.V1.clone();
        file[104] = (byte) (flags >> 8);
        file[105] = (byte) flags;

        assertRefused(file, Reason.MALFORMED, 104);
    }

    @Test
    void refusesPageZeroThatIsNoEndMarker() {
        byte[] file = GoldenVectorTest.V1.clone();
        file[103] = 0;

        assertRefused(file, Reason.MALFORMED, 100);
    }

    /** The index of the first vector is 01 64 8d04 00 at offset 631, then its size. */
    @Test
    void refusesAnIndexThatContradictsTheFrames() {
        assertRefused(withIndex(2, 0x64, 0x8d, 4, 0), Reason.MALFORMED, 631);
        assertRefused(withIndex(1, 0x65, 0x8d, 4, 0), Reason.MALFORMED, 632);
        assertRefused(withIndex(1, 0x64, 0x8e, 4, 0), Reason.MALFORMED, 633);
        assertRefused(withIndex(1, 0x64, 0x8d, 4, 1), Reason.MALFORMED, 635);
        assertRefused(withIndex(0), Reason.MALFORMED, 631);
    }

    @Test
    void refusesAnIndexOfAnotherSizeThanItSays() {
        byte[] file = GoldenVectorTest.V1.clone();
        file[643] = 6;

        assertRefused(file, Reason.MALFORMED, 636);
    }

    @Test
    void refusesAnIndexNumberThatNeverEnds() {
        assertRefused(
                withIndex(0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80), Reason.MALFORMED, 631);
        assertRefused(withIndex(0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 2), Reason.MALFORMED, 631);
    }

    @Test
    void needsAnArrayThatHoldsAPage() throws Exception {
        LtxDecoder decoder = new LtxDecoder(new ByteArrayInputStream(GoldenVectorTest.V1));

        assertThatThrownBy(() -> decoder.nextPage(new byte[511])).isInstanceOf(IllegalArgumentException.class);
        assertThat(decoder.nextPage(new byte[600])).isEqualTo(1);
    }

    private static byte[] withIndex(int... index) {
        byte[] file = GoldenVectorTest.V1;
        byte[] changed = Arrays.copyOf(file, file.length - 5 + index.length);
        for (int i = 0; i < index.length; i++) {
            changed[631 + i] = (byte) index[i];
        }
        System.arraycopy(file, 636, changed, 631 + index.length, file.length - 636);
        return changed;
    }

    private static byte[] withBlock(byte[] block) {
        return ReferenceEncoder.encode(transaction(9), map(PAGE), map(block), 0);
    }

    private static SortedMap<Integer, byte[]> map(byte[] bytes) {
        SortedMap<Integer, byte[]> map = new TreeMap<>();
        map.put(1, bytes);
        return map;
    }

    private static SortedMap<Integer, byte[]> pages(int... numbers) {
        SortedMap<Integer, byte[]> pages = new TreeMap<>();
        for (int number : numbers) {
            pages.put(number, PAGE);
        }
        return pages;
    }

    private static LtxHeader transaction(int commit) {
        return LtxHeader.ofTransaction(512, commit, 5, 0, 0);
    }

    private static LtxHeader header(
            int flags,
            int pageSize,
            int commit,
            long minTxid,
            long maxTxid,
            long preApplyChecksum,
            long walOffset,
            long walSize,
            int walSalt1,
            int walSalt2) {
        return new LtxHeader(
                flags,
                pageSize,
                commit,
                minTxid,
                maxTxid,
                0,
                preApplyChecksum,
                walOffset,
                walSize,
                walSalt1,
                walSalt2,
                0);
    }

    private static void assertRefused(byte[] file, Reason reason, long offset) {
        assertThatThrownBy(() -> LtxDecoder.decode(file)).isInstanceOfSatisfying(LtxCorruptException.class, e -> {
            assertThat(e.reason()).as(e.getMessage()).isEqualTo(reason);
            assertThat(e.offset()).as(e.getMessage()).isEqualTo(offset);
        });
    }
}
