package dev.satchel.spring.internal;

import java.util.List;
import java.util.function.Supplier;
import org.springframework.http.server.PathContainer;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;

/** Which paths the filters leave alone. Immutable. */
public final class ExcludedPaths {
    private final List<PathPattern> patterns;

    /** Patterns such as {@code /assets/**}, without the context path. */
    public ExcludedPaths(List<String> patterns) {
        PathPatternParser parser = PathPatternParser.defaultInstance;
        this.patterns = patterns.stream().map(parser::parse).toList();
    }

    /**
     * Whether a path is left alone.
     *
     * @param path without the context path; not asked for if nothing is excluded
     */
    public boolean contains(Supplier<PathContainer> path) {
        if (patterns.isEmpty()) {
            return false;
        }
        PathContainer parsed = path.get();
        return patterns.stream().anyMatch(pattern -> pattern.matches(parsed));
    }
}
