package dev.satchel.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.store.ObjectBody;
import dev.satchel.store.ObjectStore;
import dev.satchel.store.PutCondition;
import dev.satchel.store.PutResult;
import dev.satchel.store.StoreException;
import dev.satchel.store.StoreException.Reason;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class InMemoryObjectStoreTest extends ObjectStoreContract {
    private static final ObjectBody BODY = ObjectBody.of(new byte[] {1, 2, 3});

    @Override
    protected ObjectStore store() {
        return new InMemoryObjectStore();
    }

    @Test
    void throttlesASecondWriteToAKeyWithinASecond() {
        AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);
        InMemoryObjectStore store = new InMemoryObjectStore(now::get, true);
        store.put("a", BODY, Map.of(), PutCondition.none());

        store.put("b", BODY, Map.of(), PutCondition.none());
        assertThatThrownBy(() -> store.put("a", BODY, Map.of(), PutCondition.none()))
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.THROTTLED));
        now.set(Instant.EPOCH.plusSeconds(1));
        assertThat(store.put("a", BODY, Map.of(), PutCondition.none())).isInstanceOf(PutResult.Stored.class);
    }

    @Test
    void refusesAKeyThatIsAFolder() {
        InMemoryObjectStore store = new InMemoryObjectStore();
        store.put("a/b", BODY, Map.of(), PutCondition.none());

        for (String key : new String[] {"a", "a/b/c"}) {
            assertThatThrownBy(() -> store.put(key, BODY, Map.of(), PutCondition.none()))
                    .isInstanceOfSatisfying(
                            StoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.REJECTED));
        }
    }

    @Test
    void logsRequestsWithTheirOutcome() {
        InMemoryObjectStore store = new InMemoryObjectStore();
        store.put("a", BODY, Map.of(), PutCondition.ifAbsent());
        store.put("a", BODY, Map.of(), PutCondition.ifAbsent());
        store.get("a").orElseThrow().close();
        store.head("b");
        store.list("x/", "", 10);
        store.delete("a");

        assertThat(store.requests().entries())
                .containsExactly(
                        new RequestLog.Entry(Operation.PUT, "a", 3, RequestLog.Outcome.OK),
                        new RequestLog.Entry(Operation.PUT, "a", 3, RequestLog.Outcome.PRECONDITION_FAILED),
                        new RequestLog.Entry(Operation.GET, "a", 3, RequestLog.Outcome.OK),
                        new RequestLog.Entry(Operation.HEAD, "b", 0, RequestLog.Outcome.ABSENT),
                        new RequestLog.Entry(Operation.LIST, "x/", 0, RequestLog.Outcome.OK),
                        new RequestLog.Entry(Operation.DELETE, "a", 0, RequestLog.Outcome.OK));
        assertThat(store.requests().count(Operation.PUT)).isEqualTo(2);
        assertThat(store.requests().bytes(Operation.PUT)).isEqualTo(6);
        store.requests().reset();
        assertThat(store.requests().count()).isZero();
    }
}
