package dev.satchel.testkit.torture;

import dev.satchel.Bucket;
import dev.satchel.DatabaseId;
import dev.satchel.store.ObjectInfo;
import dev.satchel.store.ObjectStore;
import dev.satchel.store.ObjectStores;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Real node processes on one bucket: loaded over HTTP, killed by SIGKILL at random and at named points, terminated, paused, started
 * again on their disks and on empty ones, with stores that fail and clocks that are wrong. At the end every answer is held
 * against what a node on an empty disk reads and what the bucket keeps.
 *
 * <p>The promise that is checked: a change that was acknowledged as saved is in the head or, where the newest write wins, in a
 * kept conflict record; one that was acknowledged as pending is too, unless its disk was taken away from a killed process; one that
 * was said not to be saved is in no answer and not in the head; a read shows everything that was acknowledged before, or up to its
 * bookmark; versions have no holes, and no transaction is torn.
 */
public final class Torture {
    private static final long CALM_MILLIS = 60_000;
    private static final long PROGRESS_MILLIS = 500;
    private static final Duration MORE_TIME = Duration.ofMinutes(2);
    private static final int LEAST_ACKNOWLEDGED = 50;
    private static final int LEAST_KILLS = 5;

    private final TortureSettings settings;
    private final Consumer<TortureProgress> progress;
    private final NodeClient client = new NodeClient();
    private final Tally tally = new Tally();
    private final Cluster cluster;
    private final Load load;
    private final Random random;
    private final long began = System.nanoTime();

    private Torture(TortureSettings settings, Consumer<TortureProgress> progress) {
        this.settings = settings;
        this.progress = progress;
        this.random = new Random(settings.seed());
        this.cluster = new Cluster(settings.nodes());
        // Two runs of one seed on one bucket are two.
        String run = HexFormat.of().toHexDigits((int) new java.security.SecureRandom().nextLong());
        this.load = new Load(cluster, client, tally, "torture-" + run, settings.users(), random.nextLong());
    }

    /**
     * Runs once. Blocks for the duration and about ten seconds more, on a busy machine for two minutes more. What it has put into the bucket it removes, unless there were
     * violations. With a rule switched off it ends at the first violation.
     *
     * @param progress told how it goes, about twice a second
     * @throws IOException if processes cannot be started or disks not be written
     */
    public static TortureReport run(TortureSettings settings, Consumer<TortureProgress> progress)
            throws IOException, InterruptedException {
        return new Torture(settings, progress).run();
    }

    private Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - began);
    }

    private TortureReport run() throws IOException, InterruptedException {
        ExecutorService threads = Executors.newCachedThreadPool(work -> {
            Thread thread = new Thread(work, "torture");
            thread.setDaemon(true);
            return thread;
        });
        List<Future<NodeProcess>> fates = new ArrayList<>();
        try {
            List<Future<Void>> clients = new ArrayList<>();
            for (int i = 0; i < settings.nodes(); i++) {
                Fate fate = new Fate(settings, i, cluster, client, tally, random.nextLong());
                fates.add(threads.submit(fate::run));
            }
            for (int i = 0; i < settings.clients(); i++) {
                long seed = random.nextLong();
                clients.add(threads.submit(() -> {
                    load.run(seed);
                    return null;
                }));
            }
            watch(fates, clients);
            clients.forEach(Torture::result);
            List<NodeProcess> left =
                    fates.stream().map(Torture::result).filter(Objects::nonNull).toList();
            if (!isEnough()) {
                rest(left);
            }
        } finally {
            cluster.end();
            killAll(fates);
            threads.shutdownNow();
        }
        if (!isEnough()) {
            lastLook();
        }
        return new TortureReport(settings.seed(), elapsed(), tally.figures(), tally.killed(), tally.violations());
    }

    /** Whether there is no need to go on: somebody only wanted to know whether a missing rule is noticed. */
    private boolean isEnough() {
        return settings.switchedOff() != null && !tally.violations().isEmpty();
    }

    private void watch(List<Future<NodeProcess>> fates, List<Future<Void>> clients) throws InterruptedException {
        while (!isEnough() && (elapsed().compareTo(settings.duration()) < 0 || isTooLittle())) {
            cluster.pass(PROGRESS_MILLIS);
            progress.accept(new TortureProgress(
                    elapsed(),
                    tally.acknowledged(),
                    tally.kills(),
                    tally.violations().size()));
            if (fates.stream().allMatch(Future::isDone) || clients.stream().anyMatch(Future::isDone)) {
                break; // None of them ends before the time; what went wrong is told by its result.
            }
        }
        cluster.end();
    }

    /** A machine that has other things to do gets more time, lest a run that did nothing passes for one that found nothing. */
    private boolean isTooLittle() {
        return elapsed().compareTo(settings.duration().plus(MORE_TIME)) < 0
                && (tally.acknowledged() < LEAST_ACKNOWLEDGED || tally.kills() < LEAST_KILLS);
    }

    private static <T> T result(Future<T> future) {
        try {
            return future.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("the harness itself failed: " + e.getCause(), e.getCause());
        }
    }

    private static void killAll(List<Future<NodeProcess>> fates) throws InterruptedException {
        for (Future<NodeProcess> fate : fates) {
            try {
                NodeProcess process = fate.get(NodeClient.PATIENCE.toSeconds() * 2, TimeUnit.SECONDS);
                if (process != null) {
                    process.kill();
                }
            } catch (ExecutionException | java.util.concurrent.TimeoutException e) {
                // It is told elsewhere, and its process ends with this one.
            }
        }
    }

    /** Lets everything be uploaded, and ends all processes in order. */
    private void rest(List<NodeProcess> processes) throws IOException, InterruptedException {
        for (int i = 0; i < settings.nodes(); i++) {
            Cluster.Live live = cluster.live(i);
            if (live != null && processes.contains(live.process())) {
                rest(live);
            }
        }
        for (NodeProcess process : processes) {
            process.terminate();
        }
        for (NodeProcess process : processes) {
            if (!process.awaitEnd()) {
                tally.violation("node " + process.settings().disk() + " does not end when it is told to: "
                        + process.lastWords());
            }
            Set<DatabaseId> owing = TortureNode.owing(process.settings().folder());
            if (!owing.isEmpty()) {
                tally.violation("node " + process.settings().disk() + " has ended in order and still owes " + owing
                        + ": " + process.lastWords());
            }
        }
    }

    private void rest(Cluster.Live live) throws IOException, InterruptedException {
        Path disk = live.process().settings().folder();
        try {
            client.calm(live.address());
            long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(CALM_MILLIS);
            while (!TortureNode.owing(disk).isEmpty()) {
                for (Ledger ledger : load.ledgers()) {
                    if (TortureNode.owing(disk).contains(ledger.id())) {
                        client.read(live.address(), ledger.target(), "latest", false);
                    }
                }
                if (System.nanoTime() - deadline > 0) {
                    tally.violation("node " + live.process().settings().disk() + " does not get rid of what it owes: "
                            + TortureNode.owing(disk));
                    return;
                }
                TimeUnit.MILLISECONDS.sleep(PROGRESS_MILLIS / 10);
            }
        } catch (NodeClient.HungException e) {
            tally.violation("node " + live.process().settings().disk() + " in fair weather: " + e.getMessage());
        }
    }

    // ---- the last look ----------------------------------------------------------------------------------------------

    private void lastLook() throws IOException, InterruptedException {
        NodeProcess reader = NodeProcess.start(
                new NodeSettings(
                        settings.store(),
                        settings.folder().resolve("reader"),
                        "reader",
                        Duration.ZERO,
                        false,
                        false,
                        0,
                        null,
                        Set.of()),
                settings.environment());
        try (ObjectStore store = ObjectStores.open(settings.store(), environment());
                Bucket bucket = Bucket.of(store)) {
            URI address = reader.awaitReady();
            if (address == null) {
                tally.violation("a node does not start on an empty disk: " + reader.lastWords());
                return;
            }
            look(new LastLook(store, bucket, cluster.lostDisks(), tally), address);
            if (tally.violations().isEmpty()) {
                clear(store);
            }
        } finally {
            reader.kill();
        }
    }

    private java.util.Map<String, String> environment() {
        java.util.Map<String, String> environment = new java.util.HashMap<>(System.getenv());
        environment.putAll(settings.environment());
        return environment;
    }

    private void look(LastLook look, URI reader) throws InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(3);
        try {
            List<Callable<Void>> work = new ArrayList<>();
            for (Ledger ledger : load.ledgers()) {
                work.add(() -> {
                    look(look, reader, ledger);
                    return null;
                });
            }
            threads.invokeAll(work).forEach(Torture::result);
        } finally {
            threads.shutdownNow();
        }
    }

    private void look(LastLook look, URI reader, Ledger ledger) throws InterruptedException {
        try {
            Optional<NodeClient.Reply> head = client.read(reader, ledger.target(), "latest", false);
            if (head.isEmpty()) {
                tally.violation(ledger.id() + ": a node on an empty disk does not answer");
            } else {
                look.at(ledger, head.get());
            }
        } catch (NodeClient.HungException | RuntimeException | SQLException e) {
            tally.violation(ledger.id() + ": the last look failed: " + e);
        }
    }

    /** Removes what this run has put into the bucket. */
    private void clear(ObjectStore store) {
        for (Ledger ledger : load.ledgers()) {
            String prefix = ledger.target().user() + "/";
            String after = "";
            boolean more = true;
            while (more) {
                var page = store.list(prefix, after, ObjectStore.MAX_LIST_LIMIT);
                for (ObjectInfo object : page.objects()) {
                    store.delete(object.key());
                    after = object.key();
                }
                more = page.more();
            }
        }
    }
}
