package dev.satchel.internal.replica;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;

/** Paths as SQLite's URI file names, with every byte escaped that means something there (https://sqlite.org/uri.html). */
final class SqliteUri {
    /** Where locks of the whole process do not exist, and paths begin with a drive. */
    static final boolean WINDOWS = System.getProperty("os.name", "").startsWith("Windows");

    private static final String PLAIN = "/-_.~";

    private SqliteUri() {}

    /** {@code file:} and the absolute path, without parameters. */
    static String of(Path file) {
        String path = file.toAbsolutePath().normalize().toString();
        if (WINDOWS) {
            path = "/" + path.replace('\\', '/');
        }
        StringBuilder uri = new StringBuilder("file:");
        for (byte b : path.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            boolean alphanumeric = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
            if (alphanumeric || PLAIN.indexOf(c) >= 0 || (c == ':' && WINDOWS)) {
                uri.append(c);
            } else {
                uri.append('%').append(String.format(Locale.ROOT, "%02X", (int) c));
            }
        }
        return uri.toString();
    }
}
