package dev.satchel.internal.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.DatabaseId;
import dev.satchel.SatchelConfig;
import dev.satchel.Session;
import dev.satchel.SyncStatus;
import dev.satchel.Version;
import dev.satchel.testkit.FaultyObjectStore.Pause;
import dev.satchel.testkit.Operation;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The version that a session's answer names is that of what it shows. */
class SessionVersionTest {
    private static final DatabaseId ID = DatabaseId.of("alice");

    @RegisterExtension
    private final Nodes nodes = new Nodes();

    @Test
    void isThatOfItsOpeningWhileTheLocalCopyIsBeingReplaced() {
        TestNode node = nodes.start("node");
        TestNode other = nodes.start("other");
        node.run(ID, Sql.CREATE, Sql.note("one"));
        other.run(ID, Sql.note("two"));
        other.close(); // writes the image
        nodes.skip(SatchelConfig.defaults().verifyWindow().plusSeconds(1));
        Session session = node.openLocal(ID);
        Pause loading = node.faults().on(".*[.]sqlite", Operation.GET).pauseBefore();
        CompletableFuture<List<String>> newest = nodes.async(() -> node.notes(ID));
        loading.awaitReached();

        assertThat(session.version()).isEqualTo(Version.of(1));
        assertThat(session.complete().version()).isEqualTo(Version.of(1));

        loading.release();
        assertThat(newest.join()).containsExactly("one", "two");
    }

    @Test
    void isThatOfWhatItReadAndNotOfWhatItsNodeHasPublishedSince() throws Exception {
        TestNode node = nodes.start("node");
        node.run(ID, Sql.CREATE, Sql.note("one"));
        Session session = node.open(ID);
        assertThat(Sql.notes(session)).containsExactly("one");

        node.runLocal(ID, Sql.note("two"));

        assertThat(session.complete().version()).isEqualTo(Version.of(1));
    }

    @Test
    void isTheOneThatItsChangesMade() {
        TestNode node = nodes.start("node");
        node.run(ID, Sql.CREATE, Sql.note("one"));

        assertThat(node.run(ID, Sql.note("two")).version()).isEqualTo(Version.of(2));
        assertThat(node.run(ID, "SELECT 1")).satisfies(result -> {
            assertThat(result.status()).isEqualTo(SyncStatus.SYNCED);
            assertThat(result.version()).isEqualTo(Version.of(2));
        });
    }
}
