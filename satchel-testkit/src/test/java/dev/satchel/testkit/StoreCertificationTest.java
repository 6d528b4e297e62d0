package dev.satchel.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.store.ByteRange;
import dev.satchel.store.ListPage;
import dev.satchel.store.ObjectBody;
import dev.satchel.store.ObjectInfo;
import dev.satchel.store.ObjectStore;
import dev.satchel.store.ProbeReport;
import dev.satchel.store.ProbeReport.Check;
import dev.satchel.store.ProbeReport.Need;
import dev.satchel.store.PutCondition;
import dev.satchel.store.PutResult;
import dev.satchel.store.StoreProbe;
import dev.satchel.store.StoredObject;
import java.io.ByteArrayInputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The long form of the probe, on stores that fail in ways the short form does not look for. */
@Timeout(120)
class StoreCertificationTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final AtomicLong sleptMillis = new AtomicLong();
    private final InstantSource clock = () -> NOW.plusMillis(sleptMillis.get());
    private final InMemoryObjectStore memory = new InMemoryObjectStore(clock, false);

    @Test
    void passesAStoreThatKeepsItsPromisesAndLeavesNothingBehind() {
        CountingObjectStore counting = new CountingObjectStore(memory);
        List<String> begun = new ArrayList<>();

        ProbeReport report = certify(counting, begun);

        assertAllPassed(report);
        assertThat(report.checks())
                .extracting(Check::name)
                .doesNotHaveDuplicates()
                .isEqualTo(begun);
        assertThat(report.checks()).extracting(Check::need).contains(Need.values());
        assertThat(report.requests()).isEqualTo(counting.requests().count());
        assertThat(memory.list("", "", 10).objects()).isEmpty();
    }

    @Test
    void passesAStoreThatAllowsOneWritePerKeyAndSecondAndTellsOfIt() {
        ProbeReport report = certify(new InMemoryObjectStore(clock, true), new ArrayList<>());

        assertAllPassed(report);
        assertThat(report.checks())
                .filteredOn(check -> check.name().equals("writes of one key"))
                .singleElement()
                .satisfies(check -> assertThat(check.detail()).contains("throttled"));
    }

    @Test
    void refusesAStoreThatTakesARepeatedPutForTheFirst() {
        ObjectStore forgiving = new ForwardingObjectStore(memory) {
            @Override
            public PutResult put(String key, ObjectBody body, Map<String, String> metadata, PutCondition condition) {
                PutResult result = super.put(key, body, metadata, condition);
                byte[] now = get(key).map(StoredObject::readAll).orElse(new byte[0]);
                boolean repeated =
                        now.length > 0 && body instanceof ObjectBody.Bytes bytes && Arrays.equals(bytes.bytes(), now);
                return repeated ? new PutResult.Stored(head(key).orElseThrow().etag()) : result;
            }
        };

        assertThat(failed(forgiving))
                .contains("one winner of the same put sent several times", "refuse a late duplicate of a put");
    }

    @Test
    void refusesAStoreThatTakesAnEmptyObjectForAbsent() {
        ObjectStore careless = new ForwardingObjectStore(memory) {
            @Override
            public PutResult put(String key, ObjectBody body, Map<String, String> metadata, PutCondition condition) {
                boolean empty = head(key).filter(info -> info.size() == 0).isPresent();
                boolean ignored = empty && condition instanceof PutCondition.IfAbsent;
                return super.put(key, body, metadata, ignored ? PutCondition.none() : condition);
            }
        };

        assertThat(failed(careless)).containsExactly("keep empty bodies", "overwrite with an empty body");
    }

    @Test
    void refusesAStoreThatKeepsTheMetadataOfAnErasedObject() {
        Map<String, Map<String, String>> first = new ConcurrentHashMap<>();
        ObjectStore keeping = new ForwardingObjectStore(memory) {
            @Override
            public PutResult put(String key, ObjectBody body, Map<String, String> metadata, PutCondition condition) {
                boolean empty = body instanceof ObjectBody.Bytes bytes && bytes.bytes().length == 0;
                Map<String, String> kept = first.putIfAbsent(key, metadata);
                return super.put(key, body, empty && kept != null ? kept : metadata, condition);
            }
        };

        assertThat(failed(keeping)).containsExactly("overwrite with an empty body");
    }

    @Test
    void refusesAStoreThatRemembersAbsences() {
        Map<String, Boolean> absent = new ConcurrentHashMap<>();
        ObjectStore caching = new ForwardingObjectStore(memory) {
            @Override
            public Optional<ObjectInfo> head(String key) {
                Optional<ObjectInfo> found = absent.containsKey(key) ? Optional.empty() : super.head(key);
                if (found.isEmpty()) {
                    absent.put(key, true);
                }
                return found;
            }
        };

        assertThat(failed(caching)).contains("show a put to everybody at once");
    }

    @Test
    void refusesAStoreThatListsDeletedObjects() {
        Map<String, ObjectInfo> deleted = new ConcurrentHashMap<>();
        ObjectStore late = new ForwardingObjectStore(memory) {
            @Override
            public ListPage list(String prefix, String startAfter, int limit) {
                return deleted.containsKey(prefix)
                        ? new ListPage(List.of(deleted.get(prefix)), false)
                        : super.list(prefix, startAfter, limit);
            }

            @Override
            public void delete(String key) {
                head(key).ifPresent(info -> deleted.put(key, info));
                super.delete(key);
            }
        };

        assertThat(failed(late)).containsExactly("forget what was deleted at once");
    }

    @Test
    void refusesAStoreThatServesTheBytesOfOnePutWithTheMetadataOfAnother() {
        ObjectStore mixing = new ForwardingObjectStore(memory) {
            @Override
            public Optional<StoredObject> get(String key, ByteRange range) {
                Optional<StoredObject> first = super.get(key, range);
                if (!key.endsWith("mixture") || first.isEmpty()) {
                    return first;
                }
                byte[] bytes = first.get().readAll();
                ObjectInfo other = first.get().info();
                ObjectInfo mixed = new ObjectInfo(
                        key, other.size(), other.etag(), other.lastModified(), Map.of("db-version", "99"));
                return Optional.of(new StoredObject(mixed, new ByteArrayInputStream(bytes), bytes.length));
            }
        };

        assertThat(failed(mixing)).containsExactly("never show a mixture of two puts");
    }

    @Test
    void refusesAStoreThatCutsPagesShort() {
        ObjectStore cutting = new ForwardingObjectStore(memory) {
            @Override
            public ListPage list(String prefix, String startAfter, int limit) {
                ListPage page = super.list(prefix, startAfter, limit);
                return page.objects().size() > 50 ? new ListPage(page.objects().subList(0, 50), false) : page;
            }
        };

        assertThat(failed(cutting)).contains("list in pages").doesNotContain("list what was put, in order");
    }

    @Test
    void refusesAStoreThatDropsMuchMetadata() {
        ObjectStore small = new ForwardingObjectStore(memory) {
            @Override
            public PutResult put(String key, ObjectBody body, Map<String, String> metadata, PutCondition condition) {
                boolean much =
                        metadata.values().stream().mapToInt(String::length).sum() > 1500;
                return super.put(key, body, much ? Map.of() : metadata, condition);
            }
        };

        assertThat(failed(small)).containsExactly("keep 2 KB of metadata");
    }

    @Test
    void storeWithAWrongClockCanBeUsed() {
        InMemoryObjectStore early =
                new InMemoryObjectStore(() -> clock.instant().minus(Duration.ofHours(2)), false);

        ProbeReport report = certify(early, new ArrayList<>());

        assertThat(report.passed()).isTrue();
        assertThat(report.checks())
                .filteredOn(check -> !check.passed())
                .singleElement()
                .satisfies(check -> {
                    assertThat(check.name()).isEqualTo("tell when an object was put");
                    assertThat(check.need()).isEqualTo(Need.RECOMMENDED);
                    assertThat(check.advice()).isNotEmpty();
                });
    }

    private static void assertAllPassed(ProbeReport report) {
        assertThat(report.checks())
                .allSatisfy(check -> assertThat(check.passed()).as("%s", check).isTrue());
        assertThat(report.passed()).isTrue();
    }

    private List<String> failed(ObjectStore store) {
        ProbeReport report = certify(store, new ArrayList<>());
        assertThat(report.passed()).isFalse();
        return report.checks().stream()
                .filter(check -> !check.passed())
                .map(Check::name)
                .toList();
    }

    private ProbeReport certify(ObjectStore store, List<String> begun) {
        return new StoreProbe(
                        store,
                        () -> "run",
                        task -> new Thread(task, "probe"),
                        duration -> sleptMillis.addAndGet(duration.toMillis()),
                        clock,
                        System::nanoTime)
                .certify(begun::add);
    }
}
