package dev.satchel.internal.sync;

import dev.satchel.DatabaseAt;
import dev.satchel.DatabaseId;
import dev.satchel.LocalStorageException;
import dev.satchel.Version;
import dev.satchel.VersionInfo;
import dev.satchel.internal.log.DatabaseLog;
import dev.satchel.internal.replica.Baseline;
import dev.satchel.internal.replica.DatabaseFile;
import dev.satchel.internal.replica.ReadOnlyConnection;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A state of a database in a temporary folder. Thread-safe. */
public final class MaterialisedDatabase implements DatabaseAt {
    private static final Logger LOG = LoggerFactory.getLogger(MaterialisedDatabase.class);

    private final DatabaseId id;
    private final VersionInfo version;
    private final TemporaryFolder folder;
    private final Path file;
    private final ReentrantLock lock = new ReentrantLock();
    private final List<Connection> connections = new ArrayList<>();
    private boolean closed;

    private MaterialisedDatabase(DatabaseId id, VersionInfo version, TemporaryFolder folder, Path file) {
        this.id = id;
        this.version = version;
        this.folder = folder;
        this.file = file;
    }

    /**
     * Puts a state into a temporary folder.
     *
     * @throws LocalStorageException if the disk refuses
     */
    static DatabaseAt of(DatabaseLog log, FilePull.Source source) {
        try {
            TemporaryFolder folder = TemporaryFolder.create("satchel-at");
            try {
                Path file = folder.file("database.sqlite");
                return new MaterialisedDatabase(log.id(), load(source, file), folder, file);
            } catch (IOException | RuntimeException e) {
                folder.close();
                throw e;
            }
        } catch (IOException e) {
            throw new LocalStorageException(
                    "database " + log.id() + ": making a temporary copy failed: " + e
                            + "; check the space and permissions of the temporary folder",
                    e);
        }
    }

    private static VersionInfo load(FilePull.Source source, Path file) throws IOException {
        try (DatabaseFile loaded = source.load(file)) {
            Baseline baseline = loaded.baseline();
            return new VersionInfo(
                    Version.of(baseline.version()),
                    baseline.timestamp(),
                    baseline.writer(),
                    baseline.commitId(),
                    (long) loaded.sizeInPages() * loaded.pageSize(),
                    OptionalLong.empty(),
                    VersionInfo.State.PRESENT);
        }
    }

    @Override
    public DatabaseId database() {
        return id;
    }

    @Override
    public VersionInfo version() {
        return version;
    }

    @Override
    public Connection connection() throws SQLException {
        lock.lock();
        try {
            if (closed) {
                throw new SQLException("version " + version.version() + " of database " + id + " has been closed");
            }
            for (int i = connections.size() - 1; i >= 0; i--) {
                if (connections.get(i).isClosed()) {
                    connections.remove(i);
                }
            }
            Connection connection = ReadOnlyConnection.open(file);
            connections.add(connection);
            return connection;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public DataSource dataSource() {
        return new ConnectionDataSource(this::connection);
    }

    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            for (Connection connection : connections) {
                close(connection);
            }
            folder.close();
        } finally {
            lock.unlock();
        }
    }

    private void close(Connection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            LOG.debug("closing a connection to an old version failed database={}", id, e);
        }
    }
}
