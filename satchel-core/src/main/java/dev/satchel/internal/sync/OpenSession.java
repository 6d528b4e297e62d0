package dev.satchel.internal.sync;

import dev.satchel.BusyException;
import dev.satchel.ClosedException;
import dev.satchel.Conflict;
import dev.satchel.ConflictException;
import dev.satchel.CorruptException;
import dev.satchel.DatabaseId;
import dev.satchel.DeletedException;
import dev.satchel.Durability;
import dev.satchel.LocalStorageException;
import dev.satchel.NewerSchemaException;
import dev.satchel.OutcomeUnknownException;
import dev.satchel.SatchelException;
import dev.satchel.SchemaMigration;
import dev.satchel.Session;
import dev.satchel.SessionResult;
import dev.satchel.SizeThresholds;
import dev.satchel.StoreRefusedException;
import dev.satchel.SyncStatus;
import dev.satchel.TransactionTooLargeException;
import dev.satchel.UnavailableException;
import dev.satchel.Version;
import dev.satchel.internal.jdbc.SqlGuard;
import dev.satchel.internal.jdbc.TrackedConnection;
import dev.satchel.internal.replica.CommitListener;
import dev.satchel.internal.replica.Replica;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A session: holds the replica from its first connection to its end, then waits at the output gate for what it committed or
 * saw. Thread-safe.
 */
final class OpenSession implements Session {
    private static final Logger LOG = LoggerFactory.getLogger(OpenSession.class);
    /** How far a replica has committed whose log cannot be read any more. */
    private static final long UNKNOWN = Long.MAX_VALUE;

    private final Engine engine;
    private final Node node;
    private final SqlGuard guard;
    private final DatabaseSync database;
    private final Durability durability;
    private final boolean repeatable;
    private final boolean limited;
    private final @Nullable Conflict refusedBefore;
    private final DataSource dataSource = new ConnectionDataSource(this::connection);

    private final ReentrantLock lock = new ReentrantLock();
    private final Set<TrackedConnection> connections = new HashSet<>();
    private @Nullable Replica held;
    /** What was published when the replica was taken: up to here nothing unpublished can have been seen. */
    private long publishedAtHold;

    /** Whether the schema of the held replica has been brought up to date; not after a failure to do so. */
    private boolean migrated;

    /** The {@code user_version} of the held replica, once it is migrated. */
    private int schemaFound;

    /** The version that the session was opened on, took the replica at, or had to wait for. */
    private Version reflected;

    /** The newest version of which it has certainly seen everything. */
    private Version shown;

    /** Up to here it certainly sees everything: what was committed when it took the replica, and its own right behind that. */
    private volatile long known;

    /** How far the replica had committed when the session last looked at it. */
    private long seen;

    /** How far it had committed with the session's own last commit; 0 if it has none. */
    private volatile long ownCommit;

    /** As {@link #ownCommit}, of the first since the replica was taken. */
    private volatile long firstOwnCommit;

    /** Whether what it committed before the replica was taken is a version. */
    private boolean flushed;

    private volatile boolean committed;
    private boolean ended;
    private @Nullable SessionResult result;
    private @Nullable RuntimeException failure;
    private boolean failureThrown;

    OpenSession(
            Engine engine,
            Node node,
            SqlGuard guard,
            DatabaseSync database,
            Durability durability,
            boolean repeatable,
            boolean limited) {
        this.engine = engine;
        this.node = node;
        this.guard = guard;
        this.database = database;
        this.durability = durability;
        this.repeatable = repeatable;
        this.limited = limited;
        this.reflected = database.version();
        this.shown = reflected;
        this.refusedBefore = node.refusals().of(database.id());
        node.metrics().sessionOpened();
    }

    @Override
    public DatabaseId database() {
        return database.id();
    }

    @Override
    public DataSource dataSource() {
        return dataSource;
    }

    @Override
    public Version version() {
        return database.version();
    }

    @Override
    public boolean hasCommitted() {
        return committed;
    }

    @Override
    public Connection connection() throws SQLException {
        lock.lock();
        try {
            if (ended) {
                throw new ClosedException("the session on database " + database() + " has ended", null);
            }
            Replica replica = take();
            SchemaMigration schema = database().isArchive() ? null : node.schema();
            boolean byItself = true;
            for (int run = 1; schema != null && !migrated; run++) {
                long unpublished = migrate(replica, schema, byItself);
                if (unpublished == 0) {
                    migrated = true;
                } else {
                    byItself = publishSchema(replica, unpublished, run);
                    replica = take();
                }
            }
            TrackedConnection connection = open(replica, this::noticeCommit);
            limit(connection, limited);
            if (schema != null && schemaFound > schema.targetVersion()) {
                connection.refuseWrites(new NewerSchemaException(database(), schema.targetVersion(), schemaFound));
            }
            return connection;
        } finally {
            lock.unlock();
        }
    }

    /** The replica, held until the session lets go of it. */
    private Replica take() {
        Replica current = held;
        if (current != null) {
            return current;
        }
        Replica taken = database.hold();
        held = taken;
        publishedAtHold = database.state().floor(taken);
        // Behind the floor: what is published in between has been seen, or will not be.
        reflected = Version.of(taken.baseline().version());
        shown = reflected;
        known = taken.committed();
        seen = 0;
        firstOwnCommit = 0;
        ownCommit = 0;
        migrated = false;
        return taken;
    }

    private TrackedConnection open(Replica replica, LongConsumer onCommit) throws SQLException {
        AtomicReference<@Nullable TrackedConnection> opened = new AtomicReference<>();
        CommitListener listener = (after, upTo) -> {
            if (after == known) {
                known = upTo;
            }
            onCommit.accept(upTo);
        };
        TrackedConnection connection =
                new TrackedConnection(replica.lease(listener), guard, node.scheduler(), () -> forget(opened.get()));
        opened.set(connection);
        connections.add(connection);
        return connection;
    }

    private void limit(TrackedConnection connection, boolean toQuota) throws SQLException {
        SizeThresholds sizes = node.config().sizes();
        if (sizes.quotaBytes() == 0 || database().isArchive()) {
            return;
        }
        if (toQuota) {
            connection.limitTo(database(), sizes);
        } else {
            connection.liftLimit();
        }
    }

    private void forget(@Nullable TrackedConnection connection) {
        lock.lock();
        try {
            connections.remove(connection);
            Replica replica = held;
            if (replica != null) {
                seen = Math.max(seen, visible(replica));
            }
        } finally {
            lock.unlock();
        }
    }

    private static long visible(Replica replica) {
        try {
            return replica.visible();
        } catch (LocalStorageException | CorruptException e) {
            return UNKNOWN; // It is broken now.
        }
    }

    private void noticeCommit(long sequence) {
        database.state().committed(sequence, node.nanoTime().getAsLong());
        committed = true;
        firstOwnCommit = firstOwnCommit == 0 ? sequence : firstOwnCommit;
        ownCommit = sequence;
        if (!repeatable) {
            database.state().unrepeatableCommit(sequence);
        }
    }

    /**
     * Brings the schema up to date, if it is not.
     *
     * @param byItself whether that is to be a version of its own; otherwise it is part of what the session commits
     * @return up to where that is to be published before anybody works on it, by whichever session it was done; 0 if there is
     *     nothing to publish
     */
    private long migrate(Replica replica, SchemaMigration schema, boolean byItself) throws SQLException {
        SyncState state = database.state();
        boolean brandNew = replica.baseline().isEmpty() && replica.committed() == 0;
        try (TrackedConnection connection = open(replica, sequence -> {
            if (brandNew) {
                state.schemaCommitted(sequence);
            } else if (byItself) {
                state.schemaMigrated(sequence);
            } else {
                noticeCommit(sequence);
            }
        })) {
            limit(connection, false);
            int found = SchemaRun.migrate(database(), connection, schema);
            schemaFound = Math.max(found, schema.targetVersion());
        }
        return byItself ? state.schemaToPublish(replica) : 0;
    }

    /**
     * Makes a migration a version. If another machine was faster, it is gone afterwards, and the replica is at the other's version.
     *
     * @return false if the store cannot be asked now and the session need not wait for it
     */
    private boolean publishSchema(Replica replica, long sequence, int run) {
        letGo();
        try {
            database.publish(replica, sequence);
        } catch (LostRace | ConflictException | DeletedException e) {
            if (run >= Engine.MAX_RUNS) {
                throw new BusyException(
                        "database " + database() + ": other machines were faster " + run
                                + " times in a row while the schema was brought up to date; try again",
                        e);
            }
        } catch (UnavailableException | OutcomeUnknownException e) {
            if (durability != Durability.DEFERRED) {
                throw e;
            }
            return false;
        }
        return true;
    }

    @Override
    public SessionResult flush() {
        lock.lock();
        try {
            if (ended) {
                throw new ClosedException("the session on database " + database() + " has ended", null);
            }
            if (!connections.isEmpty()) {
                throw new IllegalStateException("database " + database() + ": " + connections.size()
                        + " connections of the session are open; close them before flush, a newer version may come in");
            }
            return settle();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public SessionResult complete() {
        lock.lock();
        try {
            if (!ended) {
                ended = true;
                finish();
            }
            if (failure != null) {
                failureThrown = true;
                throw failure;
            }
            return java.util.Objects.requireNonNull(result);
        } finally {
            lock.unlock();
        }
    }

    private void finish() {
        try {
            closeConnections();
            SessionResult settled = settle();
            result = settled;
            node.refusals().heal(refusedBefore);
            node.metrics().sessionEnded(settled.status());
        } catch (RuntimeException e) {
            failure = e;
            node.metrics().sessionEnded(statusOf(e));
        } finally {
            letGo();
            database.touch();
            engine.release(database);
        }
    }

    private static SyncStatus statusOf(RuntimeException failure) {
        if (failure instanceof LostRace) {
            return SyncStatus.CONFLICT;
        }
        return failure instanceof SatchelException told ? told.status() : SyncStatus.FAILED;
    }

    private void closeConnections() {
        for (TrackedConnection connection : new ArrayList<>(connections)) {
            connection.close();
        }
    }

    /** Gives the replica back, if it has not been. */
    private void letGo() {
        Replica replica = held;
        if (replica != null) {
            held = null;
            replica.gate().releaseShared();
        }
    }

    /** Gives the replica back and waits for what was committed or seen. */
    private SessionResult settle() {
        Replica replica = held;
        if (replica == null) {
            return result(SyncStatus.SYNCED, Optional.empty());
        }
        long before = publishedAtHold;
        letGo();
        if (replica.isBroken()) {
            seen = UNKNOWN;
        }
        if (seen <= before || seen <= database.state().ephemeralFloor(replica)) {
            return result(SyncStatus.SYNCED, Optional.empty());
        }
        if (durability == Durability.DEFERRED) {
            // Who made it may be long gone: what is acknowledged as pending is not run again by anybody.
            database.state().unrepeatableCommit(seen);
            boolean kept = !node.keeps(ProtocolRule.SPOOLED_BEFORE_PENDING) || isKept(replica);
            if (kept && !database.state().isSettled(replica, seen)) {
                engine.drainSoon(database);
                return result(SyncStatus.PENDING, Optional.empty());
            }
        }
        if (!node.keeps(
                ownCommit > before
                        ? ProtocolRule.GATE_WAITS_FOR_OWN_COMMITS
                        : ProtocolRule.GATE_WAITS_FOR_WHAT_WAS_READ)) {
            return result(SyncStatus.SYNCED, Optional.empty());
        }
        Optional<Conflict> overwrote = publish(replica);
        flushed |= ownCommit > 0;
        reflect(replica);
        boolean ours = overwrote.isPresent() && ownCommit > before;
        return result(ours ? SyncStatus.CONFLICT : SyncStatus.SYNCED, ours ? overwrote : Optional.empty());
    }

    /** Whether it is on the local disk; if the disk refuses, the session waits for the store, since it may be saved all the same. */
    private boolean isKept(Replica replica) {
        try {
            database.keepPending(replica, seen);
            return true;
        } catch (LocalStorageException | CorruptException e) {
            LOG.warn(
                    "pending changes cannot be kept on the disk, waiting for the store database={} reason={}",
                    database(),
                    e.getMessage());
            return false;
        }
    }

    /** The version that it waited for; not one that others have made since. */
    private void reflect(Replica replica) {
        SyncState.Upload upload = database.state().uploadOf(replica, seen);
        if (upload == null) {
            reflected = Version.of(replica.baseline().version());
            return;
        }
        Version waitedFor = Version.of(upload.version());
        if (waitedFor.isAfter(reflected)) {
            reflected = waitedFor;
        }
        if (upload.upTo() <= known) {
            shown = reflected;
        }
    }

    private SessionResult result(SyncStatus status, Optional<Conflict> overwrote) {
        return new SessionResult(reflected, shown, status, committed, overwrote);
    }

    private Optional<Conflict> publish(Replica replica) {
        try {
            return database.publish(replica, seen);
        } catch (LostRace e) {
            if (repeatable && !isSavedInPart(replica)) {
                throw e;
            }
            throw somethingWasTakenBack(replica, e);
        } catch (ConflictException
                | DeletedException
                | UnavailableException
                | StoreRefusedException
                | LocalStorageException
                | TransactionTooLargeException e) {
            if (database.state().isSaved(replica, ownCommit) || (repeatable && isSavedInPart(replica))) {
                throw somethingWasTakenBack(replica, e);
            }
            throw e;
        }
    }

    /** Whether to run the session's work again would do something twice. */
    private boolean isSavedInPart(Replica replica) {
        return flushed || (firstOwnCommit > 0 && database.state().isSaved(replica, firstOwnCommit));
    }

    /** Something that this session had read or committed is gone, and not all that it had committed. */
    private SatchelException somethingWasTakenBack(Replica replica, RuntimeException cause) {
        if (ownCommit > publishedAtHold && database.state().isSaved(replica, ownCommit)) {
            return new OutcomeUnknownException(
                    "database " + database()
                            + ": what this session committed is saved, but something that it had read was"
                            + " taken back; reload",
                    cause);
        }
        if (isSavedInPart(replica)) {
            return new OutcomeUnknownException(
                    "database " + database()
                            + ": the first transactions of this session are saved, and later ones were taken back,"
                            + " because another machine was faster; look at what is there before it is run again",
                    cause);
        }
        return new BusyException(
                "database " + database()
                        + ": what this session had read was taken back, because it could not be published;"
                        + " run it again",
                cause);
    }

    @Override
    public void close() {
        lock.lock();
        try {
            if (ended && (failure == null || failureThrown)) {
                return;
            }
            complete();
        } finally {
            lock.unlock();
        }
    }
}
