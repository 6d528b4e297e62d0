package dev.satchel.cli;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/** Times as people read and write them. */
final class Times {
    private static final DateTimeFormatter SHOWN = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT);

    private Times() {}

    static String of(Instant instant, ZoneId zone) {
        return SHOWN.format(instant.atZone(zone));
    }

    /**
     * Reads a time, with an offset or in {@code zone}. One without a fraction means the end of that second: what is shown has
     * none, and whoever copies the time of a version wants that version.
     *
     * @throws IllegalArgumentException if it is none
     */
    static Instant parse(String text, ZoneId zone) {
        String iso = text.strip().replaceFirst(" ", "T");
        Instant instant = instant(iso, zone, text);
        boolean whole = instant.equals(instant.truncatedTo(ChronoUnit.SECONDS)) && iso.indexOf('.') < 0;
        return whole ? instant.plusSeconds(1).minusMillis(1) : instant;
    }

    private static Instant instant(String iso, ZoneId zone, String text) {
        try {
            return OffsetDateTime.parse(iso).toInstant();
        } catch (DateTimeException noOffset) {
            try {
                return LocalDateTime.parse(iso).atZone(zone).toInstant();
            } catch (DateTimeException e) {
                throw new IllegalArgumentException(
                        "not a time: \"" + text + "\"; write 2026-05-31T12:00:00Z, or 2026-05-31 12:00:00 in this"
                                + " machine's time zone",
                        e);
            }
        }
    }
}
