package dev.satchel.spring;

import dev.satchel.ClosedException;
import dev.satchel.DatabaseId;
import dev.satchel.Session;
import dev.satchel.SessionResult;
import dev.satchel.SyncStatus;
import dev.satchel.Version;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** A session whose ends are scripted, on an empty in-memory database; notes what is asked of it. */
public final class FakeSession implements Session {
    private final DatabaseId database;
    private final List<String> events;
    private volatile Supplier<SessionResult> onComplete;
    private volatile boolean committed;
    private volatile boolean ended;
    private volatile @Nullable Connection last;

    public FakeSession(DatabaseId database) {
        this(database, new CopyOnWriteArrayList<>());
    }

    /** A session that notes its events among those of others. */
    public FakeSession(DatabaseId database, List<String> events) {
        this.database = database;
        this.events = events;
        this.onComplete = () -> result(7, SyncStatus.SYNCED, committed);
    }

    public static SessionResult result(long version, SyncStatus status, boolean committed) {
        return new SessionResult(Version.of(version), Version.of(version), status, committed, Optional.empty());
    }

    public FakeSession onComplete(Supplier<SessionResult> script) {
        onComplete = script;
        return this;
    }

    public void commit() {
        committed = true;
    }

    public List<String> events() {
        return events;
    }

    public @Nullable Connection lastConnection() {
        return last;
    }

    @Override
    public DatabaseId database() {
        return database;
    }

    @Override
    public Connection connection() throws SQLException {
        if (ended) {
            throw new ClosedException("ended", null);
        }
        events.add("connection");
        Connection connection = DriverManager.getConnection("jdbc:sqlite::memory:");
        last = connection;
        return connection;
    }

    @Override
    public DataSource dataSource() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Version version() {
        return Version.of(5);
    }

    @Override
    public boolean hasCommitted() {
        return committed;
    }

    @Override
    public SessionResult flush() {
        throw new UnsupportedOperationException();
    }

    @Override
    public SessionResult complete() {
        events.add("complete");
        ended = true;
        return onComplete.get();
    }

    @Override
    public void close() {
        complete();
    }
}
