package dev.satchel.spring;

import dev.satchel.ClosedException;
import dev.satchel.Conflict;
import dev.satchel.DatabaseId;
import dev.satchel.Durability;
import dev.satchel.Freshness;
import dev.satchel.OutcomeUnknownException;
import dev.satchel.SatchelException;
import dev.satchel.Session;
import dev.satchel.SessionResult;
import dev.satchel.SyncStatus;
import dev.satchel.UserId;
import dev.satchel.Version;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request or job of one user: a {@link Session} that is opened when the database is first asked for, and completed at the
 * end. A unit that never asks costs nothing. A unit that pauses, because its request waits or streams, has several sessions, one
 * after the other, each at least as new as the one before; meanwhile it keeps no database open.
 *
 * <p>Thread-safe, for requests that go on in another thread. Opening, pausing and ending block while the store is asked; only
 * threads of the same unit wait for each other.
 */
public final class UnitOfWork {
    private static final Logger log = LoggerFactory.getLogger(UnitOfWork.class);

    private final DatabaseId database;
    private final SessionOpener opener;

    /** Guards every field below; held while the store is asked, since no other thread of the unit can go on without the answer. */
    private final ReentrantLock lock = new ReentrantLock();

    private final List<Connection> connections = new ArrayList<>(2);
    private final List<Consumer<SessionResult>> whenSaved = new ArrayList<>(0);
    private Freshness freshness;
    private Durability durability;
    private @Nullable Session session;
    private @Nullable SatchelException failure;
    private @Nullable SessionResult result;
    private boolean ended;
    /** Written under the lock, and read by event loops, which may not wait for it. */
    private volatile boolean used;

    /**
     * A unit that has not used its database yet.
     *
     * @param freshness of the first session
     * @param durability of its sessions
     * @param opener opens a session of the database, on the thread that uses it
     */
    public UnitOfWork(DatabaseId database, Freshness freshness, Durability durability, SessionOpener opener) {
        this.database = database;
        this.freshness = freshness;
        this.durability = durability;
        this.opener = opener;
    }

    /** Whose it is. */
    public UserId user() {
        return database.user();
    }

    /** Which database it uses. */
    public DatabaseId database() {
        return database;
    }

    /**
     * Says how the database is used from here on. A session that is open already ends first, as {@link #pause} does.
     *
     * @param newFreshness null to leave it as it is
     * @param newDurability null to leave it as it is
     * @throws ConnectionInUseException if a connection is in use
     * @throws SatchelException as {@link Session#complete()}
     */
    public void use(@Nullable Freshness newFreshness, @Nullable Durability newDurability) {
        Settled settled;
        lock.lock();
        try {
            Freshness nextFreshness = newFreshness == null ? freshness : newFreshness;
            Durability nextDurability = newDurability == null ? durability : newDurability;
            if (nextFreshness.equals(freshness) && nextDurability == durability) {
                return;
            }
            if (session != null && !isIdle()) {
                throw new ConnectionInUseException();
            }
            settled = settle();
            freshness = nextFreshness;
            durability = nextDurability;
        } finally {
            lock.unlock();
        }
        settled.told();
    }

    /** Whether the database has been asked for, with or without success. Does not wait for threads of the unit. */
    public boolean isUsed() {
        return used;
    }

    /** The first failure to pause or complete, if there was one: what the unit answered before may not be saved. */
    public Optional<SatchelException> failure() {
        lock.lock();
        try {
            return Optional.ofNullable(failure);
        } finally {
            lock.unlock();
        }
    }

    /**
     * The session, opened now if there is none.
     *
     * @throws SatchelException as {@link dev.satchel.Satchel#open}, or if the unit has already failed
     */
    public Session session() {
        lock.lock();
        try {
            used = true;
            if (failure != null) {
                throw failure;
            }
            if (ended) {
                throw new ClosedException(
                        "the work for database " + database + " has ended: what outlives a request or a job begins"
                                + " its own with satchelScopes.as(user, work)",
                        null);
            }
            Session current = session;
            if (current == null) {
                current = opener.open(database, freshEnough(), durability);
                session = current;
            }
            return current;
        } finally {
            lock.unlock();
        }
    }

    /** A connection of the session; whoever asked for it closes it. */
    public Connection connection() throws SQLException {
        lock.lock();
        try {
            Connection connection = session().connection();
            connections.removeIf(UnitOfWork::isClosed);
            connections.add(connection);
            return connection;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Runs an action once the session, opened now if there is none, has completed; not at all if that fails. What the action
     * throws is logged: the session is saved all the same.
     *
     * @param action told how the session ended: {@code SYNCED} and {@code CONFLICT} are in the store, {@code PENDING} is on this
     *     machine's disk. Runs on the thread that completes the session, without a lock
     * @throws SatchelException as {@link #session()}
     */
    public void whenSaved(Consumer<SessionResult> action) {
        lock.lock();
        try {
            session();
            whenSaved.add(action);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Makes what was committed and seen durable and lets go of the database until it is used again. Newer versions may become
     * visible then, so nobody may be in the middle of reading.
     *
     * @return how it went so far; empty if the database has not been used
     * @throws ConnectionInUseException if a connection is in use
     * @throws SatchelException as {@link Session#complete()}; and each time again if the unit has failed before
     */
    public Optional<SessionResult> pause() {
        Settled settled;
        lock.lock();
        try {
            if (failure != null) {
                throw failure;
            }
            if (session != null && !isIdle()) {
                throw new ConnectionInUseException();
            }
            settled = settle();
        } finally {
            lock.unlock();
        }
        return settled.told();
    }

    /**
     * {@link #pause()} if no connection is in use, otherwise nothing.
     *
     * @throws SatchelException as {@link Session#complete()}
     */
    public void pauseIfIdle() {
        Settled settled;
        lock.lock();
        try {
            if (!isIdle()) {
                return;
            }
            settled = settle();
        } finally {
            lock.unlock();
        }
        settled.told();
    }

    /**
     * Ends the unit. Called again it gives the same answer, but throws only once.
     *
     * @return how it went in all; empty if there was no session
     * @throws SatchelException as {@link Session#complete()}
     */
    public Optional<SessionResult> complete() {
        Settled settled;
        lock.lock();
        try {
            ended = true;
            settled = settle();
        } finally {
            lock.unlock();
        }
        return settled.told();
    }

    /**
     * {@link #complete()} if no connection is in use, otherwise nothing.
     *
     * @return whether it has ended
     * @throws SatchelException as {@link Session#complete()}
     */
    public boolean completeIfIdle() {
        Settled settled;
        lock.lock();
        try {
            if (!isIdle()) {
                return false;
            }
            ended = true;
            settled = settle();
        } finally {
            lock.unlock();
        }
        settled.told();
        return true;
    }

    /**
     * Ends the unit if its database has not been asked for. Never waits, and so is for threads that must not.
     *
     * @return whether it has ended; if not, {@link #complete()} ends it
     */
    public boolean endIfUnused() {
        if (used || !lock.tryLock()) {
            return false;
        }
        try {
            if (!used) {
                ended = true;
            }
            return !used;
        } finally {
            lock.unlock();
        }
    }

    private Settled settle() {
        Session current = session;
        List<Consumer<SessionResult>> actions = List.copyOf(whenSaved);
        whenSaved.clear();
        if (current != null) {
            session = null;
            connections.clear();
            try {
                result = both(result, current.complete());
            } catch (SatchelException e) {
                failure = e;
                throw e;
            } catch (RuntimeException | Error e) {
                failure = new OutcomeUnknownException(
                        "database " + database + ": ending the session failed in a way that nobody expected: " + e, e);
                throw e;
            }
        }
        return new Settled(result, actions);
    }

    /** What the unit's sessions came to so far, and whom to tell that the last one is saved. */
    private record Settled(@Nullable SessionResult result, List<Consumer<SessionResult>> actions) {
        Optional<SessionResult> told() {
            if (result != null) {
                for (Consumer<SessionResult> action : actions) {
                    tell(action, result);
                }
            }
            return Optional.ofNullable(result);
        }

        private static void tell(Consumer<SessionResult> action, SessionResult result) {
            try {
                action.accept(result);
            } catch (RuntimeException e) {
                log.warn("an action after a saved session failed version={}", result.version(), e);
            }
        }
    }

    /** The answer of two sessions of one unit: where it got to, what all of it shows, and the worse of what happened. */
    private static SessionResult both(@Nullable SessionResult first, SessionResult second) {
        if (first == null) {
            return second;
        }
        SyncStatus status = first.status().worse(second.status());
        Optional<Conflict> conflict = second.conflict().or(first::conflict);
        Version shown = first.shown().isAfter(second.shown()) ? second.shown() : first.shown();
        return new SessionResult(second.version(), shown, status, first.committed() || second.committed(), conflict);
    }

    /** A later session asks the store as often as the first did, and never sees less. */
    private Freshness freshEnough() {
        if (result == null || freshness instanceof Freshness.Latest) {
            return freshness;
        }
        // A bookmark that the first session could not have, since there is no such version, is not asked for again.
        return freshness instanceof Freshness.Within within
                ? Freshness.within(within.age()).andAtLeast(result.version())
                : Freshness.atLeast(result.version());
    }

    private boolean isIdle() {
        connections.removeIf(UnitOfWork::isClosed);
        return connections.isEmpty();
    }

    private static boolean isClosed(Connection connection) {
        try {
            return connection.isClosed();
        } catch (SQLException e) {
            return true;
        }
    }
}
