package dev.satchel.testkit.growth;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a database costs does not depend on its size, as far as that can be said without a clock. */
@Tag("protocol-rules")
class GrowthTest {
    private static final long SMALL = 1 << 20;
    private static final long LARGE = 48 << 20;
    /** A JVM with SQLite and the engine, and far less than the database. */
    private static final int HEAP_MEGABYTES = 32;

    @TempDir
    private Path folder;

    @Test
    void changeSendsAsMuchAndLargeDatabaseIsOpenedWithinASmallHeap() throws Exception {
        Path bucket = folder.resolve("bucket");
        List<GrowthRow> rows = new ArrayList<>();
        new Growth(new GrowthSettings(
                        List.of(SMALL, LARGE),
                        bucket.toString(),
                        Map.of(),
                        9,
                        1,
                        HEAP_MEGABYTES,
                        folder.resolve("local"),
                        "grown"))
                .run(bytes -> {}, rows::add);

        GrowthRow small = rows.get(0);
        GrowthRow large = rows.get(1);
        assertThat(large.bytes()).isGreaterThanOrEqualTo(LARGE);
        assertThat(large.change().requests())
                .isEqualTo(small.change().requests())
                .isEqualTo(1);
        assertThat((double) large.change().uploaded() / small.change().uploaded())
                .isBetween(0.9, 1.1);
        assertThat((double) large.change().allocated() / small.change().allocated())
                .isLessThan(2);
        assertThat(large.opening().heapLimit()).isLessThan(large.bytes());
        assertThat((double) large.opening().moved() / large.bytes()).isBetween(1.0, 1.2);
    }
}
