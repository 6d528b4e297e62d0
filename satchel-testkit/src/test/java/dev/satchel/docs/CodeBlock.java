package dev.satchel.docs;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A fenced block of a Markdown file.
 *
 * @param file where
 * @param line of its opening fence, from 1
 * @param info what stands behind the opening fence: a language, then a name
 * @param text the lines between the fences, without the fence's indentation
 */
record CodeBlock(Path file, int line, String info, List<String> text) {
    private static final String FENCE = "```";

    /** The blocks of a file, in order. */
    static List<CodeBlock> in(Path file) {
        List<CodeBlock> blocks = new ArrayList<>();
        List<String> lines = Documents.read(file).lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            if (!lines.get(i).strip().startsWith(FENCE)) {
                continue;
            }
            int begin = i;
            int indentation = lines.get(i).indexOf(FENCE);
            List<String> text = new ArrayList<>();
            for (i++; i < lines.size() && !lines.get(i).strip().equals(FENCE); i++) {
                String line = lines.get(i);
                text.add(line.substring(Math.min(indentation, line.length())));
            }
            String info = lines.get(begin).strip().substring(FENCE.length()).strip();
            blocks.add(new CodeBlock(file, begin + 1, info, List.copyOf(text)));
        }
        return blocks;
    }

    /** The lines of a file that are in no block; those that are, are empty here. */
    static List<String> linesOutside(Path file) {
        List<String> lines = new ArrayList<>(Documents.read(file).lines().toList());
        for (CodeBlock block : in(file)) {
            int end = Math.min(block.line + block.text.size() + 1, lines.size());
            for (int i = block.line - 1; i < end; i++) {
                lines.set(i, "");
            }
        }
        return lines;
    }

    String language() {
        return info.split(" ", 2)[0];
    }

    /** What stands behind the language; empty if nothing does. */
    String name() {
        String[] words = info.split(" ", 2);
        return words.length < 2 ? "" : words[1].strip();
    }

    String place() {
        return Documents.name(file) + ":" + line;
    }
}
