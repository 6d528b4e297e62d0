package dev.satchel.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.store.ByteRange;
import dev.satchel.store.DirectoryObjectStore;
import dev.satchel.store.ListPage;
import dev.satchel.store.ObjectBody;
import dev.satchel.store.ObjectInfo;
import dev.satchel.store.ObjectStore;
import dev.satchel.store.ProbeReport;
import dev.satchel.store.ProbeReport.Check;
import dev.satchel.store.PutCondition;
import dev.satchel.store.PutResult;
import dev.satchel.store.StoreException;
import dev.satchel.store.StoreException.Reason;
import dev.satchel.store.StoreProbe;
import dev.satchel.store.StoredObject;
import dev.satchel.testkit.FaultyObjectStore.Fault;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class StoreProbeTest {
    private final InMemoryObjectStore memory = new InMemoryObjectStore();
    private final AtomicLong sleptMillis = new AtomicLong();
    private InstantSource clock = InstantSource.system();

    @Test
    void passesAStoreThatKeepsItsPromisesAndLeavesNothingBehind() {
        memory.put("alice/database.sqlite", ObjectBody.of(new byte[1]), Map.of(), PutCondition.none());
        CountingObjectStore counting = new CountingObjectStore(memory);

        ProbeReport report = probe(counting).run();

        assertThat(report.checks())
                .allSatisfy(check -> assertThat(check.passed()).as("%s", check).isTrue());
        assertThat(report.passed()).isTrue();
        assertThat(report.location()).isEqualTo(memory.location());
        assertThat(report.requests()).isEqualTo(counting.requests().count());
        assertThat(memory.list("", "", 10).objects())
                .extracting(ObjectInfo::key)
                .containsExactly("alice/database.sqlite");
    }

    @Test
    void passesTheDirectoryStore(@TempDir Path folder) {
        try (DirectoryObjectStore store = new DirectoryObjectStore(folder, false)) {
            ProbeReport report = probe(store).run();

            assertThat(report.checks())
                    .allSatisfy(
                            check -> assertThat(check.passed()).as("%s", check).isTrue());
        }
    }

    @Test
    void quickFormTakesEightRequestsAndLeavesNothingBehind() {
        CountingObjectStore counting = new CountingObjectStore(memory);

        probe(counting).requireConditionalWrites();

        assertThat(counting.requests().count()).isEqualTo(8);
        assertThat(memory.list("", "", 10).objects()).isEmpty();
    }

    @Test
    void waitsForAStoreThatAllowsOneWritePerKeyAndSecond() {
        AtomicLong now = new AtomicLong();
        InMemoryObjectStore limited =
                new InMemoryObjectStore(() -> Instant.ofEpochMilli(now.get() + sleptMillis.get()), true);

        ProbeReport report = probe(limited).run();
        now.addAndGet(10_000);
        probe(limited).requireConditionalWrites();

        assertThat(report.checks())
                .allSatisfy(check -> assertThat(check.passed()).as("%s", check).isTrue());
        assertThat(sleptMillis.get()).isPositive();
    }

    @Test
    void refusesAStoreThatIgnoresIfAbsent() {
        ObjectStore ignoring = new ForwardingObjectStore(memory) {
            @Override
            public PutResult put(String key, ObjectBody body, Map<String, String> metadata, PutCondition condition) {
                boolean ignored = condition instanceof PutCondition.IfAbsent;
                return super.put(key, body, metadata, ignored ? PutCondition.none() : condition);
            }
        };

        assertThat(failed(ignoring)).contains("refuse a put if absent", "one winner of concurrent puts if absent");
        assertRefused(ignoring, "If-None-Match");
    }

    @Test
    void refusesAStoreThatIgnoresIfMatch() {
        ObjectStore ignoring = new ForwardingObjectStore(memory) {
            @Override
            public PutResult put(String key, ObjectBody body, Map<String, String> metadata, PutCondition condition) {
                boolean ignored = condition instanceof PutCondition.IfMatch;
                return super.put(key, body, metadata, ignored ? PutCondition.none() : condition);
            }
        };

        assertThat(failed(ignoring))
                .containsExactly("refuse a put if changed", "one winner of concurrent puts if unchanged");
        assertRefused(ignoring, "If-Match");
    }

    @Test
    void refusesAStoreThatHonoursConditionsOneAtATimeOnly() {
        CyclicBarrier both = new CyclicBarrier(2);
        ObjectStore racy = new ForwardingObjectStore(memory) {
            @Override
            public PutResult put(String key, ObjectBody body, Map<String, String> metadata, PutCondition condition) {
                if (!key.contains("race") || condition instanceof PutCondition.None) {
                    return super.put(key, body, metadata, condition);
                }
                boolean holds = condition instanceof PutCondition.IfMatch match
                        ? head(key)
                                .filter(info -> info.etag().equals(match.etag()))
                                .isPresent()
                        : head(key).isEmpty();
                // Two racers have both seen that the condition holds before either of them writes.
                if (Thread.currentThread().getName().equals("racer")) {
                    try {
                        both.await(20, TimeUnit.SECONDS);
                    } catch (Exception e) {
                        throw new AssertionError(e);
                    }
                }
                return holds
                        ? super.put(key, body, metadata, PutCondition.none())
                        : PutResult.PreconditionFailed.INSTANCE;
            }
        };

        assertThat(failed(racy))
                .containsExactly(
                        "one winner of concurrent puts if absent", "one winner of concurrent puts if unchanged");
    }

    @Test
    void refusesAStoreThatKeepsTheFramingOfABody() {
        ObjectStore chunked = new ForwardingObjectStore(memory) {
            @Override
            public Optional<StoredObject> get(String key, ByteRange range) {
                return super.get(key, range).map(object -> {
                    byte[] framed = ("5;chunk-signature=" + new String(object.readAll())).getBytes();
                    return new StoredObject(object.info(), new ByteArrayInputStream(framed), framed.length);
                });
            }
        };

        assertThat(failed(chunked)).contains("get what was put, intact");
        assertRefused(chunked, "other bytes");
    }

    @Test
    void refusesAStoreThatLosesMetadata() {
        ObjectStore losing = new ForwardingObjectStore(memory) {
            @Override
            public PutResult put(String key, ObjectBody body, Map<String, String> metadata, PutCondition condition) {
                return super.put(key, body, Map.of(), condition);
            }
        };

        assertThat(failed(losing)).containsExactly("keep metadata");
    }

    @Test
    void refusesAStoreThatDecodesKeys() {
        ObjectStore decoding = new ForwardingObjectStore(memory) {
            @Override
            public PutResult put(String key, ObjectBody body, Map<String, String> metadata, PutCondition condition) {
                return super.put(key.replace("%41", "A"), body, metadata, condition);
            }
        };

        assertThat(failed(decoding)).containsExactly("list what was put, in order");
    }

    @Test
    void refusesAStoreThatListsLate() {
        ObjectStore stale = new ForwardingObjectStore(memory) {
            @Override
            public ListPage list(String prefix, String startAfter, int limit) {
                return new ListPage(List.of(), false);
            }
        };

        assertThat(failed(stale)).containsExactly("list what was put, in order");
    }

    @Test
    void refusesAStoreThatOnlySaysItDeletes() {
        ObjectStore keeping = new ForwardingObjectStore(memory) {
            @Override
            public void delete(String key) {}
        };

        assertThat(failed(keeping)).containsExactly("delete");
        assertRefused(keeping, "deleted");
    }

    @Test
    void reportsCredentialsThatMayNotDelete() {
        FaultyObjectStore faulty = new FaultyObjectStore(memory);
        faulty.on(".*", Operation.DELETE).always().inject(Fault.DENIED);

        ProbeReport report = probe(faulty).run();

        Check failure = report.firstFailure().orElseThrow();
        assertThat(failure.name()).isEqualTo("delete");
        assertThat(failure.advice()).contains("delete");
        assertThatThrownBy(() -> probe(faulty).requireConditionalWrites())
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.DENIED));
    }

    @ParameterizedTest
    @EnumSource(
            value = Fault.class,
            names = {"NOT_SENT", "DENIED", "FAIL_BEFORE"})
    void reportsAStoreThatCannotBeAskedWithoutTryingTheRest(Fault fault) {
        FaultyObjectStore faulty = new FaultyObjectStore(memory);
        faulty.on(".*").always().inject(fault);

        ProbeReport report = probe(faulty).run();

        assertThat(report.passed()).isFalse();
        assertThat(report.checks().get(0).name()).isEqualTo("put an object");
        assertThat(report.checks().get(0).advice()).isNotEmpty();
        assertThat(report.checks()).hasSizeLessThanOrEqualTo(2);
        assertThatThrownBy(() -> probe(faulty).requireConditionalWrites()).isInstanceOf(StoreException.class);
    }

    @Test
    void recognisesItsOwnPutAfterALostAnswer() {
        FaultyObjectStore faulty = new FaultyObjectStore(memory);
        faulty.on(".*", Operation.PUT).nth(1).inject(Fault.FAIL_AFTER);
        probe(faulty).requireConditionalWrites();
        faulty.on(".*", Operation.PUT).nth(1).inject(Fault.FAIL_AFTER);

        assertThat(probe(faulty).run().passed()).isTrue();
    }

    private List<String> failed(ObjectStore store) {
        ProbeReport report = probe(store).run();
        assertThat(report.passed()).isFalse();
        return report.checks().stream()
                .filter(check -> !check.passed())
                .peek(check -> assertThat(check.advice()).isNotEmpty())
                .map(Check::name)
                .toList();
    }

    private void assertRefused(ObjectStore store, String reason) {
        assertThatThrownBy(() -> probe(store).requireConditionalWrites())
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.REJECTED))
                .hasMessageContaining(store.location())
                .hasMessageContaining(reason);
    }

    private StoreProbe probe(ObjectStore store) {
        AtomicLong runs = new AtomicLong();
        return new StoreProbe(
                store,
                () -> "run-" + runs.incrementAndGet(),
                task -> new Thread(task, "racer"),
                (Duration duration) -> sleptMillis.addAndGet(duration.toMillis()),
                clock,
                System::nanoTime);
    }
}
