package dev.satchel.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.store.ObjectBody;
import dev.satchel.store.ObjectInfo;
import dev.satchel.store.PutCondition;
import dev.satchel.store.RetryPolicy;
import dev.satchel.store.RetryingObjectStore;
import dev.satchel.store.StoreException;
import dev.satchel.store.StoreException.Reason;
import dev.satchel.testkit.FaultyObjectStore.Fault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RetryingObjectStoreTest {
    private static final ObjectBody BODY = ObjectBody.of(new byte[] {1});
    private static final RetryPolicy POLICY =
            new RetryPolicy(4, Duration.ofSeconds(10), Duration.ofMillis(100), Duration.ofMillis(300));

    private final InMemoryObjectStore memory = new InMemoryObjectStore();
    private final CountingObjectStore counting = new CountingObjectStore(memory);
    private final FaultyObjectStore faulty = new FaultyObjectStore(counting);
    private final AtomicLong nanos = new AtomicLong();
    private final List<Duration> slept = new ArrayList<>();
    private final RetryingObjectStore store =
            new RetryingObjectStore(faulty, POLICY, nanos::get, this::sleep, () -> 0.5);

    @Test
    void repeatsReadsAndDeletionsUntilTheyAnswer() {
        memory.put("a", BODY, Map.of(), PutCondition.none());
        for (Operation operation : List.of(Operation.GET, Operation.HEAD, Operation.LIST, Operation.DELETE)) {
            faulty.on(".*", operation).nth(1).inject(Fault.FAIL_BEFORE);
            faulty.on(".*", operation).nth(1).inject(Fault.THROTTLED);
            faulty.on(".*", operation).nth(1).inject(Fault.NOT_SENT);
        }

        assertThat(store.head("a")).isPresent();
        assertThat(store.list("a", "", 1).objects()).hasSize(1);
        try (var object = store.get("a").orElseThrow()) {
            assertThat(object.readAll()).containsExactly(1);
        }
        store.delete("a");

        assertThat(store.get("a")).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(
            value = Fault.class,
            names = {"FAIL_BEFORE", "FAIL_AFTER", "NOT_SENT", "THROTTLED"})
    void sendsPutsOnceWhateverHappens(Fault fault) {
        faulty.on("a", Operation.PUT).nth(1).inject(fault);

        assertThatThrownBy(() -> store.put("a", BODY, Map.of(), PutCondition.ifAbsent()))
                .isInstanceOf(StoreException.class);

        assertThat(slept).isEmpty();
        assertThat(memory.head("a").isPresent()).isEqualTo(fault == Fault.FAIL_AFTER);
    }

    @Test
    void doublesTheDelayUpToItsBoundAndDrawsItAtRandom() {
        faulty.on("a", Operation.HEAD).always().inject(Fault.FAIL_BEFORE);

        assertThatThrownBy(() -> store.head("a")).isInstanceOfSatisfying(StoreException.class, e -> {
            assertThat(e.reason()).isEqualTo(Reason.UNKNOWN_OUTCOME);
            assertThat(e).hasMessageContaining("attempts: 4");
        });

        assertThat(slept).containsExactly(Duration.ofMillis(50), Duration.ofMillis(100), Duration.ofMillis(150));
    }

    @Test
    void doesNotRepeatWhatCannotHeal() {
        faulty.on("a", Operation.HEAD).always().inject(Fault.DENIED);

        assertThatThrownBy(() -> store.head("a"))
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.DENIED));

        assertThat(slept).isEmpty();
    }

    @Test
    void waitsAsLongAsTheStoreAsksFor() {
        AtomicInteger asked = new AtomicInteger();
        var throttling = throttling(asked, Duration.ofSeconds(3));

        assertThatThrownBy(() -> throttling.head("a")).isInstanceOf(StoreException.class);

        assertThat(slept.get(0)).isEqualTo(Duration.ofMillis(3_050));
        assertThat(asked).hasValue(4);
    }

    @Test
    void reportsAtOnceWhatTheTotalTimeHasNoRoomFor() {
        AtomicInteger asked = new AtomicInteger();
        var throttling = throttling(asked, Duration.ofSeconds(11));

        assertThatThrownBy(() -> throttling.head("a"))
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.retryAfter()).contains(Duration.ofSeconds(11)));

        assertThat(asked).hasValue(1);
        assertThat(slept).isEmpty();
    }

    @Test
    void interruptEndsTheWaitWithTheLastFailureAndStaysSet() {
        faulty.on("a", Operation.HEAD).always().inject(Fault.FAIL_BEFORE);
        var interrupted = new RetryingObjectStore(
                faulty,
                POLICY,
                nanos::get,
                duration -> {
                    throw new InterruptedException();
                },
                () -> 0.5);

        assertThatThrownBy(() -> interrupted.head("a")).isInstanceOf(StoreException.class);

        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void policyRefusesNonsense() {
        Duration second = Duration.ofSeconds(1);
        assertThatIllegalArgumentException().isThrownBy(() -> new RetryPolicy(0, second, second, second));
        assertThatIllegalArgumentException().isThrownBy(() -> new RetryPolicy(1, second.negated(), second, second));
        assertThatIllegalArgumentException().isThrownBy(() -> new RetryPolicy(1, second, second, Duration.ZERO));
    }

    private RetryingObjectStore throttling(AtomicInteger asked, Duration retryAfter) {
        var throttling = new ForwardingObjectStore(memory) {
            @Override
            public Optional<ObjectInfo> head(String key) {
                asked.incrementAndGet();
                throw new StoreException(Reason.THROTTLED, "slow down", null, retryAfter);
            }
        };
        return new RetryingObjectStore(throttling, POLICY, nanos::get, this::sleep, () -> 0.5);
    }

    private void sleep(Duration duration) {
        slept.add(duration);
        nanos.addAndGet(duration.toNanos());
    }
}
