package dev.satchel;

/** When a session that committed may be answered. */
public enum Durability {
    /** When what it committed and saw is in the store. The default: an acknowledged change is never lost. */
    DURABLE,
    /** When it is safely on the local disk; the upload follows by itself and the answer says {@link SyncStatus#PENDING}. */
    DEFERRED
}
