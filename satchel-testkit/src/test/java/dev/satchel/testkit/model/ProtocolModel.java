package dev.satchel.testkit.model;

import dev.satchel.ConflictPolicy;
import dev.satchel.testkit.model.State.Commit;
import dev.satchel.testkit.model.State.Flight;
import dev.satchel.testkit.model.State.Image;
import dev.satchel.testkit.model.State.Node;
import dev.satchel.testkit.model.State.Phase;
import dev.satchel.testkit.model.State.Promises;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The state machine of docs/protocol.md for two nodes, explored breadth first, so that the first violation found has the
 * shortest trace. Requests may arrive at any time or never, answers may be lost, nodes may die at any request and sleep for as
 * long as they like; nothing may break the promise.
 *
 * <p>The promise: what was acknowledged is in the head, or in a conflict object, or was deleted; what was refused, and what was
 * deleted, is never shown again; who asks for the latest gets it; every version younger than the retention can be put together.
 */
final class ProtocolModel {
    private static final int IDS_PER_CHANGE = 8;

    /**
     * How much is explored.
     *
     * @param changes sessions that write, in all
     * @param flights requests under way at once, at most
     * @param deferred whether sessions may be deferred
     * @param images whether images are written
     * @param retention whether snapshots are written and old commits deleted
     * @param deletion whether the database may be deleted, once
     */
    record Scope(
            ConflictPolicy policy,
            int changes,
            int flights,
            boolean deferred,
            boolean images,
            boolean retention,
            boolean deletion) {

        static Scope of(ConflictPolicy policy, int changes) {
            return new Scope(policy, changes, 1, false, false, false, false);
        }

        Scope withFlights(int atOnce) {
            return new Scope(policy, changes, atOnce, deferred, images, retention, deletion);
        }

        Scope withDeferred() {
            return new Scope(policy, changes, flights, true, images, retention, deletion);
        }

        Scope withImages() {
            return new Scope(policy, changes, flights, deferred, true, retention, deletion);
        }

        Scope withRetention() {
            return new Scope(policy, changes, flights, deferred, true, true, deletion);
        }

        Scope withDeletion() {
            return new Scope(policy, changes, flights, deferred, images, retention, true);
        }
    }

    /** What was found: how many states there are, and the shortest trace to a violation, which is its last line. */
    record Result(int states, List<String> trace) {
        boolean isViolated() {
            return !trace.isEmpty();
        }
    }

    /** What happens between two states. */
    private enum Action {
        TIME_PASSES,
        READS_THE_IMAGE,
        BEGINS,
        STARTS_AGAIN,
        TAKES_THE_NEXT_COMMIT,
        LOADS_ANEW,
        FINDS_THE_END_OF_THE_LOG,
        FINDS_THE_HEAD,
        ENDS,
        PUTS_A_COMMIT,
        PUTS_A_PENDING_COMMIT,
        PUTS_ITS_SPOOL,
        FINDS_ITS_SPOOL_RECLAIMED,
        PUTS_A_DELETION,
        PUTS_THE_IMAGE,
        WRITES_A_SNAPSHOT,
        GIVES_UP_WAITING,
        PUTS_THE_SAME_AGAIN,
        PUTS_ANOTHER_AGAIN,
        TAKES_BACK,
        GOES_ON_UNKNOWING,
        DIES,
        ACKNOWLEDGES,
        FINDS_ITS_COMMIT_VOID,
        CANNOT_TELL,
        FINDS_ITS_OWN_COMMIT,
        FINDS_ANOTHERS_COMMIT,
        FINDS_NOTHING,
        GIVES_WAY,
        OVERWRITES,
        ARRIVES_AND_IS_ANSWERED,
        ARRIVES_AND_THE_ANSWER_IS_LOST,
        ARRIVES_FROM_THE_PAST,
        IMAGE_ARRIVES,
        VERSION_GROWS_OLD,
        COMMIT_IS_DELETED,
        COMMIT_IS_ERASED
    }

    /** A step: who did what with which version. */
    private record Step(State from, Action action, int node, int version) {
        @Override
        public String toString() {
            String who = node < 0 ? "" : "node " + (node + 1) + " ";
            String what = action.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
            return who + what + (version > 0 ? " (version " + version + ")" : "");
        }
    }

    private final Scope scope;
    private final Set<ModelRule> off;
    private final Map<State, @Nullable Step> seen = new HashMap<>();
    private final Queue<State> frontier = new ArrayDeque<>();
    private State at = State.FIRST;
    private @Nullable State broken;
    private String violation = "";

    private ProtocolModel(Scope scope, Set<ModelRule> off) {
        this.scope = scope;
        this.off = off;
    }

    /** Explores all states within a scope, without some rules, up to the first violation. */
    static Result explore(Scope scope, Set<ModelRule> off) {
        return new ProtocolModel(scope, off).explore();
    }

    private Result explore() {
        seen.put(at, null);
        frontier.add(at);
        while (!frontier.isEmpty() && broken == null) {
            at = frontier.remove();
            for (int i = 0; i < 2 && broken == null; i++) {
                node(i, at.nodes().get(i));
            }
            at.flights().forEach(this::arrive);
            retention();
        }
        return new Result(seen.size(), broken == null ? List.of() : trace(broken));
    }

    private List<String> trace(State end) {
        List<String> lines = new ArrayList<>();
        lines.add(violation);
        for (Step step = seen.get(end); step != null; step = seen.get(step.from())) {
            lines.add(0, step.toString());
        }
        return lines;
    }

    private boolean keeps(ModelRule rule) {
        return !off.contains(rule);
    }

    private void go(Action action, int node, int version, State to) {
        if (broken != null || seen.containsKey(to)) {
            return;
        }
        seen.put(to, new Step(at, action, node, version));
        frontier.add(to);
        check(to);
    }

    // ---- the promise ------------------------------------------------------------------------------------------------

    private void check(State state) {
        Promises promises = state.promises();
        Image head = state.head();
        int found = head.content() | state.kept() | promises.deleted();
        int spooled = state.nodes().stream()
                .map(Node::spool)
                .mapToInt(spool -> spool == null ? 0 : spool.change())
                .reduce(0, (a, b) -> a | b);
        if ((promises.durable() & ~found) != 0 || (promises.pending() & ~(found | spooled)) != 0) {
            violated(state, "acknowledged and nowhere to be found");
        } else if ((promises.refused() & head.content()) != 0) {
            violated(state, "said not to be saved, and there");
        } else if ((promises.deleted() & head.content()) != 0) {
            violated(state, "deleted, and there again");
        } else {
            for (int version = state.old() + 1; version <= head.version(); version++) {
                if (!isRestorable(state, version)) {
                    violated(state, "version " + version + " can no longer be put together");
                    return;
                }
            }
            for (Commit each : state.log()) {
                if (each.version() > head.version()) {
                    violated(state, "version " + each.version() + " lies behind a hole");
                    return;
                }
            }
        }
    }

    /** Of what was deleted nothing need be; what came after it begins with nothing, or with an image or snapshot. */
    private boolean isRestorable(State state, int version) {
        int life = state.head().life();
        if (version <= life) {
            return true;
        }
        int from = Math.max(life, state.snapshotUpTo(version));
        from = state.image().version() <= version ? Math.max(from, state.image().version()) : from;
        for (int each = from + 1; each <= version; each++) {
            if (state.slot(each) == null) {
                return false;
            }
        }
        return true;
    }

    private void violated(State state, String what) {
        if (broken == null) {
            broken = state;
            violation = "VIOLATION: " + what;
        }
    }

    // ---- a node -----------------------------------------------------------------------------------------------------

    private void node(int i, Node node) {
        if (node.fresh()) {
            go(Action.TIME_PASSES, i, 0, at.node(i, node.fresh(false)));
        }
        switch (node.phase()) {
            case IDLE -> idle(i, node);
            case REFRESHING -> refreshing(i, node);
            case AT_THE_END_OF_THE_LOG -> atTheEndOfTheLog(i, node);
            case AT_HEAD -> atHead(i, node);
            case SENT -> sent(i, node);
            case UNKNOWN -> unknown(i, node);
            case REFUSED -> refused(i, node);
            case LANDED -> landed(i, node);
            default -> lost(i, node);
        }
    }

    private void idle(int i, Node node) {
        Commit spooled = node.spool();
        if (spooled != null) {
            recover(i, node, spooled);
            if (keeps(ModelRule.PENDING_FIRST_AT_START)) {
                return;
            }
        }
        Node begun = node.begun(at.promises());
        if (node.fresh() || keeps(ModelRule.IMAGE_READ_AFTER_THE_LOG)) {
            go(Action.BEGINS, i, 0, at.node(i, begun));
        } else {
            Image image = at.image();
            Node read = image.version() > node.version() ? begun.at(image) : begun;
            go(Action.READS_THE_IMAGE, i, image.version(), at.node(i, read.fresh(true)));
        }
        if (node.fresh()) {
            write(i, node); // A function begins in the hope of being on the head.
        }
    }

    /** What an earlier process left pending. */
    private void recover(int i, Node node, Commit spooled) {
        if (at.image().version() >= spooled.version() && keeps(ModelRule.LANDED_IN_A_FRESH_SLOT)) {
            Phase found = at.slot(spooled.version()) == null ? Phase.LOST : Phase.REFUSED;
            go(
                    Action.FINDS_ITS_SPOOL_RECLAIMED,
                    i,
                    spooled.version(),
                    at.node(i, node.sends(spooled, spooled, true).phase(found)));
        } else if (at.flights().size() < scope.flights()) {
            go(
                    Action.PUTS_ITS_SPOOL,
                    i,
                    spooled.version(),
                    at.node(i, node.sends(spooled, spooled, true).fresh(false)).flying(flight(spooled)));
        }
    }

    private void refreshing(int i, Node node) {
        Commit next = at.slot(node.version() + 1);
        if (next == null) {
            // When this was asked counts: from here on it is known for how long the version has been the head.
            boolean full = !node.fresh() && keeps(ModelRule.FULL_REFRESH_AFTER_WINDOW);
            if (full) {
                go(
                        Action.FINDS_THE_END_OF_THE_LOG,
                        i,
                        node.version(),
                        at.node(i, node.fresh(true).phase(Phase.AT_THE_END_OF_THE_LOG)));
            } else {
                findsTheHead(i, node.fresh(true));
            }
        } else if (!next.erased() && next.parent() != node.content()) {
            go(Action.LOADS_ANEW, i, at.image().version(), at.node(i, node.at(at.image())));
        } else {
            Image to = next.leadsTo();
            go(Action.TAKES_THE_NEXT_COMMIT, i, to.version(), at.node(i, node.at(to)));
        }
    }

    private void atTheEndOfTheLog(int i, Node node) {
        Image image = at.image();
        if (!node.fresh()) {
            go(Action.STARTS_AGAIN, i, 0, at.node(i, node.phase(Phase.REFRESHING)));
        } else if (image.version() > node.version()) {
            go(
                    Action.LOADS_ANEW,
                    i,
                    image.version(),
                    at.node(i, node.at(image).fresh(false).phase(Phase.REFRESHING)));
        } else {
            findsTheHead(i, node);
        }
    }

    private void findsTheHead(int i, Node node) {
        State found = at.node(i, node.phase(Phase.AT_HEAD));
        int missing =
                node.promised() & ~(node.content() | at.kept() | at.promises().deleted());
        go(Action.FINDS_THE_HEAD, i, node.version(), found);
        if (missing != 0) {
            violated(found, "asked for the latest and does not see what was acknowledged");
        } else if ((node.content() & node.deleted()) != 0) {
            violated(found, "shows what was deleted");
        }
    }

    private void atHead(int i, Node node) {
        go(Action.ENDS, i, 0, at.node(i, node.rests()));
        if (node.fresh()) {
            write(i, node);
        }
        boolean room = at.flights().size() < scope.flights();
        if (node.fresh() && room && at.promises().deleted() == 0 && scope.deletion() && node.version() > 0) {
            int version = node.version() + 1;
            Commit mark = new Commit(version, -1 - i, node.content(), 0, version, 0, false);
            go(
                    Action.PUTS_A_DELETION,
                    i,
                    version,
                    at.node(i, node.sends(mark, null, false)).flying(flight(mark)));
        }
        if (scope.images() && room && node.version() > at.image().version()) {
            Image write = new Image(node.version(), node.content(), node.life(), node.id());
            go(
                    Action.PUTS_THE_IMAGE,
                    i,
                    node.version(),
                    at.node(i, node.rests()).flying(new Flight(null, write, at.image())));
        }
        if (scope.retention() && node.version() > at.snapshotUpTo(node.version())) {
            go(
                    Action.WRITES_A_SNAPSHOT,
                    i,
                    node.version(),
                    at.node(i, node.rests()).snapshot(node.version()));
        }
    }

    private void write(int i, Node node) {
        if (at.next() > scope.changes() || at.flights().size() >= scope.flights()) {
            return;
        }
        int change = 1 << at.next();
        Commit commit = new Commit(
                node.version() + 1,
                at.next() * IDS_PER_CHANGE,
                node.content(),
                node.content() | change,
                node.life(),
                change,
                false);
        go(
                Action.PUTS_A_COMMIT,
                i,
                commit.version(),
                at.node(i, node.sends(commit, null, false))
                        .flying(flight(commit))
                        .nextChange());
        if (scope.deferred()) {
            Commit spool = keeps(ModelRule.SPOOLED_BEFORE_PENDING) ? commit : null;
            go(
                    Action.PUTS_A_PENDING_COMMIT,
                    i,
                    commit.version(),
                    at.node(i, node.sends(commit, spool, true))
                            .flying(flight(commit))
                            .nextChange()
                            .promises(at.promises().pending(change)));
        }
    }

    private static Flight flight(Commit commit) {
        return new Flight(commit, null, null);
    }

    private void sent(int i, Node node) {
        go(Action.GIVES_UP_WAITING, i, 0, at.node(i, node.phase(Phase.UNKNOWN)));
        dies(i, node);
    }

    private void dies(int i, Node node) {
        go(Action.DIES, i, 0, at.node(i, node.crashed()));
    }

    private void unknown(int i, Node node) {
        Commit sending = sending(node);
        if (at.flights().size() < scope.flights()) {
            if (keeps(ModelRule.SAME_BYTES_WHILE_UNKNOWN)) {
                go(
                        Action.PUTS_THE_SAME_AGAIN,
                        i,
                        sending.version(),
                        at.node(i, node.phase(Phase.SENT)).flying(flight(sending)));
            } else {
                Commit other = sending.withId(sending.id() + 1);
                if (other.id() % IDS_PER_CHANGE < 2) {
                    go(
                            Action.PUTS_ANOTHER_AGAIN,
                            i,
                            sending.version(),
                            at.node(i, node.sends(other, node.spool(), node.pending()))
                                    .flying(flight(other)));
                }
            }
        }
        if (!keeps(ModelRule.NOTHING_TAKEN_BACK_WHILE_UNKNOWN) && !node.pending()) {
            go(
                    Action.TAKES_BACK,
                    i,
                    0,
                    at.node(i, node.rests()).promises(at.promises().refused(sending.change())));
        }
        if (!keeps(ModelRule.NEXT_SLOT_ONLY_WHEN_KNOWN) && !node.pending()) {
            Node on = node.rests().at(Image.of(sending));
            go(Action.GOES_ON_UNKNOWING, i, sending.version(), at.node(i, on));
        }
    }

    private static Commit sending(Node node) {
        Commit sending = node.sending();
        if (sending == null) {
            throw new IllegalStateException("nothing is being sent: " + node);
        }
        return sending;
    }

    /** The slot was taken when our request arrived: by whom? */
    private void refused(int i, Node node) {
        Commit sending = sending(node);
        Commit owner = at.slot(sending.version());
        if (owner == null) {
            go(Action.FINDS_NOTHING, i, sending.version(), at.node(i, node.phase(Phase.UNKNOWN)));
        } else if (owner.id() == sending.id() && keeps(ModelRule.OWN_COMMIT_IN_SLOT_IS_SUCCESS)) {
            go(Action.FINDS_ITS_OWN_COMMIT, i, sending.version(), at.node(i, node.phase(Phase.LANDED)));
        } else {
            go(Action.FINDS_ANOTHERS_COMMIT, i, sending.version(), at.node(i, node.phase(Phase.LOST)));
        }
    }

    private void landed(int i, Node node) {
        Commit sent = sending(node);
        boolean doubtful = !node.fresh()
                && keeps(ModelRule.LANDED_IN_A_FRESH_SLOT)
                && at.image().version() >= sent.version();
        switch (doubtful ? standing(sent) : Standing.COUNTS) {
            case COUNTS -> {
                Promises promises = at.promises();
                if (!sent.isDeletion() && !node.pending()) {
                    promises = promises.durable(sent.change());
                }
                go(
                        Action.ACKNOWLEDGES,
                        i,
                        sent.version(),
                        at.node(i, node.rests().at(Image.of(sent))).promises(promises));
            }
            case VOID -> {
                Commit there = at.slot(sent.version());
                State removed = there != null && there.id() == sent.id() ? at.without(there) : at;
                go(Action.FINDS_ITS_COMMIT_VOID, i, sent.version(), removed.node(i, node.phase(Phase.LOST)));
            }
            default ->
                go(
                        Action.CANNOT_TELL,
                        i,
                        sent.version(),
                        at.node(i, node.rests()).keeping(sent.change())); // Kept, and nobody is told anything.
        }
        dies(i, node);
    }

    private enum Standing {
        COUNTS,
        VOID,
        UNKNOWN
    }

    /** Whether a commit that landed late is part of the history, by what is left of that. */
    private Standing standing(Commit sent) {
        Image image = at.image();
        if (image.version() == sent.version()) {
            return image.id() == sent.id() ? Standing.COUNTS : Standing.VOID;
        }
        Commit next = at.slot(sent.version() + 1);
        if (next == null) {
            return keeps(ModelRule.GONE_IS_NOT_VOID) ? Standing.UNKNOWN : Standing.VOID;
        }
        return next.parent() == sent.content() ? Standing.COUNTS : Standing.VOID;
    }

    private void lost(int i, Node node) {
        Commit ours = sending(node);
        Image head = at.head();
        boolean deleted = head.life() > ours.life();
        boolean overwrites = scope.policy() == ConflictPolicy.LAST_WRITE_WINS
                && !ours.isDeletion()
                && !(deleted && keeps(ModelRule.DELETION_WINS));
        if (!overwrites) {
            State gone = at.node(i, node.rests());
            if (!ours.isDeletion()) {
                gone = keeps(ModelRule.LOSER_IS_KEPT_FIRST) && !deleted ? gone.keeping(ours.change()) : gone;
                gone = node.pending() ? gone : gone.promises(at.promises().refused(ours.change()));
                gone = deleted ? gone.promises(gone.promises().deleted(ours.change())) : gone;
            }
            go(Action.GIVES_WAY, i, ours.version(), gone);
        } else if (at.flights().size() < scope.flights()
                && ours.id() % IDS_PER_CHANGE + 2 < IDS_PER_CHANGE
                && head.version() >= ours.version()) {
            Commit over = new Commit(
                    head.version() + 1,
                    ours.id() + 2,
                    head.content(),
                    ours.content(),
                    head.life(),
                    ours.change(),
                    false);
            Commit spool = node.spool() == null ? null : over;
            State keeping = keeps(ModelRule.LOSER_IS_KEPT_FIRST) ? at.keeping(head.content() & ~ours.content()) : at;
            go(
                    Action.OVERWRITES,
                    i,
                    over.version(),
                    keeping.node(i, node.sends(over, spool, node.pending()).fresh(true))
                            .flying(flight(over)));
        }
        dies(i, node);
    }

    // ---- requests, and the bucket
    // ------------------------------------------------------------------------------------

    private void arrive(Flight flight) {
        Image write = flight.write();
        if (write != null) {
            boolean put = at.image().equals(flight.seen()) || !keeps(ModelRule.IMAGE_ONLY_OVER_THE_SEEN_ONE);
            State arrived = put ? at.arrived(flight).image(write) : at.arrived(flight);
            go(Action.IMAGE_ARRIVES, -1, write.version(), arrived);
            if (put && write.version() < at.image().version()) {
                violated(arrived, "the image goes back");
            }
            return;
        }
        Commit commit = flight.commit();
        if (commit == null) {
            throw new IllegalStateException("an empty request");
        }
        boolean free = at.slot(commit.version()) == null || !keeps(ModelRule.COMMIT_ONLY_INTO_A_FREE_SLOT);
        State arrived = at.arrived(flight);
        if (free) {
            arrived = arrived.with(commit);
            if (commit.isDeletion() && arrived.head().life() == commit.version()) {
                arrived = arrived.promises(at.promises().deleted(commit.parent()));
            }
        }
        boolean awaited = false;
        for (int i = 0; i < 2; i++) {
            Node node = at.nodes().get(i);
            if (node.phase() == Phase.SENT && commit.equals(node.sending())) {
                awaited = true;
                go(
                        Action.ARRIVES_AND_IS_ANSWERED,
                        i,
                        commit.version(),
                        arrived.node(i, node.phase(free ? Phase.LANDED : Phase.REFUSED)));
                go(
                        Action.ARRIVES_AND_THE_ANSWER_IS_LOST,
                        i,
                        commit.version(),
                        arrived.node(i, node.phase(Phase.UNKNOWN)));
            }
        }
        if (!awaited) {
            go(Action.ARRIVES_FROM_THE_PAST, -1, commit.version(), arrived);
        }
    }

    private void retention() {
        int head = at.head().version();
        int older = at.old() + 1;
        int life = at.head().life();
        boolean allKnow = at.nodes().stream().noneMatch(node -> node.fresh() && node.version() < older);
        if (scope.retention() && older < head && allKnow) {
            go(Action.VERSION_GROWS_OLD, -1, older, at.old(older));
        }
        for (Commit each : at.log()) {
            int version = each.version();
            if (version <= at.old()
                    && (version <= at.image().version() || !keeps(ModelRule.ONLY_BEHIND_THE_IMAGE))
                    && (version <= at.snapshotUpTo(older)
                            || (version < life && life <= older)
                            || !keeps(ModelRule.ONLY_BEHIND_AN_OLD_SNAPSHOT))) {
                go(Action.COMMIT_IS_DELETED, -1, version, at.without(each));
            }
            Commit deletion = at.slot(life);
            if (deletion != null && version < life && !each.erased()) {
                Commit erased = each.erasedBy(deletion);
                go(
                        Action.COMMIT_IS_ERASED,
                        -1,
                        version,
                        keeps(ModelRule.ERASED_KEYS_STAY) ? at.with(erased) : at.without(each));
            }
        }
    }
}
