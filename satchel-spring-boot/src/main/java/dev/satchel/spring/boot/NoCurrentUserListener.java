package dev.satchel.spring.boot;

import dev.satchel.spring.NoCurrentUserException;
import dev.satchel.spring.NonBlockingThreadException;
import org.jspecify.annotations.Nullable;
import org.springframework.transaction.TransactionExecution;
import org.springframework.transaction.TransactionExecutionListener;

/**
 * Lets a transaction that belongs to nobody, or begins where nothing may block, fail with the {@link NoCurrentUserException} or {@link
 * NonBlockingThreadException}, which say what to write, in the place of Spring's exception, which says no more than that no connection
 * could be opened. Thread-safe.
 */
final class NoCurrentUserListener implements TransactionExecutionListener {
    private static final int MAX_CAUSES = 20;

    @Override
    public void afterBegin(TransactionExecution transaction, @Nullable Throwable beginFailure) {
        Throwable cause = beginFailure;
        for (int i = 0; cause != null && i < MAX_CAUSES; i++) {
            if (cause instanceof NoCurrentUserException nobody) {
                throw nobody;
            }
            if (cause instanceof NonBlockingThreadException wrongThread) {
                throw wrongThread;
            }
            cause = cause.getCause();
        }
    }
}
