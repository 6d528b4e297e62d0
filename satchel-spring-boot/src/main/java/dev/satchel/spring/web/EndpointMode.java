package dev.satchel.spring.web;

import dev.satchel.Durability;
import dev.satchel.Freshness;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.http.server.PathContainer;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;
import org.springframework.web.util.pattern.PatternParseException;

/**
 * How new and how safe the requests to a path have it, unless the endpoint's annotations say. Immutable.
 *
 * @param path a pattern such as {@code /reports/**}, without the context path
 * @param freshness null for what is configured for all
 * @param durability null for what is configured for all
 */
public record EndpointMode(
        PathPattern path,
        @Nullable Freshness freshness,
        @Nullable Durability durability) {

    /** Of all other paths: says nothing. */
    static final EndpointMode UNSAID = of("/**", null, null);

    /** Checks for null. */
    public EndpointMode {
        Objects.requireNonNull(path, "path");
    }

    /**
     * For a pattern as text.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static EndpointMode of(String path, @Nullable Freshness freshness, @Nullable Durability durability) {
        try {
            return new EndpointMode(PathPatternParser.defaultInstance.parse(path), freshness, durability);
        } catch (PatternParseException e) {
            throw new IllegalArgumentException("not a pattern of a path: \"" + path + "\": " + e.toDetailedString(), e);
        }
    }

    /**
     * The first of several that is for a path; one that says nothing if there is none.
     *
     * @param requested without the context path; not asked for if there are no modes
     */
    public static EndpointMode ofPath(List<EndpointMode> modes, Supplier<PathContainer> requested) {
        if (modes.isEmpty()) {
            return UNSAID;
        }
        PathContainer parsed = requested.get();
        return modes.stream()
                .filter(mode -> mode.path().matches(parsed))
                .findFirst()
                .orElse(UNSAID);
    }
}
