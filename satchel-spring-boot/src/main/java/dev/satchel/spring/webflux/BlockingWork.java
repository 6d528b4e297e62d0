package dev.satchel.spring.webflux;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Runs what asks the store on threads that may block, and what waits for it afterwards on one that may not. Work that has begun goes on to
 * its end and is not interrupted, although nobody may want its result any more: what was committed is published. Thread-safe.
 */
final class BlockingWork {
    private final Scheduler scheduler;

    BlockingWork(Scheduler scheduler) {
        this.scheduler = Objects.requireNonNull(scheduler, "scheduler");
    }

    /** The result of work that is run for each subscriber; empty if it is null. */
    <T> Mono<T> call(Callable<@Nullable T> work) {
        return Mono.<T>create(sink -> run(() -> {
                    try {
                        sink.success(work.call());
                    } catch (Throwable e) {
                        sink.error(e);
                    }
                }))
                .publishOn(Schedulers.parallel());
    }

    /** Runs work for which nobody waits. */
    void run(Runnable work) {
        scheduler.schedule(work);
    }

    /** Runs work for which nobody waits, later. */
    void runAfter(Duration delay, Runnable work) {
        scheduler.schedule(work, delay.toMillis(), TimeUnit.MILLISECONDS);
    }
}
