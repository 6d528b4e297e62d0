package dev.satchel.spring.web;

import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import org.springframework.http.server.PathContainer;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;

/** Which paths the filters leave alone. Immutable. */
final class ExcludedPaths {
    private final List<PathPattern> patterns;

    /** Patterns such as {@code /assets/**}, without the context path. */
    ExcludedPaths(List<String> patterns) {
        PathPatternParser parser = PathPatternParser.defaultInstance;
        this.patterns = patterns.stream().map(parser::parse).toList();
    }

    boolean contains(HttpServletRequest request) {
        if (patterns.isEmpty()) {
            return false;
        }
        PathContainer parsed = pathOf(request);
        return patterns.stream().anyMatch(pattern -> pattern.matches(parsed));
    }

    /** What patterns are compared with: the path without the context path. */
    static PathContainer pathOf(HttpServletRequest request) {
        return PathContainer.parsePath(
                request.getRequestURI().substring(request.getContextPath().length()));
    }
}
