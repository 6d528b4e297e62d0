package dev.satchel.spring.boot;

import dev.satchel.ConflictPolicy;
import dev.satchel.CorruptException;
import dev.satchel.SatchelMetrics;
import dev.satchel.SizeThresholds;
import dev.satchel.SyncStatus;
import dev.satchel.spring.web.AnswerObserver;
import dev.satchel.spring.web.SyncObserver;
import dev.satchel.store.StoreException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Reports figures as the meters of {@link SatchelMeter}. Thread-safe. */
final class MicrometerMetrics implements SatchelMetrics {
    private final MeterRegistry registry;
    private final AtomicInteger sessions = new AtomicInteger();

    MicrometerMetrics(MeterRegistry registry) {
        this.registry = registry;
        Gauge.builder(SatchelMeter.SESSIONS_ACTIVE.getName(), sessions, AtomicInteger::get)
                .register(registry);
        // Meters that should be zero are there from the start, so that an alarm can be set on them.
        for (CorruptException.Kind kind : CorruptException.Kind.values()) {
            count(SatchelMeter.CORRUPTION, corruption(kind), 0);
        }
    }

    @Override
    public void refreshed(Outcome outcome, Duration elapsed) {
        time(SatchelMeter.SYNC, sync("refresh", outcome), elapsed);
    }

    @Override
    public void published(Outcome outcome, long bytes, Duration elapsed) {
        time(SatchelMeter.SYNC, sync("publish", outcome), elapsed);
        bytes(SatchelMeter.SYNC_BYTES, bytes);
    }

    @Override
    public void saved(Duration lag) {
        time(SatchelMeter.SYNC_LAG, Tags.empty(), lag);
    }

    @Override
    public void sessionOpened() {
        sessions.incrementAndGet();
    }

    @Override
    public void sessionEnded(SyncStatus status) {
        sessions.decrementAndGet();
        count(SatchelMeter.SESSIONS, Tags.of(SatchelMeter.Key.STATUS.asString(), status.token()), 1);
    }

    @Override
    public void conflicted(ConflictPolicy policy) {
        count(SatchelMeter.COMMIT_CONFLICTS, Tags.of(SatchelMeter.Key.POLICY.asString(), lower(policy)), 1);
    }

    @Override
    public void loaded(long bytes, Duration elapsed) {
        time(SatchelMeter.OPEN, Tags.of(SatchelMeter.Key.OUTCOME.asString(), "restore"), elapsed);
        bytes(SatchelMeter.OPEN_BYTES, bytes);
    }

    @Override
    public void imageWritten(long bytes, Duration elapsed) {
        time(SatchelMeter.IMAGE, Tags.empty(), elapsed);
        bytes(SatchelMeter.IMAGE_BYTES, bytes);
    }

    @Override
    public void evicted(Eviction cause) {
        count(SatchelMeter.EVICTIONS, Tags.of(SatchelMeter.Key.CAUSE.asString(), lower(cause)), 1);
    }

    @Override
    public void grown(SizeThresholds.Level level) {
        count(SatchelMeter.SIZE_CROSSINGS, Tags.of(SatchelMeter.Key.LEVEL.asString(), level.token()), 1);
    }

    @Override
    public void corruptionFound(CorruptException.Kind kind) {
        count(SatchelMeter.CORRUPTION, corruption(kind), 1);
    }

    private static Tags corruption(CorruptException.Kind kind) {
        return Tags.of(SatchelMeter.Key.KIND.asString(), kind.token());
    }

    private static Tags sync(String operation, Outcome outcome) {
        return Tags.of(
                SatchelMeter.Key.OPERATION.asString(), operation, SatchelMeter.Key.OUTCOME.asString(), lower(outcome));
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private void time(SatchelMeter meter, Tags tags, Duration elapsed) {
        registry.timer(meter.getName(), tags).record(elapsed);
    }

    private void bytes(SatchelMeter meter, long bytes) {
        DistributionSummary.builder(meter.getName())
                .baseUnit(meter.getBaseUnit())
                .register(registry)
                .record((double) bytes);
    }

    private void count(SatchelMeter meter, Tags tags, double amount) {
        registry.counter(meter.getName(), tags).increment(amount);
    }

    /** The meters of requests to the store. */
    static final class Requests implements StoreObserver {
        private final MeterRegistry registry;
        private final Counter sent;
        private final Counter received;

        Requests(MeterRegistry registry) {
            this.registry = registry;
            this.sent = bytes(registry, "sent");
            this.received = bytes(registry, "received");
        }

        @Override
        public void requestEnded(
                String operation,
                String outcome,
                Duration elapsed,
                long sentBytes,
                long receivedBytes,
                @Nullable StoreException failure) {
            registry.timer(
                            SatchelMeter.STORE_REQUESTS.getName(),
                            SatchelMeter.Key.OPERATION.asString(),
                            operation,
                            SatchelMeter.Key.OUTCOME.asString(),
                            outcome)
                    .record(elapsed);
            sent.increment((double) sentBytes);
            received.increment((double) receivedBytes);
        }

        private static Counter bytes(MeterRegistry registry, String direction) {
            return Counter.builder(SatchelMeter.STORE_BYTES.getName())
                    .baseUnit(SatchelMeter.STORE_BYTES.getBaseUnit())
                    .tag(SatchelMeter.Key.DIRECTION.asString(), direction)
                    .register(registry);
        }
    }

    /** The meters of the servlet filters. */
    static final class ServletAnswers extends Answers implements SyncObserver {
        ServletAnswers(MeterRegistry registry) {
            super(registry);
        }
    }

    /** The meters of the web filters. */
    static class Answers implements AnswerObserver {
        private final MeterRegistry registry;

        Answers(MeterRegistry registry) {
            this.registry = registry;
            registry.counter(SatchelMeter.RESPONSES_BROKEN.getName()).increment(0);
        }

        @Override
        public void answerLeftEarly() {
            registry.counter(SatchelMeter.RESPONSES_EARLY.getName()).increment();
        }

        @Override
        public void answerBrokenOff() {
            registry.counter(SatchelMeter.RESPONSES_BROKEN.getName()).increment();
        }
    }
}
