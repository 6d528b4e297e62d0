package dev.satchel.testkit.exploration;

import dev.satchel.BusyException;
import dev.satchel.ConflictException;
import dev.satchel.DeletedException;
import dev.satchel.Durability;
import dev.satchel.Freshness;
import dev.satchel.NotFoundException;
import dev.satchel.SatchelConfig;
import dev.satchel.SatchelException;
import dev.satchel.SatchelMetrics;
import dev.satchel.Session;
import dev.satchel.SessionResult;
import dev.satchel.StoreRefusedException;
import dev.satchel.SyncStatus;
import dev.satchel.UnavailableException;
import dev.satchel.VersionFeed;
import dev.satchel.internal.sync.Engine;
import dev.satchel.internal.sync.Surroundings;
import dev.satchel.testkit.Operation;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** One node of a {@link World}: a real engine on real files, with a clock and chance of its own. Confined to its thread. */
final class ExploredNode {
    static final Duration LONGER_THAN_ANY_WINDOW = Duration.ofDays(40);
    private static final Duration TICK = Duration.ofMillis(1);

    private final World world;
    private final int number;
    private final Turn turn = new Turn();
    private long nanos = 1;
    private int starts;
    private int changes;
    private int lateRequests;
    private Path files;
    private Engine engine;

    ExploredNode(World world, int number) {
        this.world = world;
        this.number = number;
        this.files = world.folder().resolve("node-" + number + "-1");
        this.engine = start();
    }

    private Engine start() {
        starts++;
        Scenario scenario = world.scenario();
        SatchelConfig config = SatchelConfig.defaults()
                .withConflictPolicy(scenario.policy())
                .withTimeouts(Duration.ofSeconds(2), Duration.ofMillis(1))
                .withIdle(1, Duration.ofSeconds(2), Duration.ofDays(3650));
        return Engine.start(
                new Requests(world.store(), this),
                files,
                config,
                SatchelMetrics.NONE,
                () -> Instant.ofEpochSecond(1_800_000_000L, nanos),
                "node-" + number,
                null,
                List.of(),
                VersionFeed.inProcess(),
                new Surroundings(
                                () -> nanos,
                                new Random(1000L * number + starts),
                                Surroundings.NEVER,
                                (condition, wait) -> {
                                    nanos += scenario.patient()
                                            ? wait
                                            : Duration.ofSeconds(5).toNanos();
                                    return 0;
                                },
                                false)
                        .breaking(scenario.broken()));
    }

    Turn turn() {
        return turn;
    }

    String name() {
        return "node-" + number;
    }

    Engine engine() {
        return engine;
    }

    Path files() {
        return files;
    }

    /** A request takes effect some time after this node has given it up. */
    void late(Operation operation, String key, Runnable effect) {
        lateRequests++;
        world.late(new World.Late(name() + "'s late request " + lateRequests, operation, key, effect));
    }

    /** A put took effect. */
    void stored(String key, Map<String, String> metadata) {
        world.stored(name(), key, metadata);
    }

    /** Runs a script; what fails in it in a way that is none of Satchel's is a violation. */
    void run(List<Scenario.Step> script) {
        turn.begin();
        try {
            for (Scenario.Step step : script) {
                runOne(step);
            }
        } catch (Turn.CutShort e) {
            // Nobody looks at what is left of it.
        } finally {
            turn.end();
        }
    }

    private void runOne(Scenario.Step step) {
        try {
            step.run(this);
        } catch (Requests.Died e) {
            restartFromDisk();
        } catch (SQLException | RuntimeException e) {
            world.violation(name() + " failed: " + e);
        }
    }

    // ---- what scripts are made of -----------------------------------------------------------------------------------

    /** A session that reads, inserts and ends. */
    void session(Freshness freshness, Durability durability) throws SQLException {
        Work work = open(freshness, durability);
        if (work != null) {
            work.read();
            work.insert();
            work.end();
        }
    }

    /** Two sessions side by side: the second sees what the first has committed, and ends before it. */
    void neighbours(Durability first, Durability second) throws SQLException {
        Work writer = open(Freshness.latest(), first);
        if (writer != null) {
            writer.insert();
            Work reader = open(Freshness.local(), second);
            if (reader != null) {
                reader.read();
                reader.end();
            }
            writer.end();
        }
    }

    /** A session that reads twice, and one that brings the newest version in between. */
    void readTwice() throws SQLException {
        Work reader = open(Freshness.local(), Durability.DURABLE);
        if (reader != null) {
            Set<String> before = reader.read();
            Work other = open(Freshness.latest(), Durability.DURABLE);
            Set<String> after = reader.read();
            if (!before.equals(after)) {
                world.violation(name() + " saw two versions in one session: " + before + ", then " + after);
            }
            reader.end();
            if (other != null) {
                other.end();
            }
        }
    }

    private @Nullable Work open(Freshness freshness, Durability durability) {
        begin();
        Set<String> promised = world.ledger().promised();
        Set<String> deleted = world.ledger().deleted();
        try {
            Work work = new Work(engine.open(World.ID, freshness, durability), durability);
            if (durability == Durability.DURABLE && freshness.equals(Freshness.latest())) {
                work.promised.addAll(promised);
                work.deleted.addAll(deleted);
            }
            return work;
        } catch (SatchelException e) {
            return null; // Nothing was begun.
        }
    }

    /** A session under way. */
    private final class Work {
        final Session session;
        final Durability durability;
        final Set<String> promised = new TreeSet<>();
        final Set<String> deleted = new TreeSet<>();
        final Set<String> seen = new TreeSet<>();
        final Set<String> changed = new TreeSet<>();

        Work(Session session, Durability durability) {
            this.session = session;
            this.durability = durability;
        }

        Set<String> read() throws SQLException {
            Set<String> rows;
            try {
                rows = rows(session);
            } catch (SatchelException e) {
                return seen; // The session's end says what became of it.
            }
            requireSeen(promised, deleted, rows);
            seen.addAll(rows);
            return rows;
        }

        void insert() throws SQLException {
            String key = nextKey();
            try {
                ExploredNode.insert(session, key);
                changed.add(key);
            } catch (SatchelException e) {
                changed.clear(); // The session's end says what became of it.
            }
        }

        void end() {
            try {
                SessionResult result = session.complete();
                if (durability == Durability.DURABLE) {
                    world.ledger().durable(seen);
                }
                if (result.status() == SyncStatus.PENDING) {
                    world.ledger().pending(changed);
                } else {
                    world.ledger().durable(changed);
                }
            } catch (ConflictException | UnavailableException | StoreRefusedException | DeletedException e) {
                world.ledger().refused(changed);
            } catch (SatchelException e) {
                changed.clear(); // The outcome is unknown, or it must be run again: nothing was promised.
            }
        }
    }

    /** {@code promised} when it was asked for: it may have been deleted since, but not what was deleted have come back. */
    private void requireSeen(Set<String> promised, Set<String> deleted, Set<String> seen) {
        Set<String> ghosts = new TreeSet<>(deleted);
        ghosts.retainAll(seen);
        if (!ghosts.isEmpty()) {
            world.violation(name() + " sees what was deleted: " + ghosts);
        }
        Set<String> missing = new TreeSet<>(promised);
        missing.retainAll(world.ledger().promised());
        missing.removeAll(seen);
        missing.removeIf(world::isKept);
        if (!missing.isEmpty()) {
            world.violation(name() + " asked for the latest and does not see " + missing);
        }
    }

    /** A repeatable write. */
    void write() {
        begin();
        String key = nextKey();
        try {
            engine.<String, SQLException>write(World.ID, session -> {
                insert(session, key);
                return key;
            });
            world.ledger().durable(Set.of(key));
        } catch (UnavailableException | StoreRefusedException e) {
            world.ledger().refused(Set.of(key));
        } catch (SatchelException | SQLException e) {
            return; // The outcome is unknown: nothing was promised.
        }
    }

    /** Reads the newest version: it has everything that was acknowledged before, or a decision has kept it aside. */
    void read() throws SQLException {
        look(() -> engine.read(World.ID, ExploredNode::rows));
    }

    /** The same in a function that might have written. */
    void writeNothing() throws SQLException {
        look(() -> engine.write(World.ID, ExploredNode::rows));
    }

    private void look(Rows reading) throws SQLException {
        begin();
        Set<String> promised = world.ledger().promised();
        Set<String> deleted = world.ledger().deleted();
        try {
            Set<String> seen = reading.rows();
            requireSeen(promised, deleted, seen);
            world.ledger().durable(seen);
        } catch (SatchelException e) {
            promised.clear(); // It was not answered.
        }
    }

    private interface Rows {
        Set<String> rows() throws SQLException;
    }

    /** Deletes the database, with everything that was acknowledged before. */
    void delete() {
        begin();
        Set<String> before = world.ledger().durable();
        world.ledger().mayBeDeleted(true);
        try {
            engine.delete(World.ID);
            world.ledger().deleted(before);
            world.ledger().mayBeDeleted(false);
        } catch (NotFoundException | BusyException e) {
            world.ledger().mayBeDeleted(false);
        } catch (SatchelException e) {
            before.clear(); // It may have been deleted, or will be.
        }
    }

    /** Does the background work that is due after a rest. */
    void lookAround() {
        pass(Duration.ofSeconds(10));
        engine.lookAround();
    }

    /** Time passes on this node. */
    void pass(Duration duration) {
        nanos += duration.toNanos();
    }

    /** Whatever was acknowledged anywhere before this must be seen from here on. */
    private void begin() {
        turn.await(null, "");
        tick();
    }

    void tick() {
        pass(TICK);
    }

    /** The process is killed, and another is started on its disk. */
    void restartFromDisk() {
        Path before = files;
        files = world.folder().resolve("node-" + number + "-" + (starts + 1));
        World.copy(before, files);
        engine.abandon();
        engine = start();
    }

    /** The process ends in order, and another is started on its disk. */
    void restart() {
        engine.close();
        engine = start();
    }

    private String nextKey() {
        changes++;
        String key = "change-" + number + "-" + changes + ";";
        world.ledger().begins(key);
        return key;
    }

    private static void insert(Session session, String key) throws SQLException {
        try (Connection connection = session.connection();
                Statement statement = connection.createStatement()) {
            statement.executeUpdate("CREATE TABLE IF NOT EXISTS change (key TEXT)");
            try (PreparedStatement insert = connection.prepareStatement("INSERT INTO change VALUES (?)")) {
                insert.setString(1, key);
                insert.executeUpdate();
            }
        }
    }

    static Set<String> rows(Session session) throws SQLException {
        Set<String> rows = new HashSet<>();
        try (Connection connection = session.connection();
                Statement statement = connection.createStatement()) {
            try (ResultSet found = statement.executeQuery("SELECT 1 FROM sqlite_master WHERE name = 'change'")) {
                if (!found.next()) {
                    return rows;
                }
            }
            try (ResultSet found = statement.executeQuery("SELECT key FROM change")) {
                while (found.next()) {
                    rows.add(found.getString(1));
                }
            }
        }
        return rows;
    }
}
