package dev.satchel.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * What the documentation says of code is in the code. If the environment has {@code SATCHEL_DOCS_WRITE}, as in {@code make docs},
 * the Java blocks are first replaced by the snippets they are named after.
 */
class DocumentationTest {
    private static final Pattern LINK = Pattern.compile("\\[[^\\]]*]\\(([^)\\s]+)(?:\\s+\"[^\"]*\")?\\)");
    private static final Pattern REFERENCE = Pattern.compile("^\\[[^\\]]+]:\\s+(\\S+)");
    private static final Pattern INLINE_CODE = Pattern.compile("`[^`]*`");
    private static final Pattern TEST_NAME = Pattern.compile("`([A-Z]\\w*(?:Test|IT))(?:#(\\w+))?`");
    private static final Pattern LOCK = Pattern.compile("private final (?:List<)?(?:ReentrantLock|Semaphore)>? (\\w+)");
    private static final Pattern CONCATENATION = Pattern.compile("\"\\s*\\+\\s*\"");
    private static final Pattern MESSAGE = Pattern.compile("(?:LOG|log)\\s*\\.(?:warn|error|info)\\(\\s*\"([^\"]+)\"");
    private static final int SHORTEST_QUOTE = 4;

    @Test
    void everyJavaBlockIsACompiledSnippet() throws IOException {
        Map<String, Snippet> snippets = Snippet.all();
        if (System.getenv("SATCHEL_DOCS_WRITE") != null) {
            writeBlocks(snippets);
        }
        List<String> problems = new ArrayList<>();
        for (CodeBlock block : javaBlocks()) {
            Snippet snippet = snippets.get(block.name());
            if (snippet == null) {
                problems.add(block.place() + ": no snippet is called \"" + block.name()
                        + "\"; put the name of one behind ```java");
            } else if (!snippet.text().equals(block.text())) {
                problems.add(block.place() + ": block \"" + block.name() + "\" is not what "
                        + Documents.name(snippet.file()) + " has, which is\n" + String.join("\n", snippet.text()));
            }
        }
        assertThat(problems).isEmpty();
    }

    @Test
    void everySnippetIsShown() {
        Set<String> hidden = new TreeSet<>(Snippet.all().keySet());
        javaBlocks().forEach(block -> hidden.remove(block.name()));

        assertThat(hidden).isEmpty();
    }

    @Test
    void everyRelativeLinkLeadsSomewhere() {
        List<String> problems = new ArrayList<>();
        Map<Path, Set<String>> anchors = new HashMap<>();
        for (Path file : Documents.files(".md")) {
            List<String> lines = CodeBlock.linesOutside(file);
            for (int i = 0; i < lines.size(); i++) {
                for (String target : targets(lines.get(i))) {
                    String problem = problemOf(file, target, anchors);
                    if (problem != null) {
                        problems.add(Documents.name(file) + ":" + (i + 1) + ": " + target + " " + problem);
                    }
                }
            }
        }
        assertThat(problems).isEmpty();
    }

    @Test
    void everyRuleNamesTestsThatExist() {
        Map<String, String> tests = Documents.files(".java").stream()
                .filter(file -> Documents.name(file).contains("src/test/java/"))
                .collect(Collectors.toMap(
                        file -> String.valueOf(file.getFileName()).replace(".java", ""),
                        Documents::read,
                        (one, other) -> one + other));
        List<String> problems = new ArrayList<>();
        for (Path file : Documents.files(".md")) {
            Matcher named = TEST_NAME.matcher(Documents.read(file));
            int found = 0;
            while (named.find()) {
                found++;
                String source = tests.get(named.group(1));
                String method = named.group(2);
                if (source == null || (method != null && !source.contains(" " + method + "("))) {
                    problems.add(Documents.name(file) + ": there is no test " + named.group());
                }
            }
            if (found == 0 && Documents.name(file).matches("docs/rules/(?!README).*")) {
                problems.add(Documents.name(file) + ": names no test that holds the rule");
            }
        }
        assertThat(problems).isEmpty();
    }

    /** In tables between {@code <!-- messages -->} and {@code <!-- end -->}, what the first column quotes; "…" stands for anything. */
    @Test
    void everyQuotedMessageIsInTheCode() {
        String code = Documents.files(".java").stream()
                .filter(file -> Documents.name(file).contains("src/main/java/"))
                .map(file -> CONCATENATION.matcher(Documents.read(file)).replaceAll(""))
                .collect(Collectors.joining("\n"));
        List<String> problems = new ArrayList<>();
        for (Path file : Documents.files(".md")) {
            boolean inside = false;
            for (String line : CodeBlock.linesOutside(file)) {
                if (line.startsWith("<!-- ")) {
                    inside = line.startsWith("<!-- messages");
                } else if (inside && line.startsWith("| `")) {
                    String quoted = line.substring(3, line.indexOf('`', 3));
                    for (String part : quoted.split("…")) {
                        if (part.strip().length() >= SHORTEST_QUOTE && !code.contains(part.strip())) {
                            problems.add(Documents.name(file) + ": no code says \"" + part.strip() + "\"");
                        }
                    }
                }
            }
        }
        assertThat(problems).isEmpty();
    }

    @Test
    void everyMessageOfALibraryIsInTheListOfMessages() {
        String list = Documents.read(Documents.root().resolve("docs/observability.md"));
        List<List<String>> quoted = Pattern.compile("(?m)^\\| `([^`]+)` \\| (?:WARN|INFO|ERROR)")
                .matcher(list)
                .results()
                .map(match -> List.of(match.group(1).split("…")))
                .toList();
        List<String> problems = new ArrayList<>();
        for (Path file : Documents.files(".java")) {
            if (Documents.name(file).matches("satchel-(core|s3|redis|cloudflare|spring-boot)/src/main/java/.*")) {
                Matcher said = MESSAGE.matcher(
                        CONCATENATION.matcher(Documents.read(file)).replaceAll(""));
                while (said.find()) {
                    String message = said.group(1);
                    if (quoted.stream()
                            .noneMatch(parts -> parts.stream().allMatch(part -> message.contains(part.strip())))) {
                        problems.add(Documents.name(file) + ": \"" + message + "\" is not in docs/observability.md");
                    }
                }
            }
        }
        assertThat(problems).isEmpty();
    }

    @Test
    void everyLockHasItsPlaceInTheOrder() {
        String order = Documents.read(Documents.root().resolve("docs/concurrency.md"));
        List<String> problems = new ArrayList<>();
        for (Path file : Documents.files(".java")) {
            if (Documents.name(file).matches("satchel-(core|s3|spring-boot)/src/main/java/.*")) {
                Matcher lock = LOCK.matcher(Documents.read(file));
                while (lock.find()) {
                    String name = String.valueOf(file.getFileName()).replace(".java", ".") + lock.group(1);
                    if (!order.contains("`" + name + "`")) {
                        problems.add("docs/concurrency.md: " + name + " is missing");
                    }
                }
            }
        }
        assertThat(problems).isEmpty();
    }

    private static List<CodeBlock> javaBlocks() {
        return Documents.files(".md").stream()
                .flatMap(file -> CodeBlock.in(file).stream())
                .filter(block -> block.language().equals("java"))
                .toList();
    }

    private static void writeBlocks(Map<String, Snippet> snippets) throws IOException {
        for (Path file : Documents.files(".md")) {
            List<String> lines = new ArrayList<>(Documents.read(file).lines().toList());
            List<CodeBlock> blocks = CodeBlock.in(file).stream()
                    .filter(block -> block.language().equals("java"))
                    .toList();
            for (int i = blocks.size() - 1; i >= 0; i--) {
                CodeBlock block = blocks.get(i);
                Snippet snippet = snippets.get(block.name());
                if (snippet != null) {
                    lines.subList(block.line(), block.line() + block.text().size())
                            .clear();
                    lines.addAll(block.line(), snippet.text());
                }
            }
            String text = String.join("\n", lines) + "\n";
            if (!text.equals(Documents.read(file))) {
                Files.writeString(file, text);
            }
        }
    }

    private static List<String> targets(String line) {
        String text = INLINE_CODE.matcher(line).replaceAll("code");
        List<String> found = new ArrayList<>();
        for (Pattern pattern : List.of(LINK, REFERENCE)) {
            Matcher link = pattern.matcher(text);
            while (link.find()) {
                if (!link.group(1).matches("[a-z]+:.*")) {
                    found.add(link.group(1));
                }
            }
        }
        return found;
    }

    private static @org.jspecify.annotations.Nullable String problemOf(
            Path file, String target, Map<Path, Set<String>> anchors) {
        String path = URLDecoder.decode(target.replaceFirst("#.*", "").replace("+", "%2B"), StandardCharsets.UTF_8);
        Path linked = path.isEmpty() ? file : file.resolveSibling(path).normalize();
        if (!Files.exists(linked)) {
            return "does not exist";
        }
        int hash = target.indexOf('#');
        if (hash < 0 || !linked.toString().endsWith(".md")) {
            return null;
        }
        boolean there =
                anchors.computeIfAbsent(linked, DocumentationTest::headings).contains(target.substring(hash + 1));
        return there ? null : "is no heading there";
    }

    /** The headings of a file as GitHub makes anchors of them. */
    private static Set<String> headings(Path file) {
        Set<String> anchors = new TreeSet<>();
        Map<String, Integer> seen = new HashMap<>();
        for (String line : CodeBlock.linesOutside(file)) {
            if (line.matches("#{1,6} .*")) {
                String words = line.replaceFirst("#+ ", "").toLowerCase(Locale.ROOT);
                String anchor = words.replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-');
                int earlier = seen.merge(anchor, 1, Integer::sum) - 1;
                anchors.add(earlier == 0 ? anchor : anchor + "-" + earlier);
            }
        }
        return new HashSet<>(anchors);
    }
}
