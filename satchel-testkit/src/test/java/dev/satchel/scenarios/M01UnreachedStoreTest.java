package dev.satchel.scenarios;

import static org.assertj.core.api.Assertions.assertThat;

import dev.satchel.Bucket;
import dev.satchel.DatabaseId;
import dev.satchel.SatchelConfig;
import dev.satchel.UserId;
import dev.satchel.internal.sync.Await;
import dev.satchel.internal.sync.Nodes;
import dev.satchel.internal.sync.Sql;
import dev.satchel.internal.sync.TestNode;
import dev.satchel.testkit.FaultyObjectStore;
import dev.satchel.testkit.FaultyObjectStore.Fault;
import dev.satchel.testkit.FaultyObjectStore.Pause;
import dev.satchel.testkit.Operation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A database is first made, with its owner inside, and then registered; each is one commit, and may be repeated. */
@DisplayName("M01 The registry knows a database whose object never reached the store")
class M01UnreachedStoreTest {
    private static final UserId USER = UserId.of("alice");
    private static final DatabaseId MAIN = DatabaseId.of("alice");
    private static final DatabaseId PROJECT = DatabaseId.of("alice", "project");
    private static final String PROJECT_COMMITS = "alice/project[.]ltx/0000/.*";
    private static final String MAIN_COMMITS = "alice/database[.]ltx/0000/.*";

    @RegisterExtension
    private final Nodes nodes = new Nodes();

    private static void create(TestNode node, String owner) {
        node.engine().write(PROJECT, session -> {
            Sql.run(
                    session,
                    "CREATE TABLE IF NOT EXISTS owner(id INTEGER PRIMARY KEY CHECK (id = 1), name TEXT)",
                    "INSERT OR IGNORE INTO owner VALUES (1, '" + owner + "')");
            return null;
        });
        node.engine().write(MAIN, session -> {
            Sql.run(session, "INSERT OR IGNORE INTO project VALUES ('project')");
            return null;
        });
    }

    private TestNode withMain(String name) {
        TestNode node = nodes.start(
                name, SatchelConfig.defaults().withTimeouts(Duration.ofMillis(300), Duration.ofSeconds(10)));
        node.engine().write(MAIN, session -> {
            Sql.run(session, "CREATE TABLE IF NOT EXISTS project(name TEXT PRIMARY KEY)");
            return null;
        });
        return node;
    }

    private List<String> registered() {
        return nodes.query(MAIN, nodes.head(MAIN), "SELECT name FROM project");
    }

    private List<DatabaseId> scanned() {
        try (Bucket bucket = Bucket.of(nodes.store())) {
            return bucket.databases(USER);
        }
    }

    private void requireEveryRegisteredDatabaseToHaveAnObject() {
        for (String name : registered()) {
            assertThat(nodes.head(DatabaseId.of("alice", name))).as(name).isPositive();
        }
    }

    private void requireWhole(TestNode node, String owner) {
        assertThat(registered()).containsExactly("project");
        assertThat(nodes.query(PROJECT, nodes.head(PROJECT), "SELECT name FROM owner"))
                .containsExactly(owner);
        assertThat(scanned()).containsExactlyInAnyOrder(MAIN, PROJECT);
        assertThat(node.engine()
                        .<List<String>, RuntimeException>read(
                                PROJECT, session -> Sql.query(session, "SELECT name FROM owner")))
                .containsExactly(owner);
    }

    // ---- failures ---------------------------------------------------------------------------------------------------

    static Stream<Arguments> failures() {
        return Stream.of(PROJECT_COMMITS, MAIN_COMMITS)
                .flatMap(where -> Stream.of(Fault.NOT_SENT, Fault.FAIL_BEFORE, Fault.FAIL_AFTER, Fault.DENIED)
                        .map(fault -> Arguments.of(where, fault)));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void userWhoRetriesAfterAFailureFinishesTheCreation(String where, Fault fault) {
        TestNode node = withMain("a");
        node.faults().on(where).always().inject(fault);
        try {
            create(node, "first");
        } catch (RuntimeException e) {
            assertThat(e).hasMessageContaining("alice/");
        }
        node.faults().clear();
        requireEveryRegisteredDatabaseToHaveAnObject();

        create(node, "first");

        requireWhole(node, "first");
    }

    // ---- kills ------------------------------------------------------------------------------------------------------

    /** Where the process is killed. */
    enum Killed {
        BEFORE_THE_DATABASE_IS_STORED,
        AFTER_THE_DATABASE_IS_STORED,
        BEFORE_IT_IS_REGISTERED,
        AFTER_IT_IS_REGISTERED;

        Pause in(FaultyObjectStore faults) {
            return switch (this) {
                case BEFORE_THE_DATABASE_IS_STORED ->
                    faults.on(PROJECT_COMMITS, Operation.PUT).pauseBefore();
                case AFTER_THE_DATABASE_IS_STORED ->
                    faults.on(PROJECT_COMMITS, Operation.PUT).pauseAfter();
                case BEFORE_IT_IS_REGISTERED ->
                    faults.on(MAIN_COMMITS, Operation.PUT).pauseBefore();
                case AFTER_IT_IS_REGISTERED ->
                    faults.on(MAIN_COMMITS, Operation.PUT).pauseAfter();
            };
        }
    }

    static Stream<Arguments> kills() {
        return Stream.of(Killed.values())
                .flatMap(killed -> Stream.of(true, false).map(sameDisk -> Arguments.of(killed, sameDisk)));
    }

    @ParameterizedTest
    @MethodSource("kills")
    void processThatStartsAfterAKillFinishesTheCreation(Killed killed, boolean sameDisk) {
        TestNode node = withMain("a");
        Pause pause = killed.in(node.faults());
        CompletableFuture<?> creation = nodes.async(() -> {
            create(node, "first");
            return null;
        });
        pause.awaitReached();
        Path disk = node.crash();
        pause.release();
        creation.exceptionally(e -> null).join();
        requireEveryRegisteredDatabaseToHaveAnObject();
        boolean stored = nodes.head(PROJECT) > 0;
        boolean registered = !registered().isEmpty();
        assertThat(scanned().contains(PROJECT)).isEqualTo(stored);

        TestNode next = nodes.node("next")
                .folder(sameDisk ? disk : nodes.folder("empty"))
                .start();
        if (stored && !registered) {
            // It is found by the scan, and what is in it is served: it is not taken for new and empty.
            assertThat(next.engine()
                            .<List<String>, RuntimeException>read(
                                    PROJECT, session -> Sql.query(session, "SELECT name FROM owner")))
                    .containsExactly("first");
        }
        create(next, stored ? "second" : "first");

        requireWhole(next, "first");
    }

    // ---- two at once ------------------------------------------------------------------------------------------------

    @Test
    void twoCreationsAtOnceMakeOneDatabase() {
        TestNode a = withMain("a");
        TestNode b = withMain("b");
        Pause held = a.faults().on(PROJECT_COMMITS, Operation.PUT).pauseBefore();
        CompletableFuture<?> first = nodes.async(() -> {
            create(a, "a");
            return null;
        });
        held.awaitReached();
        create(b, "b");
        held.release();
        Await.get(first);

        requireWhole(a, "b");
        requireWhole(b, "b");
        assertThat(nodes.keys("alice/project.conflicts/")).isEmpty();
    }
}
