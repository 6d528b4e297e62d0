package dev.satchel.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.ClosedException;
import dev.satchel.DatabaseId;
import dev.satchel.Durability;
import dev.satchel.Freshness;
import dev.satchel.UnavailableException;
import dev.satchel.UserId;
import io.micrometer.context.ContextRegistry;
import io.micrometer.context.ContextSnapshot;
import io.micrometer.context.ContextSnapshotFactory;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

class SatchelScopesTest {
    private static final UserId ALICE = UserId.of("alice");
    private static final UserId BOB = UserId.of("bob");

    private final List<FakeSession> sessions = new ArrayList<>();
    private final UserContext context = new UserContext();
    private final SatchelScopes scopes = new SatchelScopes(
            (database, freshness, durability) -> {
                FakeSession session = new FakeSession(database);
                sessions.add(session);
                return session;
            },
            context,
            Freshness.latest(),
            Durability.DURABLE);
    private final SatchelDataSource dataSource = new SatchelDataSource(scopes);
    private final JdbcClient jdbc = JdbcClient.create(dataSource);
    private final TransactionTemplate transaction = new TransactionTemplate(new JdbcTransactionManager(dataSource));

    @Test
    void workHasItsUsersDatabaseAndItsSessionIsCompletedAfterwards() {
        long value = scopes.as(ALICE, this::select);

        assertThat(value).isEqualTo(1);
        assertThat(sessions).hasSize(1);
        assertThat(sessions.get(0).database()).isEqualTo(DatabaseId.of("alice"));
        assertThat(sessions.get(0).events()).containsExactly("connection", "complete");
        assertThat(context.user()).isEmpty();
    }

    @Test
    void workWithoutDatabaseOpensNoSession() {
        scopes.runAs(ALICE, () -> assertThat(scopes.currentUser()).contains(ALICE));

        assertThat(sessions).isEmpty();
    }

    @Test
    void workOfTheSameUserInsideIsPartOfTheOuterOne() {
        scopes.runAs(ALICE, () -> {
            select();
            scopes.runAs(BOB, () -> {
                select();
                scopes.runAs(ALICE, this::select);
            });
            assertThat(sessions.get(0).events()).doesNotContain("complete");
        });

        assertThat(sessions)
                .extracting(FakeSession::database)
                .containsExactly(DatabaseId.of("alice"), DatabaseId.of("bob"));
        assertThat(sessions).allSatisfy(s -> assertThat(s.events()).containsOnlyOnce("complete"));
    }

    @Test
    void transactionsAreOfTheCurrentUser() {
        scopes.runAs(
                ALICE,
                () -> transaction.executeWithoutResult(status -> {
                    select();
                    select();
                }));

        assertThat(sessions.get(0).events()).containsExactly("connection", "complete");
    }

    @Test
    void anotherUsersWorkInsideATransactionIsRefused() {
        scopes.runAs(
                ALICE,
                () -> transaction.executeWithoutResult(status -> {
                    select();

                    assertThatThrownBy(() -> scopes.as(BOB, this::select))
                            .isInstanceOf(IllegalStateException.class)
                            .hasMessageContaining("satchel.write(DatabaseId.of(user)");
                }));

        assertThat(sessions).hasSize(1);
    }

    @Test
    void failureOfTheWorkIsThrownAndWhatItCommittedIsPublished() {
        assertThatThrownBy(() -> scopes.runAs(ALICE, () -> {
                    select();
                    throw new IOException("work failed");
                }))
                .isInstanceOf(IOException.class)
                .hasMessage("work failed");

        assertThat(sessions.get(0).events()).endsWith("complete");
    }

    @Test
    void failureToPublishIsThrownOrAddedToTheWorksOwn() {
        UnavailableException unavailable = new UnavailableException("down", null);
        IllegalStateException own = new IllegalStateException("own");

        assertThatThrownBy(() -> scopes.runAs(ALICE, () -> failAtTheEnd(unavailable)))
                .isSameAs(unavailable);
        assertThatThrownBy(() -> scopes.runAs(ALICE, () -> {
                    failAtTheEnd(unavailable);
                    throw own;
                }))
                .isSameAs(own)
                .hasSuppressedException(unavailable);
    }

    @Test
    void connectionWithoutUserIsAnErrorThatSaysWhatToWrite() {
        assertThatThrownBy(dataSource::getConnection)
                .isInstanceOf(NoCurrentUserException.class)
                .hasMessageContaining("satchelScopes.as(user, work)")
                .hasMessageContaining("UserResolver")
                .hasMessageContaining("satchel.write(DatabaseId.of(user), session -> ...)");
        assertThatThrownBy(this::select).isInstanceOf(NoCurrentUserException.class);
    }

    @Test
    void connectionOfAUserWithoutUnitOfWorkIsAnError() {
        try (UserContext.Binding ignored = context.bind(ALICE)) {
            assertThatThrownBy(dataSource::getConnection)
                    .isInstanceOf(NoCurrentUserException.class)
                    .hasMessageContaining("satchelScopes.as(user, work)");
        }
    }

    @Test
    void connectionWhileTheApplicationStartsTellsMetadataAndRefusesStatements() throws SQLException {
        SatchelDataSource starting = new SatchelDataSource(scopes, () -> true);

        try (Connection connection = starting.getConnection()) {
            assertThat(connection.getMetaData().getDatabaseProductName()).isEqualTo("SQLite");
            assertThat(connection.isValid(1)).isTrue();
            assertThat(connection).isEqualTo(connection);
            assertThatThrownBy(connection::createStatement)
                    .isInstanceOf(NoCurrentUserException.class)
                    .hasMessageContaining("SchemaMigration");
        }
        assertThat(sessions).isEmpty();
    }

    @Test
    void contextPropagationCarriesTheUserAndTheRunningSession() throws Exception {
        ContextRegistry registry = new ContextRegistry();
        try (UserContextAccessor ignored = new UserContextAccessor(context, registry)) {
            ContextSnapshotFactory snapshots =
                    ContextSnapshotFactory.builder().contextRegistry(registry).build();

            scopes.<Exception>runAs(ALICE, () -> {
                ContextSnapshot snapshot = snapshots.captureAll();
                CompletableFuture.runAsync(snapshot.wrap(() -> {
                            assertThat(context.user()).contains(ALICE);
                            select();
                        }))
                        .get();
            });
        }

        assertThat(sessions).hasSize(1);
        assertThat(registry.getThreadLocalAccessors()).isEmpty();
    }

    @Test
    void carriedWorkThatOutlivesItsSessionNeedsItsOwn() {
        ContextRegistry registry = new ContextRegistry();
        AtomicReference<ContextSnapshot> captured = new AtomicReference<>();
        try (UserContextAccessor ignored = new UserContextAccessor(context, registry)) {
            ContextSnapshotFactory snapshots =
                    ContextSnapshotFactory.builder().contextRegistry(registry).build();
            scopes.runAs(ALICE, () -> {
                select();
                captured.set(snapshots.captureAll());
            });

            captured.get()
                    .wrap(() -> {
                        assertThatThrownBy(dataSource::getConnection)
                                .isInstanceOf(ClosedException.class)
                                .hasMessageContaining("satchelScopes.as(user, work)");
                        scopes.runAs(ALICE, this::select);
                    })
                    .run();
        }

        assertThat(sessions).hasSize(2);
        assertThat(sessions.get(1).events()).containsExactly("connection", "complete");
        assertThat(context.user()).isEmpty();
    }

    @Test
    void dataSourceSaysWhatItIs() throws SQLException {
        assertThat(dataSource.isWrapperFor(SatchelDataSource.class)).isTrue();
        assertThat(dataSource.unwrap(SatchelDataSource.class)).isSameAs(dataSource);
        assertThatThrownBy(() -> dataSource.unwrap(String.class)).isInstanceOf(SQLException.class);
        assertThatThrownBy(() -> dataSource.getConnection("alice", "secret"))
                .isInstanceOf(SQLException.class)
                .hasMessageNotContaining("secret");
    }

    private void failAtTheEnd(UnavailableException e) {
        select();
        sessions.get(sessions.size() - 1).onComplete(() -> {
            throw e;
        });
    }

    private long select() {
        return jdbc.sql("select 1").query(Long.class).single();
    }
}
