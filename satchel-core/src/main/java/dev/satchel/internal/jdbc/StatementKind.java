package dev.satchel.internal.jdbc;

/** What a statement does to transactions and to the write lease. */
enum StatementKind {
    /** Reads the database. */
    READ,
    /** Touches neither the database nor the transaction. */
    LOCAL,
    /** INSERT, REPLACE, UPDATE, DELETE, and whatever else is not known to only read. */
    WRITE,
    /** Changes the schema or the header; its update count is 0. */
    SCHEMA,
    /** Changes a setting of this session. */
    SETTING,
    BEGIN,
    COMMIT,
    ROLLBACK,
    SAVEPOINT,
    RELEASE,
    ROLLBACK_TO,
    /** Rewrites the whole file. */
    VACUUM,
    /** Must not run. */
    REFUSED;

    boolean writes() {
        return this == WRITE || this == SCHEMA || this == VACUUM;
    }
}
