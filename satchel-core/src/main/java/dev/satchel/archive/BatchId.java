package dev.satchel.archive;

import java.time.Instant;
import java.util.HexFormat;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/**
 * Names a batch: 32 hexadecimal digits in lower case, the first 12 its time in milliseconds, the others random. Ids of later
 * batches sort behind earlier ones, as far as clocks agree.
 *
 * @param value the digits
 */
public record BatchId(String value) implements Comparable<BatchId> {
    private static final Pattern FORM = Pattern.compile("[0-9a-f]{32}");

    /** Refuses anything else with an {@link IllegalArgumentException}. */
    public BatchId {
        if (!FORM.matcher(value).matches()) {
            throw new IllegalArgumentException("not a batch id, 32 hexadecimal digits are wanted: \""
                    + (value.length() <= 40 ? value : value.substring(0, 40) + "…") + "\"");
        }
    }

    /** The id that {@link #toString()} writes. */
    public static BatchId parse(String text) {
        return new BatchId(text);
    }

    /** A new id. */
    public static BatchId create(Instant now, RandomGenerator random) {
        HexFormat hex = HexFormat.of();
        return new BatchId(hex.toHexDigits(now.toEpochMilli(), 12)
                + hex.toHexDigits(random.nextLong(), 4)
                + hex.toHexDigits(random.nextLong()));
    }

    @Override
    public int compareTo(BatchId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
