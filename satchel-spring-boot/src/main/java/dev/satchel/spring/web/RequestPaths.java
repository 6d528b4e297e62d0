package dev.satchel.spring.web;

import jakarta.servlet.http.HttpServletRequest;
import org.springframework.http.server.PathContainer;

/** What patterns of paths are compared with. */
final class RequestPaths {
    private RequestPaths() {}

    /** The path without the context path. */
    static PathContainer of(HttpServletRequest request) {
        return PathContainer.parsePath(
                request.getRequestURI().substring(request.getContextPath().length()));
    }
}
