package dev.satchel.spring.web;

import dev.satchel.NodeId;
import dev.satchel.Placement;
import dev.satchel.UserId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Which node a user's requests should go to, as this node sees it: a hint, on which nothing depends. Thread-safe. */
public final class NodePlacement {
    private final NodeId self;
    private final LiveNodes nodes;
    private final BooleanSupplier leaving;

    /**
     * The view of one node.
     *
     * @param leaving whether this node is being drained: then no user belongs here any more
     */
    public NodePlacement(NodeId self, LiveNodes nodes, BooleanSupplier leaving) {
        this.self = Objects.requireNonNull(self, "self");
        this.nodes = Objects.requireNonNull(nodes, "nodes");
        this.leaving = Objects.requireNonNull(leaving, "leaving");
    }

    /** This node. */
    public NodeId self() {
        return self;
    }

    /** The node that a user's requests should go to; empty if nobody says which nodes there are. */
    public Optional<NodeId> preferred(UserId user) {
        Collection<NodeId> live = nodes.live();
        if (live.isEmpty()) {
            return Optional.empty();
        }
        List<NodeId> staying = new ArrayList<>(live);
        if (leaving.getAsBoolean()) {
            staying.remove(self);
        }
        return Optional.of(Placement.over(staying).preferred(user).orElse(self));
    }

    /**
     * The value of {@link SyncHeaders#NODE}: this node, {@code ; preferred=} with the user's own node if that is another, and {@code ;
     * leaving} if this node is being drained, so that the user should go even where a proxy usually lets users stay. Empty if nobody says
     * which nodes there are.
     */
    public Optional<String> header(UserId user) {
        return preferred(user).map(node -> node.equals(self) ? self.value() : elsewhere(node));
    }

    private String elsewhere(NodeId node) {
        return self + "; preferred=" + node + (leaving.getAsBoolean() ? "; leaving" : "");
    }
}
