package dev.satchel.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.satchel.ClosedException;
import dev.satchel.DatabaseId;
import dev.satchel.Durability;
import dev.satchel.Freshness;
import dev.satchel.SessionResult;
import dev.satchel.SyncStatus;
import dev.satchel.UnavailableException;
import dev.satchel.Version;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UnitOfWorkTest {
    private final List<FakeSession> sessions = new ArrayList<>();
    private final List<Freshness> asked = new ArrayList<>();
    private final List<Durability> durabilities = new ArrayList<>();

    @Test
    void unusedUnitHasNothingToTell() {
        UnitOfWork unit = unit(Freshness.latest());

        assertThat(unit.pause()).isEmpty();
        assertThat(unit.complete()).isEmpty();
        assertThat(unit.isUsed()).isFalse();
        assertThat(sessions).isEmpty();
    }

    @Test
    void pausedUnitAsksTheStoreAgainIfItDidTheFirstTime() {
        UnitOfWork unit = unit(Freshness.latest());
        unit.session();
        unit.pause();
        unit.session();

        assertThat(asked).containsExactly(Freshness.latest(), Freshness.latest());
    }

    @Test
    void pausedUnitNeverSeesLessThanBefore() {
        UnitOfWork unit = unit(Freshness.local());
        unit.session();
        unit.pause();
        unit.session();

        assertThat(asked).containsExactly(Freshness.local(), Freshness.atLeast(Version.of(7)));
    }

    @ParameterizedTest
    @CsvSource({"SYNCED, PENDING, PENDING", "CONFLICT, SYNCED, CONFLICT", "PENDING, SYNCED, PENDING"})
    void answerOfAllSessionsIsTheWorseOfThem(SyncStatus first, SyncStatus second, SyncStatus both) {
        UnitOfWork unit = unit(Freshness.latest());
        unit.session();
        sessions.get(0).onComplete(() -> FakeSession.result(8, first, true));
        unit.pause();
        unit.session();
        sessions.get(1).onComplete(() -> FakeSession.result(9, second, false));

        SessionResult result = unit.complete().orElseThrow();

        assertThat(result.status()).isEqualTo(both);
        assertThat(result.version()).isEqualTo(Version.of(9));
        assertThat(result.committed()).isTrue();
    }

    @Test
    void unitCannotPauseInTheMiddleOfReading() throws SQLException {
        UnitOfWork unit = unit(Freshness.latest());
        try (Connection connection = unit.connection()) {
            assertThat(connection.isClosed()).isFalse();
            assertThatThrownBy(unit::pause).isInstanceOf(IllegalStateException.class);
            unit.pauseIfIdle();
            assertThat(sessions.get(0).events()).doesNotContain("complete");
        }

        unit.pauseIfIdle();

        assertThat(sessions.get(0).events()).contains("complete");
    }

    @Test
    void failedUnitGoesOnFailing() {
        UnitOfWork unit = unit(Freshness.latest());
        unit.session();
        UnavailableException failure = new UnavailableException("", null);
        sessions.get(0).onComplete(() -> {
            throw failure;
        });

        assertThatThrownBy(unit::pause).isSameAs(failure);
        assertThatThrownBy(unit::session).isSameAs(failure);
        assertThat(unit.complete()).isEmpty();
        assertThat(unit.failure()).contains(failure);
        assertThat(sessions).hasSize(1);
    }

    @Test
    void unitIsUsedAsWasSaidLast() {
        UnitOfWork unit = unit(Freshness.latest());
        unit.use(Freshness.local(), Durability.DEFERRED);
        unit.session();

        assertThat(asked).containsExactly(Freshness.local());
        assertThat(durabilities).containsExactly(Durability.DEFERRED);
    }

    @Test
    void sessionThatIsOpenEndsAsItBegan() {
        UnitOfWork unit = unit(Freshness.latest());
        unit.session();
        unit.use(null, Durability.DEFERRED);
        assertThat(sessions.get(0).events()).containsExactly("complete");
        unit.session();

        assertThat(asked).containsExactly(Freshness.latest(), Freshness.latest());
        assertThat(durabilities).containsExactly(Durability.DURABLE, Durability.DEFERRED);
    }

    @Test
    void sessionGoesOnIfNothingElseIsSaid() {
        UnitOfWork unit = unit(Freshness.latest());
        unit.session();
        unit.use(Freshness.latest(), Durability.DURABLE);
        unit.use(null, null);
        unit.session();

        assertThat(sessions).hasSize(1);
        assertThat(sessions.get(0).events()).isEmpty();
    }

    @Test
    void unitIsNotUsedOtherwiseInTheMiddleOfReading() throws SQLException {
        UnitOfWork unit = unit(Freshness.latest());
        try (Connection ignored = unit.connection()) {
            assertThatThrownBy(() -> unit.use(Freshness.local(), null)).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void endedUnitSaysWhatToDoInstead() {
        UnitOfWork unit = unit(Freshness.latest());
        unit.complete();

        assertThatThrownBy(unit::connection)
                .isInstanceOf(ClosedException.class)
                .hasMessageContaining("satchelScopes.as(user, work)");
    }

    @Test
    void actionsForWhenItIsSavedRunOnceAfterTheSession() {
        UnitOfWork unit = unit(Freshness.latest());
        List<String> events = new ArrayList<>();
        unit.whenSaved(
                result -> events.add(result.status() + " " + sessions.get(0).events()));
        unit.whenSaved(result -> {
            throw new IllegalStateException("is only logged");
        });
        unit.whenSaved(result -> events.add("next"));
        assertThat(events).isEmpty();

        unit.complete();
        unit.complete();

        assertThat(events).containsExactly("SYNCED [complete]", "next");
    }

    @Test
    void actionsForWhenItIsSavedDoNotRunIfItIsNot() {
        UnitOfWork unit = unit(Freshness.latest());
        List<SessionResult> told = new ArrayList<>();
        unit.whenSaved(told::add);
        sessions.get(0).onComplete(() -> {
            throw new UnavailableException("", null);
        });

        assertThatThrownBy(unit::complete).isInstanceOf(UnavailableException.class);
        unit.complete();

        assertThat(told).isEmpty();
    }

    private UnitOfWork unit(Freshness freshness) {
        DatabaseId database = DatabaseId.of("alice");
        return new UnitOfWork(database, freshness, Durability.DURABLE, (id, wanted, durability) -> {
            asked.add(wanted);
            durabilities.add(durability);
            FakeSession session = new FakeSession(database);
            sessions.add(session);
            return session;
        });
    }
}
