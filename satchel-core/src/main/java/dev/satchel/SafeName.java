package dev.satchel;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;

/**
 * Names as they appear in object keys and local paths: lower-case letters, digits and {@code - _ @ . +} stand for themselves,
 * every other byte of the UTF-8 form is written {@code %xx} in lower case. Two different names never have the same encoded
 * form, on case-folding file systems too, and no encoded form means anything to a file system.
 */
final class SafeName {
    /** The longest encoded form; one path segment may have 255 bytes, and suffixes such as {@code .sqlite-wal} need room. */
    static final int MAX_ENCODED_LENGTH = 200;

    private static final String PLAIN = "abcdefghijklmnopqrstuvwxyz0123456789-_@.+";
    private static final char[] HEX = "0123456789abcdef".toCharArray();
    /** Device names on Windows, whatever follows the first dot. */
    private static final Set<String> DEVICES = Set.of(
            "con", "prn", "aux", "nul", "com0", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9",
            "lpt0", "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9");

    private SafeName() {}

    /**
     * Encodes a name.
     *
     * @param what how errors call it: "user id", "database name"
     * @throws IllegalArgumentException if the name is empty, too long, path-like, or has control characters or unpaired surrogates
     */
    static String encode(String what, String name) {
        check(what, name);
        byte[] utf8 = utf8(what, name);
        StringBuilder out = new StringBuilder(utf8.length + 16);
        String stem = name.contains(".") ? name.substring(0, name.indexOf('.')) : name;
        boolean escapeFirst = name.startsWith(".") || DEVICES.contains(stem.toLowerCase(Locale.ROOT));
        for (int i = 0; i < utf8.length; i++) {
            char c = (char) (utf8[i] & 0xff);
            boolean edge = (i == 0 && escapeFirst) || (i == utf8.length - 1 && c == '.');
            if (!edge && PLAIN.indexOf(c) >= 0) {
                out.append(c);
            } else {
                out.append('%').append(HEX[c >> 4]).append(HEX[c & 15]);
            }
        }
        if (out.length() > MAX_ENCODED_LENGTH) {
            throw new IllegalArgumentException(what + " is too long: " + out.length() + " bytes when encoded, at most "
                    + MAX_ENCODED_LENGTH + " are allowed: " + abbreviated(name));
        }
        return out.toString();
    }

    /**
     * The name of an encoded form.
     *
     * @throws IllegalArgumentException if no name has this encoded form
     */
    static String decode(String what, String encoded) {
        ByteBuffer bytes = ByteBuffer.allocate(encoded.length());
        for (int i = 0; i < encoded.length(); i++) {
            char c = encoded.charAt(i);
            if (c == '%' && i + 2 < encoded.length()) {
                int high = Character.digit(encoded.charAt(i + 1), 16);
                int low = Character.digit(encoded.charAt(i + 2), 16);
                bytes.put((byte) ((high << 4) | low));
                i += 2;
            } else {
                bytes.put((byte) c);
            }
        }
        String name;
        try {
            name = StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .decode(bytes.flip())
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("not an encoded " + what + ": " + abbreviated(encoded), e);
        }
        if (!encode(what, name).equals(encoded)) {
            throw new IllegalArgumentException("not an encoded " + what + ": " + abbreviated(encoded));
        }
        return name;
    }

    private static void check(String what, String name) {
        if (name.isEmpty()) {
            throw new IllegalArgumentException(what + " is empty");
        }
        if (name.length() > MAX_ENCODED_LENGTH) {
            throw new IllegalArgumentException(what + " is too long: " + name.length() + " characters, at most "
                    + MAX_ENCODED_LENGTH + " are allowed: " + abbreviated(name));
        }
        for (int i = 0; i < name.length(); i++) {
            if (Character.isISOControl(name.charAt(i))) {
                throw new IllegalArgumentException(what + " has a control character at position " + i);
            }
        }
        for (String segment : name.split("[/\\\\]", -1)) {
            if (segment.equals(".") || segment.equals("..")) {
                throw new IllegalArgumentException(what + " looks like a path: " + abbreviated(name)
                        + "; segments \".\" and \"..\" are not allowed");
            }
        }
    }

    private static byte[] utf8(String what, String name) {
        try {
            ByteBuffer encoded = StandardCharsets.UTF_8
                    .newEncoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .encode(CharBuffer.wrap(name));
            byte[] bytes = new byte[encoded.remaining()];
            encoded.get(bytes);
            return bytes;
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(what + " has an unpaired surrogate", e);
        }
    }

    private static String abbreviated(String name) {
        return name.length() <= 40 ? "\"" + name + "\"" : "\"" + name.substring(0, 40) + "…\"";
    }
}
