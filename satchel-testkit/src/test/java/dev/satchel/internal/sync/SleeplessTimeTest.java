package dev.satchel.internal.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.DatabaseId;
import dev.satchel.Durability;
import dev.satchel.Freshness;
import dev.satchel.SatchelConfig;
import dev.satchel.Session;
import dev.satchel.VersionFeed;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A machine that is suspended: its monotonic clock stands still, and goes on where it was. */
class SleeplessTimeTest {
    private static final DatabaseId ID = DatabaseId.of("alice");
    private static final Instant BEGINNING = Instant.parse("2026-01-01T00:00:00Z");

    @RegisterExtension
    private final Nodes nodes = new Nodes();

    private final AtomicLong awake = new AtomicLong();
    private final AtomicLong wall = new AtomicLong();
    private final SleeplessTime time = new SleeplessTime(awake::get, () -> BEGINNING.plusNanos(wall.get()));

    private void work(Duration duration) {
        awake.addAndGet(duration.toNanos());
        wall.addAndGet(duration.toNanos());
    }

    private void setClock(Duration by) {
        wall.addAndGet(by.toNanos());
    }

    private void sleep(Duration duration) {
        setClock(duration);
    }

    private Duration since(long begin) {
        return Duration.ofNanos(time.getAsLong() - begin);
    }

    @Test
    void timeGoesOnWhileTheMachineSleeps() {
        long begin = time.getAsLong();
        work(Duration.ofSeconds(5));
        assertThat(since(begin)).isEqualTo(Duration.ofSeconds(5));

        sleep(Duration.ofDays(31));
        work(Duration.ofSeconds(1));

        assertThat(since(begin)).isEqualTo(Duration.ofDays(31).plusSeconds(6));
    }

    @Test
    void manyShortSleepsAddUp() {
        long begin = time.getAsLong();
        for (int i = 0; i < 100; i++) {
            work(Duration.ofMillis(100));
            sleep(Duration.ofMillis(400));
            time.getAsLong();
        }

        assertThat(since(begin)).isBetween(Duration.ofSeconds(49), Duration.ofSeconds(50));
    }

    @Test
    void clocksThatAreReadOneAfterTheOtherDoNotMakeTimeRunFaster() {
        long begin = time.getAsLong();
        for (int i = 0; i < 1000; i++) {
            work(Duration.ofMillis(100));
            setClock(Duration.ofMillis(i % 2 == 0 ? 30 : -30));
            time.getAsLong();
        }

        assertThat(since(begin)).isEqualTo(Duration.ofSeconds(100));
    }

    @Test
    void clockThatIsSetBackTakesNothingAwayAndHidesNoSleep() {
        long begin = time.getAsLong();
        setClock(Duration.ofDays(-365));
        work(Duration.ofSeconds(1));
        assertThat(since(begin)).isEqualTo(Duration.ofSeconds(1));

        sleep(Duration.ofHours(8));

        assertThat(since(begin)).isEqualTo(Duration.ofHours(8).plusSeconds(1));
    }

    /** It was the newest a second ago by the machine's own time. */
    @Test
    void nodeThatWasAsleepDoesNotTakeItsCopyForFresh() {
        nodes.start("other").run(ID, Sql.CREATE, Sql.note("1"));
        Engine sleeper = Engine.start(
                nodes.store(),
                nodes.folder("sleeper"),
                SatchelConfig.defaults(),
                new Figures(),
                nodes.wallClock(),
                "sleeper",
                null,
                List.of(),
                VersionFeed.inProcess(),
                new Surroundings(time, new Random(1), Nodes.NEVER));
        try {
            sleeper.open(ID, Freshness.latest(), Durability.DURABLE).close();
            nodes.start("third").run(ID, Sql.note("2"));
            sleep(Duration.ofHours(1));
            work(Duration.ofSeconds(1));

            try (Session session = sleeper.open(ID, Freshness.within(Duration.ofMinutes(1)), Durability.DURABLE)) {
                assertThat(Sql.notes(session)).containsExactly("1", "2");
            }
        } finally {
            sleeper.close();
        }
    }
}
