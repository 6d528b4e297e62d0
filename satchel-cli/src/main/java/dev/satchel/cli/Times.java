package dev.satchel.cli;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Times as people read and write them. */
final class Times {
    private static final DateTimeFormatter SHOWN = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT);
    private static final Pattern AGO = Pattern.compile("(\\d{1,6})\\s*([a-z]+)\\s+ago");
    private static final Pattern ZONED = Pattern.compile("(\\d{4}-\\d\\d-\\d\\d[ T]\\S+)\\s+(\\S+)");

    private static final Map<String, Duration> UNITS = Map.of(
            "s", Duration.ofSeconds(1),
            "second", Duration.ofSeconds(1),
            "m", Duration.ofMinutes(1),
            "min", Duration.ofMinutes(1),
            "minute", Duration.ofMinutes(1),
            "h", Duration.ofHours(1),
            "hour", Duration.ofHours(1),
            "d", Duration.ofDays(1),
            "day", Duration.ofDays(1),
            "week", Duration.ofDays(7));

    private Times() {}

    static String of(Instant instant, ZoneId zone) {
        return SHOWN.format(instant.atZone(zone));
    }

    /**
     * Reads a time: with an offset, with the name of a zone behind it, in {@code zone}, or as so long ago. One without a fraction
     * means the end of that second: what is shown has none, and whoever copies the time of a version wants that version.
     *
     * @throws IllegalArgumentException if it is none
     */
    static Instant parse(String text, ZoneId zone, Instant now) {
        String stripped = text.strip();
        Matcher ago = AGO.matcher(stripped.toLowerCase(Locale.ROOT));
        if (ago.matches()) {
            return now.minus(unit(ago.group(2), text).multipliedBy(Long.parseLong(ago.group(1))));
        }
        Matcher zoned = ZONED.matcher(stripped);
        String iso = (zoned.matches() ? zoned.group(1) : stripped).replaceFirst(" ", "T");
        Instant instant = instant(iso, zoned.matches() ? zone(zoned.group(2), text) : zone, text);
        boolean whole = instant.equals(instant.truncatedTo(ChronoUnit.SECONDS)) && iso.indexOf('.') < 0;
        return whole ? instant.plusSeconds(1).minusMillis(1) : instant;
    }

    private static Duration unit(String name, String text) {
        String singular = name.length() > 1 && name.endsWith("s") ? name.substring(0, name.length() - 1) : name;
        Duration unit = UNITS.get(singular);
        if (unit == null) {
            throw noTime(text, null);
        }
        return unit;
    }

    private static ZoneId zone(String name, String text) {
        try {
            return ZoneId.of(name);
        } catch (DateTimeException e) {
            throw noTime(text, e);
        }
    }

    private static Instant instant(String iso, ZoneId zone, String text) {
        try {
            return OffsetDateTime.parse(iso).toInstant();
        } catch (DateTimeException noOffset) {
            try {
                return LocalDateTime.parse(iso).atZone(zone).toInstant();
            } catch (DateTimeException e) {
                throw noTime(text, e);
            }
        }
    }

    private static IllegalArgumentException noTime(String text, @Nullable Throwable cause) {
        return new IllegalArgumentException(
                "not a time: \"" + text
                        + "\"; write 2026-05-31T12:00:00Z, \"2026-05-31 12:00:00\" in this machine's time"
                        + " zone, \"2026-05-31 12:00 Europe/Berlin\", or \"2h ago\" (s, m, h, d, weeks)",
                cause);
    }
}
