package dev.satchel.internal.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.SizeThresholds;
import dev.satchel.SizeThresholds.Level;
import org.junit.jupiter.api.Test;

class SizeWatchTest {
    private static final long KIB = 1024;

    private final SizeWatch watch = new SizeWatch(SizeThresholds.DEFAULTS);

    @Test
    void sessionsThatOverlapTellOfOneCrossingOnce() {
        assertThat(watch.look(400 * KIB, 520 * KIB)).contains(Level.INFO);
        assertThat(watch.look(400 * KIB, 530 * KIB)).isEmpty();
        assertThat(watch.look(520 * KIB, 530 * KIB)).isEmpty();
    }

    @Test
    void aSessionThatBeganBehindTheCrossingDoesNotTakeItFromTheOneThatMadeIt() {
        assertThat(watch.look(520 * KIB, 521 * KIB)).isEmpty();
        assertThat(watch.look(400 * KIB, 521 * KIB)).contains(Level.INFO);
    }

    @Test
    void whatWasLargeBeforeIsToldAtTheNextThreshold() {
        assertThat(watch.look(600 * KIB, 700 * KIB)).isEmpty();
        assertThat(watch.look(700 * KIB, 1100 * KIB)).contains(Level.WARNING);
    }

    @Test
    void itIsToldAgainOnlyAfterItHasBeenATenthBelow() {
        assertThat(watch.look(500 * KIB, 520 * KIB)).contains(Level.INFO);
        assertThat(watch.look(520 * KIB, 480 * KIB)).isEmpty();
        assertThat(watch.look(480 * KIB, 520 * KIB)).isEmpty();
        assertThat(watch.look(520 * KIB, 450 * KIB)).isEmpty();
        assertThat(watch.look(450 * KIB, 520 * KIB)).contains(Level.INFO);
    }
}
