package dev.satchel.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.DatabaseId;
import dev.satchel.SyncStatus;
import dev.satchel.internal.sync.Await;
import dev.satchel.internal.sync.Nodes;
import dev.satchel.internal.sync.Sql;
import dev.satchel.internal.sync.TestNode;
import dev.satchel.testkit.FaultyObjectStore.Fault;
import dev.satchel.testkit.FaultyObjectStore.Pause;
import dev.satchel.testkit.Operation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The marker is the spool: the pending commits themselves. The retry is what a node does by itself when it looks around. */
@DisplayName("U02 The retry did nothing and cleared the marker")
class U02IdleRetryTest {
    private static final DatabaseId ID = DatabaseId.of("alice");
    private static final String COMMITS = ".*ltx/0000.*";

    @RegisterExtension
    private final Nodes nodes = new Nodes();

    private TestNode node;

    @BeforeEach
    void aDatabase() {
        node = nodes.start("a");
        node.run(ID, Sql.CREATE, Sql.note("base"));
    }

    private static List<Path> marker(Path folder, String name) throws IOException {
        Path spool = folder.resolve("alice").resolve(name);
        if (!Files.exists(spool)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(spool)) {
            return files.toList();
        }
    }

    private List<Path> marker() throws IOException {
        return marker(node.folder(), "database.spool");
    }

    private Path crashWithPendingChange() {
        node.faults().on(".*").always().inject(Fault.NOT_SENT);
        assertThat(node.runDeferred(ID, Sql.note("pending")).status()).isEqualTo(SyncStatus.PENDING);
        return node.crash();
    }

    @Test
    void retryThatCannotTellWhichDatabaseItIsForLeavesTheMarker() throws IOException {
        Path folder = crashWithPendingChange();
        Path nobodys = folder.resolve("alice/%zz.spool");
        Files.move(folder.resolve("alice/database.spool"), nobodys);

        TestNode restarted = nodes.node("restarted").folder(folder).start();
        for (int i = 0; i < 3; i++) {
            restarted.lookAround();
            assertThat(restarted.notes(ID)).containsExactly("base");
        }

        assertThat(marker(folder, "%zz.spool")).isNotEmpty();
        restarted.close();
        Files.move(nobodys, folder.resolve("alice/database.spool"));
        assertThat(nodes.node("again").folder(folder).start().notes(ID)).containsExactly("base", "pending");
    }

    @Test
    void retryThatFindsNoDatabaseFileUploadsFromTheMarkerAlone() throws IOException {
        Path folder = crashWithPendingChange();
        try (Stream<Path> files = Files.list(folder.resolve("alice"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.delete(file);
            }
        }

        TestNode restarted =
                nodes.node("restarted").folder(folder).unreachable().start();
        restarted.awaitBackground(
                "it has been tried", () -> restarted.requests().count() > 0);
        // Two while it is written anew.
        assertThat(marker(folder, "database.spool")).isNotEmpty();
        assertThat(restarted.status(ID)).isEqualTo(SyncStatus.PENDING);
        restarted.faults().clear();

        restarted.awaitUploaded(ID);
        assertThat(nodes.storedNotes(ID)).containsExactly("base", "pending");
        assertThat(marker(folder, "database.spool")).isEmpty();
    }

    @Test
    void retryThatIsSkippedBecauseAnUploadRunsLeavesTheMarker() throws IOException {
        Pause upload = node.faults().on(COMMITS, Operation.PUT).pauseBefore();
        node.runDeferred(ID, Sql.note("pending"));
        upload.awaitReached();

        for (int i = 0; i < 5; i++) {
            nodes.skip(Duration.ofMinutes(1));
            node.lookAround();
            assertThat(marker()).hasSize(1);
            assertThat(node.status(ID)).isEqualTo(SyncStatus.PENDING);
        }
        assertThat(nodes.versions(ID)).as("the one that is held has not ended").containsExactly(1L);
        upload.release();

        node.awaitStatus(ID, SyncStatus.SYNCED);
        Await.until("the marker is cleared", () -> isCleared());
        assertThat(nodes.storedNotes(ID)).containsExactly("base", "pending");
    }

    private boolean isCleared() {
        try {
            return marker().isEmpty();
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void uploadThatDoesNotContainAllChangesLeavesTheMarkerOfTheRest() throws IOException {
        Pause first = node.faults().on(COMMITS, Operation.PUT).nth(1).pauseBefore();
        Pause second = node.faults().on(COMMITS, Operation.PUT).nth(2).pauseBefore();
        node.runDeferred(ID, Sql.note("one"));
        first.awaitReached();
        node.runDeferred(ID, Sql.note("two"));
        first.release();
        node.awaitBackground("the rest is about to be uploaded", second::isReached);

        assertThat(nodes.storedNotes(ID)).containsExactly("base", "one");
        assertThat(node.status(ID)).isEqualTo(SyncStatus.PENDING);
        assertThat(marker()).isNotEmpty();
        Path folder = node.crash();
        second.release();
        TestNode restarted = nodes.node("restarted").folder(folder).start();
        restarted.awaitUploaded(ID);
        assertThat(nodes.storedNotes(ID)).containsExactly("base", "one", "two");
    }
}
