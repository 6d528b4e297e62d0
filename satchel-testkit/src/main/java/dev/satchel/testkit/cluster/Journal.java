package dev.satchel.testkit.cluster;

import dev.satchel.UserId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** What one user has asked for and been told. Thread-safe. */
final class Journal {
    private final UserId user;
    private final AtomicInteger changes = new AtomicInteger();
    private final Set<String> attempted = ConcurrentHashMap.newKeySet();
    /** With the version that the answer named. */
    private final Map<String, Long> acknowledged = new ConcurrentHashMap<>();

    private final AtomicLong bookmark = new AtomicLong();

    Journal(UserId user) {
        this.user = user;
    }

    UserId user() {
        return user;
    }

    String newChange() {
        String key = "c" + changes.incrementAndGet();
        attempted.add(key);
        return key;
    }

    void acknowledged(String key, long version) {
        acknowledged.put(key, version);
        saw(version);
    }

    void saw(long version) {
        bookmark.accumulateAndGet(version, Math::max);
    }

    /** The newest version that an answer has named. */
    long bookmark() {
        return bookmark.get();
    }

    /** All that has been acknowledged by now. */
    Set<String> acknowledged() {
        return new HashSet<>(acknowledged.keySet());
    }

    /**
     * What is wrong with a read.
     *
     * @param bookmark that it brought, or 0
     * @param before what must be there whatever version it names
     * @param version that the answer named
     * @param shown up to where the answer said that it shows everything
     */
    List<String> complaints(long bookmark, Set<String> before, long version, long shown, Collection<String> rows) {
        List<String> complaints = new ArrayList<>();
        if (version < bookmark) {
            complaints.add("was asked for version " + bookmark + " or newer");
        }
        Set<String> missing = new TreeSet<>(before);
        acknowledged.forEach((key, acknowledgedAs) -> {
            if (acknowledgedAs <= shown) {
                missing.add(key);
            }
        });
        rows.forEach(missing::remove);
        if (!missing.isEmpty()) {
            complaints.add("does not show what was acknowledged up to there: " + missing);
        }
        Set<String> unheard = new TreeSet<>(rows);
        unheard.removeAll(attempted);
        if (!unheard.isEmpty()) {
            complaints.add("shows what nobody asked for: " + unheard);
        }
        return complaints;
    }
}
