package dev.satchel;

import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;

/**
 * One unit of work on one database: a request, a job, a command. It sees one version of the database plus what this machine
 * commits meanwhile; versions of other machines arrive between sessions, never within one.
 *
 * <p>Usable from several threads, but meant for one unit of work; keep it short, newer versions wait for its end. Whoever
 * opens a session completes or closes it.
 */
public interface Session extends AutoCloseable {

    /** Which database. */
    DatabaseId database();

    /**
     * A JDBC connection to the local database; close it when done. Closing rolls back an open transaction. Does not ask the
     * store.
     *
     * @throws SQLException if the database cannot be opened, or too many connections of it are open
     * @throws BusyException if a newer version is being applied and that takes too long
     * @throws ClosedException if the session has ended
     */
    Connection connection() throws SQLException;

    /** A {@link DataSource} over {@link #connection()}, for libraries that want one. */
    DataSource dataSource();

    /** The version the local database is based on now. */
    Version version();

    /** Whether anything was committed through this session. */
    boolean hasCommitted();

    /**
     * Makes what was committed and seen so far durable as {@link #complete()} would, and goes on; for long jobs. A newer
     * version may become visible afterwards, so every connection of the session must have been closed.
     *
     * @throws IllegalStateException if one is open
     */
    SessionResult flush();

    /**
     * Ends the session: rolls back what is open, publishes what this machine has committed if the session has committed or
     * seen any of it, and tells what became of it. Called again it gives the same answer.
     *
     * <p>Blocks for one store request if there is something to publish, at most for the configured store time-out.
     *
     * @throws ConflictException under {@code REJECT}: another machine was faster, the changes are kept aside
     * @throws OutcomeUnknownException if the store did not answer in time; the changes may or may not be saved
     * @throws StoreRefusedException if the store refused; the changes are rolled back
     * @throws UnavailableException if the store could not be reached; the changes are rolled back
     */
    SessionResult complete();

    /** {@link #complete()} for try-with-resources. Idempotent; throws what complete throws, the first time only. */
    @Override
    void close();
}
