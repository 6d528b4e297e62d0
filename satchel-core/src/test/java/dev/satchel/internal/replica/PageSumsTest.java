package dev.satchel.internal.replica;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.internal.ltx.PageChecksum;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Page checksums and copies of them that go their own ways. */
class PageSumsTest {
    private static final int PAGE_SIZE = 512;
    private static final int MOST_PAGES = 3_000;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void rollingSumOfEachCopyIsThatOfItsOwnPages(long seed) {
        Random random = new Random(seed);
        List<PageSums> copies = new ArrayList<>(List.of(new PageSums(PAGE_SIZE)));
        List<SortedMap<Integer, byte[]>> models = new ArrayList<>(List.of(new TreeMap<>()));

        for (int step = 0; step < 120; step++) {
            int chosen = random.nextInt(copies.size());
            if (random.nextInt(3) == 0) {
                copies.add(copies.get(chosen).copy());
                models.add(new TreeMap<>(models.get(chosen)));
            } else {
                change(copies.get(chosen), models.get(chosen), random);
            }
        }

        for (int i = 0; i < copies.size(); i++) {
            assertThat(copies.get(i).rolling()).isEqualTo(rolling(models.get(i)));
            assertThat(copies.get(i).size()).isEqualTo(models.get(i).size());
            for (var page : models.get(i).entrySet()) {
                assertThat(copies.get(i).mayEqual(page.getKey(), page.getValue()))
                        .isTrue();
            }
        }
    }

    @Test
    void pageThatLeftAndCameBackCountsAnew() {
        PageSums sums = new PageSums(PAGE_SIZE);
        sums.append(page(1));
        sums.append(page(2));
        long before = sums.rolling();

        sums.apply(new TreeMap<>(), 1);
        sums.apply(new TreeMap<>(), 2);

        assertThat(sums.mayEqual(2, page(2))).isFalse();
        sums.apply(new TreeMap<>(java.util.Map.of(2, page(2))), 2);
        assertThat(sums.rolling()).isEqualTo(before);
    }

    private static void change(PageSums sums, SortedMap<Integer, byte[]> model, Random random) {
        int size = random.nextInt(4) == 0 ? random.nextInt(MOST_PAGES) : model.size() + random.nextInt(3);
        SortedMap<Integer, byte[]> pages = new TreeMap<>();
        for (int page = model.size() + 1; page <= size; page++) {
            pages.put(page, page(random.nextLong()));
        }
        for (int i = 0; i < 3 && size > 0; i++) {
            pages.put(1 + random.nextInt(size), page(random.nextLong()));
        }
        sums.apply(pages, size);
        model.tailMap(size + 1).clear();
        model.putAll(pages);
    }

    private static byte[] page(long seed) {
        byte[] page = new byte[PAGE_SIZE];
        new Random(seed).nextBytes(page);
        return page;
    }

    private static long rolling(SortedMap<Integer, byte[]> pages) {
        long rolling = PageChecksum.EMPTY;
        for (var page : pages.entrySet()) {
            rolling = PageChecksum.add(rolling, PageChecksum.of(page.getKey(), page.getValue()));
        }
        return rolling;
    }
}
