package dev.satchel.internal.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class WalPageIndexTest {
    private static final WalPosition FIVE = new WalPosition(1, 2, 5, 6);
    private static final WalPosition NINE = new WalPosition(1, 2, 9, 7);
    private static final WalPosition RESTARTED = new WalPosition(2, 9, 2, 8);

    private final WalPageIndex index = new WalPageIndex();

    @Test
    void knowsTheNewestFrameOfEachPage() {
        index.advance(commits(WalPosition.START, FIVE, WalContinuity.CONTINUED, 10, new int[] {1, 4}, 3, 4));
        index.advance(commits(FIVE, NINE, WalContinuity.CONTINUED, 11, new int[] {4, 11}, 7, 8));

        assertThat(index.position()).isEqualTo(NINE);
        assertThat(index.databaseSizeInPages()).isEqualTo(11);
        assertThat(index.size()).isEqualTo(3);
        assertThat(index.frameOf(1)).isEqualTo(3);
        assertThat(index.frameOf(4)).isEqualTo(7);
        assertThat(index.frameOf(11)).isEqualTo(8);
        assertThat(index.frameOf(2)).isEqualTo(WalPageIndex.ABSENT);
        assertThat(index.frameOf(0)).isEqualTo(WalPageIndex.ABSENT);
    }

    @Test
    void forgetsEverythingWhenTheLogWasRestarted() {
        index.advance(commits(WalPosition.START, FIVE, WalContinuity.CONTINUED, 10, new int[] {1, 4}, 3, 4));
        index.advance(commits(FIVE, RESTARTED, WalContinuity.RESTARTED, 10, new int[] {2}, 0));

        assertThat(index.frameOf(1)).isEqualTo(WalPageIndex.ABSENT);
        assertThat(index.frameOf(2)).isZero();
    }

    @Test
    void hidesPagesBeyondTheEndOfTheDatabase() {
        index.advance(commits(WalPosition.START, FIVE, WalContinuity.CONTINUED, 10, new int[] {1, 10}, 3, 4));
        index.advance(commits(FIVE, NINE, WalContinuity.CONTINUED, 4, new int[] {1}, 8));

        assertThat(index.frameOf(10)).isEqualTo(WalPageIndex.ABSENT);
    }

    @Test
    void refusesCommitsThatDoNotFollow() {
        WalCommits commits = commits(FIVE, NINE, WalContinuity.CONTINUED, 4, new int[] {1}, 8);

        assertThatThrownBy(() -> index.advance(commits)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void keepsAnyNumberOfPages() {
        Random random = new Random(1);
        PageFrames frames = new PageFrames();
        Map<Integer, Integer> model = new HashMap<>();
        for (int i = 0; i < 20_000; i++) {
            int page = random.nextBoolean() ? 1 + random.nextInt(5000) : random.nextInt() | 1;
            frames.put(page, i);
            model.put(page, i);
        }

        assertThat(frames.size()).isEqualTo(model.size());
        model.forEach((page, frame) -> assertThat(frames.get(page)).isEqualTo(frame));
        assertThat(frames.get(0)).isEqualTo(PageFrames.ABSENT);
        assertThat(frames.sortedPages(3000))
                .containsExactly(new TreeSet<>(model.keySet())
                        .subSet(1, 3001).stream().mapToInt(Integer::intValue).toArray());
        assertThat(frames.sortedPages(-1)).hasSize(model.size());
        frames.clear();
        assertThat(frames.get(1)).isEqualTo(PageFrames.ABSENT);
        assertThat(frames.size()).isZero();
    }

    private static WalCommits commits(
            WalPosition from, WalPosition to, WalContinuity continuity, int size, int[] pages, int... frames) {
        return new WalCommits(from, to, continuity, 1, 4096, size, pages, frames);
    }
}
