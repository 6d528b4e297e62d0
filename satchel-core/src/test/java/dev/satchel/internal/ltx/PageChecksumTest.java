package dev.satchel.internal.ltx;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PageChecksumTest {
    private final Random random = new Random(3);

    @Test
    void isTheFlaggedCrcOfPageNumberAndPage() {
        byte[] page = LtxFiles.noise(random, 1024);
        byte[] both = ByteBuffer.allocate(1028).putInt(0x01020304).put(page).array();

        assertThat(PageChecksum.of(0x01020304, page)).isEqualTo(1L << 63 | ReferenceEncoder.crc(both));
    }

    @Test
    void aPageInsideALargerArrayHasTheSameChecksum() {
        byte[] page = LtxFiles.noise(random, 512);
        byte[] larger = ByteBuffer.allocate(600).position(11).put(page).array();

        assertThat(PageChecksum.of(9, larger, 11, 512)).isEqualTo(PageChecksum.of(9, page));
    }

    @Test
    void theSamePageElsewhereHasAnotherChecksum() {
        byte[] page = LtxFiles.noise(random, 512);

        assertThat(PageChecksum.of(1, page)).isNotEqualTo(PageChecksum.of(2, page));
    }

    @Test
    void theDatabaseChecksumDoesNotDependOnOrder() {
        long a = PageChecksum.of(1, LtxFiles.noise(random, 512));
        long b = PageChecksum.of(2, LtxFiles.noise(random, 512));

        assertThat(PageChecksum.add(PageChecksum.add(PageChecksum.EMPTY, a), b))
                .isEqualTo(PageChecksum.add(PageChecksum.add(PageChecksum.EMPTY, b), a));
    }

    @Test
    void replacingAPageEqualsBuildingTheSumFromTheNewPages() {
        long oldPage = PageChecksum.of(1, LtxFiles.noise(random, 512));
        long newPage = PageChecksum.of(1, LtxFiles.noise(random, 512));
        long other = PageChecksum.of(2, LtxFiles.noise(random, 512));
        long before = PageChecksum.add(PageChecksum.add(PageChecksum.EMPTY, oldPage), other);

        assertThat(PageChecksum.replace(before, oldPage, newPage))
                .isEqualTo(PageChecksum.add(PageChecksum.add(PageChecksum.EMPTY, newPage), other));
    }

    @Test
    void removingEveryPageGivesTheEmptyDatabase() {
        long a = PageChecksum.of(1, LtxFiles.noise(random, 512));
        long b = PageChecksum.of(2, LtxFiles.noise(random, 512));
        long sum = PageChecksum.add(PageChecksum.add(PageChecksum.EMPTY, a), b);

        assertThat(PageChecksum.remove(PageChecksum.remove(sum, a), b)).isEqualTo(PageChecksum.EMPTY);
    }
}
