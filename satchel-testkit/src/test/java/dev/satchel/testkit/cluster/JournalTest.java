package dev.satchel.testkit.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.UserId;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whatever a read could get wrong is noticed. */
class JournalTest {
    private final Journal journal = new Journal(UserId.of("alice"));
    private String first;
    private String second;

    @BeforeEach
    void twoChanges() {
        first = journal.newChange();
        second = journal.newChange();
        journal.acknowledged(first, 1);
        journal.acknowledged(second, 2);
    }

    @Test
    void aReadThatShowsEverythingIsRight() {
        assertThat(journal.complaints(2, journal.acknowledged(), 2, 2, List.of(first, second)))
                .isEmpty();
    }

    @Test
    void anOlderVersionMayLackWhatCameAfterIt() {
        assertThat(journal.complaints(1, Set.of(), 1, 1, List.of(first))).isEmpty();
    }

    @Test
    void aReadMaySeePartOfAVersionIfItSaysSo() {
        assertThat(journal.complaints(1, Set.of(), 2, 1, List.of(first))).isEmpty();
    }

    @Test
    void aVersionBeforeTheBookmarkIsNoticed() {
        assertThat(journal.complaints(2, Set.of(), 1, 1, List.of(first)))
                .containsExactly("was asked for version 2 or newer");
    }

    @Test
    void aChangeThatIsMissingInItsVersionIsNoticed() {
        assertThat(journal.complaints(2, Set.of(), 2, 2, List.of(second)))
                .containsExactly("does not show what was acknowledged up to there: [" + first + "]");
    }

    @Test
    void aReadOfTheLatestVersionThatLacksWhatWasAcknowledgedBeforeIsNoticed() {
        assertThat(journal.complaints(0, journal.acknowledged(), 1, 1, List.of(first)))
                .containsExactly("does not show what was acknowledged up to there: [" + second + "]");
    }

    @Test
    void aChangeThatNobodyAskedForIsNoticed() {
        assertThat(journal.complaints(2, Set.of(), 2, 2, List.of(first, second, "made up")))
                .containsExactly("shows what nobody asked for: [made up]");
    }

    @Test
    void theBookmarkIsTheNewestVersionThatAnAnswerHasNamed() {
        journal.saw(1);

        assertThat(journal.bookmark()).isEqualTo(2);
    }
}
