package dev.satchel.spring.web;

import dev.satchel.NodeId;
import java.util.Collection;

/**
 * Which nodes of the application live, for {@link NodePlacement}. A bean of the application that knows, such as one that asks a
 * service registry, takes the place of the property {@code satchel.placement.nodes}. Nothing depends on the answer being right.
 */
@FunctionalInterface
public interface LiveNodes {
    /** The nodes, this one included. Asked at every request, by several threads at once: does not block. */
    Collection<NodeId> live();
}
