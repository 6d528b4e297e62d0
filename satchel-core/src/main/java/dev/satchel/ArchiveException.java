package dev.satchel;

import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Archiving or restoring was refused, and nothing was changed. The {@link #kind()} says why, the message what to do. */
public final class ArchiveException extends SatchelException {
    private static final long serialVersionUID = 1L;

    /** Why it was refused. */
    public enum Kind {
        /** The tier has a batch of this id with other content. */
        OTHER_CONTENT,
        /** A batch or a value is beyond what the tier takes. */
        TOO_LARGE,
        /** A row that is to come back has a key that another row uses by now. */
        KEY_IN_USE,
        /** A row that is to come back refers to a row that is not there. */
        REFERENCE_MISSING,
        /** The database has no such table or column, or none any more. */
        SCHEMA_DIFFERS;

        /** The name in figures and JSON, lower case. */
        public String token() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final Kind kind;

    /** What was attempted, what was found, what to do. */
    public ArchiveException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = Objects.requireNonNull(kind, "kind");
    }

    /** Why it was refused. */
    public Kind kind() {
        return kind;
    }

    @Override
    public boolean isRetryable() {
        return false;
    }
}
