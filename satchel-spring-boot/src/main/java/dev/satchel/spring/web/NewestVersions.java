package dev.satchel.spring.web;

import dev.satchel.DatabaseId;
import dev.satchel.Satchel;
import dev.satchel.SatchelException;
import dev.satchel.Session;
import dev.satchel.Version;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the store how new databases are, for pages that resume: a few at a time, in the order in which they came, each database once
 * however many pages wait for it. While the store does not answer they keep waiting, and it is asked again after a pause. Used on the
 * dispatcher's thread only, so there is nothing to lock.
 */
final class NewestVersions {
    /** How many are asked for at once, each on a thread of its own. */
    static final int AT_ONCE = 2;

    private static final Logger log = LoggerFactory.getLogger(NewestVersions.class);

    private final Satchel satchel;
    private final ScheduledExecutorService dispatcher;
    private final Executor blocking;
    private final Duration pause;
    private final Predicate<DatabaseId> wanted;
    private final BiConsumer<DatabaseId, Version> told;
    private final Set<DatabaseId> waiting = new LinkedHashSet<>();
    private final Set<DatabaseId> asking = new HashSet<>();
    private boolean pausing;

    /**
     * Asks nothing yet.
     *
     * @param blocking where a thread waits for the store
     * @param pause how long to wait after the store has not answered
     * @param wanted whether anybody wants to know any more
     * @param told hears the answers, on the dispatcher's thread
     */
    NewestVersions(
            Satchel satchel,
            ScheduledExecutorService dispatcher,
            Executor blocking,
            Duration pause,
            Predicate<DatabaseId> wanted,
            BiConsumer<DatabaseId, Version> told) {
        this.satchel = satchel;
        this.dispatcher = dispatcher;
        this.blocking = blocking;
        this.pause = pause;
        this.wanted = wanted;
        this.told = told;
    }

    /** Somebody wants to know. An answer that is on its way may be older than the question, so it is asked anew. */
    void ask(DatabaseId database) {
        waiting.add(database);
        next();
    }

    /** Nobody wants to know anything any more. */
    void forget() {
        waiting.clear();
    }

    private void next() {
        while (!pausing && asking.size() < AT_ONCE) {
            Optional<DatabaseId> first =
                    waiting.stream().filter(each -> !asking.contains(each)).findFirst();
            if (first.isEmpty()) {
                return;
            }
            waiting.remove(first.get());
            if (wanted.test(first.get())) {
                begin(first.get());
            }
        }
    }

    private void begin(DatabaseId database) {
        asking.add(database);
        try {
            blocking.execute(() -> {
                Answer answer = Answer.NONE;
                try {
                    answer = answer(database);
                } finally {
                    Answer found = answer; // Also after an Error, or its place would be taken for good.
                    onDispatcher(() -> end(database, found));
                }
            });
        } catch (RejectedExecutionException e) {
            end(database, new Answer(null, true));
        }
    }

    private Answer answer(DatabaseId database) {
        try {
            return new Answer(satchel.read(database, Session::version), false);
        } catch (SatchelException e) {
            log.debug("newest version is not known database={}", database, e);
            return new Answer(null, e.isRetryable());
        } catch (RuntimeException e) {
            log.warn("newest version could not be found out", e);
            return Answer.NONE;
        }
    }

    /**
     * What the store said.
     *
     * @param version null if it is not known
     * @param again whether it may be known later
     */
    private record Answer(@Nullable Version version, boolean again) {
        static final Answer NONE = new Answer(null, false);
    }

    private void end(DatabaseId database, Answer answer) {
        asking.remove(database);
        if (answer.version() != null) {
            told.accept(database, answer.version());
        }
        if (answer.again()) {
            waiting.add(database);
            pauseOnce();
        }
        next();
    }

    private void pauseOnce() {
        if (pausing) {
            return;
        }
        pausing = true;
        try {
            Future<?> unused = dispatcher.schedule(
                    () -> {
                        pausing = false;
                        next();
                    },
                    pause.toNanos(),
                    TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            waiting.clear(); // it ends
        }
    }

    private void onDispatcher(Runnable work) {
        try {
            dispatcher.execute(work);
        } catch (RejectedExecutionException e) {
            log.debug("nobody listens any more");
        }
    }
}
