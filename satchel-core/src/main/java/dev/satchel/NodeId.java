package dev.satchel;

import java.util.Objects;
import java.util.regex.Pattern;

/**
 * The name of a node, as proxies and browsers see it: 1 to 100 letters, digits and {@code . _ : -} of ASCII, the first a letter or
 * digit, so that it can stand in a header, a cookie and a proxy's configuration.
 *
 * @param value the name
 */
public record NodeId(String value) implements Comparable<NodeId> {
    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:-]{0,99}");

    /** Refuses what is no such name, with an {@link IllegalArgumentException} that says what is. */
    public NodeId {
        Objects.requireNonNull(value, "value");
        if (!FORM.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "a node is named by 1 to 100 letters, digits and . _ : -, not \"" + value + "\"");
        }
    }

    /** The node of that name. */
    public static NodeId of(String value) {
        return new NodeId(value);
    }

    @Override
    public int compareTo(NodeId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
