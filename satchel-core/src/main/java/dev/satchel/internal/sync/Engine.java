package dev.satchel.internal.sync;

import dev.satchel.DatabaseId;
import dev.satchel.DatabaseStatus;
import dev.satchel.Durability;
import dev.satchel.Freshness;
import dev.satchel.SatchelConfig;
import dev.satchel.SatchelMetrics;
import dev.satchel.SchemaMigration;
import dev.satchel.Session;
import dev.satchel.SessionWork;
import dev.satchel.VersionListener;
import dev.satchel.store.ObjectStore;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One node: its open databases, its executor and scheduler. */
public final class Engine implements AutoCloseable {
    /** How often a function is run at most. */
    public static final int MAX_RUNS = 10;

    private final String writer;

    Engine(String writer) {
        this.writer = writer;
    }

    /** Takes a local folder into use. */
    public static Engine start(
            ObjectStore store,
            Path localFolder,
            SatchelConfig config,
            SatchelMetrics metrics,
            InstantSource clock,
            @Nullable String node,
            @Nullable SchemaMigration schema,
            List<VersionListener> listeners) {
        throw new UnsupportedOperationException();
    }

    /** Opens a session. */
    public Session open(DatabaseId id, Freshness freshness, Durability durability) {
        throw new UnsupportedOperationException();
    }

    /** Runs a repeatable write. */
    public <T extends @Nullable Object, X extends Exception> T write(DatabaseId id, SessionWork<T, X> work) throws X {
        throw new UnsupportedOperationException();
    }

    /** What is known here. */
    public Optional<DatabaseStatus> status(DatabaseId id) {
        return Optional.empty();
    }

    /** Node and start. */
    public String writer() {
        return writer;
    }

    /** How many are open. */
    public int openDatabases() {
        return 0;
    }

    @Override
    public void close() {}
}
