package dev.satchel.archive;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What an application archives: rows of one table that a condition is true for, each with everything that belongs to it.
 *
 * <p>What belongs to a row are the rows whose foreign keys lead to it, and theirs in turn, in whatever table. Foreign keys that
 * are not declared are named with {@link Builder#belongs}; tables that must stay are named with {@link Builder#keep}, and a row that
 * one of theirs refers to is not archived.
 *
 * @param name names the rule in ledgers and reports: lower-case words and digits, joined by hyphens
 * @param table the table whose rows are archived
 * @param condition an SQL expression over that table's columns. {@code :cutoff} stands for now less {@code age} as {@code
 *     'YYYY-MM-DD HH:MM:SS'} in UTC, as SQLite's {@code datetime()} writes it; {@code :cutoff_seconds} and {@code :cutoff_millis}
 *     for the same since 1970
 * @param age how old; zero if the condition does not need it
 * @param belonging what belongs to what, besides the declared foreign keys
 * @param kept tables whose rows are never taken
 * @param label an SQL expression over the table's columns that tells people which row it is, in the list of what is archived
 * @param rootsPerBatch how many rows of the table, with all that belongs to them, are archived and restored together
 */
public record ArchiveRule(
        String name,
        String table,
        String condition,
        Duration age,
        List<Reference> belonging,
        List<String> kept,
        Optional<String> label,
        int rootsPerBatch) {
    private static final Pattern NAME = Pattern.compile("[a-z0-9]+(-[a-z0-9]+)*");
    private static final Pattern CUTOFF = Pattern.compile(":cutoff(_seconds|_millis)?\\b");
    /** Texts, names and comments, in which nothing is a parameter. */
    private static final Pattern QUOTED =
            Pattern.compile("'[^']*'|\"[^\"]*\"|`[^`]*`|\\[[^]]*]|--[^\\n]*|/\\*.*?(\\*/|$)", Pattern.DOTALL);

    private static final Pattern PARAMETER = Pattern.compile("\\?[0-9]*|(?<!\\w)[:@$]\\w+");
    private static final DateTimeFormatter DATE_TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss").withZone(ZoneOffset.UTC);

    /** Copies the lists; {@link IllegalArgumentException} if something cannot be. */
    public ArchiveRule {
        Objects.requireNonNull(label, "label");
        belonging = List.copyOf(belonging);
        kept = List.copyOf(kept);
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "a rule's name is made of lower-case words and digits joined by hyphens: \"" + name + "\"");
        }
        if (table.isBlank() || condition.isBlank()) {
            throw new IllegalArgumentException("rule " + name + " needs a table and a condition");
        }
        requireNoParameter(name, "condition", CUTOFF.matcher(condition).replaceAll("0"));
        label.ifPresent(expression -> requireNoParameter(name, "label", expression));
        if (age.isNegative()) {
            throw new IllegalArgumentException("rule " + name + ": age must not be negative: " + age);
        }
        if (rootsPerBatch < 1) {
            throw new IllegalArgumentException(
                    "rule " + name + ": rootsPerBatch must be greater than 0: " + rootsPerBatch);
        }
    }

    /** SQLite would take it for NULL, and nothing would ever be archived. */
    private static void requireNoParameter(String rule, String what, String expression) {
        Matcher found = PARAMETER.matcher(QUOTED.matcher(expression).replaceAll("''"));
        if (found.find()) {
            throw new IllegalArgumentException("rule " + rule + ": the " + what + " has a parameter " + found.group()
                    + ", which nobody gives; a condition may have :cutoff, :cutoff_seconds and :cutoff_millis, a label"
                    + " none");
        }
    }

    /** Begins a rule. */
    public static Builder builder(String name, String table) {
        return new Builder(name, table);
    }

    /** The condition at an instant. */
    String conditionAt(Instant now) {
        Instant cutoff = now.minus(age);
        return CUTOFF.matcher(condition)
                .replaceAll(found -> Matcher.quoteReplacement(value(String.valueOf(found.group(1)), cutoff)));
    }

    private static String value(String form, Instant cutoff) {
        return switch (form) {
            case "_seconds" -> Long.toString(cutoff.getEpochSecond());
            case "_millis" -> Long.toString(cutoff.toEpochMilli());
            default -> "'" + DATE_TIME.format(cutoff) + "'";
        };
    }

    boolean keeps(String other) {
        return kept.stream().anyMatch(other::equalsIgnoreCase);
    }

    /** Sets up an {@link ArchiveRule}. */
    public static final class Builder {
        private final String name;
        private final String table;
        private String condition = "";
        private Duration age = Duration.ZERO;
        private List<Reference> belonging = List.of();
        private List<String> kept = List.of();
        private Optional<String> label = Optional.empty();
        private int rootsPerBatch = 1;

        private Builder(String name, String table) {
            this.name = Objects.requireNonNull(name, "name");
            this.table = Objects.requireNonNull(table, "table");
        }

        /** Which rows; see {@link ArchiveRule#condition()}. */
        public Builder where(String value) {
            this.condition = Objects.requireNonNull(value, "condition");
            return this;
        }

        /** How old {@code :cutoff} is. */
        public Builder olderThan(Duration value) {
            this.age = Objects.requireNonNull(value, "age");
            return this;
        }

        /** What belongs to what, besides the declared foreign keys. */
        public Builder belongs(Reference... values) {
            this.belonging = List.of(values);
            return this;
        }

        /** Tables whose rows are never taken. */
        public Builder keep(String... tables) {
            this.kept = List.of(tables);
            return this;
        }

        /** Tells people which row it is, such as {@code title}. */
        public Builder label(String expression) {
            this.label = Optional.of(expression);
            return this;
        }

        /** How many rows are archived and restored together; 1 by default. */
        public Builder rootsPerBatch(int value) {
            this.rootsPerBatch = value;
            return this;
        }

        /** The rule. */
        public ArchiveRule build() {
            return new ArchiveRule(name, table, condition, age, belonging, kept, label, rootsPerBatch);
        }
    }
}
