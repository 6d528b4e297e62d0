package dev.satchel.internal.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.DatabaseId;
import dev.satchel.SatchelConfig;
import dev.satchel.SatchelMetrics.Eviction;
import dev.satchel.testkit.FaultyObjectStore.Pause;
import dev.satchel.testkit.Operation;
import java.nio.file.Files;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Databases that are closed to make room while there is work to be done in the background. */
class OpenDatabasesTest {
    private static final DatabaseId ALICE = DatabaseId.of("alice");
    private static final DatabaseId BOB = DatabaseId.of("bob");
    private static final DatabaseId CAROL = DatabaseId.of("carol");

    @RegisterExtension
    private final Nodes nodes = new Nodes();

    @Test
    void whatWasClosedMeanwhileIsNotOpenedForBackgroundWork() {
        // No local copy may stay once its database is closed.
        SatchelConfig small = SatchelConfig.defaults().withLocalBounds(2, 1);
        TestNode node =
                nodes.node("a").config(small).backgroundOnCallersThread().start();
        node.run(ALICE, Sql.CREATE, Sql.note("a"));
        node.run(BOB, Sql.CREATE, Sql.note("b"));
        nodes.skip(Duration.ofSeconds(4));
        // Both images are due. While the first is being written, the other database is closed for a third one.
        Pause image = node.faults().on("alice/database[.]sqlite", Operation.PUT).pauseBefore();
        CompletableFuture<Boolean> background = nodes.async(() -> {
            node.lookAround();
            return true;
        });
        image.awaitReached();
        node.run(CAROL, Sql.CREATE, Sql.note("c"));
        image.release();
        Await.get(background);
        assertThat(node.engine().openDatabases()).isEqualTo(2);

        node.run(BOB, Sql.note("b"));
        node.lookAround();
        assertThat(node.folder().resolve("bob/database.sqlite"))
                .satisfies(file -> assertThat(Files.exists(file)).isTrue());
        assertThat(node.localNotes(BOB)).containsExactly("b", "b");
    }

    @Test
    void evictionsSayWhy() {
        SatchelConfig small = SatchelConfig.defaults().withLocalBounds(1, 1);
        TestNode node =
                nodes.node("a").config(small).backgroundOnCallersThread().start();
        node.run(ALICE, Sql.CREATE, Sql.note("a"));
        node.run(BOB, Sql.CREATE, Sql.note("b"));
        assertThat(node.figures().evicted).containsExactly(Eviction.ROOM);

        nodes.skip(Duration.ofDays(1));
        node.lookAround(); // Writes the image that is due.
        nodes.skip(Duration.ofDays(1));
        node.lookAround();
        assertThat(node.engine().openDatabases()).isZero();
        assertThat(node.figures().evicted).contains(Eviction.IDLE, Eviction.DISK);
    }
}
