package dev.satchel.internal.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.DatabaseId;
import dev.satchel.internal.log.Commit;
import dev.satchel.internal.log.DatabaseLog;
import dev.satchel.internal.ltx.PageChecksum;
import dev.satchel.internal.sync.Landing.Standing;
import dev.satchel.store.ObjectBody;
import dev.satchel.store.PutCondition;
import dev.satchel.store.PutResult;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A commit that is put into a free slot after its writer has been away for a long time. */
class LandingTest {
    private static final DatabaseId ALICE = DatabaseId.of("alice");
    private static final int PAGE_SIZE = 4096;

    @RegisterExtension
    private final Nodes nodes = new Nodes();

    private DatabaseLog log;

    @BeforeEach
    void fiveVersionsAndAnImage() {
        nodes.storeIsDamaged(); // Commits are put beside the history, and removed.
        TestNode node = nodes.start("a");
        node.run(ALICE, Sql.CREATE);
        for (int i = 2; i <= 5; i++) {
            node.run(ALICE, Sql.note("x"));
        }
        node.close();
        log = new DatabaseLog(nodes.store(), ALICE);
        assertThat(log.image().orElseThrow().version()).isEqualTo(5);
    }

    private static Commit late(long version) {
        TreeMap<Integer, byte[]> pages = new TreeMap<>();
        pages.put(1, new byte[PAGE_SIZE]);
        return Commit.encode(
                ALICE.path(),
                version,
                "0123456789abcdef0123456789abcdef",
                "asleep",
                PageChecksum.EMPTY | 1,
                PageChecksum.EMPTY | 2,
                Instant.EPOCH,
                PAGE_SIZE,
                1,
                1,
                0,
                pages);
    }

    private void reclaimUpTo(long version) {
        for (long each = 1; each <= version; each++) {
            log.deleteCommit(each);
        }
    }

    @Test
    void commitInTheNextSlotIsTheNewest() {
        Commit commit = late(6);
        assertThat(Landing.isReclaimed(log, commit)).isFalse();
        assertThat(log.put(commit)).isInstanceOf(PutResult.Stored.class);

        assertThat(Landing.of(log, commit.provenance()).standing()).isEqualTo(Standing.NEWEST);
    }

    @Test
    void commitThatWasContinuedCountsAndIsNotTheNewest() {
        assertThat(Landing.of(log, log.commit(3).orElseThrow().provenance()).standing())
                .isEqualTo(Standing.CONTINUED);
        assertThat(Landing.of(log, log.commit(5).orElseThrow().provenance()).standing())
                .isEqualTo(Standing.CONTINUED);
    }

    @Test
    void commitInASlotThatHadBeenUsedDoesNotCount() {
        for (long version : new long[] {2, 4, 5}) {
            reclaimUpTo(version);
            Commit commit = late(version);
            assertThat(Landing.isReclaimed(log, commit)).isTrue();
            assertThat(log.put(commit)).isInstanceOf(PutResult.Stored.class);

            assertThat(Landing.of(log, commit.provenance()).standing())
                    .as("version " + version)
                    .isEqualTo(Standing.RECLAIMED);
            log.deleteCommit(version);
        }
    }

    /** Its writer slept from the answer on: it may have been a version for a while. */
    @Test
    void ofACommitThatIsGoneAgainWithAllThatCameAfterItNothingIsKnown() {
        Commit commit = log.commit(3).orElseThrow();
        reclaimUpTo(4);

        assertThat(Landing.of(log, commit.provenance()).standing()).isEqualTo(Standing.UNKNOWN);
    }

    @Test
    void damagedImageDoesNotHideThatASlotHadBeenUsed() {
        // Without metadata it says nothing of itself.
        nodes.store().put(log.keys().image(), ObjectBody.of(new byte[] {1}), Map.of(), PutCondition.none());
        reclaimUpTo(3);
        Commit commit = late(2);
        assertThat(Landing.isReclaimed(log, commit)).isTrue();
        assertThat(log.put(commit)).isInstanceOf(PutResult.Stored.class);

        Landing landing = Landing.of(log, commit.provenance());

        assertThat(landing.standing()).isEqualTo(Standing.RECLAIMED);
        assertThat(landing.imageIsDamaged()).isTrue();
        assertThat(Landing.isReclaimed(log, late(6))).isFalse();
    }
}
