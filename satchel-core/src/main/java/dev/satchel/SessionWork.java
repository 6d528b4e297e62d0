package dev.satchel;

/**
 * Work on one database, given as a function so that it can be run again when another machine was faster. It must be
 * repeatable: effects outside the database happen once for each run.
 *
 * @param <T> what it returns
 * @param <X> what it may throw
 */
@FunctionalInterface
public interface SessionWork<T extends @org.jspecify.annotations.Nullable Object, X extends Exception> {
    /** Does the work through the session's connections. */
    T run(Session session) throws X;
}
