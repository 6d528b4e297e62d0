package dev.satchel.spring;

import dev.satchel.ClosedException;
import dev.satchel.DatabaseId;
import dev.satchel.SatchelException;
import dev.satchel.Session;
import dev.satchel.SessionResult;
import dev.satchel.UserId;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One request or job of one user: a {@link Session} that is opened when the database is first asked for, and completed at the
 * end. A unit that never asks costs nothing.
 *
 * <p>Thread-safe, for requests that go on in another thread. Opening and ending block while the store is asked; only threads
 * of the same unit wait for each other.
 */
public final class UnitOfWork {
    private final DatabaseId database;
    private final Function<DatabaseId, Session> opener;

    /** Guards every field below; held while the store is asked, since no other thread of the unit can go on without the answer. */
    private final ReentrantLock lock = new ReentrantLock();

    private final List<Connection> connections = new ArrayList<>(2);
    private @Nullable Session session;
    private @Nullable SatchelException failure;
    private @Nullable SessionResult result;
    private boolean used;
    private boolean ended;

    /**
     * A unit that has not used its database yet.
     *
     * @param opener opens the session; called once, on the thread that first uses the database
     */
    public UnitOfWork(DatabaseId database, Function<DatabaseId, Session> opener) {
        this.database = database;
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

    /** Whether the database has been asked for, with or without success. */
    public boolean isUsed() {
        lock.lock();
        try {
            return used;
        } finally {
            lock.unlock();
        }
    }

    /** Whether anything was committed. */
    public boolean hasCommitted() {
        lock.lock();
        try {
            return result != null ? result.committed() : session != null && session.hasCommitted();
        } finally {
            lock.unlock();
        }
    }

    /** The first failure to flush or complete, if there was one: what the unit answered before may not be saved. */
    public Optional<SatchelException> failure() {
        lock.lock();
        try {
            return Optional.ofNullable(failure);
        } finally {
            lock.unlock();
        }
    }

    /**
     * The session, opened now if it was not.
     *
     * @throws SatchelException as {@link dev.satchel.Satchel#open}
     */
    public Session session() {
        lock.lock();
        try {
            if (ended) {
                throw new ClosedException(
                        "the work for database " + database + " has ended: what outlives a request or a job begins"
                                + " its own with satchelScopes.as(user, work)",
                        null);
            }
            used = true;
            Session current = session;
            if (current == null) {
                current = opener.apply(database);
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
     * Makes what was committed and seen durable and goes on; nothing if the database has not been used. Newer versions may
     * become visible, so nobody may be in the middle of reading.
     *
     * @throws IllegalStateException if a connection is in use
     * @throws SatchelException as {@link Session#complete()}
     */
    public Optional<SessionResult> flush() {
        lock.lock();
        try {
            if (session == null || ended) {
                return Optional.ofNullable(result);
            }
            if (!isIdle()) {
                throw new IllegalStateException("a connection of the session is in use: close it first");
            }
            return Optional.of(session.flush());
        } catch (SatchelException e) {
            keep(e);
            throw e;
        } finally {
            lock.unlock();
        }
    }

    /**
     * {@link #flush()} if no connection is in use, otherwise nothing.
     *
     * @throws SatchelException as {@link Session#complete()}
     */
    public void flushIfIdle() {
        lock.lock();
        try {
            if (isIdle()) {
                flush();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Ends the unit. Called again it gives the same answer, but throws only once.
     *
     * @return how the session ended; empty if there was none
     * @throws SatchelException as {@link Session#complete()}
     */
    public Optional<SessionResult> complete() {
        lock.lock();
        try {
            if (!ended) {
                ended = true;
                if (session != null) {
                    result = session.complete();
                }
            }
            return Optional.ofNullable(result);
        } catch (SatchelException e) {
            keep(e);
            throw e;
        } finally {
            lock.unlock();
        }
    }

    private boolean isIdle() {
        connections.removeIf(UnitOfWork::isClosed);
        return connections.isEmpty();
    }

    private void keep(SatchelException e) {
        if (failure == null) {
            failure = e;
        }
    }

    private static boolean isClosed(Connection connection) {
        try {
            return connection.isClosed();
        } catch (SQLException e) {
            return true;
        }
    }
}
