package dev.satchel.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A fleet cut into parts that are done one after the other. */
final class Waves {
    static final String CANARY = "canary";

    private static final Pattern SIZE = Pattern.compile("(\\d{1,9})(%?)");

    private Waves() {}

    /**
     * A part.
     *
     * @param name {@value #CANARY}, or a number from 1 on
     */
    record Wave<T>(String name, List<T> members) {}

    /**
     * Cuts all into the canary, waves of given sizes, and the rest as the last wave.
     *
     * @param canary how many come first, 0 for none
     * @param sizes counts or percentages of all, as {@code 100,10%}; null for none
     * @throws IllegalArgumentException if a size is none
     */
    static <T> List<Wave<T>> cut(List<T> all, int canary, @Nullable String sizes) {
        List<Wave<T>> waves = new ArrayList<>();
        int at = Math.min(canary, all.size());
        if (at > 0) {
            waves.add(new Wave<>(CANARY, all.subList(0, at)));
        }
        int number = 1;
        for (String size : sizes == null ? new String[0] : sizes.split(",", -1)) {
            int end = (int) Math.min(all.size(), (long) at + amount(size.strip(), all.size()));
            if (end > at) {
                waves.add(new Wave<>(Integer.toString(number++), all.subList(at, end)));
            }
            at = end;
        }
        if (at < all.size()) {
            waves.add(new Wave<>(Integer.toString(number), all.subList(at, all.size())));
        }
        return waves;
    }

    /**
     * A count, or a percentage of all, rounded up.
     *
     * @throws IllegalArgumentException if it is neither
     */
    static int amount(String size, int all) {
        Matcher matcher = SIZE.matcher(size);
        boolean percent = matcher.matches() && !matcher.group(2).isEmpty();
        if (!matcher.matches() || percent && Integer.parseInt(matcher.group(1)) > 100) {
            throw new IllegalArgumentException("neither a number nor a percentage: \"" + size + "\"");
        }
        long count = Long.parseLong(matcher.group(1));
        return (int) (percent ? (all * count + 99) / 100 : count);
    }
}
