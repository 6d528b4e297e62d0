package dev.satchel.testkit.model;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Everything there is at a moment: the bucket, two nodes, requests under way, and what was promised. Contents are sets of
 * changes, a bit each.
 *
 * @param image the image
 * @param log commit objects, ascending
 * @param snapshots versions with a snapshot, a bit each
 * @param old versions up to here are older than the retention
 * @param kept changes in conflict objects
 * @param nodes both
 * @param flights requests that may still take effect
 * @param promises what was promised
 * @param next number of the next change
 */
record State(
        Image image,
        List<Commit> log,
        int snapshots,
        int old,
        int kept,
        List<Node> nodes,
        List<Flight> flights,
        Promises promises,
        int next) {

    /** A version: its number, its content, the version of the last deletion before or at it, and its commit's id. */
    record Image(int version, int content, int life, int id) {
        static Image of(Commit commit) {
            return new Image(commit.version(), commit.content(), commit.life(), commit.id());
        }
    }

    /**
     * A commit object.
     *
     * @param id of the commit
     * @param parent the content it changes
     * @param content the content it makes
     * @param life version of the last deletion before or at it
     * @param change what its session changed; 0 for a deletion
     * @param erased whether only its key is left
     */
    record Commit(int version, int id, int parent, int content, int life, int change, boolean erased) {
        boolean isDeletion() {
            return life == version;
        }

        /** The same without its content; it says which deletion took that. */
        Commit erasedBy(Commit deletion) {
            return new Commit(version, id, deletion.id(), 0, deletion.life(), 0, true);
        }

        /** Where a reader gets to with it. */
        Image leadsTo() {
            return erased ? new Image(life, 0, life, parent) : Image.of(this);
        }

        Commit withId(int other) {
            return new Commit(version, other, parent, content, life, change, erased);
        }
    }

    /** A request under way: a commit, or an image with the image that was seen. */
    record Flight(
            @Nullable Commit commit,
            @Nullable Image write,
            @Nullable Image seen) {}

    /** What a node is about. */
    enum Phase {
        IDLE,
        REFRESHING,
        AT_THE_END_OF_THE_LOG,
        AT_HEAD,
        SENT,
        UNKNOWN,
        REFUSED,
        LANDED,
        LOST
    }

    /**
     * A node.
     *
     * @param life version of the last deletion its replica knows
     * @param id of the commit that made its version
     * @param fresh whether its version was the head within the verify window
     * @param promised durable changes when its session began
     * @param deleted what had been deleted then
     * @param sending the commit that is being put
     * @param spool the pending commit on its disk
     * @param pending whether what is being sent was acknowledged as pending
     */
    record Node(
            int version,
            int content,
            int life,
            int id,
            boolean fresh,
            Phase phase,
            int promised,
            int deleted,
            @Nullable Commit sending,
            @Nullable Commit spool,
            boolean pending) {
        static final Node COLD = new Node(0, 0, 0, 0, false, Phase.IDLE, 0, 0, null, null, false);

        Node phase(Phase to) {
            return new Node(version, content, life, id, fresh, to, promised, deleted, sending, spool, pending);
        }

        Node fresh(boolean value) {
            return new Node(version, content, life, id, value, phase, promised, deleted, sending, spool, pending);
        }

        Node at(Image version) {
            return new Node(
                    version.version(),
                    version.content(),
                    version.life(),
                    version.id(),
                    fresh,
                    phase,
                    promised,
                    deleted,
                    sending,
                    spool,
                    pending);
        }

        Node begun(Promises promises) {
            return new Node(
                    version,
                    content,
                    life,
                    id,
                    fresh,
                    Phase.REFRESHING,
                    promises.durable(),
                    promises.deleted(),
                    null,
                    spool,
                    false);
        }

        Node sends(Commit commit, @Nullable Commit spooled, boolean asPending) {
            return new Node(version, content, life, id, fresh, Phase.SENT, 0, 0, commit, spooled, asPending);
        }

        /** Nothing is under way any more. */
        Node rests() {
            return new Node(version, content, life, id, fresh, Phase.IDLE, 0, 0, null, null, false);
        }

        Node crashed() {
            return new Node(0, 0, 0, 0, false, Phase.IDLE, 0, 0, null, spool, false);
        }
    }

    /** Changes that were acknowledged, durable or pending; that were refused; that were deleted. */
    record Promises(int durable, int pending, int refused, int deleted) {
        Promises durable(int change) {
            return new Promises(durable | change, pending, refused, deleted);
        }

        Promises pending(int change) {
            return new Promises(durable, pending | change, refused, deleted);
        }

        Promises refused(int change) {
            return new Promises(durable, pending, refused | change, deleted);
        }

        Promises deleted(int content) {
            return new Promises(durable, pending, refused, deleted | content);
        }
    }

    static final State FIRST = new State(
            new Image(0, 0, 0, 0),
            List.of(),
            0,
            0,
            0,
            List.of(Node.COLD, Node.COLD),
            List.of(),
            new Promises(0, 0, 0, 0),
            1);

    @Nullable
    Commit slot(int version) {
        for (Commit each : log) {
            if (each.version() == version) {
                return each;
            }
        }
        return null;
    }

    /** The newest version: the image and what continues it. */
    Image head() {
        Image head = image;
        Commit next = slot(head.version() + 1);
        while (next != null) {
            head = next.leadsTo();
            next = slot(head.version() + 1);
        }
        return head;
    }

    /** The newest snapshot that is not beyond a version, 0 if none. */
    int snapshotUpTo(int version) {
        return 31 - Integer.numberOfLeadingZeros(snapshots & ((2 << version) - 1) | 1);
    }

    State image(Image to) {
        return new State(to, log, snapshots, old, kept, nodes, flights, promises, next);
    }

    State snapshot(int version) {
        return new State(image, log, snapshots | 1 << version, old, kept, nodes, flights, promises, next);
    }

    State old(int version) {
        return new State(image, log, snapshots, version, kept, nodes, flights, promises, next);
    }

    State keeping(int changes) {
        return new State(image, log, snapshots, old, kept | changes, nodes, flights, promises, next);
    }

    State node(int number, Node to) {
        List<Node> both = number == 0 ? List.of(to, nodes.get(1)) : List.of(nodes.get(0), to);
        return new State(image, log, snapshots, old, kept, both, flights, promises, next);
    }

    State promises(Promises to) {
        return new State(image, log, snapshots, old, kept, nodes, flights, to, next);
    }

    State nextChange() {
        return new State(image, log, snapshots, old, kept, nodes, flights, promises, next + 1);
    }

    State flying(Flight flight) {
        List<Flight> more = new ArrayList<>(flights);
        more.add(flight);
        return new State(image, log, snapshots, old, kept, nodes, List.copyOf(more), promises, next);
    }

    State arrived(Flight flight) {
        List<Flight> rest = new ArrayList<>(flights);
        rest.remove(flight);
        return new State(image, log, snapshots, old, kept, nodes, List.copyOf(rest), promises, next);
    }

    /** With a commit in its slot, whatever was there. */
    State with(Commit commit) {
        List<Commit> more = new ArrayList<>(log);
        more.removeIf(each -> each.version() == commit.version());
        more.add(commit);
        more.sort((a, b) -> Integer.compare(a.version(), b.version()));
        return new State(image, List.copyOf(more), snapshots, old, kept, nodes, flights, promises, next);
    }

    State without(Commit commit) {
        List<Commit> rest = new ArrayList<>(log);
        rest.remove(commit);
        return new State(image, List.copyOf(rest), snapshots, old, kept, nodes, flights, promises, next);
    }
}
