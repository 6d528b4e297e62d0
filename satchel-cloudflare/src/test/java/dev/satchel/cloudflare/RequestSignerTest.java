package dev.satchel.cloudflare;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class RequestSignerTest {
    private static final Pattern TIME = Pattern.compile(" time=([0-9]+),");

    private final AtomicLong clock = new AtomicLong(1_000_000_000_000L);
    private final RequestSigner signer = new RequestSigner("k".repeat(32), () -> Instant.ofEpochMilli(clock.get()));

    private long time() {
        Matcher found = TIME.matcher(signer.authorization("GET", "/", new byte[0]));
        assertThat(found.find()).isTrue();
        return Long.parseLong(found.group(1));
    }

    @Test
    void noTwoRequestsHaveTheSameTime() {
        long first = time();

        assertThat(time()).isEqualTo(first + 1);
    }

    @Test
    void laterOnesHaveALaterTimeAlsoWhenTheClockIsSetBackALittle() {
        long first = time();
        clock.addAndGet(-30_000);

        assertThat(time()).isEqualTo(first + 1);
    }

    @Test
    void aClockThatWasFarAheadAndIsRightAgainIsFollowed() {
        clock.addAndGet(3_600_000);
        time();
        clock.addAndGet(-3_590_000);

        assertThat(time()).isEqualTo(clock.get());
    }
}
