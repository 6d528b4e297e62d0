package dev.satchel.spring;

import org.jspecify.annotations.Nullable;

/**
 * Work for one user, run once.
 *
 * @param <T> what it returns
 * @param <X> what it may throw
 */
@FunctionalInterface
public interface ScopedWork<T extends @Nullable Object, X extends Exception> {
    /** Does the work. */
    T run() throws X;
}
