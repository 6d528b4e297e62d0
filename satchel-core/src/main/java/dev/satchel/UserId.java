package dev.satchel;

/**
 * Who a database belongs to: the application's own id of a user or tenant. Any text but empty, path-like ({@code .} or
 * {@code ..} as a segment), over-long (200 bytes when encoded) or with control characters; ids differ by case.
 *
 * @param value the application's id
 */
public record UserId(String value) implements Comparable<UserId> {
    private static final String WHAT = "user id";

    /** Refuses ids that have no safe encoding, with an {@link IllegalArgumentException} that says why. */
    public UserId {
        SafeName.encode(WHAT, value);
    }

    /** The id {@code value}. */
    public static UserId of(String value) {
        return new UserId(value);
    }

    /** The id whose {@link #encoded()} form this is; {@link IllegalArgumentException} if there is none. */
    public static UserId decode(String encoded) {
        return new UserId(SafeName.decode(WHAT, encoded));
    }

    /** The form in object keys and local paths: lower-case, one path segment, different for different ids. */
    public String encoded() {
        return SafeName.encode(WHAT, value);
    }

    @Override
    public int compareTo(UserId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
