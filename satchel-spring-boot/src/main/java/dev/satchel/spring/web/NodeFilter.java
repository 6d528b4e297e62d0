package dev.satchel.spring.web;

import dev.satchel.spring.UserContext;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Objects;
import org.springframework.web.filter.OncePerRequestFilter;

/** Says in each user's answers which node gave it and which the user's own is, and lets go of connections while the node is drained. */
public final class NodeFilter extends OncePerRequestFilter {
    /** Between {@link UserContextFilter} and {@link DatabaseSyncFilter}. */
    public static final int ORDER = UserContextFilter.ORDER + 5;

    private final NodePlacement placement;
    private final NodeDrain drain;
    private final UserContext context;

    /** A filter for all paths. */
    public NodeFilter(NodePlacement placement, NodeDrain drain, UserContext context) {
        this.placement = Objects.requireNonNull(placement, "placement");
        this.drain = Objects.requireNonNull(drain, "drain");
        this.context = Objects.requireNonNull(context, "context");
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        context.user().flatMap(placement::header).ifPresent(value -> response.setHeader(SyncHeaders.NODE, value));
        if (drain.isDraining() && request.getProtocol().startsWith("HTTP/1")) {
            response.setHeader("Connection", "close");
        }
        chain.doFilter(request, response);
    }
}
