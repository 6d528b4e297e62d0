package dev.satchel;

import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;

/**
 * One state of a database, to be read: a version from its history, or what a conflict left aside. It lies in a private copy on
 * this machine and stays as it is whatever happens to the database meanwhile.
 *
 * <p>Thread-safe. Close it to remove the copy; connections that are still open are closed with it.
 */
public interface DatabaseAt extends AutoCloseable {

    /** Whose state it is. */
    DatabaseId database();

    /** Which version it is, or of a conflict would have been. */
    VersionInfo version();

    /**
     * A JDBC connection that can only read; close it when done. Asks no store.
     *
     * @throws SQLException if it has been closed, or SQLite cannot open the copy
     */
    Connection connection() throws SQLException;

    /** A {@link DataSource} over {@link #connection()}, for libraries that want one. */
    DataSource dataSource();

    /** Removes the copy. Idempotent; never throws. */
    @Override
    void close();
}
