package dev.satchel.spring.boot;

import dev.satchel.DatabaseId;
import dev.satchel.Durability;
import dev.satchel.Freshness;
import dev.satchel.SatchelException;
import dev.satchel.Session;
import dev.satchel.SessionResult;
import dev.satchel.SyncStatus;
import dev.satchel.Version;
import dev.satchel.spring.SessionOpener;
import dev.satchel.spring.web.LogNames;
import io.micrometer.common.KeyValue;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import javax.sql.DataSource;

/** Opens sessions whose refresh and publishing are the observations of {@link SatchelObservation}. Thread-safe. */
final class ObservedSessions implements SessionOpener {
    private final SessionOpener opener;
    private final ObservationRegistry registry;
    private final LogNames names;

    ObservedSessions(SessionOpener opener, ObservationRegistry registry, LogNames names) {
        this.opener = opener;
        this.registry = registry;
        this.names = names;
    }

    @Override
    public Session open(DatabaseId database, Freshness freshness, Durability durability) {
        return opened(database, freshness, durability, () -> opener.open(database, freshness, durability));
    }

    @Override
    public Session open(DatabaseId database, Freshness freshness, Durability durability, Duration atMost) {
        return opened(database, freshness, durability, () -> opener.open(database, freshness, durability, atMost));
    }

    private Session opened(DatabaseId database, Freshness freshness, Durability durability, Supplier<Session> opening) {
        Observation observation = begin(SatchelObservation.REFRESH, database)
                .lowCardinalityKeyValue(SatchelObservation.Key.FRESHNESS.withValue(kindOf(freshness)));
        return observe(observation, () -> {
            try {
                Session session = opening.get();
                observation.lowCardinalityKeyValue(outcome("ok")).highCardinalityKeyValue(at(session.version()));
                return new ObservedSession(session, durability);
            } catch (RuntimeException e) {
                observation.lowCardinalityKeyValue(outcome("error"));
                throw e;
            }
        });
    }

    private Observation begin(SatchelObservation kind, DatabaseId database) {
        return kind.observation(registry)
                .highCardinalityKeyValue(SatchelObservation.Key.DATABASE.withValue(names.of(database)));
    }

    private static <T> T observe(Observation observation, Supplier<T> work) {
        observation.start();
        try (Observation.Scope ignored = observation.openScope()) {
            return work.get();
        } catch (RuntimeException | Error e) {
            observation.error(e);
            throw e;
        } finally {
            observation.stop();
        }
    }

    private static KeyValue outcome(String value) {
        return SatchelObservation.Key.OUTCOME.withValue(value);
    }

    private static KeyValue at(Version version) {
        return SatchelObservation.Key.VERSION.withValue(version.toString());
    }

    private static String kindOf(Freshness freshness) {
        if (freshness instanceof Freshness.Latest) {
            return "latest";
        }
        if (freshness instanceof Freshness.Within) {
            return "within";
        }
        return freshness instanceof Freshness.AtLeast ? "at_least" : "local";
    }

    /** A session; only the end that does something is observed. */
    private final class ObservedSession implements Session {
        private final Session session;
        private final String durability;
        private final AtomicBoolean ended = new AtomicBoolean();

        ObservedSession(Session session, Durability durability) {
            this.session = session;
            this.durability = durability.name().toLowerCase(Locale.ROOT);
        }

        @Override
        public DatabaseId database() {
            return session.database();
        }

        @Override
        public Connection connection() throws SQLException {
            return session.connection();
        }

        @Override
        public DataSource dataSource() {
            return session.dataSource();
        }

        @Override
        public Version version() {
            return session.version();
        }

        @Override
        public boolean hasCommitted() {
            return session.hasCommitted();
        }

        @Override
        public SessionResult flush() {
            return publish(session::flush);
        }

        @Override
        public SessionResult complete() {
            return ended.compareAndSet(false, true) ? publish(session::complete) : session.complete();
        }

        @Override
        public void close() {
            if (ended.compareAndSet(false, true)) {
                publish(session::complete);
            } else {
                session.close();
            }
        }

        private SessionResult publish(Supplier<SessionResult> work) {
            Observation observation = begin(SatchelObservation.PUBLISH, session.database())
                    .lowCardinalityKeyValue(SatchelObservation.Key.DURABILITY.withValue(durability));
            return observe(observation, () -> {
                try {
                    SessionResult result = work.get();
                    observation
                            .lowCardinalityKeyValue(outcome(result.status().token()))
                            .highCardinalityKeyValue(at(result.version()));
                    return result;
                } catch (RuntimeException e) {
                    SyncStatus status = e instanceof SatchelException told ? told.status() : SyncStatus.FAILED;
                    observation.lowCardinalityKeyValue(outcome(status.token()));
                    throw e;
                }
            });
        }
    }
}
