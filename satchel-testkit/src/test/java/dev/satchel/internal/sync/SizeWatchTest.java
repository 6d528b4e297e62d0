package dev.satchel.internal.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.SizeThresholds;
import org.junit.jupiter.api.Test;

class SizeWatchTest {
    private static final long KIB = 1024;

    private final SizeWatch watch = new SizeWatch(SizeThresholds.DEFAULTS);

    @Test
    void aCrossingIsTakenOnce() {
        watch.published(400 * KIB, 520 * KIB);

        assertThat(watch.take()).hasValue(512 * KIB);
        assertThat(watch.take()).isEmpty();
    }

    @Test
    void ofTwoCrossingsBetweenTwoLooksTheHigherIsTaken() {
        watch.published(400 * KIB, 520 * KIB);
        watch.published(520 * KIB, 1100 * KIB);

        assertThat(watch.take()).hasValue(1024 * KIB);
    }

    @Test
    void whatWasLargeBeforeIsNotNoticedUntilTheNextThreshold() {
        watch.published(600 * KIB, 700 * KIB);
        assertThat(watch.take()).isEmpty();

        watch.published(700 * KIB, 1100 * KIB);
        assertThat(watch.take()).hasValue(1024 * KIB);
    }

    @Test
    void itIsNoticedAgainOnlyAfterItHasBeenATenthBelow() {
        watch.published(500 * KIB, 520 * KIB);
        assertThat(watch.take()).hasValue(512 * KIB);

        watch.published(520 * KIB, 480 * KIB);
        watch.published(480 * KIB, 520 * KIB);
        assertThat(watch.take()).isEmpty();

        watch.published(520 * KIB, 450 * KIB);
        watch.published(450 * KIB, 520 * KIB);
        assertThat(watch.take()).hasValue(512 * KIB);
    }

    @Test
    void itIsNoticedAgainAfterAnotherNodeHasMadeItSmaller() {
        watch.published(500 * KIB, 520 * KIB);
        assertThat(watch.take()).hasValue(512 * KIB);

        watch.published(100 * KIB, 520 * KIB);
        assertThat(watch.take()).hasValue(512 * KIB);
    }

    @Test
    void beyondTheLastThresholdEachDoublingIsNoticed() {
        watch.published(1000 * KIB, 1900 * KIB);
        assertThat(watch.take()).hasValue(1024 * KIB);

        watch.published(1900 * KIB, 2000 * KIB);
        assertThat(watch.take()).isEmpty();

        watch.published(2000 * KIB, 2048 * KIB);
        assertThat(watch.take()).hasValue(2048 * KIB);

        watch.published(2048 * KIB, 9000 * KIB);
        assertThat(watch.take()).hasValue(8192 * KIB);
    }
}
