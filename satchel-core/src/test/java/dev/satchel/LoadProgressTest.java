package dev.satchel;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class LoadProgressTest {
    private static final Duration ELAPSED = Duration.ofSeconds(4);

    @Test
    void guessesThatItGoesOnAsItBegan() {
        assertThat(new LoadProgress(100, 400, ELAPSED).remaining()).isEqualTo(Duration.ofSeconds(12));
    }

    @Test
    void guessesNothingFromNothing() {
        assertThat(new LoadProgress(0, 400, ELAPSED).remaining()).isZero();
        assertThat(new LoadProgress(400, 400, ELAPSED).remaining()).isZero();
    }

    @Test
    void exceptionTellsDatabaseAndProgress() {
        LoadingException e = new LoadingException(DatabaseId.of("alice"), new LoadProgress(100, 400, ELAPSED));

        assertThat(e).hasMessageContaining("alice/database").hasMessageContaining("100 of 400 bytes");
        assertThat(e.status()).isEqualTo(SyncStatus.FAILED);
    }
}
