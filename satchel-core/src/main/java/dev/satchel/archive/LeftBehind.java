package dev.satchel.archive;

import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * Rows that a rule's condition is true for and that were not archived.
 *
 * @param rule which rule
 * @param keys the keys of the rule's rows, as text; see {@link ArchivedEntry#keys()}
 * @param why why not
 * @param detail the table that it is about, or a size
 */
public record LeftBehind(String rule, List<String> keys, Reason why, String detail) {
    /** Why rows stay where they are. */
    public enum Reason {
        /** They were changed or archived by somebody else meanwhile; the next run looks again. */
        CHANGED,
        /** A table that the rule keeps refers to them. */
        REFERRED_TO,
        /**
         * One has the largest key of a table without AUTOINCREMENT: SQLite would give it to the next row, and the archived one could
         * not come back.
         */
        LAST_KEY,
        /** They are larger than what the tier takes. */
        TOO_LARGE,
        /** The database did not delete one, because a trigger keeps it. */
        NOT_DELETED;

        /** The name in JSON, lower case. */
        public String token() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Copies the list. */
    public LeftBehind {
        Objects.requireNonNull(rule, "rule");
        keys = List.copyOf(keys);
        Objects.requireNonNull(why, "why");
        Objects.requireNonNull(detail, "detail");
    }
}
