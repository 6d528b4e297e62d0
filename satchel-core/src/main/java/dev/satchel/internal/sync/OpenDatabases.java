package dev.satchel.internal.sync;

import dev.satchel.BusyException;
import dev.satchel.ClosedException;
import dev.satchel.DatabaseId;
import dev.satchel.DatabaseStatus;
import dev.satchel.SatchelMetrics.Eviction;
import dev.satchel.UserId;
import dev.satchel.internal.replica.ReplicaFiles;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The databases that are open on this node, least recently used first, bounded in number and in bytes on disk. One that is in
 * use, or owes the store something, is never closed. Thread-safe; the lock is held for moments, closing happens outside it.
 */
final class OpenDatabases {
    private static final Logger LOG = LoggerFactory.getLogger(OpenDatabases.class);

    private final Node node;
    private final DatabaseLoader loader;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final LinkedHashMap<DatabaseId, Entry> open = new LinkedHashMap<>();
    /** Bytes of the copies that are closed and still on disk, least recently used first. */
    private final LinkedHashMap<DatabaseId, Long> closedFiles = new LinkedHashMap<>();

    private long closedBytes;
    private boolean shut;

    OpenDatabases(Node node, DatabaseLoader loader) {
        this.node = node;
        this.loader = loader;
    }

    /** What is done for a database in the background; of each at most one task at a time. */
    enum Background {
        /** Uploading what is pending. Never waits for the others. */
        UPLOAD,
        /** What reads the whole database, and takes long if it is large. */
        WHOLE
    }

    /** An open database and who needs it. */
    private static final class Entry {
        final DatabaseSync database;
        int users;
        final Set<Background> background = EnumSet.noneOf(Background.class);
        boolean closing;

        Entry(DatabaseSync database) {
            this.database = database;
        }

        boolean isIdle() {
            return users == 0 && background.isEmpty() && !closing;
        }
    }

    /** Counts the copies that earlier processes left. */
    void adoptLocalFiles() throws IOException {
        lock.lock();
        try {
            for (DatabaseId id : ReplicaFiles.withReplica(node.localFolder())) {
                closedFile(id, new ReplicaFiles(node.localFolder(), id).size());
            }
        } finally {
            lock.unlock();
        }
    }

    /** The database, opened if need be, and kept open until it is released. */
    DatabaseSync acquire(DatabaseId id) {
        long deadline = now() + node.config().localTimeout().toNanos();
        while (true) {
            Entry victim;
            lock.lock();
            try {
                if (shut) {
                    throw new ClosedException("Satchel has been closed", null);
                }
                Entry entry = open.get(id);
                if (entry != null && !entry.closing) {
                    entry.users++;
                    used(id, entry);
                    entry.database.touch();
                    return entry.database;
                }
                if (entry == null && open.size() < node.config().maxOpenDatabases()) {
                    return opened(id).database;
                }
                victim = entry == null ? leastRecentlyUsed() : null;
                if (victim == null) {
                    awaitChange(id, deadline);
                    continue;
                }
                victim.closing = true;
            } finally {
                lock.unlock();
            }
            close(victim, Eviction.ROOM);
        }
    }

    private Entry opened(DatabaseId id) {
        Entry entry = new Entry(new DatabaseSync(node, id, loader));
        entry.users = 1;
        open.put(id, entry);
        Long bytes = closedFiles.remove(id);
        closedBytes -= bytes == null ? 0 : bytes;
        return entry;
    }

    /** Makes an open database the most recently used. */
    private void used(DatabaseId id, Entry entry) {
        open.remove(id);
        open.put(id, entry);
    }

    private @Nullable Entry leastRecentlyUsed() {
        for (Entry entry : open.values()) {
            if (entry.isIdle() && !entry.database.isAtWork() && !entry.database.needsDrain()) {
                return entry;
            }
        }
        return null;
    }

    @SuppressWarnings("WaitNotInLoop") // the caller looks again
    private void awaitChange(DatabaseId id, long deadline) {
        try {
            long remaining = deadline - now();
            if (remaining <= 0 || changed.awaitNanos(remaining) <= 0) {
                throw new BusyException(
                        "database " + id + " cannot be opened: " + open.size()
                                + " databases are open and all in use; raise maxOpenDatabases",
                        null);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BusyException("interrupted while waiting to open database " + id, e);
        }
    }

    /** Gives a database back. */
    void release(DatabaseSync database) {
        release(database.id());
    }

    /** Gives a database back. */
    void release(DatabaseId id) {
        lock.lock();
        try {
            Entry entry = open.get(id);
            if (entry != null) {
                entry.users--;
                used(id, entry);
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Marks a database as having a background task; false if it has such a one, or is not open any more. */
    boolean beginBackground(DatabaseSync database, Background task) {
        lock.lock();
        try {
            Entry entry = open.get(database.id());
            if (entry == null || !entry.database.equals(database) || entry.closing) {
                return false;
            }
            return entry.background.add(task);
        } finally {
            lock.unlock();
        }
    }

    /** The background task is over. */
    void endBackground(DatabaseId id, Background task) {
        lock.lock();
        try {
            Entry entry = open.get(id);
            if (entry != null) {
                entry.background.remove(task);
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** A database if it is open. Nothing keeps it open, and it does not count as used. */
    Optional<DatabaseSync> find(DatabaseId id) {
        lock.lock();
        try {
            return Optional.ofNullable(open.get(id)).map(entry -> entry.database);
        } finally {
            lock.unlock();
        }
    }

    /** The open databases that need something. */
    List<DatabaseSync> needing(Predicate<DatabaseSync> need) {
        return all().stream().filter(need).toList();
    }

    /** All open databases. */
    Collection<DatabaseSync> all() {
        lock.lock();
        try {
            List<DatabaseSync> all = new ArrayList<>();
            for (Entry entry : open.values()) {
                if (!entry.closing) {
                    all.add(entry.database);
                }
            }
            return all;
        } finally {
            lock.unlock();
        }
    }

    /** All open databases, to be closed; no other is opened from now on. */
    Collection<DatabaseSync> shut() {
        lock.lock();
        try {
            shut = true;
            return all();
        } finally {
            lock.unlock();
        }
    }

    /** The open databases of a user. */
    List<DatabaseId> of(UserId user) {
        lock.lock();
        try {
            return open.keySet().stream().filter(id -> id.user().equals(user)).toList();
        } finally {
            lock.unlock();
        }
    }

    Optional<DatabaseStatus> status(DatabaseId id) {
        Entry entry;
        lock.lock();
        try {
            entry = open.get(id);
        } finally {
            lock.unlock();
        }
        return entry == null ? Optional.empty() : entry.database.status();
    }

    int size() {
        lock.lock();
        try {
            return open.size();
        } finally {
            lock.unlock();
        }
    }

    /** Closes what nobody has used for long, and removes copies beyond the disk budget. */
    void closeIdle() {
        long before = now() - node.config().closeIdle().toNanos();
        while (true) {
            Entry idle = null;
            lock.lock();
            try {
                boolean full = closedBytes > node.config().maxLocalBytes();
                for (Entry entry : open.values()) {
                    if (entry.isIdle()
                            && !entry.database.isAtWork()
                            && !entry.database.needsDrain()
                            && !entry.database.needsImage()
                            && (entry.database.lastUsed() - before < 0)) {
                        idle = entry;
                        break;
                    }
                }
                if (idle == null) {
                    if (full) {
                        removeOldestFiles();
                    }
                    return;
                }
                idle.closing = true;
            } finally {
                lock.unlock();
            }
            close(idle, Eviction.IDLE);
        }
    }

    private void removeOldestFiles() {
        var oldest = closedFiles.entrySet().iterator();
        while (closedBytes > node.config().maxLocalBytes() && oldest.hasNext()) {
            Map.Entry<DatabaseId, Long> file = oldest.next();
            try {
                new ReplicaFiles(node.localFolder(), file.getKey()).deleteReplica();
            } catch (IOException e) {
                LOG.warn("removing a local copy failed database={} reason={}", file.getKey(), e.toString());
                return;
            }
            closedBytes -= file.getValue();
            oldest.remove();
            node.metrics().evicted(Eviction.DISK);
        }
    }

    private void close(Entry entry, Eviction cause) {
        boolean closed = true; // Also if it fails: it is of no use then.
        try {
            closed = entry.database.close();
        } catch (RuntimeException e) {
            LOG.warn("closing failed database={} reason={}", entry.database.id(), e.getMessage());
        } finally {
            lock.lock();
            try {
                entry.closing = false;
                if (closed) {
                    DatabaseId id = entry.database.id();
                    open.remove(id);
                    closedFile(id, new ReplicaFiles(node.localFolder(), id).size());
                    node.metrics().evicted(cause);
                }
                changed.signalAll();
            } catch (IOException e) {
                LOG.debug("measuring a local copy failed database={}", entry.database.id(), e);
            } finally {
                lock.unlock();
            }
        }
    }

    private void closedFile(DatabaseId id, long bytes) {
        if (bytes > 0) {
            Long earlier = closedFiles.put(id, bytes);
            closedBytes += bytes - (earlier == null ? 0 : earlier);
        }
    }

    /** Publishes what a database owes, writes its image, closes it. */
    DatabaseSync.Left shutDown(DatabaseSync database) {
        DatabaseSync.Left left = database.shutDown();
        lock.lock();
        try {
            open.remove(database.id());
        } finally {
            lock.unlock();
        }
        return left;
    }

    private long now() {
        return node.nanoTime().getAsLong();
    }
}
