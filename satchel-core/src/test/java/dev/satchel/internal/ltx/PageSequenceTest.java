package dev.satchel.internal.ltx;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** At a page size of 65536 the lock page is 16385. */
class PageSequenceTest {
    private static final int LOCK_PAGE = 16385;

    @Test
    void aSnapshotJumpsOverTheLockPage() {
        PageSequence sequence = snapshot(LOCK_PAGE + 2);
        take(sequence, IntStream.rangeClosed(1, LOCK_PAGE - 1));
        take(sequence, IntStream.rangeClosed(LOCK_PAGE + 1, LOCK_PAGE + 2));

        assertThat(sequence.end()).isNull();
    }

    @Test
    void aSnapshotThatEndsAtTheLockPageNeedsOnlyThePagesBefore() {
        PageSequence sequence = snapshot(LOCK_PAGE);
        take(sequence, IntStream.rangeClosed(1, LOCK_PAGE - 1));

        assertThat(sequence.end()).isNull();
    }

    @Test
    void aSnapshotMayNotSkipThePageAfterTheLockPage() {
        PageSequence sequence = snapshot(LOCK_PAGE + 2);
        take(sequence, IntStream.rangeClosed(1, LOCK_PAGE - 1));

        assertThat(sequence.next(LOCK_PAGE + 2)).contains("page 16386 is missing");
        assertThat(sequence.end()).contains("page 16386 is missing");
    }

    @Test
    void theLockPageIsRefusedEverywhere() {
        assertThat(transaction(LOCK_PAGE + 1, LOCK_PAGE + 1).next(LOCK_PAGE)).contains("lock page");
        PageSequence snapshot = snapshot(LOCK_PAGE + 1);
        take(snapshot, IntStream.rangeClosed(1, LOCK_PAGE - 1));
        assertThat(snapshot.next(LOCK_PAGE)).contains("lock page");
    }

    @Test
    void growthNeedsEveryPageBeyondTheOldEnd() {
        PageSequence sequence = transaction(6, 3);
        take(sequence, IntStream.of(2, 4));

        assertThat(sequence.next(6)).contains("page 5 is missing");
    }

    @Test
    void growthIsNotCompleteBeforeTheLastPage() {
        PageSequence sequence = transaction(6, 3);
        take(sequence, IntStream.of(1, 4, 5));

        assertThat(sequence.end()).contains("page 6 is missing");
    }

    @Test
    void growthWithAllNewPagesIsComplete() {
        PageSequence sequence = transaction(6, 3);
        take(sequence, IntStream.of(1, 4, 5, 6));

        assertThat(sequence.end()).isNull();
    }

    @Test
    void growthAcrossTheLockPageJumpsOverIt() {
        PageSequence sequence = transaction(LOCK_PAGE + 1, LOCK_PAGE - 2);
        take(sequence, IntStream.of(1, LOCK_PAGE - 1, LOCK_PAGE + 1));

        assertThat(sequence.end()).isNull();
    }

    @Test
    void growthToTheLockPageNeedsNoPage() {
        assertThat(transaction(LOCK_PAGE, LOCK_PAGE - 1).end()).isNull();
    }

    @Test
    void shrinkingNeedsNoPage() {
        assertThat(transaction(3, 9).end()).isNull();
    }

    @Test
    void aRefusedPageDoesNotCount() {
        PageSequence sequence = transaction(9, 9);
        take(sequence, IntStream.of(4));

        assertThat(sequence.next(4)).contains("ascending");
        assertThat(sequence.next(0)).contains("ascending");
        assertThat(sequence.next(-1)).contains("ascending");
        assertThat(sequence.next(10)).contains("database of 9 pages");
        assertThat(sequence.next(5)).isNull();
    }

    @Test
    void theLargestDatabaseDoesNotOverflow() {
        PageSequence sequence = transaction(Integer.MAX_VALUE, Integer.MAX_VALUE);

        assertThat(sequence.next(Integer.MAX_VALUE)).isNull();
        assertThat(sequence.end()).isNull();
    }

    private static PageSequence snapshot(int commit) {
        return new PageSequence(LtxHeader.ofSnapshot(65536, commit, 8, 0, 0), commit);
    }

    private static PageSequence transaction(int commit, int previousCommit) {
        return new PageSequence(LtxHeader.ofTransaction(65536, commit, 8, 0, 0), previousCommit);
    }

    private static void take(PageSequence sequence, IntStream pages) {
        pages.forEach(page -> assertThat(sequence.next(page)).as("page " + page).isNull());
    }
}
