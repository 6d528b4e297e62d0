package dev.satchel.testkit.torture;

import dev.satchel.DatabaseId;
import dev.satchel.internal.sync.ProtocolRule;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of one node: it is started, left alone for a while, killed, stopped or paused, and started again, on its disk or on
 * an empty one. Confined to its thread.
 */
final class Fate {
    /** How long a point may take to be reached; most are within moments, some need a conflict or a long log. */
    private static final long PATIENCE_MILLIS = 2500;

    /** A life is measured in answers, so that a slow machine does as much between two deaths as a fast one. */
    private static final int LONGEST_LIFE_ANSWERS = 100;

    private static final long LONGEST_LIFE_MILLIS = 5000;
    /** What else the process can do while a thread of it waits to be killed. */
    private static final long LONGEST_AGONY_MILLIS = 100;

    private static final long LONGEST_SHUTDOWN_MILLIS = 40;
    private static final long LONGEST_GRAVE_MILLIS = 300;
    private static final double PAUSE_SECONDS = 2.2;
    private static final int EMPTY_DISKS = 35;
    /** What has been reached is known here by then. */
    private static final long ANNOUNCEMENT_MILLIS = 250;

    /** One node is late, one in time, one early. */
    private static final Duration SKEW = Duration.ofSeconds(40);

    private final TortureSettings settings;
    private final int number;
    private final Cluster cluster;
    private final NodeClient client;
    private final Tally tally;
    private final Random random;
    private int disks;
    private String disk;

    Fate(TortureSettings settings, int number, Cluster cluster, NodeClient client, Tally tally, long seed) {
        this.settings = settings;
        this.number = number;
        this.cluster = cluster;
        this.client = client;
        this.tally = tally;
        this.random = new Random(seed);
        this.disk = nextDisk();
    }

    private String nextDisk() {
        disks++;
        return "n" + number + "d" + disks;
    }

    private Path folder() {
        return settings.folder().resolve(disk);
    }

    /** How a process ended. */
    private enum End {
        KILLED,
        IN_ORDER
    }

    /** Until the time is over; the process that lives then is left alive. Null if it cannot be started any more. */
    @Nullable
    NodeProcess run() throws IOException, InterruptedException {
        while (true) {
            Set<KillPoint> armed = cluster.isOver() ? Set.of() : pointsAtStart();
            NodeProcess process = start(armed);
            URI address = process.awaitReady();
            if (address == null) {
                tally.violation("node " + disk + " does not start: " + process.lastWords());
                process.kill();
                return null;
            }
            Cluster.Live live = new Cluster.Live(process, address);
            cluster.set(number, live);
            End end = armed.isEmpty() ? null : endAtStart(live);
            while (end == null) {
                if (cluster.isOver()) {
                    return process;
                }
                if (process.endedByItself()) {
                    tally.violation("node " + disk + " ended by itself: " + process.lastWords());
                    return null;
                }
                end = end(live);
            }
            cluster.set(number, null);
            bury(end);
            cluster.pass(random.nextLong(LONGEST_GRAVE_MILLIS));
        }
    }

    private NodeProcess start(Set<KillPoint> armed) throws IOException {
        tally.count(Figure.STARTS);
        return NodeProcess.start(
                new NodeSettings(
                        settings.store(),
                        folder(),
                        disk,
                        SKEW.multipliedBy(number % 3 - 1),
                        true,
                        disks % 3 == 0 || settings.switchedOff() == ProtocolRule.CONTENT_IS_CHECKED,
                        random.nextLong(),
                        settings.switchedOff(),
                        armed),
                settings.environment());
    }

    private Set<KillPoint> pointsAtStart() throws IOException {
        boolean owes = !TortureNode.owing(folder()).isEmpty();
        if (random.nextInt(100) >= (owes ? 60 : 15)) {
            return Set.of();
        }
        return Set.of(leastKilled(KillPoint.during(KillPoint.When.STARTING).stream()
                        .filter(point -> owes == point.needsRecovery())
                        .toList())
                .get(0));
    }

    /** Those at which nobody was killed so far come first. */
    private List<KillPoint> leastKilled(List<KillPoint> points) {
        List<KillPoint> sorted = new ArrayList<>(points);
        Collections.shuffle(sorted, random);
        sorted.sort(Comparator.comparingLong(tally::killsAt));
        return sorted;
    }

    /** Kills the process when it comes to the point it is armed with; null if it does not. */
    private @Nullable End endAt(NodeProcess process) throws InterruptedException {
        return endAt(process, PATIENCE_MILLIS);
    }

    private @Nullable End endAt(NodeProcess process, long millis) throws InterruptedException {
        KillPoint point = process.awaitReached(millis);
        if (point == null) {
            return null;
        }
        if (point.isWaiting()) {
            Thread.sleep(random.nextLong(LONGEST_AGONY_MILLIS));
        }
        process.kill();
        tally.killedAt(point);
        return End.KILLED;
    }

    /** As the other, and the process is armed no more if it does not come there: nobody would kill it. */
    private @Nullable End endAtStart(Cluster.Live live) throws InterruptedException {
        End end = endAt(live.process());
        return end == null && isArmed(live, Set.of()) ? endAt(live.process(), ANNOUNCEMENT_MILLIS) : end;
    }

    /** One of the things that can happen to a process; null if it survives that. */
    private @Nullable End end(Cluster.Live live) throws InterruptedException {
        NodeProcess process = live.process();
        int answers = live.answers().get() + random.nextInt(LONGEST_LIFE_ANSWERS);
        if (cluster.await(live, answers, LONGEST_LIFE_MILLIS)) {
            return null;
        }
        int choice = random.nextInt(100);
        if (settings.switchedOff() == ProtocolRule.LOCAL_COPY_FITS_ITS_SIDECAR) {
            return terminate(process); // Local copies are trusted after that alone.
        }
        if (Plant.showsInLife(settings.switchedOff()) && random.nextInt(4) > 0) {
            return null;
        }
        if (choice < 60) {
            return endAtSomePoint(live);
        }
        if (choice < 70) {
            return endAtRandom(process);
        }
        if (choice < 76) {
            return endInShutdown(live);
        }
        if (choice < 88) {
            return terminate(process);
        }
        process.pause(PAUSE_SECONDS);
        tally.count(Figure.PAUSED);
        return null;
    }

    private End endAtRandom(NodeProcess process) throws InterruptedException {
        process.kill();
        tally.count(Figure.KILLED_AT_RANDOM);
        return End.KILLED;
    }

    /** Where fewest have been killed, of what comes first; some points are hard to come to. */
    private End endAtSomePoint(Cluster.Live live) throws InterruptedException {
        List<KillPoint> points = leastKilled(KillPoint.during(KillPoint.When.RUNNING));
        Set<KillPoint> weak = Plant.weakPoints(settings.switchedOff());
        Set<KillPoint> armed = weak.isEmpty() ? Set.copyOf(points.subList(0, points.size() / 3)) : weak;
        End end = isArmed(live, armed) ? endAt(live.process()) : null;
        return end != null ? end : endAtRandom(live.process());
    }

    private boolean isArmed(Cluster.Live live, Set<KillPoint> points) throws InterruptedException {
        try {
            return client.arm(live.address(), points);
        } catch (NodeClient.HungException e) {
            tally.violation("node " + disk + " does not answer: " + e.getMessage());
            return false;
        }
    }

    private End endInShutdown(Cluster.Live live) throws InterruptedException {
        NodeProcess process = live.process();
        if (!isArmed(live, Set.of(KillPoint.IN_SHUTDOWN))) {
            return endAtRandom(process);
        }
        process.terminate();
        boolean reached = process.awaitReached(PATIENCE_MILLIS) != null;
        Thread.sleep(random.nextLong(LONGEST_SHUTDOWN_MILLIS));
        if (!reached) {
            return endAtRandom(process);
        }
        process.kill();
        tally.killedAt(KillPoint.IN_SHUTDOWN);
        return End.KILLED;
    }

    private End terminate(NodeProcess process) throws InterruptedException {
        process.terminate();
        if (!process.awaitEnd()) {
            tally.violation("node " + disk + " does not end when it is told to: " + process.lastWords());
            process.kill();
            return End.KILLED;
        }
        tally.count(Figure.TERMINATED);
        return End.IN_ORDER;
    }

    // ---- disks ------------------------------------------------------------------------------------------------------

    /** Which disk the next process finds. */
    private void bury(End end) throws IOException {
        Set<DatabaseId> owing = TortureNode.owing(folder());
        boolean empty = random.nextInt(100) < EMPTY_DISKS;
        if (!empty) {
            if (end == End.IN_ORDER && random.nextBoolean()) {
                damage();
            }
            return;
        }
        if (end == End.KILLED) {
            cluster.diskLost(disk); // With whatever was only pending there: that is what pending means.
            tally.count(Figure.DISKS_LOST);
        } else if (owing.isEmpty()) {
            tally.count(Figure.DISKS_REPLACED); // Nothing may be missing.
        } else {
            return; // The store could not take it in time; it goes up at the next start.
        }
        Disks.delete(folder());
        disk = nextDisk();
    }

    /** As a failing disk does, to one local copy that nobody has open. */
    private void damage() throws IOException {
        List<Path> copies;
        try (Stream<Path> files = Files.walk(folder())) {
            copies = files.filter(file -> file.toString().endsWith(".sqlite")).toList();
        }
        if (copies.isEmpty()) {
            return;
        }
        try (RandomAccessFile file =
                new RandomAccessFile(copies.get(random.nextInt(copies.size())).toFile(), "rw")) {
            if (file.length() > 0) {
                long where = random.nextLong(file.length());
                file.seek(where);
                int old = file.read();
                file.seek(where);
                file.write(old ^ 1 << random.nextInt(8));
                tally.count(Figure.DISKS_DAMAGED);
            }
        }
    }
}
