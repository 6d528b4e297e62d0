package dev.satchel.internal.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.BusyException;
import dev.satchel.ConflictException;
import dev.satchel.ConflictPolicy;
import dev.satchel.DatabaseId;
import dev.satchel.NewerSchemaException;
import dev.satchel.SatchelConfig;
import dev.satchel.SchemaMigration;
import dev.satchel.Session;
import dev.satchel.SessionResult;
import dev.satchel.SyncStatus;
import dev.satchel.UnavailableException;
import dev.satchel.Version;
import dev.satchel.VersionEvent;
import dev.satchel.testkit.FaultyObjectStore;
import dev.satchel.testkit.Operation;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Nodes that migrate at once, and old and new applications that overlap. */
class SchemaOnManyNodesTest {
    private static final DatabaseId ID = DatabaseId.of("alice");

    @RegisterExtension
    final Nodes nodes = new Nodes();

    /** Version N has the columns c2 to cN beside the notes of version 1. */
    private static final class Columns implements SchemaMigration {
        private final int target;
        private final Runnable first;
        private final AtomicInteger runs = new AtomicInteger();

        Columns(int target) {
            this(target, () -> {});
        }

        /** Does something else before it migrates for the first time. */
        Columns(int target, Runnable first) {
            this.target = target;
            this.first = first;
        }

        @Override
        public int targetVersion() {
            return target;
        }

        @Override
        public void migrate(Connection connection, int from) throws SQLException {
            if (runs.incrementAndGet() == 1) {
                first.run();
            }
            try (Statement statement = connection.createStatement()) {
                if (from < 1) {
                    statement.execute(Sql.CREATE);
                }
                for (int column = Math.max(2, from + 1); column <= target; column++) {
                    statement.execute("ALTER TABLE note ADD COLUMN c" + column + " INTEGER DEFAULT " + column);
                }
            }
        }
    }

    private static SatchelConfig policy(ConflictPolicy policy) {
        return SatchelConfig.defaults().withConflictPolicy(policy);
    }

    private void versionOneOfTheSchema() {
        TestNode old = nodes.node("old").schema(new Columns(1)).start();
        old.run(ID, Sql.note("first"));
        old.close();
    }

    private static String schemaVersion(TestNode node) {
        try (Session session = node.open(ID)) {
            return Sql.query(session, "PRAGMA user_version").get(0);
        }
    }

    private long conflictRecords() {
        return nodes.keys().stream().filter(key -> key.contains(".conflicts/")).count();
    }

    @Test
    void migrationIsAVersionOfItsOwn() {
        versionOneOfTheSchema();
        TestNode node = nodes.node("a").schema(new Columns(2)).start();

        SessionResult result = node.run(ID, Sql.note("second"));

        assertThat(nodes.versions(ID)).containsExactly(1L, 2L, 3L);
        assertThat(result.version()).isEqualTo(Version.of(3));
        assertThat(result.committed()).isTrue();
    }

    @Test
    void sessionThatOnlyReadsMigratesOnceAndCommitsNothingOfItsOwn() {
        versionOneOfTheSchema();
        Columns schema = new Columns(2);
        TestNode node = nodes.node("a").schema(schema).start();

        for (int i = 0; i < 3; i++) {
            try (Session session = node.open(ID)) {
                assertThat(Sql.query(session, "SELECT c2 FROM note")).containsExactly("2");
                assertThat(session.complete()).satisfies(result -> {
                    assertThat(result.committed()).isFalse();
                    assertThat(result.version()).isEqualTo(Version.of(2));
                });
            }
        }

        assertThat(schema.runs).hasValue(1);
        assertThat(nodes.versions(ID)).containsExactly(1L, 2L);
    }

    @ParameterizedTest
    @EnumSource(ConflictPolicy.class)
    void nodeThatLosesTheRaceTakesTheOthersMigrationOver(ConflictPolicy policy) {
        versionOneOfTheSchema();
        TestNode faster = nodes.node("faster")
                .config(policy(policy))
                .schema(new Columns(2))
                .start();
        Columns slow = new Columns(2, () -> faster.run(ID, Sql.note("of the faster")));
        TestNode slower =
                nodes.node("slower").config(policy(policy)).schema(slow).start();

        SessionResult result = slower.run(ID, Sql.note("of the slower"));

        assertThat(result.status()).isEqualTo(SyncStatus.SYNCED);
        assertThat(slower.notes(ID)).containsExactly("first", "of the faster", "of the slower");
        assertThat(slow.runs).hasValue(1);
        assertThat(nodes.versions(ID)).containsExactly(1L, 2L, 3L, 4L);
        assertThat(conflictRecords()).isZero();
        assertThat(slower.events()).extracting(VersionEvent::kind).doesNotContain(VersionEvent.Kind.CONFLICT);
    }

    @ParameterizedTest
    @EnumSource(ConflictPolicy.class)
    void oldApplicationThatWritesDuringAMigrationIsNotOverwritten(ConflictPolicy policy) {
        versionOneOfTheSchema();
        TestNode old = nodes.node("older")
                .config(policy(policy))
                .schema(new Columns(1))
                .start();
        Columns schema = new Columns(2, () -> old.run(ID, Sql.note("of the old")));
        TestNode node = nodes.node("a").config(policy(policy)).schema(schema).start();

        node.run(ID, Sql.note("of the new"));

        assertThat(node.notes(ID)).containsExactly("first", "of the old", "of the new");
        assertThat(schema.runs).hasValue(2);
        assertThat(conflictRecords()).isZero();
    }

    @Test
    void databaseOfANewerApplicationIsReadAndNotWritten() throws SQLException {
        versionOneOfTheSchema();
        nodes.node("new").schema(new Columns(3)).start().run(ID, Sql.note("second"));
        long head = nodes.head(ID);
        TestNode old = nodes.node("older").schema(new Columns(2)).start();

        try (Session session = old.open(ID);
                Connection connection = session.connection();
                Statement statement = connection.createStatement()) {
            assertThat(Sql.query(connection, "SELECT text FROM note")).containsExactly("first", "second");
            for (String sql : new String[] {
                Sql.note("x"), "CREATE TABLE x(a)", "PRAGMA user_version = 2", "VACUUM", "DELETE FROM note"
            }) {
                assertThatThrownBy(() -> statement.execute(sql))
                        .isInstanceOf(SQLException.class)
                        .hasMessageContaining("schema version 3")
                        .hasMessageContaining("knows versions up to 2")
                        .hasCauseInstanceOf(NewerSchemaException.class);
            }
            connection.setAutoCommit(false);
            assertThatThrownBy(() -> statement.executeUpdate(Sql.note("y")))
                    .hasCauseInstanceOf(NewerSchemaException.class);
        }

        assertThat(nodes.head(ID)).isEqualTo(head);
    }

    @Test
    void oldApplicationThatWasWritingWhenTheNewOneMigratedDoesNotBringTheOldSchemaBack() {
        versionOneOfTheSchema();
        TestNode old = nodes.node("older").schema(new Columns(1)).start();
        old.notes(ID);
        TestNode node = nodes.node("a").schema(new Columns(2)).start();
        node.run(ID, Sql.note("of the new"));

        assertThatThrownBy(() -> old.runLocal(ID, Sql.note("of the old"))).isInstanceOf(ConflictException.class);

        assertThat(schemaVersion(node)).isEqualTo("2");
        assertThat(node.notes(ID)).containsExactly("first", "of the new");
        assertThat(conflictRecords()).isEqualTo(1);
    }

    @Test
    void pendingChangesOfAnOldApplicationDoNotBringTheOldSchemaBack() {
        versionOneOfTheSchema();
        TestNode old = nodes.node("older").schema(new Columns(1)).start();
        old.notes(ID);
        old.faults().on(".*").always().inject(FaultyObjectStore.Fault.NOT_SENT);
        old.runDeferred(ID, Sql.note("pending"));
        Path folder = old.crash();
        TestNode node = nodes.node("a").schema(new Columns(2)).start();
        node.run(ID, Sql.note("of the new"));

        TestNode again =
                nodes.node("again").folder(folder).schema(new Columns(1)).start();

        assertThat(again.notes(ID)).containsExactly("first", "of the new");
        assertThat(schemaVersion(node)).isEqualTo("2");
        assertThat(conflictRecords()).isEqualTo(1);
    }

    @Test
    void migrationThatCannotBePublishedIsTakenBackAndMadeLater() {
        versionOneOfTheSchema();
        TestNode node = nodes.node("a")
                .config(SatchelConfig.defaults().withTimeouts(Duration.ofMillis(50), Duration.ofSeconds(10)))
                .schema(new Columns(2))
                .start();
        try (Session session = node.open(ID)) {
            node.faults().on(".*").always().inject(FaultyObjectStore.Fault.NOT_SENT);
            assertThatThrownBy(session::connection).isInstanceOf(UnavailableException.class);
        }
        node.faults().clear();
        assertThat(nodes.versions(ID)).containsExactly(1L);

        node.run(ID, Sql.note("second"));

        assertThat(nodes.versions(ID)).containsExactly(1L, 2L, 3L);
        assertThat(schemaVersion(node)).isEqualTo("2");
    }

    @Test
    void migrationWhoseAnswerWasLostIsMadeOnce() {
        versionOneOfTheSchema();
        Columns schema = new Columns(2);
        TestNode node = nodes.node("a").schema(schema).start();
        node.faults().on(".*[.]ltx/0000/.*2[.]ltx", Operation.PUT).inject(FaultyObjectStore.Fault.FAIL_AFTER);

        node.run(ID, Sql.note("second"));

        assertThat(nodes.versions(ID)).containsExactly(1L, 2L, 3L);
        assertThat(schema.runs).hasValue(1);
    }

    @Test
    void deferredSessionDoesNotWaitForAStoreThatCannotBeReachedToMigrate() {
        versionOneOfTheSchema();
        TestNode node = nodes.node("a")
                .config(SatchelConfig.defaults().withTimeouts(Duration.ofMillis(50), Duration.ofSeconds(10)))
                .schema(new Columns(2))
                .start();
        try (Session session = node.openDeferred(ID)) {
            node.faults().on(".*").always().inject(FaultyObjectStore.Fault.NOT_SENT);
            Sql.run(session, "UPDATE note SET c2 = 7");
            assertThat(session.complete().status()).isEqualTo(SyncStatus.PENDING);
        }
        node.faults().clear();
        node.awaitUploaded(ID);

        try (Session session = node.open(ID)) {
            assertThat(Sql.query(session, "SELECT c2 FROM note")).containsExactly("7");
        }
    }

    @Test
    void nodeThatLosesEveryTimeSaysBusy() {
        versionOneOfTheSchema();
        TestNode old = nodes.node("older").schema(new Columns(1)).start();
        SchemaMigration unlucky = new SchemaMigration() {
            @Override
            public int targetVersion() {
                return 2;
            }

            @Override
            public void migrate(Connection connection, int from) throws SQLException {
                old.run(ID, Sql.note("again"));
                new Columns(2).migrate(connection, from);
            }
        };
        TestNode node = nodes.node("a").schema(unlucky).start();

        try (Session session = node.open(ID)) {
            assertThatThrownBy(session::connection).isInstanceOf(BusyException.class);
        }

        assertThat(old.notes(ID)).hasSize(1 + Engine.MAX_RUNS);
    }
}
