package dev.satchel.testkit.torture;

import java.net.URI;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** Which node processes live now, and which disks are gone with what was only on them. Thread-safe. */
final class Cluster {
    private static final long LOOK_MILLIS = 5;

    private final AtomicReferenceArray<@Nullable Live> nodes;
    private final Set<String> lostDisks = ConcurrentHashMap.newKeySet();
    private final CountDownLatch over = new CountDownLatch(1);

    Cluster(int nodes) {
        this.nodes = new AtomicReferenceArray<>(nodes);
    }

    /** A process that answers, and how often it has. */
    record Live(NodeProcess process, URI address, AtomicInteger answers) {
        Live(NodeProcess process, URI address) {
            this(process, address, new AtomicInteger());
        }
    }

    int size() {
        return nodes.length();
    }

    void set(int number, @Nullable Live live) {
        nodes.set(number, live);
    }

    /** The node of that number, or the next that lives; null if none does. */
    @Nullable
    Live live(int number) {
        for (int i = 0; i < size(); i++) {
            Live found = nodes.get((number + i) % size());
            if (found != null && found.process().isWell()) {
                return found;
            }
        }
        return null;
    }

    void diskLost(String disk) {
        lostDisks.add(disk);
    }

    Set<String> lostDisks() {
        return Set.copyOf(lostDisks);
    }

    /** The load and the killing end. */
    void end() {
        over.countDown();
    }

    boolean isOver() {
        return over.getCount() == 0;
    }

    /** Waits until a process has given so many answers, at most so long; true if it is over. */
    boolean await(Live live, int answers, long millis) throws InterruptedException {
        for (long left = millis; left > 0 && live.answers().get() < answers; left -= LOOK_MILLIS) {
            if (pass(LOOK_MILLIS)) {
                return true;
            }
        }
        return isOver();
    }

    /** Lets time pass, at most so much; true if it is over. */
    boolean pass(long millis) throws InterruptedException {
        return over.await(millis, TimeUnit.MILLISECONDS);
    }
}
