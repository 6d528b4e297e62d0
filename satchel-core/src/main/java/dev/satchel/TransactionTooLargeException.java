package dev.satchel;

/**
 * One transaction changed more than {@link SatchelConfig#maxTransactionBytes()}, which is more than this node can save at once.
 * Nothing of it is saved, nor of what was committed on top of it; what was committed before it is not touched. The local copy is
 * loaded again from the store.
 */
public final class TransactionTooLargeException extends SatchelException {
    private static final long serialVersionUID = 1L;

    private final long bytes;
    private final long limit;

    /** Names both sizes, in bytes of whole pages. */
    public TransactionTooLargeException(DatabaseId database, long bytes, long limit) {
        super(
                "database " + database + ": one transaction changed " + bytes + " bytes, and at most " + limit
                        + " can be saved at once; neither it nor what was committed on top of it is saved. Make it several"
                        + " transactions, or raise maxTransactionBytes and the heap",
                null);
        this.bytes = bytes;
        this.limit = limit;
    }

    /** How much it changed, in bytes of whole pages. */
    public long bytes() {
        return bytes;
    }

    /** How much it may change. */
    public long limit() {
        return limit;
    }

    @Override
    public boolean isRetryable() {
        return false;
    }
}
