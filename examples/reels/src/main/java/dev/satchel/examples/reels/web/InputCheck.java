package dev.satchel.examples.reels.web;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Collects everything that is wrong with an input, so that one answer can name it all. Confined to a request. */
public final class InputCheck {
    private static final int MAX_NAME_LENGTH = 120;

    private final List<FieldError> errors = new ArrayList<>();

    /** Notes an error of {@code field} unless {@code condition} holds; returns the condition. */
    public boolean require(boolean condition, String field, String message) {
        if (!condition) {
            errors.add(new FieldError(field, message));
        }
        return condition;
    }

    /** A name without the white space around it, or an empty text if it is not acceptable. */
    public String name(String field, @Nullable String value) {
        String name = value == null ? "" : value.strip();
        if (require(!name.isEmpty(), field, "A name is needed.")
                && require(
                        name.codePointCount(0, name.length()) <= MAX_NAME_LENGTH,
                        field,
                        "A name may have at most " + MAX_NAME_LENGTH + " characters.")
                && require(
                        name.chars().noneMatch(Character::isISOControl),
                        field,
                        "A name may not contain line breaks or other control characters.")
                && require(isWellFormed(name), field, "A name must be well-formed Unicode text.")) {
            return name;
        }
        return "";
    }

    /** Throws if anything was wrong. */
    public void done() {
        if (!errors.isEmpty()) {
            throw new InvalidInputException(errors);
        }
    }

    private static boolean isWellFormed(String text) {
        return text.codePoints().noneMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
    }
}
