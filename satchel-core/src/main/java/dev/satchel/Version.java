package dev.satchel;

/**
 * The number of a committed state of a database in the store: 1, 2, 3 and so on without holes; 0 is the database that has
 * no commit yet. It is also the LTX transaction id.
 *
 * @param number 0 or more
 */
public record Version(long number) implements Comparable<Version> {
    /** Nothing committed yet. */
    public static final Version NONE = new Version(0);

    /** Refuses negative numbers. */
    public Version {
        if (number < 0) {
            throw new IllegalArgumentException("version must not be negative: " + number);
        }
    }

    /** The version {@code number}. */
    public static Version of(long number) {
        return new Version(number);
    }

    /** Reads the decimal form that {@link #toString()} writes; {@link IllegalArgumentException} for anything else. */
    public static Version parse(String text) {
        if (!text.matches("0|[1-9][0-9]{0,17}")) {
            throw new IllegalArgumentException("not a version, a whole number from 0 on is wanted: \"" + text + "\"");
        }
        return new Version(Long.parseLong(text));
    }

    /** The one after this. */
    public Version next() {
        return new Version(number + 1);
    }

    /** Whether this is newer than {@code other}. */
    public boolean isAfter(Version other) {
        return number > other.number;
    }

    /** Whether the database has no commit yet. */
    public boolean isNone() {
        return number == 0;
    }

    @Override
    public int compareTo(Version other) {
        return Long.compare(number, other.number);
    }

    @Override
    public String toString() {
        return Long.toString(number);
    }
}
