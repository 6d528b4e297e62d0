package dev.satchel.testkit.simulation;

import dev.satchel.BusyException;
import dev.satchel.ConflictException;
import dev.satchel.ConflictPolicy;
import dev.satchel.DatabaseId;
import dev.satchel.Durability;
import dev.satchel.Freshness;
import dev.satchel.OutcomeUnknownException;
import dev.satchel.SatchelConfig;
import dev.satchel.SatchelException;
import dev.satchel.SatchelMetrics;
import dev.satchel.Session;
import dev.satchel.StoreRefusedException;
import dev.satchel.SyncStatus;
import dev.satchel.UnavailableException;
import dev.satchel.internal.ltx.LtxDecoder;
import dev.satchel.internal.sync.Engine;
import dev.satchel.internal.sync.Surroundings;
import dev.satchel.store.ListPage;
import dev.satchel.store.ObjectInfo;
import dev.satchel.store.ObjectStore;
import dev.satchel.store.StoredObject;
import dev.satchel.testkit.InMemoryObjectStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Several nodes, a few databases, one store, one seed. Each step opens, works in or ends a session somewhere, lets time pass,
 * lets late requests take effect, or kills a node at some request. Afterwards everything heals, and what was acknowledged is
 * held against what the store has.
 *
 * <p>The promise that is checked: a change whose session was told "durable" or "pending" is in the head, or in the object that
 * a conflict decision kept; one whose session was told that it is not saved is nowhere in the head; a session that asked for
 * the latest sees every durable change acknowledged before it opened; versions have no holes, and the bucket alone restores
 * the head.
 */
public final class Simulation {
    private static final int NODES = 3;
    private static final int DATABASES = 2;
    private static final List<DatabaseId> IDS = List.of(DatabaseId.of("ann"), DatabaseId.of("Bob"));

    private final SimulationPlan plan;
    private final Path folder;
    private final Random random;
    private final ConflictPolicy policy;
    private final InMemoryObjectStore store = new InMemoryObjectStore();
    private final List<Runnable> late = new ArrayList<>();
    private final Map<String, Long> figures = SimulatedNetwork.figures();
    private final List<String> violations = new ArrayList<>();
    private final Map<DatabaseId, Ledger> ledgers = new HashMap<>();
    private final List<Incarnation> processes = new ArrayList<>();
    private final List<Work> open = new ArrayList<>();
    private long nanos = 1;
    private int starts;
    private int changes;
    private double faultRate;

    private Simulation(SimulationPlan plan, Path folder) {
        this.plan = plan;
        this.folder = folder;
        this.random = new Random(plan.seed());
        this.policy = random.nextBoolean() ? ConflictPolicy.REJECT : ConflictPolicy.LAST_WRITE_WINS;
    }

    /**
     * Runs one seed. Blocks; a step takes about a millisecond.
     *
     * @param folder for the nodes' files; what is made in it is removed again
     */
    public static SimulationReport run(SimulationPlan plan, Path folder) {
        Simulation simulation = new Simulation(plan, folder.resolve("simulation-" + plan.seed()));
        try {
            simulation.run();
        } finally {
            delete(simulation.folder);
        }
        return new SimulationReport(plan, simulation.figures, simulation.violations, List.of());
    }

    /** What was promised of one database's changes. */
    private static final class Ledger {
        final Set<String> durable = new LinkedHashSet<>();
        final Set<String> pending = new LinkedHashSet<>();
        final Set<String> refused = new LinkedHashSet<>();
    }

    /** A node's process. */
    private static final class Incarnation {
        final Engine engine;
        final SimulatedNetwork network;
        final Path files;

        Incarnation(Engine engine, SimulatedNetwork network, Path files) {
            this.engine = engine;
            this.network = network;
            this.files = files;
        }
    }

    /** A session under way. */
    private static final class Work {
        final Incarnation process;
        final Session session;
        final DatabaseId id;
        final Set<String> changes = new LinkedHashSet<>();

        Work(Incarnation process, Session session, DatabaseId id) {
            this.process = process;
            this.session = session;
            this.id = id;
        }
    }

    private void run() {
        faultRate = random.nextInt(4) == 0 ? 0 : random.nextDouble() * 0.25;
        for (int i = 0; i < NODES; i++) {
            processes.add(start(folder.resolve("start-" + starts), i));
        }
        for (int i = 0; i < plan.steps() && violations.isEmpty(); i++) {
            step();
        }
        heal();
        check();
        processes.forEach(process -> process.engine.close());
    }

    private Incarnation start(Path files, int number) {
        starts++;
        SimulatedNetwork network = new SimulatedNetwork(store, random, late, figures);
        network.faultRate(faultRate);
        SatchelConfig config = SatchelConfig.defaults()
                .withConflictPolicy(policy)
                .withTimeouts(Duration.ofSeconds(2), Duration.ofMillis(1))
                .withLocalBounds(DATABASES, 1L << 40)
                .withIdle(4, Duration.ofSeconds(2), Duration.ofSeconds(20));
        Engine engine = Engine.start(
                network,
                files,
                config,
                SatchelMetrics.NONE,
                () -> Instant.ofEpochSecond(1_800_000_000L, nanos),
                "node-" + number,
                null,
                List.of(),
                new Surroundings(
                        () -> nanos,
                        random,
                        Surroundings.NEVER,
                        (condition, wait) -> {
                            nanos += wait;
                            return 0;
                        },
                        false,
                        plan.broken() == null ? Set.of() : Set.of(plan.broken())));
        return new Incarnation(engine, network, files);
    }

    private void step() {
        nanos += 1_000_000L * random.nextInt(200);
        int choice = random.nextInt(100);
        int number = random.nextInt(NODES);
        Incarnation process = processes.get(number);
        try {
            if (choice < 25 && open.size() < 6) {
                begin(process, pick());
            } else if (choice < 45 && !open.isEmpty()) {
                change(open.get(random.nextInt(open.size())));
            } else if (choice < 65 && !open.isEmpty()) {
                end(open.remove(random.nextInt(open.size())));
            } else if (choice < 80) {
                write(process, pick());
            } else if (choice < 90) {
                process.engine.lookAround();
            } else if (choice < 93) {
                nanos += Duration.ofMinutes(random.nextInt(15)).toNanos();
            } else if (choice < 96) {
                SimulatedNetwork.releaseLate(late);
            } else if (choice < 98) {
                process.network.dieAfter(1 + random.nextInt(8));
            } else {
                kill(number);
            }
        } catch (SimulatedNetwork.Died e) {
            count("deaths within a request");
        }
        buryTheDead();
    }

    private Ledger ledger(DatabaseId id) {
        return ledgers.computeIfAbsent(id, unseen -> new Ledger());
    }

    private DatabaseId pick() {
        return IDS.get(random.nextInt(DATABASES));
    }

    private void count(String what) {
        figures.merge(what, 1L, Long::sum);
    }

    // ---- what sessions do -------------------------------------------------------------------------------------------

    private void begin(Incarnation process, DatabaseId id) {
        Ledger ledger = ledger(id);
        boolean latest = random.nextInt(3) > 0;
        Durability durability = random.nextInt(4) == 0 ? Durability.DEFERRED : Durability.DURABLE;
        Set<String> promised = new HashSet<>(ledger.durable);
        Session session;
        try {
            session = process.engine.open(id, latest ? Freshness.latest() : Freshness.local(), durability);
        } catch (SatchelException e) {
            count("open " + e.getClass().getSimpleName());
            return;
        }
        Work work = new Work(process, session, id);
        open.add(work);
        try {
            Set<String> rows = rows(session);
            if (latest && durability == Durability.DURABLE && policy == ConflictPolicy.REJECT) {
                promised.removeAll(rows);
                requireNone("a session that asked for the latest does not see", id, promised);
            }
            Set<String> ghosts = new TreeSet<>(rows);
            ghosts.retainAll(ledger.refused);
            requireNone("a session sees what was said not to be saved:", id, ghosts);
            count("reads");
        } catch (SQLException | SatchelException e) {
            count("read " + e.getClass().getSimpleName());
        }
    }

    /** One change a session: of several, the earlier ones may have been published with another session's. */
    private void change(Work work) {
        if (!work.changes.isEmpty()) {
            return;
        }
        String key = nextKey();
        try {
            insert(work.session, key);
            work.changes.add(key);
        } catch (SQLException | SatchelException e) {
            count("change " + e.getClass().getSimpleName());
        }
    }

    private void end(Work work) {
        Ledger ledger = ledger(work.id);
        try {
            SyncStatus status = work.session.complete().status();
            (status == SyncStatus.PENDING ? ledger.pending : ledger.durable).addAll(work.changes);
            figures.merge("commits", Long.valueOf(work.changes.size()), Long::sum);
            count("session " + status.token());
        } catch (ConflictException | UnavailableException | StoreRefusedException e) {
            ledger.refused.addAll(work.changes);
            count("session " + e.getClass().getSimpleName());
        } catch (OutcomeUnknownException | BusyException e) {
            count("session " + e.getClass().getSimpleName());
        } catch (SatchelException e) {
            count("session " + e.getClass().getSimpleName());
        }
    }

    private String nextKey() {
        changes++;
        return "change-" + plan.seed() + "-" + changes + ";";
    }

    private void write(Incarnation process, DatabaseId id) {
        String key = nextKey();
        Ledger ledger = ledger(id);
        try {
            process.engine.<String, SQLException>write(id, session -> {
                insert(session, key);
                return key;
            });
            ledger.durable.add(key);
            count("commits");
            count("write done");
        } catch (UnavailableException | StoreRefusedException e) {
            ledger.refused.add(key);
            count("write " + e.getClass().getSimpleName());
        } catch (SatchelException | SQLException e) {
            count("write " + e.getClass().getSimpleName());
        }
    }

    private void insert(Session session, String key) throws SQLException {
        int size = random.nextInt(10) == 0 ? 40_000 : random.nextInt(200);
        boolean shrink = random.nextInt(15) == 0;
        try (Connection connection = session.connection();
                Statement statement = connection.createStatement()) {
            statement.executeUpdate("CREATE TABLE IF NOT EXISTS change (key TEXT PRIMARY KEY, body BLOB)");
            try (PreparedStatement insert = connection.prepareStatement("INSERT INTO change VALUES (?, zeroblob(?))")) {
                insert.setString(1, key);
                insert.setInt(2, size);
                insert.executeUpdate();
            }
            if (shrink) {
                statement.executeUpdate("UPDATE change SET body = NULL");
                statement.executeUpdate("PRAGMA incremental_vacuum");
            }
        }
    }

    private static Set<String> rows(Session session) throws SQLException {
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

    // ---- death and healing ------------------------------------------------------------------------------------------

    /** Kills a process between two steps, and starts another on what is left of its files, or on an empty disk. */
    private void kill(int number) {
        Incarnation dead = processes.get(number);
        dead.network.die();
        count("crashes");
        Path files = folder.resolve("start-" + starts);
        boolean diskSurvives = random.nextInt(3) > 0;
        if (diskSurvives) {
            copy(dead.files, files);
        } else {
            // Whatever was only pending is gone with the disk; that is what pending means.
            ledgers.values().forEach(ledger -> ledger.pending.clear());
        }
        abandon(dead);
        processes.set(number, start(files, number));
    }

    /** Processes that died within a request. */
    private void buryTheDead() {
        for (int i = 0; i < NODES; i++) {
            if (processes.get(i).network.isDead()) {
                kill(i);
            }
        }
    }

    private void abandon(Incarnation dead) {
        open.removeIf(work -> work.process == dead);
        dead.engine.abandon();
        delete(dead.files);
    }

    private void heal() {
        faultRate = 0;
        for (Incarnation process : processes) {
            process.network.faultRate(0);
            process.network.dieAfter(Integer.MAX_VALUE);
        }
        buryTheDead();
        while (!open.isEmpty()) {
            end(open.remove(0));
        }
        SimulatedNetwork.releaseLate(late);
        for (int round = 0; round < 20; round++) {
            nanos += Duration.ofSeconds(60).toNanos();
            processes.forEach(process -> process.engine.lookAround());
        }
    }

    private void check() {
        Engine reader = start(folder.resolve("reader"), NODES).engine;
        for (DatabaseId id : IDS) {
            Ledger ledger = ledger(id);
            try {
                Set<String> head = reader.read(id, Simulation::rows);
                Set<String> missing = new TreeSet<>(ledger.durable);
                missing.addAll(ledger.pending);
                missing.removeAll(head);
                missing.removeIf(key -> isKept(id, key));
                requireNone("acknowledged and nowhere to be found:", id, missing);
                Set<String> ghosts = new TreeSet<>(ledger.refused);
                ghosts.retainAll(head);
                requireNone("said not to be saved, and there:", id, ghosts);
                for (Incarnation process : processes) {
                    if (!process.engine.read(id, Simulation::rows).equals(head)) {
                        violations.add("nodes disagree about the head of " + id);
                    }
                }
                requireNoHoles(id);
            } catch (SQLException | SatchelException e) {
                violations.add("the healed database " + id + " cannot be read: " + e);
            }
        }
        reader.close();
    }

    /** Whether a change is in an object that a conflict decision kept. */
    private boolean isKept(DatabaseId id, String key) {
        for (ObjectInfo object : list(id.path() + ".conflicts/")) {
            try (StoredObject stored = store.get(object.key()).orElseThrow()) {
                for (byte[] page : LtxDecoder.decode(stored.readAll()).pages().values()) {
                    if (new String(page, StandardCharsets.ISO_8859_1).contains(key)) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    private void requireNoHoles(DatabaseId id) {
        long expected = 1;
        for (ObjectInfo object : list(id.path() + ".ltx/0000/")) {
            if (!object.key().contains(String.format("/%016x-", expected))) {
                violations.add("the log of " + id + " has a hole at version " + expected);
                return;
            }
            expected++;
        }
        figures.merge("versions", expected - 1, Long::sum);
    }

    private List<ObjectInfo> list(String prefix) {
        List<ObjectInfo> objects = new ArrayList<>();
        ListPage page;
        String after = "";
        do {
            page = store.list(prefix, after, ObjectStore.MAX_LIST_LIMIT);
            objects.addAll(page.objects());
            after = objects.isEmpty() ? "" : objects.get(objects.size() - 1).key();
        } while (page.more());
        return objects;
    }

    private void requireNone(String what, DatabaseId id, Set<String> keys) {
        if (!keys.isEmpty()) {
            violations.add(what + " " + id + " " + keys);
        }
    }

    // ---- files ------------------------------------------------------------------------------------------------------

    private static void copy(Path from, Path to) {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else if (!file.getFileName().toString().equals(".lock")) {
                    Files.copy(file, target);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        try {
            Files.walkFileTree(folder, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.delete(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(
                        Path visited, @org.jspecify.annotations.Nullable IOException e) throws IOException {
                    Files.delete(visited);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
