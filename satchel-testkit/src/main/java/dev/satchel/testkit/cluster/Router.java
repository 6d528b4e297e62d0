package dev.satchel.testkit.cluster;

import dev.satchel.NodeId;
import dev.satchel.Placement;
import dev.satchel.UserId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** Sends requests to the nodes that say they are ready, as a load balancer does. Thread-safe. */
final class Router {
    private final AtomicReferenceArray<@Nullable Member> members;
    private final AtomicInteger next = new AtomicInteger();
    private final Routing routing;

    Router(int nodes, Routing routing) {
        this.members = new AtomicReferenceArray<>(nodes);
        this.routing = routing;
    }

    void set(int number, Member member) {
        members.set(number, member);
    }

    /** The processes of now, ready or not. */
    List<Member> members() {
        List<Member> all = new ArrayList<>();
        for (int i = 0; i < members.length(); i++) {
            Member member = members.get(i);
            if (member != null) {
                all.add(member);
            }
        }
        return all;
    }

    /** The node for a request; null if none is ready. */
    @Nullable
    Member next(UserId user) {
        List<Member> ready = members().stream().filter(Member::takesRequests).toList();
        if (ready.isEmpty()) {
            return null;
        }
        if (routing == Routing.PLACED) {
            NodeId preferred = Placement.over(ready.stream().map(Member::id).toList())
                    .preferred(user)
                    .orElseThrow();
            return ready.stream()
                    .filter(member -> member.id().equals(preferred))
                    .findFirst()
                    .orElseThrow();
        }
        return ready.get(Math.floorMod(next.getAndIncrement(), ready.size()));
    }

    /** Asks every node whether it is ready. */
    void probe(NodeClient client) throws InterruptedException {
        for (Member member : members()) {
            if (!member.isKilled()) {
                member.takesRequests(client.isReady(member));
            }
        }
    }
}
