package dev.satchel.store;

import dev.satchel.store.PutResult.Stored;
import dev.satchel.store.StoreException.Reason;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Threads that put different bytes to one key under one condition, at the same moment. */
final class ProbeRace {
    private final ObjectStore store;
    private final String key;
    private final PutCondition condition;
    private final List<byte[]> entries;
    private final ThreadFactory threads;
    private final AtomicInteger requests;
    private final Set<Integer> winners = new ConcurrentSkipListSet<>();
    private final Set<Integer> losers = new ConcurrentSkipListSet<>();
    private final Set<Integer> unsure = new ConcurrentSkipListSet<>();
    private final List<RuntimeException> failures = Collections.synchronizedList(new ArrayList<>());

    /**
     * A race that has not begun.
     *
     * @param entries the bodies, one for each thread, all different
     * @param requests counts every put
     */
    ProbeRace(
            ObjectStore store,
            String key,
            PutCondition condition,
            List<byte[]> entries,
            ThreadFactory threads,
            AtomicInteger requests) {
        this.store = store;
        this.key = key;
        this.condition = condition;
        this.entries = List.copyOf(entries);
        this.threads = threads;
        this.requests = requests;
    }

    /**
     * Runs it once more, with the same bodies.
     *
     * @throws ProbeFinding if more than one was accepted
     */
    void run() {
        CountDownLatch start = new CountDownLatch(1);
        List<Thread> running = new ArrayList<>();
        for (int i = 0; i < entries.size(); i++) {
            int racer = i;
            Thread thread = threads.newThread(() -> enter(racer, start));
            running.add(thread);
            thread.start();
        }
        start.countDown();
        try {
            for (Thread thread : running) {
                thread.join();
            }
        } catch (InterruptedException e) {
            running.forEach(Thread::interrupt);
            Thread.currentThread().interrupt();
            throw new StoreException(Reason.UNKNOWN_OUTCOME, "interrupted while probing " + store.location(), e);
        }
        for (RuntimeException failure : failures) {
            throw failure;
        }
        if (winners.size() > 1) {
            throw new ProbeFinding(
                    "honours conditions one at a time only: " + winners.size() + " of " + what() + " were accepted");
        }
    }

    private void enter(int racer, CountDownLatch start) {
        try {
            start.await();
            requests.incrementAndGet();
            PutResult result = store.put(key, ObjectBody.of(entries.get(racer)), Map.of(), condition);
            (result instanceof Stored ? winners : losers).add(racer);
        } catch (StoreException e) {
            if (e.reason().outcomeUnknown() || e.reason() == Reason.NOT_SENT) {
                unsure.add(racer);
            } else {
                failures.add(e);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            failures.add(e);
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
