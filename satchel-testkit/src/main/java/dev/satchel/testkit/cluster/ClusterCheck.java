package dev.satchel.testkit.cluster;

import dev.satchel.DatabaseId;
import dev.satchel.Durability;
import dev.satchel.Freshness;
import dev.satchel.Satchel;
import dev.satchel.SatchelConfig;
import dev.satchel.SatchelException;
import dev.satchel.Session;
import dev.satchel.VersionFeed;
import dev.satchel.store.ObjectInfo;
import dev.satchel.store.ObjectStore;
import dev.satchel.store.ObjectStores;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Node processes on one bucket under a mixed load of readers and writers, as an application has them: one is killed by SIGKILL and
 * started again, one or all are drained and replaced by nodes with empty disks, and no user may notice.
 *
 * <p>What is checked: a change that was acknowledged is there at the end, for a node on an empty disk as for all others; a read with a
 * bookmark shows everything that was acknowledged up to it, one that asks for the latest everything that was acknowledged before, and
 * every read what was acknowledged up to the version that it names; a node that is drained breaks off no request and leaves nothing
 * behind; every request is answered in the end.
 */
public final class ClusterCheck {
    private static final double KILLED_AT = 0.3;
    private static final double DRAINED_AT = 0.6;
    /** In this time the router has noticed that a node is not ready. */
    private static final Duration NOTICE = Duration.ofSeconds(1);

    private static final long PROBE_MILLIS = 100;
    private static final long LOOK_MILLIS = 100;
    private static final int LEAST_ANSWERS = 20;
    private static final Duration MORE_TIME = Duration.ofMinutes(3);
    private static final int LOOKING = 8;
    private static final int SPARE_DATABASES = 50;

    private final ClusterSettings settings;
    private final Class<?> program;
    private final Function<String, VersionFeed> feeds;
    private final Consumer<ClusterProgress> progress;
    private final NodeClient client = new NodeClient();
    private final Findings findings = new Findings();
    private final List<DrainReport> drains = new ArrayList<>();
    private final List<Member> all = new ArrayList<>();
    private final Router router;
    private final long began = System.nanoTime();
    private long loadBegan = began;
    private int disks;

    private ClusterCheck(
            ClusterSettings settings,
            Class<?> program,
            Function<String, VersionFeed> feeds,
            Consumer<ClusterProgress> progress) {
        this.settings = settings;
        this.program = program;
        this.feeds = feeds;
        this.progress = progress;
        this.router = new Router(settings.nodes(), settings.routing());
    }

    /**
     * Runs once. Blocks for the duration, the starts and the last look.
     *
     * @param program of the nodes, whose {@code main} calls {@link ClusterNode#run}; {@link ClusterNode} itself if there is no feed
     * @param feeds opens the feed at a location, in this process; not called if there is none
     * @param progress told how it goes, some times a second
     * @throws IOException if processes cannot be started or disks not be written
     */
    public static ClusterReport run(
            ClusterSettings settings,
            Class<?> program,
            Function<String, VersionFeed> feeds,
            Consumer<ClusterProgress> progress)
            throws IOException, InterruptedException {
        return new ClusterCheck(settings, program, feeds, progress).run();
    }

    private ClusterReport run() throws IOException, InterruptedException {
        // Two runs on one bucket are two.
        String name = "cluster-check-" + HexFormat.of().toHexDigits(new SecureRandom().nextInt());
        ExecutorService threads = Executors.newCachedThreadPool(work -> {
            Thread thread = new Thread(work, "cluster-check");
            thread.setDaemon(true);
            return thread;
        });
        Optional<Latency> events = Optional.empty();
        Duration loaded;
        try (Ears ears = settings.feed() == null ? null : new Ears(feeds.apply(settings.feed()))) {
            Load load = new Load(router, client, findings, ears, name, settings.users());
            loaded = run(load, ears, threads);
            if (ears != null) {
                events = Optional.of(ears.sum(findings));
            }
            lastLook(load, threads);
        } finally {
            for (Member member : all) {
                member.kill();
            }
            threads.shutdownNow();
        }
        long beside = all.stream().mapToLong(Member::storeRequests).sum()
                - findings.figure(ClusterFigure.STORE_REQUESTS_OF_WRITES)
                - findings.figure(ClusterFigure.STORE_REQUESTS_OF_READS);
        findings.add(ClusterFigure.STORE_REQUESTS_BESIDE, Math.max(0, beside));
        return new ClusterReport(
                settings.seed(),
                Duration.ofNanos(System.nanoTime() - began),
                loaded,
                findings.figures(),
                findings.writes().latency(),
                findings.reads().latency(),
                events,
                drains,
                findings.violations());
    }

    // ---- nodes ------------------------------------------------------------------------------------------------------

    private Member start(int number, Path disk) throws IOException {
        findings.count(ClusterFigure.STARTS);
        Member member = Member.start(
                program,
                new NodeArguments(
                        settings.store(),
                        disk,
                        "node-" + (number + 1),
                        settings.feed(),
                        settings.users() + SPARE_DATABASES,
                        NOTICE),
                settings.environment());
        all.add(member);
        return member;
    }

    private Path emptyDisk() {
        disks++;
        return settings.folder().resolve("disk-" + disks);
    }

    private boolean takesPart(int number, Member member) throws InterruptedException {
        if (!member.awaitReady()) {
            findings.violation("node " + member.arguments().name() + " does not start: " + member.lastWords());
            return false;
        }
        router.set(number, member);
        member.takesRequests(client.isReady(member));
        return true;
    }

    /** What happens to the nodes while there is load. False if one does not start. */
    private boolean live(List<Future<Void>> busy) throws IOException, InterruptedException {
        if (!pass(KILLED_AT, busy, "load")) {
            return false;
        }
        Member victim = router.members().get(0);
        victim.kill();
        findings.count(ClusterFigure.KILLED);
        if (!takesPart(0, start(0, victim.arguments().folder())) || !pass(DRAINED_AT, busy, "one was killed")) {
            return false;
        }
        for (int number = 1; number <= (settings.rolling() ? settings.nodes() : 1); number++) {
            if (!replace(number % settings.nodes()) || !pass(DRAINED_AT, busy, "drained " + number)) {
                return false;
            }
        }
        return pass(1, busy, "one was drained");
    }

    private boolean replace(int number) throws IOException, InterruptedException {
        Member leaving = router.members().get(number);
        leaving.beginToLeave();
        report(leaving);
        findings.count(ClusterFigure.DRAINED);
        return takesPart(number, start(number, emptyDisk()));
    }

    private void report(Member leaving) throws InterruptedException {
        DrainReport report = leaving.awaitDrained();
        if (report == null) {
            findings.violation(
                    "node " + leaving.arguments().name() + " was drained and says nothing: " + leaving.lastWords());
        } else {
            drains.add(report);
            if (!report.left().isComplete()) {
                findings.violation("a drained node leaves something behind: " + report);
            }
        }
    }

    /** Lets time pass, until a share of it is over and every node has answered some requests. False if something broke. */
    private boolean pass(double share, List<Future<Void>> busy, String doing) throws InterruptedException {
        long until = Math.round(settings.duration().toNanos() * share);
        while (sinceLoad() < until || isTooLittle()) {
            TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
            progress.accept(new ClusterProgress(
                    Duration.ofNanos(sinceLoad()),
                    findings.figure(ClusterFigure.WRITES),
                    findings.figure(ClusterFigure.READS),
                    findings.violations().size(),
                    doing));
            for (Member member : router.members()) {
                if (member.endedByItself()) {
                    findings.violation("node " + member.arguments().name() + " ended by itself: " + member.lastWords());
                    return false;
                }
            }
            if (busy.stream().anyMatch(Future::isDone)) {
                return false; // None of them ends before the time; what went wrong is told by its result.
            }
        }
        return true;
    }

    private long sinceLoad() {
        return System.nanoTime() - loadBegan;
    }

    /** A machine that has other things to do gets more time, lest a run that did nothing passes for one that found nothing. */
    private boolean isTooLittle() {
        return sinceLoad() < settings.duration().plus(MORE_TIME).toNanos()
                && router.members().stream().anyMatch(member -> member.answers() < LEAST_ANSWERS);
    }

    // ---- load -------------------------------------------------------------------------------------------------------

    private Duration run(Load load, @Nullable Ears ears, ExecutorService threads)
            throws IOException, InterruptedException {
        List<Member> starting = new ArrayList<>();
        for (int number = 0; number < settings.nodes(); number++) {
            starting.add(start(number, emptyDisk()));
        }
        for (int number = 0; number < starting.size(); number++) {
            if (!takesPart(number, starting.get(number))) {
                return Duration.ZERO;
            }
        }
        if (ears != null && !ears.awaitConnected()) {
            findings.violation("the feed does not connect: " + settings.feed());
            return Duration.ZERO;
        }
        loadBegan = System.nanoTime();
        Random random = new Random(settings.seed());
        List<Future<Void>> busy = new ArrayList<>();
        for (int i = 0; i < settings.clients(); i++) {
            long seed = random.nextLong();
            busy.add(threads.submit(() -> {
                load.run(seed);
                return null;
            }));
        }
        Future<Void> probe = threads.submit(() -> {
            while (true) {
                router.probe(client);
                TimeUnit.MILLISECONDS.sleep(PROBE_MILLIS);
            }
        });
        try {
            live(busy);
        } finally {
            load.end();
        }
        busy.forEach(ClusterCheck::result);
        Duration loaded = Duration.ofNanos(sinceLoad());
        probe.cancel(true);
        return loaded;
    }

    private static <T> T result(Future<T> future) {
        try {
            return future.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (ExecutionException | CancellationException e) {
            throw new IllegalStateException("the harness itself failed: " + e.getMessage(), e);
        }
    }

    // ---- the last look ----------------------------------------------------------------------------------------------

    private void lastLook(Load load, ExecutorService threads) throws IOException, InterruptedException {
        progress.accept(new ClusterProgress(
                settings.duration(),
                findings.figure(ClusterFigure.WRITES),
                findings.figure(ClusterFigure.READS),
                findings.violations().size(),
                "the last look"));
        List<Member> last = router.members();
        for (Member member : last) {
            forEach(load.journals(), threads, journal -> {
                load.readAt(member, journal);
                return null;
            });
        }
        last.forEach(Member::beginToLeave);
        for (Member member : last) {
            report(member);
        }
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.putAll(settings.environment());
        try (ObjectStore store = ObjectStores.open(settings.store(), environment)) {
            try (Satchel fresh = Satchel.builder(store, emptyDisk())
                    .config(SatchelConfig.defaults()
                            .withLocalBounds(settings.users() + SPARE_DATABASES, Long.MAX_VALUE))
                    .node("last-look")
                    .build()) {
                forEach(load.journals(), threads, journal -> {
                    look(fresh, journal);
                    return null;
                });
            }
            if (settings.cleared() && findings.violations().isEmpty()) {
                forEach(load.journals(), threads, journal -> {
                    clear(store, journal);
                    return null;
                });
            }
        }
    }

    private interface Look {
        @Nullable
        Void at(Journal journal) throws Exception;
    }

    private static void forEach(List<Journal> journals, ExecutorService threads, Look look)
            throws InterruptedException {
        List<Callable<Void>> shares = new ArrayList<>();
        for (int share = 0; share < LOOKING; share++) {
            int first = share;
            shares.add(() -> {
                for (int i = first; i < journals.size(); i += LOOKING) {
                    look.at(journals.get(i));
                }
                return null;
            });
        }
        threads.invokeAll(shares).forEach(ClusterCheck::result);
    }

    private void look(Satchel fresh, Journal journal) throws SQLException {
        Set<String> missing = new TreeSet<>(journal.acknowledged());
        if (journal.bookmark() == 0) {
            return; // Nobody has come to that user.
        }
        try (Session session = fresh.open(DatabaseId.of(journal.user()), Freshness.latest(), Durability.DURABLE);
                var connection = session.connection()) {
            List<String> rows = Changes.all(connection);
            long head = session.version().number();
            for (String complaint : journal.complaints(journal.bookmark(), missing, head, head, rows)) {
                findings.violation("user " + journal.user() + ": a node on an empty disk has version " + head
                        + ", and what it has " + complaint);
            }
            rows.forEach(missing::remove);
        } catch (SatchelException e) {
            findings.violation("user " + journal.user() + ": a node on an empty disk cannot read: " + e);
        }
        findings.add(ClusterFigure.LOST_CHANGES, missing.size());
    }

    private static void clear(ObjectStore store, Journal journal) {
        String prefix = journal.user().encoded() + "/";
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
