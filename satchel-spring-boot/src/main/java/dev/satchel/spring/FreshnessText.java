package dev.satchel.spring;

import dev.satchel.Freshness;
import java.util.Locale;
import org.springframework.boot.convert.DurationStyle;

/** A freshness as properties and annotations write it: {@code latest}, {@code local} or a duration such as {@code 5s}. */
public final class FreshnessText {
    private FreshnessText() {}

    /**
     * Reads it.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static Freshness parse(String text) {
        String trimmed = text.trim();
        switch (trimmed.toLowerCase(Locale.ROOT)) {
            case "latest" -> {
                return Freshness.latest();
            }
            case "local" -> {
                return Freshness.local();
            }
            default -> {
                try {
                    return Freshness.within(DurationStyle.detectAndParse(trimmed));
                } catch (IllegalArgumentException e) {
                    throw new IllegalArgumentException(
                            "must be latest, local or a duration such as 5s: \"" + text + "\"", e);
                }
            }
        }
    }
}
