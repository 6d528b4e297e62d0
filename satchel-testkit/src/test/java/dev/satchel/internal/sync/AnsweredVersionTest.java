package dev.satchel.internal.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.DatabaseId;
import dev.satchel.SatchelConfig;
import dev.satchel.Session;
import dev.satchel.SessionResult;
import dev.satchel.Version;
import dev.satchel.testkit.FaultyObjectStore.Pause;
import dev.satchel.testkit.Operation;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The version that a session is told has what it saw, and not more than it must. */
class AnsweredVersionTest {
    private static final DatabaseId ID = DatabaseId.of("alice");

    @RegisterExtension
    private final Nodes nodes = new Nodes();

    private TestNode node;
    private Pause upload;
    private CompletableFuture<SessionResult> first;

    @BeforeEach
    void aChangeIsBeingUploaded() {
        node = nodes.start("a", SatchelConfig.defaults());
        assertThat(node.run(ID, Sql.CREATE).version()).isEqualTo(Version.of(1));
        upload = node.faults().on(".*ltx/0000.*", Operation.PUT).pauseBefore();
        first = nodes.async(() -> node.runLocal(ID, Sql.note("r1")));
        upload.awaitReached();
    }

    @Test
    void itIsTheOneThatItWaitedForAndNotALaterOne() {
        Session reader = node.openLocal(ID);
        assertThat(Sql.notes(reader)).containsExactly("r1");
        upload.release();
        Await.get(first);
        assertThat(node.runLocal(ID, Sql.note("r2")).version()).isEqualTo(Version.of(3));

        SessionResult result = reader.complete();
        assertThat(result.version()).isEqualTo(Version.of(2));
        assertThat(result.shown()).isEqualTo(Version.of(2));
    }

    @Test
    void whoSawAPartOfAVersionIsToldSo() {
        CompletableFuture<SessionResult> second = nodes.async(() -> node.runLocal(ID, Sql.note("r2")));
        nodes.awaitAllAtTheStore();
        Session reader = node.openLocal(ID);
        assertThat(Sql.notes(reader)).containsExactly("r1", "r2");
        CompletableFuture<SessionResult> third = nodes.async(() -> node.runLocal(ID, Sql.note("r3")));
        nodes.awaitAllAtTheStore();
        upload.release();
        assertThat(Await.get(second).version()).isEqualTo(Version.of(3));
        assertThat(Await.get(third).version()).isEqualTo(Version.of(3));

        SessionResult result = reader.complete();
        assertThat(result.version()).isEqualTo(Version.of(3));
        assertThat(result.shown()).isEqualTo(Version.of(1));
    }

    @Test
    void whoCommitsBesideAnotherIsToldWhatItHasCertainlySeen() {
        Session writer = node.openLocal(ID);
        assertThat(Sql.notes(writer)).containsExactly("r1");
        CompletableFuture<SessionResult> second = nodes.async(() -> node.runLocal(ID, Sql.note("r2")));
        nodes.awaitAllAtTheStore();
        Sql.run(writer, Sql.note("r3"));
        upload.release();
        Await.get(second);

        SessionResult result = writer.complete();
        assertThat(result.version()).isEqualTo(Version.of(3));
        assertThat(result.shown()).isEqualTo(Version.of(1));
    }

    @Test
    void whoCommitsAloneHasSeenAllOfItsVersion() {
        upload.release();
        Await.get(first);
        SessionResult alone = node.runLocal(ID, Sql.note("r2"), Sql.note("r3"));
        assertThat(alone.version()).isEqualTo(Version.of(3));
        assertThat(alone.shown()).isEqualTo(Version.of(3));
        SessionResult newcomer = node.run(DatabaseId.of("bob"), Sql.CREATE, Sql.note("b1"));
        assertThat(newcomer.version()).isEqualTo(Version.of(1));
        assertThat(newcomer.shown()).isEqualTo(Version.of(1));
    }
}
