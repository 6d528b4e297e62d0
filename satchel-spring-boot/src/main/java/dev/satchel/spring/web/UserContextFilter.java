package dev.satchel.spring.web;

import dev.satchel.DatabaseId;
import dev.satchel.UserId;
import dev.satchel.spring.UserContext;
import dev.satchel.spring.internal.ExcludedPaths;
import dev.satchel.spring.internal.Problem;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Finds who asks and says so for the rest of the request: in the request attribute {@link #USER_ATTRIBUTE}, in the
 * {@link UserContext} of the thread and, as the database's name in the log, in the MDC key {@link #MDC_DATABASE}. Asks neither
 * store nor database.
 *
 * <p>An id that cannot be one is answered with 400 and a problem+json body.
 */
public final class UserContextFilter extends OncePerRequestFilter {
    /** After Spring Security's filters (-100), whose findings a {@link UserResolver} may use. */
    public static final int ORDER = -50;

    /** The request attribute that holds the {@link UserId}. */
    public static final String USER_ATTRIBUTE = UserId.class.getName();

    /** The MDC key of the database: a short hash, or its name if the application says that ids are not personal. */
    public static final String MDC_DATABASE = "satchel.database";

    private static final Logger log = LoggerFactory.getLogger(UserContextFilter.class);

    private final UserResolver resolver;
    private final UserContext context;
    private final ExcludedPaths excluded;
    private final LogNames logNames;

    /**
     * A filter for all paths but the excluded ones.
     *
     * @param excludePaths patterns such as {@code /assets/**}
     * @param logUserIds whether logs may show user ids
     */
    public UserContextFilter(
            UserResolver resolver, UserContext context, List<String> excludePaths, boolean logUserIds) {
        this.resolver = Objects.requireNonNull(resolver, "resolver");
        this.context = Objects.requireNonNull(context, "context");
        this.excluded = new ExcludedPaths(excludePaths);
        this.logNames = new LogNames(logUserIds);
    }

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        return excluded.contains(() -> RequestPaths.of(request));
    }

    @Override
    protected boolean shouldNotFilterAsyncDispatch() {
        return false;
    }

    @Override
    protected boolean shouldNotFilterErrorDispatch() {
        return false;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        Optional<UserId> user;
        try {
            user = userOf(request);
        } catch (IllegalArgumentException e) {
            refuse(e, response);
            return;
        }
        if (user.isEmpty()) {
            chain.doFilter(request, response);
            return;
        }
        String before = MDC.get(MDC_DATABASE);
        MDC.put(MDC_DATABASE, logNames.of(DatabaseId.of(user.get())));
        try (UserContext.Binding ignored = context.bind(user.get())) {
            chain.doFilter(request, response);
        } finally {
            restore(before);
        }
    }

    /** Later dispatches of one request keep its user, whatever became of the session or cookie meanwhile. */
    private Optional<UserId> userOf(HttpServletRequest request) {
        if (request.getAttribute(USER_ATTRIBUTE) instanceof UserId known) {
            return Optional.of(known);
        }
        if (request.getDispatcherType() == DispatcherType.ERROR) {
            // What failed may be the resolver itself, and the error page must not fail for the same reason.
            return Optional.empty();
        }
        Optional<UserId> user = resolver.resolve(request);
        user.ifPresent(id -> request.setAttribute(USER_ATTRIBUTE, id));
        return user;
    }

    private static void refuse(IllegalArgumentException e, HttpServletResponse response) throws IOException {
        log.debug("request refused, its user id cannot be one", e);
        if (!response.isCommitted()) {
            ProblemAnswer.write(Problem.badUser(e), response);
        }
    }

    private static void restore(@Nullable String before) {
        if (before == null) {
            MDC.remove(MDC_DATABASE);
        } else {
            MDC.put(MDC_DATABASE, before);
        }
    }
}
