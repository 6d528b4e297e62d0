package dev.satchel.testkit.exploration;

import dev.satchel.DatabaseId;
import dev.satchel.SatchelException;
import dev.satchel.internal.ltx.LtxDecoder;
import dev.satchel.internal.replica.ReplicaFiles;
import dev.satchel.store.ListPage;
import dev.satchel.store.ObjectInfo;
import dev.satchel.store.ObjectStore;
import dev.satchel.store.StoredObject;
import dev.satchel.testkit.InMemoryObjectStore;
import dev.satchel.testkit.Operation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/** One schedule of a scenario: nodes, a store, and what was promised. Made anew for each. */
final class World {
    static final DatabaseId ID = DatabaseId.of("ann");

    private final Scenario scenario;
    private final Path folder;
    private final InMemoryObjectStore store =
            new InMemoryObjectStore(() -> Instant.ofEpochSecond(1_800_000_000L), false);
    private final List<ExploredNode> nodes = new ArrayList<>();
    private final List<Late> late = new ArrayList<>();
    private final Ledger ledger = new Ledger();
    private final List<String> violations = new ArrayList<>();
    private int faults;
    private long imageVersion;

    World(Scenario scenario, Path folder) {
        this.scenario = scenario;
        this.folder = folder;
        for (int i = 0; i < scenario.scripts().size(); i++) {
            nodes.add(new ExploredNode(this, i + 1));
        }
    }

    /** A request that its sender has given up. */
    record Late(String name, Operation operation, String key, Runnable effect) {}

    Scenario scenario() {
        return scenario;
    }

    Path folder() {
        return folder;
    }

    ObjectStore store() {
        return store;
    }

    Ledger ledger() {
        return ledger;
    }

    void late(Late request) {
        late.add(request);
    }

    void violation(String what) {
        violations.add(what);
    }

    /** What is put is newer than what was there. */
    void stored(String by, String key, Map<String, String> metadata) {
        long version = Long.parseLong(metadata.get("db-version"));
        if (key.equals(ID.path() + ".sqlite")) {
            if (version <= imageVersion) {
                violation(by + " replaced the image of version " + imageVersion + " with one of version " + version);
            }
            imageVersion = version;
        }
    }

    /**
     * Goes through one schedule.
     *
     * @return what was violated; empty if the schedule was cut short
     */
    Optional<List<String>> run(Schedules schedules, ExecutorService threads) {
        List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            ExploredNode node = nodes.get(i);
            List<Scenario.Step> script = scenario.scripts().get(i);
            running.add(threads.submit(() -> node.run(script)));
            node.turn().go(Outcome.ANSWERED);
        }
        boolean whole = go(schedules);
        if (!whole) {
            nodes.forEach(node -> node.turn().cutShort());
        }
        running.forEach(World::await);
        if (whole) {
            heal();
            check();
            nodes.forEach(node -> node.engine().abandon());
            return Optional.of(violations);
        }
        nodes.forEach(node -> node.engine().abandon());
        return Optional.empty();
    }

    private static void await(Future<?> running) {
        try {
            running.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("a node failed", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** False if the rest has been gone through in another order. */
    private boolean go(Schedules schedules) {
        while (true) {
            List<Move> enabled = enabled();
            if (enabled.isEmpty()) {
                return true;
            }
            Optional<Move> move = schedules.choose(enabled);
            if (move.isEmpty()) {
                return false;
            }
            int before = ledger.entries();
            take(move.get());
            if (ledger.entries() > before) {
                schedules.told();
            }
        }
    }

    private List<Move> enabled() {
        List<Move> enabled = new ArrayList<>();
        for (ExploredNode node : nodes) {
            Turn.Request waiting = node.turn().waiting();
            if (waiting != null) {
                for (Outcome outcome : outcomes(waiting)) {
                    enabled.add(new Move(node.name(), waiting.operation(), waiting.key(), outcome));
                }
            }
        }
        for (Late each : late) {
            enabled.add(new Move(each.name(), each.operation(), each.key(), Outcome.ANSWERED));
        }
        return enabled;
    }

    private Set<Outcome> outcomes(Turn.Request request) {
        Set<Outcome> outcomes = EnumSet.of(Outcome.ANSWERED);
        if (faults < scenario.maxFaults()
                && request.operation() != null
                && scenario.faulty().contains(request.operation())) {
            boolean writes = request.operation() == Operation.PUT || request.operation() == Operation.DELETE;
            scenario.faults().stream()
                    .filter(outcome -> writes || outcome.concernsReads())
                    .forEach(outcomes::add);
        }
        return outcomes;
    }

    private void take(Move move) {
        if (move.outcome().isFault()) {
            faults++;
        }
        for (ExploredNode node : nodes) {
            if (node.name().equals(move.actor())) {
                node.turn().go(move.outcome());
                return;
            }
        }
        for (Late each : late) {
            if (each.name().equals(move.actor())) {
                late.remove(each);
                each.effect().run();
                return;
            }
        }
        throw new IllegalStateException("nobody can make the move " + move);
    }

    // ---- the promise ------------------------------------------------------------------------------------------------

    private void heal() {
        nodes.forEach(node -> node.turn().free());
        for (int round = 0; round < 3; round++) {
            for (ExploredNode node : nodes) {
                node.pass(Duration.ofSeconds(60));
                node.engine().lookAround();
            }
        }
    }

    private void check() {
        ExploredNode reader = new ExploredNode(this, nodes.size() + 1);
        reader.turn().free();
        try {
            Set<String> head = reader.engine().read(ID, ExploredNode::rows);
            Set<String> missing = ledger.acknowledged();
            missing.removeAll(head);
            missing.removeIf(this::isKept);
            require(missing, "acknowledged and nowhere to be found: ");
            Set<String> ghosts = ledger.refused();
            ghosts.retainAll(head);
            require(ghosts, "said not to be saved, and there: ");
            Set<String> shown = ledger.refused();
            shown.retainAll(ledger.durable());
            require(shown, "said not to be saved, and shown: ");
            Set<String> deleted = ledger.deleted();
            deleted.removeIf(key -> !head.contains(key) && !isKept(key) && !isIn(ID.path() + ".ltx/0000/", key));
            require(deleted, "deleted, and still there: ");
            for (ExploredNode node : nodes) {
                if (!node.engine().read(ID, ExploredNode::rows).equals(head)) {
                    violation(node.name() + " disagrees about the head");
                }
                if (!ReplicaFiles.withSpool(node.files()).isEmpty()) {
                    violation(node.name() + " still has something pending");
                }
            }
            requireNoHoles();
            requireNobodyInConflictWithItself();
        } catch (SQLException | IOException | SatchelException e) {
            violation("the healed database cannot be read: " + e);
        } finally {
            reader.engine().abandon();
        }
    }

    private void require(Set<String> none, String what) {
        if (!none.isEmpty()) {
            violation(what + none);
        }
    }

    /** Whether a change is in an object that a conflict decision kept. */
    boolean isKept(String key) {
        return isIn(ID.path() + ".conflicts/", key);
    }

    private boolean isIn(String folder, String key) {
        for (ObjectInfo object : list(folder)) {
            try (StoredObject stored = store.get(object.key()).orElseThrow()) {
                byte[] bytes = stored.readAll();
                if (bytes.length == 0) {
                    continue;
                }
                for (byte[] page : LtxDecoder.decode(bytes).pages().values()) {
                    if (new String(page, StandardCharsets.ISO_8859_1).contains(key)) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    private void requireNoHoles() {
        long expected = 1;
        Instant before = Instant.MIN;
        for (ObjectInfo object : list(ID.path() + ".ltx/0000/")) {
            if (!object.key().contains(String.format("/%016x-", expected))) {
                violation("the log has a hole at version " + expected);
                return;
            }
            expected++;
            if (object.size() == 0) {
                continue; // It was deleted.
            }
            Instant stamped = Instant.parse(
                    store.head(object.key()).orElseThrow().metadata().get("litestream-timestamp"));
            if (!stamped.isAfter(before)) {
                violation("version " + (expected - 1) + " is stamped " + stamped + ", not after the one before it");
            }
            before = stamped;
        }
    }

    private void requireNobodyInConflictWithItself() {
        for (ObjectInfo object : list(ID.path() + ".conflicts/")) {
            Map<String, String> facts = store.head(object.key()).orElseThrow().metadata();
            if (facts.get("satchel-writer").equals(facts.get("satchel-conflict-winner"))) {
                violation(facts.get("satchel-writer") + " was in conflict with itself");
            }
        }
    }

    /** What everybody can tell of the schedule when it is over: the bucket, and what was promised. */
    String end() {
        return list("").stream()
                        .map(object -> object.key() + " " + object.etag())
                        .toList() + " " + ledger;
    }

    private List<ObjectInfo> list(String prefix) {
        ListPage page = store.list(prefix, "", ObjectStore.MAX_LIST_LIMIT);
        return page.objects();
    }

    static void copy(Path from, Path to) {
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
}
