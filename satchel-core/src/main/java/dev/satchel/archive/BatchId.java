package dev.satchel.archive;

import java.time.Instant;
import java.util.HexFormat;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/**
 * Names a batch: 32 hexadecimal digits in lower case. The first 12 are its time in milliseconds, the next 4 its place among
 * those of that time, the others random: ids of later batches sort behind earlier ones, as far as clocks agree.
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

    /** A new id, alone of its time. */
    public static BatchId create(Instant now, RandomGenerator random) {
        return create(now, 0, random);
    }

    /**
     * A new id.
     *
     * @param place its place among ids of the same time; the lowest 16 bits count
     */
    public static BatchId create(Instant now, int place, RandomGenerator random) {
        HexFormat hex = HexFormat.of();
        return new BatchId(hex.toHexDigits(now.toEpochMilli(), 12)
                + hex.toHexDigits(place, 4)
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
