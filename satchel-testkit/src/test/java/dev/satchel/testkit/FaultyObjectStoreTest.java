package dev.satchel.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.satchel.store.ObjectBody;
import dev.satchel.store.PutCondition;
import dev.satchel.store.PutResult;
import dev.satchel.store.StoreException;
import dev.satchel.store.StoreException.Reason;
import dev.satchel.store.StoredObject;
import dev.satchel.testkit.FaultyObjectStore.Fault;
import dev.satchel.testkit.FaultyObjectStore.Pause;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class FaultyObjectStoreTest {
    private final InMemoryObjectStore behind = new InMemoryObjectStore();
    private final FaultyObjectStore faulty = new FaultyObjectStore(behind);

    @Test
    void failsBeforeOrAfterTheEffect() {
        faulty.on("before", Operation.PUT).inject(Fault.FAIL_BEFORE);
        faulty.on("after", Operation.PUT).inject(Fault.FAIL_AFTER);

        assertThat(failureOfPut("before")).isEqualTo(Reason.UNKNOWN_OUTCOME);
        assertThat(failureOfPut("after")).isEqualTo(Reason.UNKNOWN_OUTCOME);

        assertThat(behind.head("before")).isEmpty();
        assertThat(behind.head("after")).isPresent();
    }

    @Test
    void refusesWithoutEffect() {
        faulty.on(".*").nth(1).inject(Fault.NOT_SENT);
        faulty.on(".*").nth(2).inject(Fault.THROTTLED);
        faulty.on(".*").nth(3).inject(Fault.DENIED);

        assertThat(failureOfPut("a")).isEqualTo(Reason.NOT_SENT);
        assertThat(failureOfPut("a")).isEqualTo(Reason.THROTTLED);
        assertThat(failureOfPut("a")).isEqualTo(Reason.DENIED);
        assertThat(behind.head("a")).isEmpty();
        put("a", 1);
        assertThat(behind.head("a")).isPresent();
    }

    @Test
    void aimsAtTheNthRequestThatMatches() {
        faulty.on(".*[.]ltx", Operation.PUT).nth(2).inject(Fault.FAIL_BEFORE);

        put("1.ltx", 1);
        put("other", 1);
        assertThat(faulty.get("1.ltx")).isPresent();
        assertThat(failureOfPut("2.ltx")).isEqualTo(Reason.UNKNOWN_OUTCOME);
        put("2.ltx", 1);
    }

    @Test
    void goesOnFailingUntilCleared() {
        faulty.on(".*").always().inject(Fault.NOT_SENT);

        assertThat(failureOfPut("a")).isEqualTo(Reason.NOT_SENT);
        assertThat(failureOfPut("a")).isEqualTo(Reason.NOT_SENT);
        faulty.clear();
        put("a", 1);
    }

    @Test
    void lateRequestLandsWhenReleasedAndChecksItsConditionThen() {
        faulty.on(".*", Operation.PUT).always().inject(Fault.LATE);
        byte[] bytes = {7};
        assertThatThrownBy(() -> faulty.put("a", ObjectBody.of(bytes), Map.of(), PutCondition.ifAbsent()));
        assertThat(failureOfPut("a")).isEqualTo(Reason.UNKNOWN_OUTCOME);
        bytes[0] = 8;
        faulty.clear();

        assertThat(faulty.head("a")).isEmpty();
        assertThat(faulty.lateRequests()).isEqualTo(2);
        faulty.releaseLate();

        assertThat(faulty.get("a").orElseThrow().readAll()).isEqualTo(new byte[] {7});
        assertThat(faulty.lateRequests()).isZero();
    }

    @Test
    void damagesBodies() {
        put("a", 1, 2, 3, 4);
        faulty.on("a", Operation.GET).nth(1).inject(Fault.TRUNCATED_BODY);
        faulty.on("a", Operation.GET).nth(2).inject(Fault.BROKEN_BODY);
        faulty.on("a", Operation.GET).nth(3).inject(Fault.CORRUPTED_BODY);

        for (int i = 0; i < 2; i++) {
            try (StoredObject object = faulty.get("a").orElseThrow()) {
                assertThatThrownBy(object::readAll).isInstanceOf(StoreException.class);
            }
        }
        assertThat(faulty.get("a").orElseThrow().readAll()).containsExactly(1, 2, 2, 4);
        assertThat(faulty.get("a").orElseThrow().readAll()).containsExactly(1, 2, 3, 4);
    }

    @Test
    void holdsARequestBeforeItsEffectUntilReleased() throws Exception {
        Pause pause = faulty.on("a", Operation.PUT).pauseBefore();
        CompletableFuture<Void> put = CompletableFuture.runAsync(() -> put("a", 1));

        pause.awaitReached();
        assertThat(behind.head("a")).isEmpty();
        assertThat(put).isNotDone();
        pause.release();
        put.get(30, TimeUnit.SECONDS);

        assertThat(behind.head("a")).isPresent();
    }

    @Test
    void holdsAnAnswerAfterTheEffectUntilReleased() throws Exception {
        Pause pause = faulty.on("a", Operation.PUT).pauseAfter();
        CompletableFuture<Void> put = CompletableFuture.runAsync(() -> put("a", 1));

        pause.awaitReached();
        assertThat(behind.head("a")).isPresent();
        assertThat(put).isNotDone();
        pause.release();
        put.get(30, TimeUnit.SECONDS);
    }

    @Test
    void randomFaultsRepeatWithTheirSeed() {
        List<Reason> first = randomRun(42);

        assertThat(first).contains(Reason.THROTTLED, Reason.UNKNOWN_OUTCOME).hasSizeLessThan(100);
        assertThat(randomRun(42)).isEqualTo(first);
        assertThat(randomRun(43)).isNotEqualTo(first);
    }

    private static List<Reason> randomRun(long seed) {
        FaultyObjectStore store = new FaultyObjectStore(new InMemoryObjectStore());
        store.injectRandomly(new Random(seed), 0.3, Fault.THROTTLED, Fault.FAIL_BEFORE, Fault.FAIL_AFTER);
        List<Reason> failures = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            try {
                store.put("a", ObjectBody.of(new byte[0]), Map.of(), PutCondition.none());
            } catch (StoreException e) {
                failures.add(e.reason());
            }
        }
        return failures;
    }

    private Reason failureOfPut(String key) {
        return catchThrowableOfType(
                        StoreException.class,
                        () -> faulty.put(key, ObjectBody.of(new byte[] {9}), Map.of(), PutCondition.ifAbsent()))
                .reason();
    }

    private void put(String key, int... bytes) {
        byte[] body = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            body[i] = (byte) bytes[i];
        }
        PutResult result = faulty.put(key, ObjectBody.of(body), Map.of(), PutCondition.none());
        assertThat(result).isInstanceOf(PutResult.Stored.class);
    }
}
