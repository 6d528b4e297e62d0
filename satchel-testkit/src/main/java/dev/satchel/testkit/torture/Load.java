package dev.satchel.testkit.torture;

import dev.satchel.ConflictPolicy;
import dev.satchel.Durability;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/**
 * Makes requests of the nodes, a few databases at a time, and holds every answer against what was promised before it was asked
 * for. Thread-safe; each client has a thread of its own.
 */
final class Load {
    /** New databases are where schemas are made; beyond 256 versions there are snapshots. */
    private static final int SHORT_LIFE = 60;

    private static final int LONG_LIFE = 600;
    private static final int HOME = 60;
    private static final long NOBODY_MILLIS = 20;

    private final Cluster cluster;
    private final NodeClient client;
    private final Tally tally;
    private final String name;
    private final Random random;
    private final Ledger[] current;
    private final List<Ledger> all = new ArrayList<>();

    /**
     * A load on nobody yet.
     *
     * @param name what the names of all users begin with
     */
    Load(Cluster cluster, NodeClient client, Tally tally, String name, int users, long seed) {
        this.cluster = cluster;
        this.client = client;
        this.tally = tally;
        this.name = name;
        this.random = new Random(seed);
        this.current = new Ledger[users];
    }

    /** All databases that there have been. */
    synchronized List<Ledger> ledgers() {
        return List.copyOf(all);
    }

    private synchronized Ledger ledger(int slot) {
        Ledger ledger = current[slot];
        if (ledger == null || ledger.hasEnough()) {
            ConflictPolicy policy = slot % 2 == 0 ? ConflictPolicy.REJECT : ConflictPolicy.LAST_WRITE_WINS;
            ledger = new Ledger(
                    new NodeClient.Target(policy, name + "-" + slot + "-" + all.size()),
                    10 + random.nextInt(random.nextBoolean() ? SHORT_LIFE : LONG_LIFE));
            current[slot] = ledger;
            all.add(ledger);
        }
        return ledger;
    }

    /** One client, until the time is over. */
    void run(long seed) throws InterruptedException {
        Random choice = new Random(seed);
        while (!cluster.isOver()) {
            int slot = choice.nextInt(current.length);
            Ledger ledger = ledger(slot);
            int wanted = choice.nextInt(100) < HOME ? slot : choice.nextInt(cluster.size());
            Cluster.Live node = cluster.live(wanted);
            if (node == null) {
                TimeUnit.MILLISECONDS.sleep(NOBODY_MILLIS);
                continue;
            }
            try {
                request(choice, ledger, node);
            } catch (NodeClient.HungException e) {
                if (node.process().isWell()) {
                    node.process().tellThreads();
                    tally.violation("node " + node.process().settings().disk() + " lives and gives " + e.getMessage());
                }
            }
        }
    }

    private void request(Random choice, Ledger ledger, Cluster.Live node)
            throws NodeClient.HungException, InterruptedException {
        int kind = choice.nextInt(100);
        if (kind < 5) {
            cross(ledger, node);
        } else if (kind < 40) {
            change(ledger, node, Durability.DURABLE, false);
        } else if (kind < 60) {
            change(ledger, node, Durability.DEFERRED, false);
        } else if (kind < 78) {
            change(ledger, node, Durability.DURABLE, true);
        } else {
            read(choice, ledger, node);
        }
    }

    /** A node that has just seen the newest version must see what another has made of it since. */
    private void cross(Ledger ledger, Cluster.Live node) throws NodeClient.HungException, InterruptedException {
        look(ledger, node);
        for (int i = 0; i < cluster.size(); i++) {
            Cluster.Live other = cluster.live(i);
            if (other != null && !other.equals(node)) {
                change(ledger, other, Durability.DURABLE, true);
                look(ledger, node);
                return;
            }
        }
    }

    private void look(Ledger ledger, Cluster.Live node) throws NodeClient.HungException, InterruptedException {
        tally.count(Figure.REQUESTS);
        Map<String, Long> promised = ledger.durable();
        Set<String> refused = ledger.refused();
        Optional<NodeClient.Reply> reply = client.look(node.address(), ledger.target());
        if (isSound(reply, ledger, node)) {
            count(reply.get(), ledger, promised.keySet(), refused);
        }
    }

    private void change(Ledger ledger, Cluster.Live node, Durability durability, boolean repeatable)
            throws NodeClient.HungException, InterruptedException {
        tally.count(Figure.REQUESTS);
        String key = ledger.newChange(node.process().settings().disk(), repeatable);
        Optional<NodeClient.Reply> reply = repeatable
                ? client.repeat(node.address(), ledger.target(), key)
                : client.write(node.address(), ledger.target(), key, durability);
        if (isSound(reply, ledger, node)) {
            ledger.answered(key, reply.get());
            count(reply.get().promise());
        }
    }

    private void count(Promise promise) {
        switch (promise) {
            case DURABLE -> tally.count(Figure.DURABLE);
            case OVERWROTE -> {
                tally.count(Figure.DURABLE);
                tally.count(Figure.OVERWROTE);
            }
            case PENDING -> tally.count(Figure.PENDING);
            case REFUSED -> tally.count(Figure.REFUSED);
            case FAILED -> tally.count(Figure.FAILED);
            case UNKNOWN -> tally.count(Figure.UNKNOWN);
            case BUSY -> tally.count(Figure.BUSY);
            case BROKEN -> {
                // A violation, told where it was seen.
            }
        }
    }

    private void read(Random choice, Ledger ledger, Cluster.Live node)
            throws NodeClient.HungException, InterruptedException {
        tally.count(Figure.REQUESTS);
        Map<String, Long> promised = ledger.durable();
        Set<String> refused = ledger.refused();
        long bookmark = ledger.bookmark();
        URI address = node.address();
        NodeClient.Target target = ledger.target();
        Optional<NodeClient.Reply> reply;
        switch (choice.nextInt(8)) {
            case 0, 1 -> {
                reply = client.readAtLeast(address, target, bookmark);
                promised.values().removeIf(version -> version == 0 || version > bookmark);
                if (isSound(reply, ledger, node)
                        && reply.get().promise() == Promise.DURABLE
                        && reply.get().version() < bookmark) {
                    tally.violation(ledger.id() + ": a read at version " + bookmark + " or newer was given version "
                            + reply.get().version() + " by " + reply.get().disk());
                }
            }
            case 2 -> {
                reply = client.read(address, target, "local", choice.nextBoolean());
                promised.clear();
            }
            case 3, 4 -> reply = client.look(address, target);
            default -> reply = client.read(address, target, "latest", choice.nextInt(3) == 0);
        }
        if (!isSound(reply, ledger, node)) {
            return;
        }
        count(reply.get(), ledger, promised.keySet(), refused);
    }

    private void count(NodeClient.Reply reply, Ledger ledger, Set<String> promised, Set<String> refused) {
        if (reply.promise() != Promise.DURABLE) {
            tally.count(Figure.BUSY);
            return;
        }
        tally.count(Figure.READS);
        Set<String> rows = reply.rows();
        if (ledger.isNeverOverwritten()) {
            Set<String> missing = new TreeSet<>(promised);
            missing.removeAll(rows);
            require(missing, ledger, reply, "does not show what was acknowledged before it was asked for:");
        }
        Set<String> ghosts = new HashSet<>(refused);
        ghosts.retainAll(rows);
        require(ghosts, ledger, reply, "shows what was said not to be saved:");
        require(ledger.unheardOf(rows), ledger, reply, "shows what nobody has written:");
        ledger.shown(rows);
    }

    private void require(Set<String> none, Ledger ledger, NodeClient.Reply reply, String what) {
        if (!none.isEmpty()) {
            tally.violation(ledger.id() + ": a read by " + reply.disk() + " of version " + reply.version() + " " + what
                    + " " + new TreeSet<>(none));
        }
    }

    /** Whether there is an answer that may be believed. */
    private boolean isSound(Optional<NodeClient.Reply> reply, Ledger ledger, Cluster.Live node) {
        if (reply.isEmpty()) {
            tally.count(Figure.UNANSWERED);
            return false;
        }
        if (!reply.get().agrees()) {
            tally.violation(ledger.id() + ": status " + reply.get().promise() + " with code "
                    + reply.get().code());
            return false;
        }
        if (reply.get().promise() == Promise.BROKEN) {
            if (node.process().isWell()) {
                tally.violation(ledger.id() + " at " + reply.get().disk() + ": "
                        + reply.get().text());
            }
            return false;
        }
        node.answers().incrementAndGet();
        return true;
    }
}
