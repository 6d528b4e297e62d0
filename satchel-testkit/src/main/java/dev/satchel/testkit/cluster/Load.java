package dev.satchel.testkit.cluster;

import dev.satchel.UserId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What users do: read and change their data, each request at whichever node the router says, with the bookmark of the answers before.
 * A request that fails in passing is made again, as a browser's page does it. Thread-safe; each client has a thread of its own.
 */
final class Load {
    private static final int WRITES_IN_HUNDRED = 30;
    private static final int LATEST_IN_HUNDRED = 15;
    private static final int STALE_IN_HUNDRED = 15;
    /** One request in so many is for one of the few busy users, who so meet themselves at another node. */
    private static final int FOR_THE_BUSY = 5;

    private static final int IDLE_USERS_FOR_A_BUSY_ONE = 25;
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(90);
    private static final int LONGEST_PAUSE_MILLIS = 40;

    private final Router router;
    private final NodeClient client;
    private final Findings findings;
    private final @Nullable Ears ears;
    private final List<Journal> journals;
    private volatile boolean over;

    /**
     * A load on nobody yet.
     *
     * @param name what the names of all users begin with
     * @param ears told of what is published; null if there is no feed
     */
    Load(Router router, NodeClient client, Findings findings, @Nullable Ears ears, String name, int users) {
        this.router = router;
        this.client = client;
        this.findings = findings;
        this.ears = ears;
        List<Journal> all = new ArrayList<>();
        for (int i = 1; i <= users; i++) {
            all.add(new Journal(UserId.of(name + "-" + i)));
        }
        this.journals = List.copyOf(all);
    }

    List<Journal> journals() {
        return journals;
    }

    void end() {
        over = true;
    }

    /** One client, until the load ends. */
    void run(long seed) throws InterruptedException {
        Random random = new Random(seed);
        while (!over) {
            Journal journal = random.nextInt(FOR_THE_BUSY) == 0
                    ? journals.get(random.nextInt(journals.size() / IDLE_USERS_FOR_A_BUSY_ONE + 1))
                    : journals.get(random.nextInt(journals.size()));
            if (random.nextInt(100) < WRITES_IN_HUNDRED) {
                change(journal, random);
            } else {
                int kind = random.nextInt(100);
                read(
                        journal,
                        kind < LATEST_IN_HUNDRED
                                ? Asked.LATEST
                                : kind < LATEST_IN_HUNDRED + STALE_IN_HUNDRED ? Asked.STALE : Asked.BOOKMARK,
                        random);
            }
        }
    }

    private void change(Journal journal, Random random) throws InterruptedException {
        findings.count(ClusterFigure.REQUESTS);
        long began = System.nanoTime();
        String key = journal.newChange();
        Optional<NodeClient.Answer> answer =
                askUntilAnswered(journal, key, Asked.BOOKMARK, ClusterFigure.STORE_REQUESTS_OF_WRITES, random);
        if (answer.isEmpty()) {
            return;
        }
        NodeClient.Answer saved = answer.get();
        findings.writes().took(TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - began));
        findings.count(ClusterFigure.WRITES);
        journal.acknowledged(key, saved.version());
        if (ears != null && saved.published().isPresent()) {
            ears.published(journal.user(), saved.version(), saved.published().getAsLong());
        }
    }

    private void read(Journal journal, Asked asked, Random random) throws InterruptedException {
        findings.count(ClusterFigure.REQUESTS);
        long began = System.nanoTime();
        long bookmark = journal.bookmark();
        Set<String> before = asked == Asked.LATEST ? journal.acknowledged() : Set.of();
        Optional<NodeClient.Answer> answer =
                askUntilAnswered(journal, null, asked, ClusterFigure.STORE_REQUESTS_OF_READS, random);
        if (answer.isPresent()) {
            findings.reads().took(TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - began));
            findings.count(ClusterFigure.READS);
            if (asked == Asked.BOOKMARK) {
                findings.count(ClusterFigure.READS_WITH_BOOKMARK);
            }
            check(journal, asked == Asked.BOOKMARK ? bookmark : 0, before, answer.get());
        }
    }

    /** Reads with the last bookmark at one node, whether it is ready or not; for after the load. */
    void readAt(Member member, Journal journal) throws InterruptedException {
        long bookmark = journal.bookmark();
        Set<String> before = journal.acknowledged();
        NodeClient.Request request = new NodeClient.Request(journal.user().value(), null, Asked.BOOKMARK, bookmark);
        NodeClient.Reply reply = client.ask(member, request);
        if (reply instanceof NodeClient.Answer answer && answer.code() == ClusterNode.OK) {
            check(journal, bookmark, before, answer);
        } else {
            findings.violation("after the load node " + member.arguments().name() + " does not show user "
                    + journal.user() + ": " + reply);
        }
    }

    private void check(Journal journal, long bookmark, Set<String> before, NodeClient.Answer answer) {
        for (String complaint : journal.complaints(bookmark, before, answer.version(), answer.shown(), answer.rows())) {
            findings.wrongRead("user " + journal.user() + ": a read of version " + answer.version() + " " + complaint);
        }
        journal.saw(answer.version());
    }

    /** Empty if it cannot be answered, which is a violation then. */
    private Optional<NodeClient.Answer> askUntilAnswered(
            Journal journal, @Nullable String key, Asked first, ClusterFigure storeRequests, Random random)
            throws InterruptedException {
        long began = System.nanoTime();
        long bookmark = journal.bookmark();
        Asked asked = first;
        String lately = "no node was ready";
        for (boolean again = false; System.nanoTime() - began < PATIENCE_NANOS; again = true) {
            Member member = router.next(journal.user());
            if (member == null) {
                pause(random);
                continue;
            }
            if (again) {
                findings.count(ClusterFigure.RETRIES);
            }
            NodeClient.Reply reply =
                    client.ask(member, new NodeClient.Request(journal.user().value(), key, asked, bookmark));
            if (reply instanceof NodeClient.Answer answer) {
                findings.add(storeRequests, answer.storeRequests());
                lately = answer.text();
                switch (answer.code()) {
                    case ClusterNode.OK -> {
                        return Optional.of(answer);
                    }
                    case ClusterNode.CONFLICT -> {
                        findings.count(ClusterFigure.CONFLICTS);
                        asked = Asked.LATEST;
                    }
                    case ClusterNode.UNAVAILABLE -> {
                        findings.count(ClusterFigure.TURNED_AWAY);
                        pause(random);
                    }
                    default -> {
                        findings.violation("node " + member.arguments().name() + " failed: " + answer.text());
                        return Optional.empty();
                    }
                }
            } else {
                findings.count(ClusterFigure.UNANSWERED);
                lately = member.arguments().name() + ": " + reply;
                unanswered(member, (NodeClient.NoAnswer) reply);
            }
        }
        findings.violation("user " + journal.user() + " was not served by anybody: " + lately);
        return Optional.empty();
    }

    private static void pause(Random random) throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(1 + random.nextInt(LONGEST_PAUSE_MILLIS));
    }

    private void unanswered(Member member, NodeClient.NoAnswer reply) throws InterruptedException {
        if (!member.isKilled()) {
            switch (reply) {
                case REFUSED -> {
                    if (!member.isLeaving()) {
                        violation(member, "refuses connections, and nobody has told it to");
                    }
                }
                case BROKEN_OFF ->
                    violation(
                            member,
                            member.isLeaving() ? "broke off a request while it was drained" : "broke off a request");
                case HUNG -> {
                    member.tellThreads();
                    violation(member, "lives and does not answer");
                }
            }
        }
        member.takesRequests(false);
    }

    private void violation(Member member, String what) {
        findings.violation("node " + member.arguments().name() + " " + what + ": " + member.lastWords());
    }
}
