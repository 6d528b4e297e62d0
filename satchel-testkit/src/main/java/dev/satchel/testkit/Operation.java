package dev.satchel.testkit;

/** The operations of an object store, as requests are counted and faults are aimed. */
public enum Operation {
    /** {@code get}, whole or in part. */
    GET,
    /** {@code head}. */
    HEAD,
    /** {@code put}, under any condition. */
    PUT,
    /** {@code list}; its prefix counts as the key. */
    LIST,
    /** {@code delete}. */
    DELETE
}
