package dev.satchel.scenarios;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.DatabaseId;
import dev.satchel.DeletedException;
import dev.satchel.SyncStatus;
import dev.satchel.VersionEvent;
import dev.satchel.internal.log.DatabaseKeys;
import dev.satchel.internal.sync.Nodes;
import dev.satchel.internal.sync.Sql;
import dev.satchel.internal.sync.TestNode;
import dev.satchel.store.StoredObject;
import dev.satchel.testkit.FaultyObjectStore.Fault;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayName("D01 A deleted account comes back")
class D01DeletedAccountTest {
    private static final DatabaseId ID = DatabaseId.of("alice");
    private static final DatabaseKeys KEYS = new DatabaseKeys(ID);
    private static final String OLD = "an-old-row";

    @RegisterExtension
    private final Nodes nodes = new Nodes();

    private TestNode a;
    private TestNode b;
    private boolean registered;
    /** Whether a process of B before the present one was told. */
    private boolean toldB;

    /** What happens after the deletion. */
    enum Step {
        SYNC_OF_B,
        RESTART_OF_B,
        RESTART_OF_A,
        NEW_REGISTRATION
    }

    static Stream<List<Step>> orders() {
        return orders(List.of(Step.values())).stream();
    }

    private static List<List<Step>> orders(List<Step> steps) {
        if (steps.isEmpty()) {
            return List.of(List.of());
        }
        List<List<Step>> all = new ArrayList<>();
        for (Step first : steps) {
            List<Step> others = steps.stream().filter(step -> step != first).toList();
            for (List<Step> rest : orders(others)) {
                List<Step> order = new ArrayList<>(List.of(first));
                order.addAll(rest);
                all.add(order);
            }
        }
        return all;
    }

    @ParameterizedTest
    @MethodSource("orders")
    void nothingOldComesBackInAnyOrder(List<Step> order) {
        a = nodes.start("a");
        b = nodes.start("b");
        a.run(ID, Sql.CREATE, Sql.note(OLD));
        b.notes(ID);
        b.faults().on(".*").always().inject(Fault.NOT_SENT);
        assertThat(b.runDeferred(ID, Sql.note(OLD + " of b")).status()).isEqualTo(SyncStatus.PENDING);
        a.engine().delete(ID);

        for (Step step : order) {
            take(step);
            requireNothingOldInTheStore();
            assertThat(a.notes(ID)).isEqualTo(expected());
        }

        assertThat(b.notes(ID)).isEqualTo(expected());
        assertThat(nodes.start("c").notes(ID)).containsExactly("new row");
        assertThat(toldB || isToldDeleted(b)).as("B is told").isTrue();
        assertThat(nodes.versions(ID)).containsExactly(1L, 2L, 3L);
        assertThat(nodes.store().head(KEYS.commit(3)).orElseThrow().metadata()).containsEntry("satchel-life", "2");
    }

    private static boolean isToldDeleted(TestNode node) {
        return node.events().stream().anyMatch(event -> event.kind() == VersionEvent.Kind.DELETED);
    }

    private List<String> expected() {
        return registered ? List.of("new row") : List.of();
    }

    private void take(Step step) {
        switch (step) {
            case SYNC_OF_B -> {
                b.faults().clear();
                b.awaitUploaded(ID);
                assertThat(b.notes(ID)).isEqualTo(expected());
            }
            case RESTART_OF_B -> {
                toldB |= isToldDeleted(b);
                b = nodes.node("b").folder(b.crash()).start();
                b.awaitUploaded(ID);
                assertThat(b.notes(ID)).isEqualTo(expected());
            }
            case RESTART_OF_A -> {
                a.close();
                a = nodes.node("a").folder(a.folder()).start();
            }
            case NEW_REGISTRATION -> {
                a.run(ID, Sql.CREATE, Sql.note("new row"));
                registered = true;
            }
        }
    }

    @Test
    void sessionOfBThatCommittedOnTheOldAccountIsToldDeleted() {
        a = nodes.start("a");
        b = nodes.start("b");
        a.run(ID, Sql.CREATE, Sql.note(OLD));
        b.notes(ID);
        a.engine().delete(ID);

        assertThatThrownBy(() -> b.runLocal(ID, Sql.note(OLD + " of b"))).isInstanceOf(DeletedException.class);

        requireNothingOldInTheStore();
        assertThat(b.notes(ID)).isEmpty();
    }

    private void requireNothingOldInTheStore() {
        for (String key : nodes.keys()) {
            try (StoredObject object = nodes.store().get(key).orElseThrow()) {
                assertThat(new String(object.readAll(), StandardCharsets.ISO_8859_1))
                        .as(key)
                        .doesNotContain(OLD);
            }
        }
    }
}
