package dev.satchel.store;

import dev.satchel.store.PutResult.Stored;
import dev.satchel.store.StoreException.Reason;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import org.jspecify.annotations.Nullable;

/** Threads that put different bytes to one key under one condition, at the same moment. */
final class ProbeRace {
    private final ProbeAccess access;
    private final String key;
    private final PutCondition condition;
    private final List<byte[]> entries;
    private final ProbeThreads threads;
    private final Set<Integer> winners = new ConcurrentSkipListSet<>();
    private final Set<Integer> losers = new ConcurrentSkipListSet<>();
    private final Set<Integer> unsure = new ConcurrentSkipListSet<>();

    /**
     * A race that has not begun.
     *
     * @param entries the bodies, one for each thread, all different
     */
    ProbeRace(ProbeAccess access, String key, PutCondition condition, List<byte[]> entries, ProbeThreads threads) {
        this.access = access;
        this.key = key;
        this.condition = condition;
        this.entries = List.copyOf(entries);
        this.threads = threads;
    }

    /**
     * Runs it once more, with the same bodies.
     *
     * @throws ProbeFinding if more than one was accepted
     */
    void run() {
        List<Runnable> racers = new ArrayList<>();
        for (int i = 0; i < entries.size(); i++) {
            int racer = i;
            racers.add(() -> enter(racer));
        }
        threads.atOnce(racers);
        if (winners.size() > 1) {
            throw new ProbeFinding(
                    "honours conditions one at a time only: " + winners.size() + " of " + what() + " were accepted");
        }
    }

    private void enter(int racer) {
        try {
            PutResult result = access.put(key, entries.get(racer), Map.of(), condition);
            (result instanceof Stored ? winners : losers).add(racer);
        } catch (StoreException e) {
            if (!e.reason().outcomeUnknown() && e.reason() != Reason.NOT_SENT) {
                throw e;
            }
            unsure.add(racer);
        }
    }

    /** Whose bytes these are, -1 if nobody's. */
    private int owner(byte @Nullable [] content) {
        for (int i = 0; content != null && i < entries.size(); i++) {
            if (Arrays.equals(entries.get(i), content)) {
                return i;
            }
        }
        return -1;
    }

    /** Whether nobody was accepted and somebody had no clear answer, so that it may be run again. */
    boolean isUndecided(byte @Nullable [] content) {
        return winners.isEmpty() && !unsure.isEmpty() && owner(content) < 0;
    }

    /**
     * Compares what is stored now with what the threads were told.
     *
     * @throws ProbeFinding if nobody was accepted, or somebody who was refused has won
     */
    void judge(byte @Nullable [] content) {
        int owner = owner(content);
        if (owner < 0) {
            throw new ProbeFinding("accepted none of " + what() + " (" + losers.size() + " refused, " + unsure.size()
                    + " without a clear answer)");
        }
        boolean refused = losers.contains(owner) && !unsure.contains(owner);
        if (refused || (winners.size() == 1 && !winners.contains(owner))) {
            throw new ProbeFinding("stored the bytes of a put that it had refused, in a race of " + what());
        }
    }

    private String what() {
        String kind = condition instanceof PutCondition.IfAbsent ? "if absent" : "if unchanged";
        return entries.size() + " concurrent puts " + kind + " of one key";
    }
}
