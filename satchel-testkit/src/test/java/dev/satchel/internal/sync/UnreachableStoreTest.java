package dev.satchel.internal.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.CorruptException;
import dev.satchel.DatabaseId;
import dev.satchel.Durability;
import dev.satchel.Freshness;
import dev.satchel.OutcomeUnknownException;
import dev.satchel.SatchelConfig;
import dev.satchel.SatchelException;
import dev.satchel.StoreRefusedException;
import dev.satchel.UnavailableException;
import dev.satchel.Version;
import dev.satchel.testkit.FaultyObjectStore.Fault;
import dev.satchel.testkit.Operation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** "Could not ask" is never "not there", and never "as it was". */
class UnreachableStoreTest {
    private static final DatabaseId ID = DatabaseId.of("alice");
    private static final SatchelConfig IMPATIENT =
            SatchelConfig.defaults().withTimeouts(Duration.ofMillis(400), Duration.ofSeconds(10));

    @RegisterExtension
    private final Nodes nodes = new Nodes();

    private TestNode filled(int versions) {
        TestNode node = nodes.start("filler");
        node.run(ID, Sql.CREATE, Sql.note("1"));
        for (int i = 2; i <= versions; i++) {
            node.run(ID, Sql.note(Integer.toString(i)));
        }
        return node;
    }

    private static Class<? extends SatchelException> failureOf(Fault fault) {
        return switch (fault) {
            case DENIED -> StoreRefusedException.class;
            case CORRUPTED_BODY -> CorruptException.class;
            default -> UnavailableException.class;
        };
    }

    private static List<String> databaseFiles(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".sqlite") || name.endsWith(".replica"))
                    .toList();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "FAIL_BEFORE, false", "FAIL_BEFORE, true",
        "NOT_SENT, false", "NOT_SENT, true",
        "THROTTLED, false", "THROTTLED, true",
        "DENIED, false", "DENIED, true",
        "TRUNCATED_BODY, false", "TRUNCATED_BODY, true",
        "BROKEN_BODY, false", "BROKEN_BODY, true",
        "CORRUPTED_BODY, false", "CORRUPTED_BODY, true"
    })
    void firstAccessFailsByTypeAndLeavesNothingThatPassesForData(Fault fault, boolean withImage) throws IOException {
        TestNode filler = filled(12);
        if (withImage) {
            filler.close();
        }
        TestNode cold = nodes.start("cold", IMPATIENT);
        cold.faults().on(".*").always().inject(fault);

        assertThatThrownBy(() -> cold.open(ID)).isInstanceOf(failureOf(fault)).hasMessageContaining("alice/database");

        assertThat(databaseFiles(cold.folder())).isEmpty();
        assertThat(cold.engine().status(ID)).isEmpty();
        assertThat(cold.puts()).isZero();
        cold.faults().clear();
        assertThat(cold.notes(ID)).hasSize(12);
        assertThat(cold.engine().status(ID).orElseThrow().version()).isEqualTo(Version.of(12));
    }

    @ParameterizedTest
    @EnumSource(
            value = Operation.class,
            names = {"GET", "LIST"})
    void noPartOfAColdStartIsTakenForAbsence(Operation operation) {
        filled(3).close();
        for (int nth = 1; nth <= 3; nth++) {
            TestNode cold = nodes.start("cold" + nth);
            cold.faults().on(".*", operation).nth(nth).inject(Fault.FAIL_BEFORE);

            assertThat(cold.notes(ID)).containsExactly("1", "2", "3");
        }
    }

    @Test
    void databaseWhoseStoreCannotBeAskedIsNeverMadeAnew() {
        filled(4);
        TestNode cold = nodes.start("cold", IMPATIENT);
        cold.faults()
                .on(".*", Operation.GET, Operation.LIST, Operation.HEAD)
                .always()
                .inject(Fault.THROTTLED);

        assertThatThrownBy(() -> cold.run(ID, Sql.CREATE, Sql.note("from nothing")))
                .isInstanceOf(UnavailableException.class);
        assertThatThrownBy(() -> cold.runDeferred(ID, Sql.CREATE, Sql.note("from nothing")))
                .isInstanceOf(UnavailableException.class);
        assertThatThrownBy(() -> cold.engine().write(ID, session -> {
                    Sql.run(session, Sql.CREATE, Sql.note("from nothing"));
                    return null;
                }))
                .isInstanceOf(UnavailableException.class);

        assertThat(cold.puts()).isZero();
        cold.faults().clear();
        assertThat(cold.run(ID, Sql.note("5")).version()).isEqualTo(Version.of(5));
        assertThat(nodes.storedNotes(ID)).containsExactly("1", "2", "3", "4", "5");
    }

    @ParameterizedTest
    @EnumSource(names = {"FAIL_BEFORE", "NOT_SENT", "THROTTLED", "DENIED"})
    void staleCopyIsNotWrittenToWhenTheNewestCannotBeRead(Fault fault) {
        TestNode filler = filled(4);
        TestNode stale = nodes.start("stale", IMPATIENT);
        assertThat(stale.notes(ID)).hasSize(4);
        for (int i = 5; i <= 9; i++) {
            filler.run(ID, Sql.note(Integer.toString(i)));
        }
        stale.requests().reset();
        stale.faults()
                .on(".*", Operation.GET, Operation.LIST, Operation.HEAD)
                .always()
                .inject(fault);

        assertThatThrownBy(() -> stale.open(ID)).isInstanceOf(failureOf(fault));

        assertThat(stale.puts()).isZero();
        assertThat(nodes.versions(ID)).hasSize(9);
        stale.faults().clear();
        stale.run(ID, Sql.note("10"));
        assertThat(nodes.query(ID, 10, "SELECT id || ':' || text FROM note ORDER BY id"))
                .contains("9:9", "10:10")
                .hasSize(10);
    }

    @Test
    void functionOnAStaleCopyLeavesNothingWhenTheNewestCannotBeRead() {
        TestNode filler = filled(4);
        TestNode stale = nodes.start("stale", IMPATIENT);
        stale.notes(ID);
        filler.run(ID, Sql.note("5"));
        stale.faults()
                .on(".*", Operation.GET, Operation.LIST, Operation.HEAD)
                .always()
                .inject(Fault.FAIL_BEFORE);

        assertThatThrownBy(() -> stale.engine().write(ID, session -> {
                    Sql.run(session, Sql.note("on a stale copy"));
                    return null;
                }))
                .isInstanceOfAny(UnavailableException.class, OutcomeUnknownException.class);

        stale.faults().clear();
        assertThat(stale.notes(ID)).containsExactly("1", "2", "3", "4", "5");
        assertThat(nodes.storedNotes(ID)).containsExactly("1", "2", "3", "4", "5");
    }

    @Test
    void whatIsHereCanBeReadWithoutTheStore() {
        TestNode node = filled(3);
        node.faults().on(".*").always().inject(Fault.NOT_SENT);

        assertThat(node.localNotes(ID)).containsExactly("1", "2", "3");
        try (var session = node.engine().open(ID, Freshness.atLeast(Version.of(3)), Durability.DURABLE)) {
            assertThat(Sql.notes(session)).hasSize(3);
        }
    }

    @Test
    void bookmarkThatCannotBeReachedFailsInsteadOfShowingOldData() {
        TestNode filler = filled(3);
        TestNode stale = nodes.start("stale", IMPATIENT);
        stale.notes(ID);
        filler.run(ID, Sql.note("4"));
        stale.faults().on(".*").always().inject(Fault.FAIL_BEFORE);

        assertThatThrownBy(() -> stale.engine().open(ID, Freshness.atLeast(Version.of(4)), Durability.DURABLE))
                .isInstanceOf(UnavailableException.class);
    }

    @Test
    void storeThatComesBackWithinTheTimeOutIsWaitedFor() {
        filled(3);
        TestNode cold = nodes.start("cold");
        for (int i = 1; i <= 3; i++) {
            cold.faults().on(".*", Operation.GET).nth(i).inject(Fault.NOT_SENT);
        }

        assertThat(cold.notes(ID)).containsExactly("1", "2", "3");
    }

    @Test
    void failureIsRetryableAndNamesStoreAndPatience() {
        TestNode cold = nodes.start("cold", IMPATIENT);
        cold.faults().on(".*").always().inject(Fault.FAIL_BEFORE);

        assertThatThrownBy(() -> cold.open(ID))
                .isInstanceOfSatisfying(
                        UnavailableException.class,
                        e -> assertThat(e.isRetryable()).isTrue())
                .hasMessageContainingAll("memory:", "400 ms", "try again");
    }
}
