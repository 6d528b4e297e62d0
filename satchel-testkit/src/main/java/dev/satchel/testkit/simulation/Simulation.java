package dev.satchel.testkit.simulation;

import dev.satchel.Bucket;
import dev.satchel.ConflictException;
import dev.satchel.ConflictPolicy;
import dev.satchel.DatabaseAt;
import dev.satchel.DatabaseId;
import dev.satchel.DeletedException;
import dev.satchel.Durability;
import dev.satchel.Freshness;
import dev.satchel.SatchelConfig;
import dev.satchel.SatchelException;
import dev.satchel.SchemaMigration;
import dev.satchel.Session;
import dev.satchel.SessionResult;
import dev.satchel.StoreRefusedException;
import dev.satchel.SyncStatus;
import dev.satchel.TransactionTooLargeException;
import dev.satchel.UnavailableException;
import dev.satchel.Version;
import dev.satchel.store.ListPage;
import dev.satchel.store.ObjectInfo;
import dev.satchel.store.ObjectStore;
import dev.satchel.testkit.InMemoryObjectStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Several nodes of the real engine, a few databases, one store, one seed. Each step opens, works in or ends a session somewhere,
 * lets time pass, breaks something, mends it, lets late requests take effect, or ends a process. Afterwards everything heals.
 *
 * <p>All the while, what sessions are told and what they read is held against the versions in the store; {@link History} and
 * {@link Ledger} say how.
 */
public final class Simulation {
    /** Nearly every image and snapshot is fetched in parts, or none is. */
    private static final int SMALL_PARTS = 5_000;

    private static final int LARGE_PARTS = 8 << 20;
    private static final List<DatabaseId> IDS = List.of(DatabaseId.of("ann"), DatabaseId.of("Bob"));
    private static final Duration RETENTION = Duration.ofHours(24);
    /** Retention is far longer than any request takes. */
    private static final Duration LATEST_REQUEST = Duration.ofHours(2);

    private static final int CLIENTS = 3;
    private static final int MAX_OPEN = 6;
    /** So little that a large row is too much for one version, and so are some smaller ones together. */
    private static final int FEW_PAGES = 64 << 10;

    private static final int MAX_BURST = 40;
    private static final int HEALING_ROUNDS = 12;

    private final SimulationPlan plan;
    private final Path folder;
    private final Random random;
    private final ConflictPolicy policy;
    private final double faultRate;
    private final StepKind.Mixture mixture;
    /** One of so many ends of a process is one of the machine's power too. */
    private final int powerFailures;

    private final SimulatedNode.Clock clock = new SimulatedNode.Clock();
    private final InMemoryObjectStore store;
    private final SimulatedNode.World world;
    private final List<Runnable> late = new ArrayList<>();
    private final Map<String, Long> figures = new TreeMap<>();
    private final List<String> violations = new ArrayList<>();
    private final List<String> trace = new ArrayList<>();
    private final List<Ledger> ledgers = new ArrayList<>();
    private final List<SimulatedNode> nodes = new ArrayList<>();
    private final List<Work> open = new ArrayList<>();
    private int starts;
    private int disks;
    private int rows;
    private final BitSet repeatable = new BitSet();
    private String doing = "";

    private Simulation(SimulationPlan plan, Path folder) throws IOException {
        this.plan = plan;
        this.folder = folder;
        this.random = new Random(mixed(plan.seed(), -1));
        this.policy = random.nextBoolean() ? ConflictPolicy.REJECT : ConflictPolicy.LAST_WRITE_WINS;
        this.faultRate = random.nextInt(4) == 0 ? 0 : random.nextDouble() * 0.2;
        this.mixture = StepKind.mixture(random);
        this.powerFailures = 1 + random.nextInt(4);
        this.store = new InMemoryObjectStore(clock::instant, random.nextBoolean());
        SatchelConfig config = SatchelConfig.defaults()
                .withConflictPolicy(policy)
                .withTimeouts(Duration.ofSeconds(2), Duration.ofMillis(1))
                .withLocalBounds(1 + random.nextInt(IDS.size()), random.nextInt(3) == 0 ? 30_000 : 1L << 40)
                .withIdle(4 + random.nextInt(30), Duration.ofSeconds(2), Duration.ofSeconds(20))
                .withMaxTransactionBytes(hasLowLimit() ? FEW_PAGES : 1 << 20)
                .withRetention(RETENTION);
        this.world = new SimulatedNode.World(
                store,
                random,
                late,
                this::count,
                clock,
                config,
                random.nextInt(3) == 0 ? new Schema() : null,
                8 + random.nextInt(60),
                plan.seed() % 2 == 0 ? SMALL_PARTS : LARGE_PARTS,
                plan.broken());
        Files.createDirectories(folder);
        for (DatabaseId id : IDS) {
            ledgers.add(new Ledger(id, new History(id, store, policy, this::violated), this::violated));
        }
        int machines = 2 + random.nextInt(2);
        for (int i = 0; i < machines; i++) {
            nodes.add(start(i, disks++, null));
        }
    }

    private static long mixed(long seed, long step) {
        long mixed = (seed * 0x9E3779B97F4A7C15L) ^ (step + 0x632BE59BD9B4E019L) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 30)) * 0x94D049BB133111EBL;
        return mixed ^ (mixed >>> 31);
    }

    /**
     * Runs one plan. Blocks; a step takes about a millisecond.
     *
     * @param folder for the nodes' files; what is made in it is removed again
     */
    public static SimulationReport run(SimulationPlan plan, Path folder) {
        Path own = folder.resolve("simulation-" + plan.seed());
        try {
            delete(own);
            Simulation simulation = new Simulation(plan, own);
            try {
                simulation.run();
            } finally {
                simulation.end();
            }
            return new SimulationReport(plan, simulation.figures, simulation.violations, simulation.trace);
        } catch (IOException e) {
            throw new UncheckedIOException("the simulation's own files failed", e);
        } finally {
            delete(own);
        }
    }

    /** A schema as an application has one. */
    private static final class Schema implements SchemaMigration {
        @Override
        public int targetVersion() {
            return 1;
        }

        @Override
        public void migrate(Connection connection, int from) throws SQLException {
            try (Statement statement = connection.createStatement()) {
                statement.executeUpdate("CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT)");
            }
        }
    }

    /** A session under way, of a client that remembers what it was told. */
    private static final class Work {
        final SimulatedNode node;
        final Session session;
        final Ledger ledger;
        final int client;
        final Durability durability;
        final BitSet changed = new BitSet();
        final BitSet seen = new BitSet();

        @Nullable
        BitSet lastRead;

        Work(SimulatedNode node, Session session, Ledger ledger, int client, Durability durability) {
            this.node = node;
            this.session = session;
            this.ledger = ledger;
            this.client = client;
            this.durability = durability;
        }

        @Override
        public String toString() {
            return "a " + durability + " session of client " + client + " on " + node;
        }
    }

    private void run() throws IOException {
        for (int i = 0; i < plan.steps() && violations.isEmpty(); i++) {
            if (plan.includes(i)) {
                random.setSeed(mixed(plan.seed(), i));
                doing = "";
                step();
                trace.add(i + ": " + doing);
                store.requests().reset();
            }
        }
        if (violations.isEmpty()) {
            random.setSeed(mixed(plan.seed(), -2));
            heal();
        }
        if (violations.isEmpty()) {
            check();
        }
        for (Ledger ledger : ledgers) {
            figures.merge(SimulationReport.VERSIONS, (long) ledger.history().head(), Long::sum);
        }
    }

    private void end() {
        nodes.forEach(SimulatedNode::abandon);
    }

    private SimulatedNode start(int number, int disk, @Nullable SimulatedNode before) throws IOException {
        SimulatedNode node = new SimulatedNode(
                world, number, disk, folder.resolve("start-" + starts++), before == null ? 0 : before.clockOffset());
        node.network().faultRate(faultRate);
        return node;
    }

    private void violated(String what) {
        if (violations.size() < 10) {
            violations.add(what);
        }
    }

    private void count(String what) {
        figures.merge(what, 1L, Long::sum);
    }

    private void count(Fault fault) {
        count(fault.figure());
    }

    private void told(String what) {
        doing += doing.isEmpty() ? what : "; " + what;
    }

    // ---- steps ------------------------------------------------------------------------------------------------------

    private void step() throws IOException {
        clock.pass(1_000_000L * random.nextInt(200));
        mendSome();
        StepKind kind = mixture.next(random);
        SimulatedNode node = nodes.get(random.nextInt(nodes.size()));
        Ledger ledger = ledgers.get(random.nextInt(ledgers.size()));
        try {
            switch (kind) {
                case OPEN -> {
                    if (open.size() < MAX_OPEN) {
                        begin(node, ledger);
                    }
                }
                case WORK -> withWork(false, this::workIn);
                case END -> withWork(true, this::end);
                case BURST -> burst(node, ledger);
                case PARTS -> inParts(node, ledger);
                case LOOK -> look(node, ledger);
                case LOOK_AROUND -> {
                    told(node + " looks around");
                    node.engine().lookAround();
                }
                case TIME -> timePasses();
                case RELEASE -> release();
                case NETWORK -> breakNetwork(node);
                case DISK -> fillDisk(node);
                case CLOCK -> jump(node);
                case DEATH_AHEAD -> {
                    int steps = 1 + random.nextInt(20);
                    told(node + " will die in " + steps + " steps");
                    node.life().endsAfter(steps);
                }
                case RESTART -> restart(node);
                case DELETION -> {
                    if (random.nextInt(3) > 0) {
                        delete(node, ledger);
                    }
                }
                case KILL -> {
                    node.life().end();
                    count(Fault.KILL);
                }
            }
        } catch (Life.Died e) {
            told("and dies");
            count(Fault.DEATH_AT_A_REQUEST_OR_WRITE);
        }
        for (Ledger each : ledgers) {
            each.history().follow(clock.nanos());
            each.history().findKept();
            each.requireNoGhosts();
        }
        buryTheDead();
    }

    private void withWork(boolean ends, java.util.function.Consumer<Work> action) {
        if (!open.isEmpty()) {
            int index = random.nextInt(open.size());
            action.accept(ends ? open.remove(index) : open.get(index));
        }
    }

    /** What lasts does not last for ever, or nothing else would happen. */
    private void mendSome() {
        for (SimulatedNode node : nodes) {
            if (random.nextInt(12) == 0) {
                node.network().always(null);
            }
            if (random.nextInt(8) == 0) {
                node.disk().full(false);
            }
        }
    }

    private void timePasses() {
        int kind = random.nextInt(5);
        Duration time = Duration.ofMillis(random.nextInt(40_000));
        if (kind == 0) {
            count(Fault.LONG_SLEEP);
            time = Duration.ofMinutes(11 + random.nextInt(60));
        } else if (kind == 1) {
            count(Fault.LONGER_THAN_THE_RETENTION);
            time = RETENTION.plusMinutes(1 + random.nextInt(600));
        }
        if (kind == 1 && random.nextBoolean()) {
            sleep(time);
        } else {
            pass(time);
        }
    }

    private void pass(Duration time) {
        if (time.compareTo(LATEST_REQUEST) > 0) {
            // No request is under way for so long: it arrives before, or never.
            late.forEach(request -> {
                if (random.nextBoolean()) {
                    request.run();
                }
            });
            late.clear();
            ledgers.forEach(ledger -> ledger.history().follow(clock.nanos()));
        }
        told(time + " pass");
        clock.pass(time.toNanos());
    }

    /** One node works, and retention goes by, while the others are asleep; what they do first is what they do by themselves. */
    private void sleep(Duration time) {
        SimulatedNode awake = nodes.get(random.nextInt(nodes.size()));
        Ledger ledger = ledgers.get(random.nextInt(ledgers.size()));
        goOn(awake, ledger);
        pass(time);
        goOn(awake, ledger);
        if (random.nextBoolean()) {
            told("all look around");
            nodes.forEach(node -> node.engine().lookAround());
        }
    }

    private void goOn(SimulatedNode awake, Ledger ledger) {
        for (int i = random.nextInt(4); i > 0; i--) {
            burst(awake, ledger);
            awake.engine().lookAround();
        }
    }

    private void release() {
        told(late.size() + " late requests arrive");
        List<Runnable> released = new ArrayList<>(late);
        late.clear();
        java.util.Collections.shuffle(released, random);
        for (Runnable request : released) {
            if (random.nextInt(4) == 0) {
                late.add(request); // not yet
            } else {
                request.run();
            }
            if (random.nextInt(4) == 0) {
                late.add(request); // and once more
            }
        }
    }

    private void jump(SimulatedNode node) {
        Duration jump = Duration.ofMinutes(random.nextInt(4 * 24 * 60) - 2 * 24 * 60);
        count(Fault.CLOCK_JUMP);
        told("the clock of " + node + " jumps by " + jump);
        node.jump(jump.toNanos());
    }

    private void breakNetwork(SimulatedNode node) {
        Fault[] lasting = {
            null,
            null,
            Fault.PARTITION,
            Fault.NOT_SENT,
            Fault.THROTTLED,
            Fault.SERVER_ERROR,
            Fault.ANSWER_LOST,
            Fault.LATE
        };
        Fault fault = lasting[random.nextInt(lasting.length)];
        told("from now on all requests of " + node + ": " + (fault == null ? "as usual" : fault));
        node.network().always(fault);
    }

    private void fillDisk(SimulatedNode node) {
        boolean full = !node.disk().isFull();
        told("the disk of " + node + " is " + (full ? "full" : "not full any more"));
        node.disk().full(full);
    }

    // ---- what sessions do -------------------------------------------------------------------------------------------

    private void begin(SimulatedNode node, Ledger ledger) {
        int client = random.nextInt(CLIENTS);
        Durability durability = random.nextInt(4) == 0 ? Durability.DEFERRED : Durability.DURABLE;
        long bookmark = ledger.bookmark(client);
        int head = ledger.history().head();
        long opened = clock.nanos();
        Freshness freshness;
        long atLeast;
        switch (random.nextInt(6)) {
            case 0 -> {
                freshness = Freshness.local();
                atLeast = 0;
            }
            case 1 -> {
                Duration age = Duration.ofMillis(random.nextInt(30_000));
                freshness = Freshness.within(age);
                atLeast = ledger.history().headAt(opened - age.toNanos());
            }
            case 2 -> {
                freshness = Freshness.atLeast(Version.of(bookmark));
                atLeast = bookmark;
            }
            default -> {
                freshness = Freshness.latest();
                atLeast = head;
            }
        }
        String asked = freshness instanceof Freshness.Latest
                ? "latest"
                : freshness instanceof Freshness.Local ? "local" : freshness.toString();
        told(node + " opens " + ledger.id() + " " + asked + " " + durability);
        Session session;
        try {
            session = node.engine().open(ledger.id(), freshness, durability);
        } catch (RuntimeException e) {
            failed("open", e);
            return;
        }
        Work work = new Work(node, session, ledger, client, durability);
        open.add(work);
        long version = read(work);
        if (version < atLeast && durability == Durability.DURABLE) {
            violated(work + " asked for " + asked + " of " + ledger.id() + ", at least version " + atLeast
                    + ", and was shown version " + version);
        }
    }

    /** What a session sees must be the version it names and, on top, what its own node has committed. */
    private long read(Work work) {
        try {
            BitSet found = Rows.all(work.session);
            long version = work.session.version().number();
            count("reads");
            told("sees version " + version);
            work.ledger.history().follow(clock.nanos());
            requireVersion(work + " on " + work.ledger.id(), work.ledger, found, version, work.node);
            BitSet last = work.lastRead;
            if (last != null) {
                BitSet gone = Rows.without(last, found);
                BitSet come = Rows.without(Rows.without(found, last), work.node.written());
                if (!gone.isEmpty() || !come.isEmpty()) {
                    violated(work + " on " + work.ledger.id() + " has seen rows go " + gone + " and come " + come
                            + " that others wrote");
                }
            }
            work.lastRead = found;
            work.seen.or(found);
            return version;
        } catch (SQLException | RuntimeException e) {
            failed("read", e);
            return Long.MAX_VALUE;
        }
    }

    /** A session is told that it was shown a version only if it was shown all of it, and a bookmark that has all it saw. */
    private void requireShown(Work work, BitSet all, SessionResult result) {
        History history = work.ledger.history();
        history.follow(clock.nanos());
        if (work.lastRead == null || result.version().number() > history.head()) {
            return;
        }
        BitSet missing = Rows.without(history.rows(result.shown().number()), all);
        BitSet later = result.status() == SyncStatus.PENDING
                ? new BitSet()
                : Rows.without(all, history.rows(result.version().number()));
        if (!missing.isEmpty() || !later.isEmpty()) {
            violated(work + " on " + work.ledger.id() + " is told version " + result.version() + ", all of "
                    + result.shown() + ": it has not seen rows " + missing + ", and has seen rows " + later
                    + " that are not in it");
        }
    }

    private void requireVersion(String who, Ledger ledger, BitSet found, long version, SimulatedNode node) {
        if (version > ledger.history().head()) {
            violated(who + " was shown version " + version + ", and there are only "
                    + ledger.history().head());
            return;
        }
        BitSet missing = Rows.without(ledger.history().rows(version), found);
        BitSet strange = Rows.without(Rows.without(found, ledger.history().rows(version)), node.written());
        if (!missing.isEmpty() || !strange.isEmpty()) {
            violated(who + " does not see version " + version + ": rows " + missing + " are missing, and rows "
                    + strange + " are not of this node");
        }
    }

    /** One change a session: of several, the earlier ones may have been published with another session's. */
    private void workIn(Work work) {
        if (!work.changed.isEmpty() || random.nextInt(3) == 0) {
            told(work + " reads");
            read(work);
            return;
        }
        int row = newRow(work.node);
        told(work + " writes row " + row);
        try {
            write(work.session, row);
            work.changed.set(row);
        } catch (SQLException | RuntimeException e) {
            failed("change", e);
        }
    }

    private int newRow(SimulatedNode node) {
        int row = rows++;
        node.written().set(row);
        return row;
    }

    private boolean hasLowLimit() {
        return plan.seed() % 5 == 2;
    }

    private void write(Session session, int row) throws SQLException {
        int size = random.nextInt(12) == 0 ? random.nextInt(30_000) : random.nextInt(100);
        Rows.add(session, row, hasLowLimit() ? 3 * size : size, random.nextInt(15) == 0);
    }

    private void end(Work work) {
        told(work + " ends");
        BitSet all = (BitSet) work.seen.clone();
        all.or(work.changed);
        String who = work + " on " + work.ledger.id();
        try {
            SessionResult result = work.session.complete();
            told(result.status() + " at version " + result.version());
            count("session " + result.status().token());
            acknowledged(work.changed.cardinality());
            if (result.status() == SyncStatus.PENDING) {
                work.ledger.pending(all, result.version().number(), work.node.diskNumber(), clock.nanos());
            } else {
                work.ledger.saved(all, who, clock.nanos());
                work.ledger.bookmark(work.client, result.version().number());
            }
            requireShown(work, all, result);
        } catch (ConflictException e) {
            failed("session", e);
            work.ledger.rejected(work.changed, who);
        } catch (DeletedException e) {
            failed("session", e);
            work.ledger.deleted(work.changed, clock.nanos());
        } catch (UnavailableException | StoreRefusedException | TransactionTooLargeException e) {
            failed("session", e);
            work.ledger.refused(work.changed);
        } catch (RuntimeException e) {
            failed("session", e);
        }
    }

    private void acknowledged(int changes) {
        figures.merge(SimulationReport.COMMITS, (long) changes, Long::sum);
    }

    /** Several functions that can be run again, one after the other. */
    private void burst(SimulatedNode node, Ledger ledger) {
        int writes = random.nextInt(3) == 0 ? 1 : 1 + random.nextInt(MAX_BURST);
        told(node + " writes " + writes + " times into " + ledger.id());
        BitSet saved = new BitSet();
        for (int i = 0; i < writes; i++) {
            int row = newRow(node);
            repeatable.set(row);
            try {
                node.engine().<Integer, SQLException>write(ledger.id(), session -> {
                    write(session, row);
                    return row;
                });
                saved.set(row);
                acknowledged(1);
            } catch (DeletedException e) {
                failed("write", e);
                ledger.deleted(Rows.of(row), clock.nanos());
            } catch (UnavailableException | StoreRefusedException | TransactionTooLargeException e) {
                failed("write", e);
                ledger.refused(Rows.of(row));
            } catch (SQLException | RuntimeException e) {
                failed("write", e);
            }
        }
        told("rows " + saved + " are saved");
        ledger.saved(saved, node + " in functions", clock.nanos());
    }

    /** A function of two transactions, between which the first may be saved, and others work. */
    private void inParts(SimulatedNode node, Ledger ledger) {
        int first = newRow(node);
        int second = newRow(node);
        BitSet both = Rows.of(first);
        both.set(second);
        repeatable.or(both);
        told(node + " writes rows " + both + " into " + ledger.id() + " in one function");
        try {
            node.engine().<Integer, SQLException>write(ledger.id(), session -> {
                write(session, first);
                switch (random.nextInt(4)) {
                    case 0 -> session.flush();
                    case 1 -> burst(nodes.get(random.nextInt(nodes.size())), ledger);
                    case 2 -> withWork(true, this::end);
                    default -> {
                        withWork(true, this::end);
                        burst(nodes.get(random.nextInt(nodes.size())), ledger);
                    }
                }
                write(session, second);
                return second;
            });
            ledger.saved(both, node + " in a function", clock.nanos());
            acknowledged(2);
        } catch (DeletedException e) {
            failed("write", e);
            ledger.deleted(both, clock.nanos());
        } catch (UnavailableException | StoreRefusedException | TransactionTooLargeException e) {
            failed("write", e);
            ledger.refused(both);
        } catch (SQLException | RuntimeException e) {
            failed("write", e);
        }
    }

    /** A function that only looks, run as one that writes: in the hope that the copy is the head. */
    private void look(SimulatedNode node, Ledger ledger) {
        boolean hopeful = random.nextBoolean();
        told(node + " looks at " + ledger.id() + (hopeful ? " in a write" : ""));
        int head = ledger.history().head();
        long[] version = new long[1];
        try {
            BitSet found = hopeful
                    ? node.engine().<BitSet, SQLException>write(ledger.id(), session -> look(session, version))
                    : node.engine().<BitSet, SQLException>read(ledger.id(), session -> look(session, version));
            told("sees version " + version[0]);
            ledger.saved(found, node + " reading in a function", clock.nanos());
            requireVersion(node + " reading in a function", ledger, found, version[0], node);
            if (version[0] < head) {
                violated(node + " reading in a function was shown version " + version[0] + " of " + ledger.id()
                        + " when " + head + " was there");
            }
        } catch (SQLException | RuntimeException e) {
            failed("look", e);
        }
    }

    private static BitSet look(Session session, long[] version) throws SQLException {
        BitSet found = Rows.all(session);
        version[0] = session.version().number();
        return found;
    }

    private void delete(SimulatedNode node, Ledger ledger) {
        told(node + " deletes " + ledger.id());
        ledger.history().follow(clock.nanos());
        int head = ledger.history().head();
        try {
            node.engine().delete(ledger.id());
            count("deletions");
            ledger.history().follow(clock.nanos());
            if (ledger.history().deletion() < Math.min(head, 1)) {
                violated(node + " was told that " + ledger.id() + " is deleted, and no version says so");
            }
        } catch (RuntimeException e) {
            failed("delete", e);
        }
    }

    /** Whatever went wrong must be one of the things that may. */
    private void failed(String doingWhat, Exception failure) {
        told("fails with " + failure.getClass().getSimpleName());
        count(doingWhat + " " + failure.getClass().getSimpleName());
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (Rows.isDamage(cause)) {
                violated(doingWhat + " met a damaged database: " + failure);
            }
        }
        boolean expected = failure instanceof SatchelException || failure instanceof SQLException;
        if (!expected) {
            java.io.StringWriter stack = new java.io.StringWriter();
            failure.printStackTrace(new java.io.PrintWriter(stack));
            violated(doingWhat + " failed in a way that nothing explains: " + stack);
        }
    }

    // ---- death and healing ------------------------------------------------------------------------------------------

    /** Closes a node in good order, as far as its surroundings let it, and starts it again. */
    private void restart(SimulatedNode node) throws IOException {
        told(node + " is closed and started again");
        count("restarts");
        if (random.nextBoolean()) {
            for (Work work : List.copyOf(open)) {
                if (work.node == node) {
                    open.remove(work);
                    end(work);
                }
            }
        }
        node.engine().close();
        replace(node, random.nextInt(powerFailures) == 0);
    }

    private void buryTheDead() throws IOException {
        for (SimulatedNode node : List.copyOf(nodes)) {
            if (node.life().isOver()) {
                replace(node, random.nextInt(powerFailures) == 0);
            }
        }
    }

    /** Another process, on what is left of the first one's disk. */
    private void replace(SimulatedNode node, boolean powerFails) throws IOException {
        SimulatedNode next;
        if (random.nextInt(5) == 0) {
            count(Fault.DISK_LOST);
            told("the disk of " + node + " is lost");
            ledgers.forEach(ledger -> ledger.diskLost(node.diskNumber()));
            open.removeIf(work -> work.node == node);
            node.abandon();
            next = start(node.number(), disks++, node);
        } else {
            if (powerFails) {
                count(Fault.POWER_FAILURE);
                told("the power of " + node + " fails");
            }
            node.disk().copyTo(folder.resolve("start-" + starts), powerFails);
            open.removeIf(work -> work.node == node);
            node.abandon();
            next = start(node.number(), node.diskNumber(), node);
        }
        delete(node.files());
        nodes.set(nodes.indexOf(node), next);
    }

    private void heal() throws IOException {
        trace.add("everything heals");
        for (SimulatedNode node : nodes) {
            node.network().faultRate(0);
            node.network().always(null);
            node.disk().full(false);
            node.life().goesOn();
        }
        while (!open.isEmpty()) {
            end(open.remove(0));
        }
        late.forEach(Runnable::run);
        late.clear();
        for (int round = 0; round < HEALING_ROUNDS; round++) {
            clock.pass(Duration.ofSeconds(31).toNanos());
            nodes.forEach(node -> node.engine().lookAround());
        }
        late.clear();
    }

    // ---- the end ----------------------------------------------------------------------------------------------------

    private void check() throws IOException {
        SimulatedNode reader = start(nodes.size(), disks++, null);
        reader.network().faultRate(0);
        nodes.add(reader);
        for (Ledger ledger : ledgers) {
            ledger.history().follow(clock.nanos());
            ledger.requireNoGhosts();
            ledger.requireNothingPending();
            ledger.history().requireRealConflicts(repeatable, RETENTION);
            for (SimulatedNode node : nodes) {
                look(node, ledger);
            }
            // A deletion that broke off is finished by whoever has the database open for a moment.
            clock.pass(Duration.ofSeconds(31).toNanos());
            nodes.forEach(node -> node.engine().lookAround());
        }
        trim();
        List<ObjectInfo> objects = objects();
        for (Ledger ledger : ledgers) {
            History history = ledger.history();
            history.follow(clock.nanos());
            // By the store's clock, from the newest object; nothing is removed a moment too early.
            long keptSince = clock.nanos() - RETENTION.toNanos();
            history.requireNothingElse(
                    objects.stream()
                            .filter(object ->
                                    object.key().startsWith(ledger.id().user().encoded() + "/"))
                            .toList(),
                    keptSince);
            int oldest = history.oldestAfter(keptSince);
            for (int i = 0; i < 3 && oldest <= history.head(); i++) {
                restore(reader, ledger, i == 0 ? oldest : oldest + random.nextInt(history.head() + 1 - oldest));
            }
        }
    }

    /** A request that was late may have put something of a life that had been erased by then. Retention finds it. */
    private void trim() {
        try (Bucket bucket = Bucket.of(store)) {
            for (Ledger ledger : ledgers) {
                if (ledger.history().head() > 0) {
                    bucket.trim(ledger.id(), RETENTION, false);
                }
            }
        }
    }

    /** That the bucket alone has a version. */
    private void restore(SimulatedNode reader, Ledger ledger, int version) {
        try (DatabaseAt restored = reader.engine().openAt(ledger.id(), Version.of(version));
                Connection connection = restored.connection()) {
            BitSet found = Rows.all(connection);
            if (!found.equals(ledger.history().rows(version))) {
                violated("version " + version + " of " + ledger.id() + " is restored with rows " + found + ", it had "
                        + ledger.history().rows(version));
            }
        } catch (SQLException | RuntimeException e) {
            violated("version " + version + " of " + ledger.id() + " cannot be restored: " + e);
        }
    }

    private List<ObjectInfo> objects() {
        List<ObjectInfo> objects = new ArrayList<>();
        String after = "";
        ListPage page;
        do {
            page = store.list("", after, ObjectStore.MAX_LIST_LIMIT);
            objects.addAll(page.objects());
            after = objects.isEmpty() ? "" : objects.get(objects.size() - 1).key();
        } while (page.more());
        return objects;
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
                public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException e) throws IOException {
                    Files.delete(visited);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
