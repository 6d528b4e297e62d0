package dev.satchel.spring;

/**
 * Work for one user that returns nothing, run once.
 *
 * @param <X> what it may throw
 */
@FunctionalInterface
public interface ScopedAction<X extends Exception> {
    /** Does the work. */
    void run() throws X;
}
