package dev.satchel.spring;

import org.springframework.util.ClassUtils;
import reactor.core.scheduler.Schedulers;

/** Knows threads that must not block, if Reactor is there: using a database blocks for the store and for other transactions. */
abstract class ThreadGuard {

    /** Throws on such a thread. */
    abstract void refuseNonBlocking();

    static ThreadGuard create() {
        return ClassUtils.isPresent("reactor.core.scheduler.Schedulers", ThreadGuard.class.getClassLoader())
                ? new Reactor()
                : new None();
    }

    private static final class None extends ThreadGuard {
        @Override
        void refuseNonBlocking() {}
    }

    private static final class Reactor extends ThreadGuard {
        @Override
        void refuseNonBlocking() {
            if (Schedulers.isInNonBlockingThread()) {
                throw new NonBlockingThreadException("the thread \""
                        + Thread.currentThread().getName()
                        + "\" must not block, and using a database does: write Mono.fromCallable(() -> ...)"
                        + ".subscribeOn(Schedulers.boundedElastic()), or put .publishOn(Schedulers.boundedElastic())"
                        + " before the operator that uses it");
            }
        }
    }
}
