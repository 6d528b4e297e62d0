package dev.satchel.internal.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.CorruptException;
import dev.satchel.DatabaseId;
import dev.satchel.internal.log.DatabaseKeys;
import dev.satchel.store.ObjectBody;
import dev.satchel.store.PutCondition;
import dev.satchel.store.StoredObject;
import dev.satchel.testkit.FaultyObjectStore.Fault;
import dev.satchel.testkit.Operation;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Objects that rotted, were cut, swapped or copied to the wrong key are never served, and the error names them. */
class DamagedStoreTest {
    private static final DatabaseId ID = DatabaseId.of("alice");
    private static final DatabaseId OTHER = DatabaseId.of("bob");
    private static final DatabaseKeys KEYS = new DatabaseKeys(ID);

    @RegisterExtension
    private final Nodes nodes = new Nodes();

    private TestNode node;

    @BeforeEach
    void threeVersionsAndAnotherDatabase() {
        node = nodes.start("a");
        node.run(ID, Sql.CREATE, Sql.note("1"));
        node.run(ID, Sql.note("2"));
        node.run(ID, Sql.note("3"));
        node.run(OTHER, Sql.CREATE, Sql.note("of bob"));
        nodes.storeIsDamaged();
    }

    private void rewrite(String key, UnaryOperator<byte[]> bytes, UnaryOperator<Map<String, String>> metadata) {
        try (StoredObject object = nodes.store().get(key).orElseThrow()) {
            Map<String, String> changed =
                    metadata.apply(new LinkedHashMap<>(object.info().metadata()));
            nodes.store().put(key, ObjectBody.of(bytes.apply(object.readAll())), changed, PutCondition.none());
        }
    }

    private void rewrite(String key, UnaryOperator<byte[]> bytes) {
        rewrite(key, bytes, UnaryOperator.identity());
    }

    private void copy(String from, String to) {
        try (StoredObject object = nodes.store().get(from).orElseThrow()) {
            nodes.store().put(to, ObjectBody.of(object.readAll()), object.info().metadata(), PutCondition.none());
        }
    }

    private static byte[] flipped(byte[] bytes) {
        bytes[bytes.length / 2] ^= 1;
        return bytes;
    }

    private static byte[] cut(byte[] bytes) {
        return Arrays.copyOf(bytes, bytes.length - 7);
    }

    private void coldStartIsRefusedNaming(String... what) {
        TestNode cold = nodes.start("cold" + nodes.nextSeed());
        assertThatThrownBy(() -> cold.open(ID))
                .isInstanceOf(CorruptException.class)
                .hasMessageContainingAll(what);
        assertThat(cold.engine().status(ID)).isEmpty();
        assertThat(cold.puts()).isZero();
    }

    @Test
    void commitWithAFlippedBit() {
        rewrite(KEYS.commit(2), DamagedStoreTest::flipped);

        coldStartIsRefusedNaming(KEYS.commit(2), "damaged");
    }

    @Test
    void commitThatWasCut() {
        rewrite(KEYS.commit(3), DamagedStoreTest::cut);

        coldStartIsRefusedNaming(KEYS.commit(3), "damaged");
    }

    @Test
    void emptyCommit() {
        rewrite(KEYS.commit(3), bytes -> new byte[0]);

        coldStartIsRefusedNaming(KEYS.commit(3));
    }

    @Test
    void commitsThatWereSwapped() {
        copy(KEYS.commit(2), KEYS.commit(3));

        coldStartIsRefusedNaming(KEYS.commit(3), "version 2", "wrong key");
    }

    @Test
    void commitThatIsMissingInTheMiddle() {
        nodes.store().delete(KEYS.commit(2));

        coldStartIsRefusedNaming(KEYS.commit(2), "missing");
    }

    @Test
    void commitOfAnotherDatabase() {
        copy(new DatabaseKeys(OTHER).commit(1), KEYS.commit(1));

        coldStartIsRefusedNaming(KEYS.commit(1), "bob/database", "wrong key");
    }

    @Test
    void commitOfAnotherDatabaseOfTheSameUser() {
        DatabaseId second = DatabaseId.of("alice", "second");
        node.run(second, Sql.CREATE);
        copy(new DatabaseKeys(second).commit(1), KEYS.commit(1));

        coldStartIsRefusedNaming(KEYS.commit(1), "alice/second");
    }

    @Test
    void commitThatSatchelDidNotWrite() {
        rewrite(KEYS.commit(3), UnaryOperator.identity(), metadata -> Map.of());

        coldStartIsRefusedNaming(KEYS.commit(3), "not written by Satchel");
    }

    @Test
    void commitOfANewerFormat() {
        rewrite(KEYS.commit(3), UnaryOperator.identity(), metadata -> {
            metadata.put("satchel-format", "2");
            return metadata;
        });

        coldStartIsRefusedNaming(KEYS.commit(3), "upgrade");
    }

    private void imageIsPassedOverAndWrittenAgain() {
        TestNode cold = nodes.start("cold");

        assertThat(cold.notes(ID)).containsExactly("1", "2", "3");

        assertThat(cold.figures().damaged).contains(CorruptException.Kind.IMAGE);
        cold.awaitBackground("image is written", () -> cold.figures().images.get() == 1);
        assertThat(nodes.log(ID).image().orElseThrow().version()).isEqualTo(3);
        TestNode next = nodes.start("next");
        assertThat(next.notes(ID)).containsExactly("1", "2", "3");
        assertThat(next.figures().damaged).isEmpty();
    }

    @Test
    void imageWithAFlippedBit() {
        node.close();
        rewrite(KEYS.image(), DamagedStoreTest::flipped);

        imageIsPassedOverAndWrittenAgain();
    }

    @Test
    void imageThatWasCut() {
        node.close();
        rewrite(KEYS.image(), DamagedStoreTest::cut);

        imageIsPassedOverAndWrittenAgain();
    }

    @Test
    void imageOfAnotherDatabase() {
        node.close();
        copy(new DatabaseKeys(OTHER).image(), KEYS.image());

        imageIsPassedOverAndWrittenAgain();
    }

    @Test
    void imageThatSaysItIsAnotherVersion() {
        node.close();
        rewrite(KEYS.image(), UnaryOperator.identity(), metadata -> {
            metadata.put("db-version", "2");
            return metadata;
        });

        imageIsPassedOverAndWrittenAgain();
    }

    @Test
    void copyThatMeetsADamagedCommitIsRefusedUntilTheCommitIsRepaired() {
        TestNode warm = nodes.start("warm");
        warm.notes(ID);
        node.run(ID, Sql.note("4"));
        byte[] good = nodes.bytes(KEYS.commit(4));
        rewrite(KEYS.commit(4), DamagedStoreTest::flipped);

        assertThatThrownBy(() -> warm.open(ID))
                .isInstanceOf(CorruptException.class)
                .hasMessageContaining(KEYS.commit(4));
        assertThatThrownBy(() -> warm.open(ID)).isInstanceOf(CorruptException.class);
        assertThat(warm.figures().corruptions.get()).isPositive();

        rewrite(KEYS.commit(4), bytes -> good);
        assertThat(warm.notes(ID)).containsExactly("1", "2", "3", "4");
    }

    @Test
    void bitThatFlippedOnTheWayIsHealedByReadingAgain() {
        TestNode warm = nodes.start("warm");
        warm.notes(ID);
        node.run(ID, Sql.note("4"));
        warm.faults().on(".*ltx/0000.*", Operation.GET).inject(Fault.CORRUPTED_BODY);

        assertThat(warm.notes(ID)).containsExactly("1", "2", "3", "4");
    }

    @Test
    void bitThatFlippedOnTheWayIsHealedInAColdStartToo() {
        TestNode cold = nodes.start("cold");
        cold.faults().on(".*ltx/0000.*", Operation.GET).inject(Fault.CORRUPTED_BODY);
        assertThat(cold.notes(ID)).containsExactly("1", "2", "3");

        node.close();
        TestNode withImage = nodes.start("with image");
        withImage.faults().on(".*sqlite", Operation.GET).inject(Fault.CORRUPTED_BODY);
        assertThat(withImage.notes(ID)).containsExactly("1", "2", "3");
    }

    @Test
    void logOfAnotherHistoryReplacesTheCopy() {
        TestNode warm = nodes.start("warm");
        warm.notes(ID);
        for (String key : nodes.keys("alice/")) {
            nodes.store().delete(key);
        }
        TestNode restored = nodes.start("restored");
        for (int i = 1; i <= 4; i++) {
            restored.run(ID, Sql.CREATE, Sql.note("other " + i));
        }

        assertThat(warm.notes(ID)).containsExactly("other 1", "other 2", "other 3", "other 4");
    }

    @Test
    void otherDatabasesAreServedAsEver() {
        rewrite(KEYS.commit(2), DamagedStoreTest::flipped);
        TestNode cold = nodes.start("cold");

        assertThatThrownBy(() -> cold.open(ID)).isInstanceOf(CorruptException.class);
        assertThat(cold.notes(OTHER)).containsExactly("of bob");
        assertThat(cold.run(OTHER, Sql.note("more")).version().number()).isEqualTo(2);
    }

    @Test
    void damagedCommitIsNotBuiltUponByAWriter() {
        TestNode warm = nodes.start("warm");
        warm.notes(ID);
        node.run(ID, Sql.note("4"));
        rewrite(KEYS.commit(4), DamagedStoreTest::flipped);

        assertThatThrownBy(() -> warm.runLocal(ID, Sql.note("mine"))).isInstanceOf(RuntimeException.class);

        assertThat(nodes.versions(ID)).containsExactly(1L, 2L, 3L, 4L);
    }
}
