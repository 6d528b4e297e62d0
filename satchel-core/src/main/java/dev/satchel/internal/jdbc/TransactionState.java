package dev.satchel.internal.jdbc;

/** Where a connection is with its transaction. */
enum TransactionState {
    NONE,
    /** Open on a snapshot, without the write lease. */
    READING,
    /** Open with the write lease. */
    WRITING,
    /** SQLite has rolled it back by itself; the application has not said so yet. */
    ROLLED_BACK;

    boolean open() {
        return this == READING || this == WRITING;
    }
}
