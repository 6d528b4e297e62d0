package dev.satchel.store;

import dev.satchel.store.StoreException.Reason;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;

/** Things that a probe does at the same moment. Thread-safe. */
final class ProbeThreads {
    /** How many requests are sent side by side where nothing is raced for. */
    private static final int SIDE_BY_SIDE = 8;

    private final ThreadFactory threads;

    ProbeThreads(ThreadFactory threads) {
        this.threads = threads;
    }

    /** Runs each task on a thread of its own, all begun at one moment, and waits for them; throws the first failure. */
    void atOnce(List<Runnable> tasks) {
        CountDownLatch start = new CountDownLatch(1);
        List<RuntimeException> failures = Collections.synchronizedList(new ArrayList<>());
        List<Thread> running = new ArrayList<>();
        for (Runnable task : tasks) {
            Thread thread = threads.newThread(() -> {
                try {
                    start.await();
                    task.run();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                } catch (RuntimeException e) {
                    failures.add(e);
                }
            });
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
            throw new StoreException(Reason.UNKNOWN_OUTCOME, "interrupted while probing", e);
        }
        if (!failures.isEmpty()) {
            throw failures.get(0);
        }
    }

    /** Does something with each element, several at a time; stops at the first failure and throws it. */
    <T> void each(List<T> elements, Consumer<T> work) {
        Iterator<T> left = List.copyOf(elements).iterator();
        Runnable worker = () -> {
            while (true) {
                T next;
                synchronized (left) {
                    if (!left.hasNext()) {
                        return;
                    }
                    next = left.next();
                }
                try {
                    work.accept(next);
                } catch (RuntimeException e) {
                    synchronized (left) {
                        left.forEachRemaining(element -> {});
                    }
                    throw e;
                }
            }
        };
        atOnce(Collections.nCopies(Math.min(SIDE_BY_SIDE, elements.size()), worker));
    }
}
