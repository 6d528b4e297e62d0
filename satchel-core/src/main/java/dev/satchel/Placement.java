package dev.satchel;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Which node a user's requests should go to, so that nodes rarely meet in one database: rendezvous hashing over the nodes that live.
 * A hint. Any node may serve any user at any time, and nothing depends on two nodes having the same idea of who lives.
 *
 * <p>A pure function of the two names: the same on every node and in every version. When a node goes, only its users move, to all
 * others alike; when one comes, only those move that are its own from then on. Immutable, asks nobody; a look costs some ten
 * nanoseconds a node.
 */
public final class Placement {
    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    private final List<NodeId> nodes;

    private Placement(List<NodeId> nodes) {
        this.nodes = nodes;
    }

    /** A placement on these nodes, in whatever order they are given; a node that is given twice counts once. */
    public static Placement over(Collection<NodeId> live) {
        return new Placement(List.copyOf(new TreeSet<>(live)));
    }

    /** The nodes, in the order of their names. */
    public List<NodeId> nodes() {
        return nodes;
    }

    /** The node that the user's requests should go to; empty if there are no nodes. */
    public Optional<NodeId> preferred(UserId user) {
        Objects.requireNonNull(user, "user");
        NodeId best = null;
        long bestWeight = 0;
        for (NodeId node : nodes) {
            long weight = weight(node, user);
            if (best == null || Long.compareUnsigned(weight, bestWeight) > 0) {
                best = node;
                bestWeight = weight;
            }
        }
        return Optional.ofNullable(best);
    }

    /** All nodes, the preferred first: each is where the user's requests should go if those before it are gone. */
    public List<NodeId> ranking(UserId user) {
        Objects.requireNonNull(user, "user");
        List<NodeId> ranking = new ArrayList<>(nodes);
        Comparator<NodeId> byWeight = (one, other) -> Long.compareUnsigned(weight(other, user), weight(one, user));
        ranking.sort(byWeight);
        return List.copyOf(ranking);
    }

    /** FNV-1a over the UTF-8 of node, a zero byte and user, and after that the end of MurmurHash3, which spreads every bit over all. */
    private static long weight(NodeId node, UserId user) {
        long hash = fnv(FNV_OFFSET, node.value());
        hash *= FNV_PRIME; // the zero byte
        hash = fnv(hash, user.value());
        hash ^= hash >>> 33;
        hash *= 0xff51afd7ed558ccdL;
        hash ^= hash >>> 33;
        hash *= 0xc4ceb9fe1a85ec53L;
        hash ^= hash >>> 33;
        return hash;
    }

    private static long fnv(long begun, String text) {
        long hash = begun;
        for (byte each : text.getBytes(StandardCharsets.UTF_8)) {
            hash ^= each & 0xff;
            hash *= FNV_PRIME;
        }
        return hash;
    }
}
