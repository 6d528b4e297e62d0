package dev.satchel.cli;

import java.util.Locale;

/** Numbers of bytes as people read them. */
final class Sizes {
    private static final String[] UNITS = {"KB", "MB", "GB", "TB"};

    private Sizes() {}

    /** As {@code 812 B}, {@code 1.5 KB} or {@code 340 MB}; a KB has 1,024 bytes. */
    static String of(long bytes) {
        if (bytes < 1024) {
            return bytes + " B";
        }
        double value = bytes;
        int unit = -1;
        do {
            value /= 1024;
            unit++;
        } while (value >= 999.5 && unit < UNITS.length - 1);
        return String.format(Locale.ROOT, value < 10 ? "%.1f %s" : "%.0f %s", value, UNITS[unit]);
    }
}
