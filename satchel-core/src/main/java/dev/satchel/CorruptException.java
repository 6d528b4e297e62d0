package dev.satchel;

import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** An object or a local file is damaged, or belongs to another database. Nothing of it was served or published; restore it. */
public final class CorruptException extends SatchelException {
    private static final long serialVersionUID = 1L;

    /** What was found damaged. A closed set: figures are kept by it. */
    public enum Kind {
        /** A commit object in the store, or what it says it continues. */
        COMMIT,
        /** The image in the store. */
        IMAGE,
        /** A snapshot in the store. */
        SNAPSHOT,
        /** A conflict object in the store. */
        CONFLICT,
        /** Every object is as it was written, and SQLite finds fault with the database they make. */
        CONTENT,
        /** The local copy: its main file, its write-ahead log or its sidecar. */
        LOCAL_COPY,
        /** A pending commit on the local disk. */
        PENDING_COMMIT,
        /** A database file that somebody gave to be pushed. */
        GIVEN_FILE,
        /** A batch in an archive tier, or the lack of one that a database names as archived. */
        ARCHIVE;

        /** The name in figures, lower case. */
        public String token() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final Kind kind;

    /** What was attempted, what was found, what to do. */
    public CorruptException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = Objects.requireNonNull(kind, "kind");
    }

    /** What is damaged. */
    public Kind kind() {
        return kind;
    }

    @Override
    public boolean isRetryable() {
        return false;
    }
}
