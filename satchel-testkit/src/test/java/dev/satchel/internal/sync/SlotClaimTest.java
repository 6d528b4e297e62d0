package dev.satchel.internal.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.DatabaseId;
import dev.satchel.OutcomeUnknownException;
import dev.satchel.internal.log.Commit;
import dev.satchel.internal.log.DatabaseLog;
import dev.satchel.testkit.FaultyObjectStore;
import dev.satchel.testkit.FaultyObjectStore.Fault;
import dev.satchel.testkit.Operation;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A restore or a deletion whose program was stopped for longer than the head that it saw may be relied upon. */
class SlotClaimTest {
    private static final DatabaseId ALICE = DatabaseId.of("alice");
    private static final Duration WINDOW = Duration.ofMinutes(10);

    @RegisterExtension
    private final Nodes nodes = new Nodes();

    private TestNode node;
    private DatabaseLog log;
    private FaultyObjectStore faults;

    @BeforeEach
    void threeVersions() {
        node = nodes.start("a");
        node.run(ALICE, Sql.CREATE);
        node.run(ALICE, Sql.note("two"));
        node.run(ALICE, Sql.note("three"));
        faults = new FaultyObjectStore(nodes.store());
        log = new DatabaseLog(faults, ALICE);
    }

    private SlotClaim.Owner claimLate(Commit commit) {
        SlotClaim claim = new SlotClaim(
                faults, nodes::nanoTime, new Patience(duration -> {}, new Random(nodes.nextSeed())), WINDOW);
        long headAt = nodes.nanoTime();
        nodes.skip(WINDOW.plusMinutes(1));
        return claim.claim(log, commit.provenance(), headAt, () -> log.put(commit), "try again");
    }

    @Test
    void whatAnotherNodeHasWrittenAnImageOfIsAVersion() {
        Commit landed = log.commit(3).orElseThrow();
        node.close();
        assertThat(log.image().orElseThrow().version()).isEqualTo(3);

        assertThat(claimLate(landed).isOurs()).isTrue();
        assertThat(nodes.versions(ALICE)).containsExactly(1L, 2L, 3L);
    }

    @Test
    void whatAnotherNodeHasContinuedIsAVersion() {
        Commit landed = log.commit(2).orElseThrow();
        node.close();

        assertThat(claimLate(landed).isOurs()).isTrue();
        assertThat(nodes.versions(ALICE)).containsExactly(1L, 2L, 3L);
    }

    @Test
    void whatLandsInASlotThatHadBeenReclaimedIsRemoved() {
        nodes.storeIsDamaged(); // What is put beside the history is there for a moment.
        node.close();
        Commit late = log.commit(2).orElseThrow();
        log.deleteCommit(1);
        log.deleteCommit(2);
        log.deleteCommit(3);
        node = nodes.start("b");
        node.run(ALICE, Sql.note("four"));
        node.run(ALICE, Sql.note("five"));
        node.close();
        log.deleteCommit(4);

        assertThat(claimLate(late).isOurs()).isFalse();
        assertThat(nodes.versions(ALICE)).containsExactly(5L);
    }

    @Test
    void whatLandedAndCannotBeLookedAtIsNotSaidToBeAbsent() {
        faults.on(".*[.]sqlite", Operation.HEAD).always().inject(Fault.NOT_SENT);
        Commit landed = log.commit(3).orElseThrow();

        assertThatThrownBy(() -> claimLate(landed)).isInstanceOf(OutcomeUnknownException.class);
        assertThat(nodes.versions(ALICE)).containsExactly(1L, 2L, 3L);
    }
}
