package dev.satchel.store;

import java.util.Comparator;
import java.util.Map;
import java.util.Objects;

/** What {@link ObjectStore} says about keys, metadata and limits, as code: every implementation checks with these. */
public final class StoreRules {
    /** The longest key, in UTF-8 bytes. */
    public static final int MAX_KEY_BYTES = 1024;

    /** The most that all metadata of an object may take, each entry counted with {@link #METADATA_ENTRY_BYTES}. */
    public static final int MAX_METADATA_BYTES = 2048;

    /** What each metadata entry costs besides its key and value: the {@code x-amz-meta-} that some stores count. */
    public static final int METADATA_ENTRY_BYTES = 11;

    /**
     * The order of keys: by their UTF-8 bytes, unsigned. {@link String#compareTo} differs from it beyond the basic plane, where
     * surrogates sort before U+E000.
     */
    public static final Comparator<String> KEY_ORDER = StoreRules::compareKeys;

    private StoreRules() {}

    /**
     * Returns the key if it is one.
     *
     * @throws IllegalArgumentException if it is empty, too long, has a segment that is empty, {@code .} or {@code ..}, or a
     *     control character or half a surrogate pair
     */
    public static String checkKey(String key) {
        Objects.requireNonNull(key, "key");
        if (key.isEmpty()) {
            throw badKey(key, "it is empty");
        }
        int bytes = 0;
        for (int i = 0; i < key.length(); i++) {
            char c = key.charAt(i);
            if (Character.isISOControl(c)) {
                throw badKey(key, "it has a control character at " + i);
            }
            if (Character.isHighSurrogate(c) && i + 1 < key.length() && Character.isLowSurrogate(key.charAt(i + 1))) {
                bytes += 4;
                i++;
            } else if (Character.isSurrogate(c)) {
                throw badKey(key, "it has half a surrogate pair at " + i);
            } else {
                bytes += c < 0x80 ? 1 : c < 0x800 ? 2 : 3;
            }
        }
        if (bytes > MAX_KEY_BYTES) {
            throw badKey(key, "it has " + bytes + " bytes, and " + MAX_KEY_BYTES + " are allowed");
        }
        int start = 0;
        while (start <= key.length()) {
            int slash = key.indexOf('/', start);
            int end = slash < 0 ? key.length() : slash;
            int length = end - start;
            if (length == 0) {
                throw badKey(key, "it has an empty segment at " + start);
            }
            if (key.charAt(start) == '.' && (length == 1 || (length == 2 && key.charAt(start + 1) == '.'))) {
                throw badKey(key, "it has a segment . or .. at " + start);
            }
            start = end + 1;
        }
        return key;
    }

    /**
     * Returns an unmodifiable copy of the metadata if it is within the rules of {@link ObjectStore#put}.
     *
     * @throws IllegalArgumentException if it is not
     */
    public static Map<String, String> checkMetadata(Map<String, String> metadata) {
        Map<String, String> copy = Map.copyOf(metadata);
        int bytes = 0;
        for (Map.Entry<String, String> entry : copy.entrySet()) {
            String name = entry.getKey();
            String value = entry.getValue();
            if (name.isEmpty() || !name.chars().allMatch(StoreRules::isMetadataKeyCharacter)) {
                throw new IllegalArgumentException("metadata key must be [a-z0-9-]+: " + quote(name));
            }
            if (value.isEmpty()
                    || value.startsWith(" ")
                    || value.endsWith(" ")
                    || !value.chars().allMatch(c -> c >= 0x20 && c < 0x7f)) {
                throw new IllegalArgumentException("metadata " + name
                        + " must be printable ASCII, not empty, without a space at either end: " + quote(value));
            }
            bytes += name.length() + value.length() + METADATA_ENTRY_BYTES;
        }
        if (bytes > MAX_METADATA_BYTES) {
            throw new IllegalArgumentException(
                    "metadata has " + bytes + " bytes, and " + MAX_METADATA_BYTES + " are allowed");
        }
        return copy;
    }

    /**
     * Returns the limit of a listing if it is one.
     *
     * @throws IllegalArgumentException if it is not within 1 to {@link ObjectStore#MAX_LIST_LIMIT}
     */
    public static int checkListLimit(int limit) {
        if (limit < 1 || limit > ObjectStore.MAX_LIST_LIMIT) {
            throw new IllegalArgumentException("limit must be 1 to " + ObjectStore.MAX_LIST_LIMIT + ": " + limit);
        }
        return limit;
    }

    private static boolean isMetadataKeyCharacter(int c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    }

    private static int compareKeys(String a, String b) {
        int shorter = Math.min(a.length(), b.length());
        for (int i = 0; i < shorter; i++) {
            char x = a.charAt(i);
            char y = b.charAt(i);
            if (x != y) {
                return Integer.compare(utf8Rank(x), utf8Rank(y));
            }
        }
        return Integer.compare(a.length(), b.length());
    }

    /** A char's place among the first bytes of UTF-8: surrogates, which stand for the planes above, come last. */
    private static int utf8Rank(char c) {
        return Character.isSurrogate(c) ? c + Character.MAX_VALUE : c;
    }

    private static IllegalArgumentException badKey(String key, String why) {
        return new IllegalArgumentException("not an object key, " + why + ": " + quote(key));
    }

    /** The text for a message: no control characters, not endless. */
    private static String quote(String text) {
        StringBuilder out = new StringBuilder("\"");
        text.chars().limit(200).forEach(c -> out.append(Character.isISOControl(c) ? '?' : (char) c));
        return out.append(text.length() > 200 ? "...\"" : "\"").toString();
    }
}
