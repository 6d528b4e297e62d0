package dev.satchel.internal.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.DatabaseId;
import dev.satchel.SatchelConfig;
import dev.satchel.Session;
import dev.satchel.SessionResult;
import dev.satchel.SyncStatus;
import dev.satchel.TransactionTooLargeException;
import dev.satchel.Version;
import dev.satchel.testkit.FaultyObjectStore.Pause;
import dev.satchel.testkit.Operation;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A transaction that is too large for the node's memory is refused, and nothing else comes to harm. */
class TransactionSizeTest {
    private static final DatabaseId ID = DatabaseId.of("alice");
    private static final long LIMIT = 1 << 20;

    @RegisterExtension
    private final Nodes nodes = new Nodes();

    private TestNode node;

    @BeforeEach
    void aDatabase() {
        node = nodes.start("a", SatchelConfig.defaults().withMaxTransactionBytes(LIMIT));
        node.run(ID, Sql.CREATE, Sql.note("r1"));
    }

    private static String blob(String text, long bytes) {
        return "INSERT INTO note(text) VALUES ('" + text + "' || hex(randomblob(" + bytes / 2 + ")))";
    }

    @Test
    void transactionThatIsTooLargeIsNotSavedAndSaysWhatToDo() {
        Session session = node.openLocal(ID);
        Sql.run(session, blob("large", LIMIT * 2));
        assertThatThrownBy(session::complete)
                .isInstanceOfSatisfying(TransactionTooLargeException.class, e -> {
                    assertThat(e.isRetryable()).isFalse();
                    assertThat(e.limit()).isEqualTo(LIMIT);
                    assertThat(e.bytes()).isGreaterThan(LIMIT * 2);
                })
                .hasMessageContaining("Make it several transactions, or raise maxTransactionBytes");

        assertThat(node.notes(ID)).containsExactly("r1");
        assertThat(node.run(ID, Sql.note("r2")).version()).isEqualTo(Version.of(2));
        assertThat(nodes.storedNotes(ID)).containsExactly("r1", "r2");
    }

    @Test
    void firstTransactionOfANewDatabaseMayBeTooLargeToo() {
        DatabaseId newcomer = DatabaseId.of("bob");
        Session session = node.openLocal(newcomer);
        Sql.run(session, "CREATE TABLE note AS SELECT hex(randomblob(" + LIMIT + ")) AS text");
        assertThatThrownBy(session::complete).isInstanceOf(TransactionTooLargeException.class);

        assertThat(node.run(newcomer, Sql.CREATE, Sql.note("r1")).version()).isEqualTo(Version.of(1));
    }

    @Test
    void transactionsThatAreTooMuchTogetherBecomeSeveralVersions() {
        Session session = node.openLocal(ID);
        for (int i = 0; i < 5; i++) {
            Sql.run(session, blob("part" + i, LIMIT * 6 / 10));
        }
        SessionResult result = session.complete();
        assertThat(result.status()).isEqualTo(SyncStatus.SYNCED);
        assertThat(result.version()).isEqualTo(Version.of(6));
        assertThat(result.shown()).isEqualTo(Version.of(6));
        assertThat(nodes.storedNotes(ID)).hasSize(6);
    }

    @Test
    void whatWasCommittedBeforeIsSaved() {
        Pause upload = node.faults().on(".*ltx/0000.*", Operation.PUT).pauseBefore();
        CompletableFuture<SessionResult> first = nodes.async(() -> node.runLocal(ID, Sql.note("r2")));
        upload.awaitReached();
        CompletableFuture<SessionResult> second = nodes.async(() -> node.runLocal(ID, Sql.note("r3")));
        nodes.awaitAllAtTheStore();
        Session large = node.openLocal(ID);
        Sql.run(large, blob("large", LIMIT * 2));
        upload.release();

        assertThat(Await.get(first).status()).isEqualTo(SyncStatus.SYNCED);
        assertThat(Await.get(second).status()).isEqualTo(SyncStatus.SYNCED);
        assertThatThrownBy(large::complete).isInstanceOf(TransactionTooLargeException.class);
        assertThat(nodes.storedNotes(ID)).containsExactly("r1", "r2", "r3");
    }

    @Test
    void pendingChangesAreSavedAndNotTheLargeOneBehindThem() {
        Pause upload = node.faults().on(".*ltx/0000.*", Operation.PUT).pauseBefore();
        CompletableFuture<SessionResult> first = nodes.async(() -> node.runLocal(ID, Sql.note("r2")));
        upload.awaitReached();
        assertThat(node.runDeferred(ID, Sql.note("r3")).status()).isEqualTo(SyncStatus.PENDING);
        CompletableFuture<SessionResult> large = nodes.async(() -> node.runDeferred(ID, blob("large", LIMIT * 2)));
        nodes.awaitAllAtTheStore();
        upload.release();

        assertThat(Await.get(first).status()).isEqualTo(SyncStatus.SYNCED);
        assertThatThrownBy(() -> Await.get(large)).isInstanceOf(TransactionTooLargeException.class);
        assertThat(node.notes(ID)).containsExactly("r1", "r2", "r3");
        assertThat(nodes.storedNotes(ID)).containsExactly("r1", "r2", "r3");
    }
}
