package dev.satchel.internal.replica;

/** Hears what is committed through a connection. */
@FunctionalInterface
public interface CommitListener {
    /**
     * A writing transaction has been committed.
     *
     * @param after {@link Replica#committed()} when it became the only one that could write
     * @param upTo {@link Replica#committed()} with it
     */
    void committed(long after, long upTo);
}
