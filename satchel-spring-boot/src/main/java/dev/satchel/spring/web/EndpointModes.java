package dev.satchel.spring.web;

import dev.satchel.spring.UserContext;
import dev.satchel.spring.internal.EndpointAnnotations;
import dev.satchel.spring.internal.RequestModes;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Objects;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;

/**
 * Applies {@link RequestFreshness} and {@link RequestDurability} to a request once it is known which method answers it. What a
 * filter used before is completed with what was configured. The first method that says something counts until the request ends, and
 * so for what it forwards to, includes or fails with. Thread-safe.
 */
public final class EndpointModes implements HandlerInterceptor {
    private final UserContext context;
    private final EndpointAnnotations annotations = new EndpointAnnotations();

    /** For the requests of this context. */
    public EndpointModes(UserContext context) {
        this.context = Objects.requireNonNull(context, "context");
    }

    /**
     * Looks at the annotations of a method that answers requests.
     *
     * @throws IllegalArgumentException if a value cannot be one
     */
    public void check(HandlerMethod handler) {
        annotations.of(handler);
    }

    @Override
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
        if (handler instanceof HandlerMethod method && request.getDispatcherType() != DispatcherType.ASYNC) {
            EndpointAnnotations.Modes modes = annotations.of(method);
            if (!modes.isUnsaid() && request.getAttribute(RequestModes.ATTRIBUTE) instanceof RequestModes all) {
                all.annotated(modes.freshness(), modes.durability());
                context.unit().ifPresent(unit -> EndpointAnnotations.use(unit, all, method));
            }
        }
        return true;
    }
}
