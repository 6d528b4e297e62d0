package dev.satchel.docs;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A piece of compiled Java that the documentation shows: what stands between {@code // snippet: name} and {@code // end} in a
 * test source of a package {@code docs}.
 *
 * @param name unique
 * @param file where
 * @param text its lines, moved to the left as far as they go
 */
record Snippet(String name, Path file, List<String> text) {
    private static final String BEGIN = "// snippet: ";
    private static final String END = "// end";

    /** All snippets of all modules by name. */
    static Map<String, Snippet> all() {
        Map<String, Snippet> found = new TreeMap<>();
        for (Path file : Documents.files(".java")) {
            if (Documents.name(file).matches(".*src/test/java/.*/docs/[^/]+")) {
                for (Snippet snippet : in(file)) {
                    Snippet other = found.put(snippet.name, snippet);
                    if (other != null) {
                        throw new AssertionError("two snippets are called " + snippet.name + ": in "
                                + Documents.name(other.file) + " and in " + Documents.name(file));
                    }
                }
            }
        }
        return found;
    }

    private static List<Snippet> in(Path file) {
        List<Snippet> found = new ArrayList<>();
        String name = null;
        List<String> text = new ArrayList<>();
        for (String line : Documents.read(file).lines().toList()) {
            String content = line.strip();
            if (content.startsWith(BEGIN)) {
                name = content.substring(BEGIN.length());
                text = new ArrayList<>();
            } else if (name != null && content.equals(END)) {
                found.add(new Snippet(
                        name,
                        file,
                        List.of(String.join("\n", text).stripIndent().strip().split("\n"))));
                name = null;
            } else if (name != null) {
                text.add(line);
            }
        }
        if (name != null) {
            throw new AssertionError(Documents.name(file) + ": snippet " + name + " has no end");
        }
        return found;
    }
}
