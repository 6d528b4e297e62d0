package dev.satchel.internal.jdbc;

import dev.satchel.internal.replica.ConnectionLease;
import dev.satchel.internal.replica.PhysicalConnection;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** A database file with pooled connections and one write lease, as small as they can be. Thread-safe. */
final class LocalDatabase implements AutoCloseable {
    final Path file;
    final SqlGuard guard = new SqlGuard();
    final ScheduledThreadPoolExecutor scheduler = new ScheduledThreadPoolExecutor(1);
    final AtomicInteger released = new AtomicInteger();
    final AtomicInteger discarded = new AtomicInteger();
    final AtomicInteger closed = new AtomicInteger();
    final AtomicInteger writesBegun = new AtomicInteger();

    private final Deque<PhysicalConnection> idle = new ArrayDeque<>();
    private final Semaphore write = new Semaphore(1, true);
    private final AtomicReference<Thread> writer = new AtomicReference<>();
    private final long waitMillis;

    LocalDatabase(Path directory) {
        this(directory, 10_000);
    }

    LocalDatabase(Path directory, long waitMillis) {
        this.file = directory.resolve("database.sqlite");
        this.waitMillis = waitMillis;
        scheduler.setRemoveOnCancelPolicy(true);
    }

    TrackedConnection connect() throws SQLException {
        return new TrackedConnection(new Lease(take(), false), guard, scheduler, closed::incrementAndGet);
    }

    TrackedConnection connectReadOnly() throws SQLException {
        return new TrackedConnection(
                new Lease(PhysicalConnection.open(file, true), true), guard, scheduler, closed::incrementAndGet);
    }

    /** Runs a script on a connection of its own. */
    void run(String sql) throws SQLException {
        try (TrackedConnection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** What other connections see. */
    long count(String table) throws SQLException {
        return queryLong("SELECT count(*) FROM " + table);
    }

    long queryLong(String sql) throws SQLException {
        try (TrackedConnection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    boolean writeLeaseIsFree() {
        return write.availablePermits() == 1;
    }

    int writersWaiting() {
        return write.getQueueLength();
    }

    private synchronized PhysicalConnection take() throws SQLException {
        PhysicalConnection physical = idle.poll();
        return physical == null ? PhysicalConnection.open(file, false) : physical;
    }

    private synchronized void putBack(PhysicalConnection physical) {
        idle.push(physical);
    }

    @Override
    public synchronized void close() throws SQLException {
        scheduler.shutdownNow();
        for (PhysicalConnection physical : idle) {
            physical.close();
        }
    }

    private final class Lease implements ConnectionLease {
        private final PhysicalConnection physical;
        private final boolean readOnly;
        private boolean holds;
        private boolean ended;

        Lease(PhysicalConnection physical, boolean readOnly) {
            this.physical = physical;
            this.readOnly = readOnly;
        }

        @Override
        public PhysicalConnection physical() {
            return physical;
        }

        @Override
        public void beginWrite() throws SQLException {
            if (holds) {
                return;
            }
            if (writer.get() == Thread.currentThread()) {
                throw new SQLTransientException("this thread writes through another connection", "40001");
            }
            try {
                if (!write.tryAcquire(waitMillis, TimeUnit.MILLISECONDS)) {
                    throw new SQLTransientException("another connection writes for too long", "40001");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new SQLTransientException("interrupted", e);
            }
            writer.set(Thread.currentThread());
            writesBegun.incrementAndGet();
            holds = true;
        }

        @Override
        public synchronized void endWrite() {
            if (holds) {
                holds = false;
                writer.set(null);
                write.release();
            }
        }

        @Override
        public boolean holdsWrite() {
            return holds;
        }

        @Override
        public boolean readOnly() {
            return readOnly;
        }

        @Override
        public void release() {
            try {
                physical.reset();
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
            if (end()) {
                released.incrementAndGet();
                if (readOnly) {
                    closePhysical();
                } else {
                    putBack(physical);
                }
            }
        }

        @Override
        public void discard() {
            if (end()) {
                discarded.incrementAndGet();
                closePhysical();
            }
        }

        private synchronized boolean end() {
            endWrite();
            boolean first = !ended;
            ended = true;
            return first;
        }

        private void closePhysical() {
            try {
                physical.close();
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
