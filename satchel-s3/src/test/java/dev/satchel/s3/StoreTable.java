package dev.satchel.s3;

import dev.satchel.store.ProbeReport;
import dev.satchel.store.ProbeReport.Check;
import dev.satchel.store.ProbeReport.Need;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The table of docs/stores.md that says what each store of the suite does. */
final class StoreTable {
    private static final String HEADING = "| the store must |";

    private final Path file = root().resolve("docs/stores.md");
    private final List<String> lines;
    private final int begin;
    private final List<String> stores;

    StoreTable() throws IOException {
        lines = new ArrayList<>(Files.readAllLines(file));
        begin = lines.stream()
                .filter(line -> line.startsWith(HEADING))
                .map(lines::indexOf)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(file + " has no line that begins " + HEADING));
        stores = cells(lines.get(begin));
    }

    private static Path root() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(folder.resolve("satchel-bom"))) {
            folder = folder.getParent();
        }
        return folder;
    }

    private static List<String> cells(String line) {
        List<String> cells = Arrays.asList(line.split("\\|"));
        return cells.subList(1, cells.size()).stream().map(String::strip).toList();
    }

    /** What the table says of a store: each check with its need, and what comes of it. */
    Map<String, String> column(String store) {
        int column = stores.indexOf(store);
        if (column < 2) {
            throw new IllegalStateException(file + " has no column " + store);
        }
        Map<String, String> found = new LinkedHashMap<>();
        for (int i = begin + 2; lines.get(i).startsWith("|"); i++) {
            List<String> cells = cells(lines.get(i));
            found.put(cells.get(0) + " (" + cells.get(1) + ")", cells.get(column));
        }
        return found;
    }

    /** The same of a report. What is merely observed is not in the table. */
    static Map<String, String> column(ProbeReport report) {
        Map<String, String> found = new LinkedHashMap<>();
        for (Check check : report.checks()) {
            if (check.need() != Need.OBSERVED) {
                found.put(name(check), check.passed() ? "yes" : "**no**");
            }
        }
        return found;
    }

    private static String name(Check check) {
        return check.name() + " (" + check.need().name().toLowerCase(Locale.ROOT) + ")";
    }

    /** Writes a column of the table anew. */
    void write(String store, Map<String, String> values) throws IOException {
        int column = stores.indexOf(store);
        Map<String, List<String>> rows = new LinkedHashMap<>();
        for (int i = begin + 2; i < lines.size() && lines.get(i).startsWith("|"); ) {
            List<String> cells = cells(lines.remove(i));
            rows.put(cells.get(0) + " (" + cells.get(1) + ")", cells);
        }
        int at = begin + 2;
        for (Map.Entry<String, String> value : values.entrySet()) {
            String name = value.getKey().substring(0, value.getKey().lastIndexOf(" ("));
            String need =
                    value.getKey().substring(name.length() + 2, value.getKey().length() - 1);
            List<String> cells = new ArrayList<>(rows.getOrDefault(value.getKey(), List.of(name, need)));
            while (cells.size() < stores.size()) {
                cells.add("");
            }
            cells.set(column, value.getValue());
            lines.add(at++, "| " + String.join(" | ", cells) + " |");
        }
        Files.write(file, lines);
    }
}
