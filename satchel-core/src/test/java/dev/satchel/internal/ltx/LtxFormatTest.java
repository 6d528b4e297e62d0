package dev.satchel.internal.ltx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LtxFormatTest {

    @ParameterizedTest
    @CsvSource({"512, 2097153", "1024, 1048577", "4096, 262145", "65536, 16385"})
    void theLockPageHoldsTheByteAtOneGibibyte(int pageSize, int lockPage) {
        assertThat(LtxFormat.lockPage(pageSize)).isEqualTo(lockPage);
    }

    @Test
    void pageSizesArePowersOfTwoFrom512To65536() {
        assertThat(IntStream.rangeClosed(-1, 200_000).filter(LtxFormat::isPageSize))
                .containsExactly(512, 1024, 2048, 4096, 8192, 16384, 32768, 65536);
        assertThat(LtxFormat.isPageSize(Integer.MIN_VALUE)).isFalse();
    }

    @Test
    void fileNamesAreSixteenLowerCaseHexDigitsTwice() {
        assertThat(LtxFormat.fileName(0xABCL)).isEqualTo("0000000000000abc-0000000000000abc.ltx");
        assertThat(LtxFormat.fileName(new TxidRange(1, Long.MAX_VALUE)))
                .isEqualTo("0000000000000001-7fffffffffffffff.ltx");
    }

    @Test
    void parsingIsTheInverseOfFormatting() {
        TxidRange range = new TxidRange(0x1234567890abcdefL, 0x1234567890abcdf0L);

        assertThat(LtxFormat.parseFileName(LtxFormat.fileName(range))).contains(range);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "0000000000000001-0000000000000001",
                "0000000000000001-0000000000000001.LTX",
                "000000000000000A-000000000000000A.ltx",
                "0000000000000001-0000000000000001.ltx ",
                "0000000000000001-0000000000000001.ltx\n",
                "x/0000000000000001-0000000000000001.ltx",
                "000000000000001-00000000000000001.ltx",
                "0000000000000001_0000000000000001.ltx",
                "0000000000000001-0000000000000001xltx",
                "0000000000000000-0000000000000001.ltx",
                "0000000000000002-0000000000000001.ltx",
                "8000000000000000-8000000000000000.ltx",
                "٠٠٠٠٠٠٠٠٠٠٠٠٠٠٠١-٠٠٠٠٠٠٠٠٠٠٠٠٠٠٠١.ltx"
            })
    void otherNamesAreNoLtxFiles(String name) {
        assertThat(LtxFormat.parseFileName(name)).isEmpty();
    }

    @Test
    void rangesSortAsTheirFileNamesDo() {
        TxidRange snapshot = new TxidRange(1, 300);
        TxidRange first = new TxidRange(1, 1);
        TxidRange later = new TxidRange(16, 16);

        assertThat(Stream.of(later, snapshot, first).sorted()).containsExactly(first, snapshot, later);
    }

    @Test
    void aRangeNeedsAFirstThatIsNotBeyondTheLast() {
        assertThatThrownBy(() -> new TxidRange(0, 5)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new TxidRange(6, 5)).isInstanceOf(IllegalArgumentException.class);
    }
}
