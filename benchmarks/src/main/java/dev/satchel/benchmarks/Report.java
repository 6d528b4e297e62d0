package dev.satchel.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The lines of one scenario's table. */
final class Report {
    private static final List<String> HEADINGS = List.of("measured", "figure", "beside", "ratio", "target", "verdict");

    private final List<List<String>> lines = new ArrayList<>();
    private int missed;

    /** A figure for information. */
    void figure(String measured, String figure) {
        figure(measured, figure, "");
    }

    /** A figure for information, with more of its kind. */
    void figure(String measured, String figure, String more) {
        line(measured, figure, more, "", "", "");
    }

    /** A figure beside a peer's, for information. */
    void beside(String measured, String figure, String peer, double ratio) {
        line(measured, figure, peer, ratio(ratio), "", "");
    }

    /** A figure beside a peer's that must not be more than so many times as large. */
    void atMostTimes(String measured, String figure, String peer, double ratio, double limit) {
        line(measured, figure, peer, ratio(ratio), "<= " + ratio(limit), verdict(ratio <= limit));
    }

    /** A figure that must not exceed a limit. */
    void atMost(String measured, String figure, String more, String limit, boolean isMet) {
        line(measured, figure, more, "", "<= " + limit, verdict(isMet));
    }

    /** A figure that must reach a limit. */
    void atLeast(String measured, String figure, String more, String limit, boolean isMet) {
        line(measured, figure, more, "", ">= " + limit, verdict(isMet));
    }

    private String verdict(boolean isMet) {
        missed += isMet ? 0 : 1;
        return isMet ? "met" : "NOT MET";
    }

    private void line(String... cells) {
        lines.add(List.of(cells));
    }

    int targetsMissed() {
        return missed;
    }

    /** The lines as a Markdown table that can be read as it is. */
    String toTable() {
        List<List<String>> all = new ArrayList<>();
        all.add(HEADINGS);
        all.addAll(lines);
        int[] widths = new int[HEADINGS.size()];
        for (List<String> line : all) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], line.get(i).length());
            }
        }
        StringBuilder table = new StringBuilder();
        for (List<String> line : all) {
            appendLine(table, line, widths);
            if (line == HEADINGS) {
                for (int i = 0; i < widths.length; i++) {
                    String rule = "-".repeat(widths[i]);
                    table.append("| ")
                            .append(isNumber(i) ? rule.substring(1) + ":" : rule)
                            .append(' ');
                }
                table.append("|\n");
            }
        }
        return table.toString();
    }

    private static void appendLine(StringBuilder table, List<String> cells, int[] widths) {
        for (int i = 0; i < widths.length; i++) {
            String cell = cells.get(i);
            String padding = " ".repeat(widths[i] - cell.length());
            table.append("| ")
                    .append(isNumber(i) ? padding + cell : cell + padding)
                    .append(' ');
        }
        table.append("|\n");
    }

    private static boolean isNumber(int column) {
        return column == 1 || column == 3;
    }

    static String ratio(double ratio) {
        return String.format(Locale.ROOT, ratio < 10 ? "%.2f" : "%.0f", ratio);
    }

    static String bytes(double bytes) {
        if (bytes < 1024) {
            return String.format(Locale.ROOT, "%.0f B", bytes);
        }
        return bytes < 1 << 20
                ? String.format(Locale.ROOT, "%.1f KB", bytes / 1024)
                : String.format(Locale.ROOT, "%.1f MB", bytes / (1 << 20));
    }

    static String time(double nanos) {
        if (nanos < 1e5) {
            return String.format(Locale.ROOT, "%.2f us", nanos / 1e3);
        }
        return nanos < 1e9
                ? String.format(Locale.ROOT, "%.2f ms", nanos / 1e6)
                : String.format(Locale.ROOT, "%.2f s", nanos / 1e9);
    }

    static String perSecond(double rate) {
        return String.format(Locale.ROOT, rate < 100 ? "%.1f /s" : "%.0f /s", rate);
    }
}
