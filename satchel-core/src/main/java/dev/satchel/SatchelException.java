package dev.satchel;

import org.jspecify.annotations.Nullable;

/** Root of what Satchel throws. Each subclass tells the caller what to do next; the message says it in words. */
public abstract sealed class SatchelException extends RuntimeException
        permits ArchiveException,
                BusyException,
                ClosedException,
                ConflictException,
                CorruptException,
                DeletedException,
                LoadingException,
                LocalStorageException,
                MigrationFailedException,
                NewerSchemaException,
                NotFoundException,
                OutcomeUnknownException,
                QuotaExceededException,
                StoreRefusedException,
                TransactionTooLargeException,
                UnavailableException {
    private static final long serialVersionUID = 1L;

    SatchelException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** How a session that fails with this has ended, as headers and metrics tell it. */
    public SyncStatus status() {
        return SyncStatus.FAILED;
    }

    /** Whether the same call may succeed later without anybody changing anything. */
    public abstract boolean isRetryable();
}
