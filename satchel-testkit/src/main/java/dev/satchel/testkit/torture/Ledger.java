package dev.satchel.testkit.torture;

import dev.satchel.ConflictPolicy;
import dev.satchel.DatabaseId;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** What was promised of one database's changes. Thread-safe. */
final class Ledger {
    private static final String SESSION = "s";
    private static final String FUNCTION = "f";

    private final NodeClient.Target target;
    private final int longest;
    private final AtomicInteger changes = new AtomicInteger();
    private final Set<String> attempted = ConcurrentHashMap.newKeySet();
    /** With the version that the answer named, 0 if it named none. */
    private final Map<String, Long> durable = new ConcurrentHashMap<>();
    /** With the disk that they are on. */
    private final Map<String, String> pending = new ConcurrentHashMap<>();

    private final Set<String> refused = ConcurrentHashMap.newKeySet();
    private final AtomicLong bookmark = new AtomicLong();

    /**
     * Nothing is promised.
     *
     * @param longest after so many changes the database has had enough
     */
    Ledger(NodeClient.Target target, int longest) {
        this.target = target;
        this.longest = longest;
    }

    NodeClient.Target target() {
        return target;
    }

    DatabaseId id() {
        return DatabaseId.of(target.user());
    }

    /** Under {@code REJECT} nothing that was acknowledged is ever overwritten. */
    boolean isNeverOverwritten() {
        return target.policy() == ConflictPolicy.REJECT;
    }

    boolean hasEnough() {
        return changes.get() >= longest;
    }

    /** The key of a change that is about to be asked of a node. */
    String newChange(String disk, boolean repeatable) {
        String key = disk + "-" + changes.incrementAndGet() + (repeatable ? FUNCTION : SESSION);
        attempted.add(key);
        return key;
    }

    /** Whether a change was made in a session, which is never run again. */
    static boolean isOfSession(String key) {
        return key.endsWith(SESSION);
    }

    void answered(String key, NodeClient.Reply reply) {
        switch (reply.promise()) {
            case DURABLE, OVERWROTE -> {
                durable.put(key, reply.version());
                bookmark.accumulateAndGet(reply.version(), Math::max);
            }
            case PENDING -> pending.put(key, reply.disk());
            case REFUSED, FAILED -> refused.add(key);
            default -> {
                // Nothing was promised.
            }
        }
    }

    /** A durable answer has shown these. */
    void shown(Set<String> rows) {
        if (isNeverOverwritten()) {
            rows.forEach(key -> durable.putIfAbsent(key, 0L));
        }
    }

    /** The newest version that an answer named. */
    long bookmark() {
        return bookmark.get();
    }

    Map<String, Long> durable() {
        return new HashMap<>(durable);
    }

    /** Acknowledged as pending, and not gone with a disk. */
    Set<String> pending(Collection<String> lostDisks) {
        Set<String> kept = new HashSet<>();
        pending.forEach((key, disk) -> {
            if (!lostDisks.contains(disk)) {
                kept.add(key);
            }
        });
        return kept;
    }

    Set<String> refused() {
        return new HashSet<>(refused);
    }

    /** Those that nobody ever asked for. */
    Set<String> unheardOf(Set<String> rows) {
        Set<String> unheard = new HashSet<>(rows);
        unheard.removeAll(attempted);
        return unheard;
    }
}
