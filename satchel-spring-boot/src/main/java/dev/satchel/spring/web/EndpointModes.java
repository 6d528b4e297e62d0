package dev.satchel.spring.web;

import dev.satchel.Durability;
import dev.satchel.Freshness;
import dev.satchel.spring.FreshnessText;
import dev.satchel.spring.UnitOfWork;
import dev.satchel.spring.UserContext;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;

/**
 * Applies {@link RequestFreshness} and {@link RequestDurability} to a request once it is known which method answers it. What a
 * filter used before is completed with what was configured. The first method that says something counts until the request ends, and
 * so for what it forwards to, includes or fails with. Thread-safe.
 */
public final class EndpointModes implements HandlerInterceptor {
    private final UserContext context;
    private final Map<Endpoint, Modes> known = new ConcurrentHashMap<>();

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
        modesOf(handler);
    }

    @Override
    public boolean preHandle(HttpServletRequest request, HttpServletResponse response, Object handler) {
        if (handler instanceof HandlerMethod method && request.getDispatcherType() != DispatcherType.ASYNC) {
            Modes modes = modesOf(method);
            if (modes.freshness() != null || modes.durability() != null) {
                RequestModes.of(request).ifPresent(all -> {
                    all.annotated(modes.freshness(), modes.durability());
                    context.unit().ifPresent(unit -> use(unit, all, method));
                });
            }
        }
        return true;
    }

    private static void use(UnitOfWork unit, RequestModes modes, HandlerMethod method) {
        try {
            unit.use(modes.freshness(), modes.durability());
        } catch (IllegalStateException e) {
            throw new IllegalStateException(
                    "@RequestFreshness or @RequestDurability of " + method
                            + " comes too late: a filter or interceptor before"
                            + " it holds a database connection, for example in a transaction that is still open. End that"
                            + " before the controller is called, or set the mode for the path, which counts from the"
                            + " beginning: satchel.web.endpoints[0].path and satchel.web.endpoints[0].freshness or .durability",
                    e);
        }
    }

    private Modes modesOf(HandlerMethod handler) {
        return known.computeIfAbsent(
                new Endpoint(handler.getBeanType(), handler.getMethod()), endpoint -> read(handler));
    }

    private static Modes read(HandlerMethod handler) {
        RequestFreshness freshness = find(handler, RequestFreshness.class);
        RequestDurability durability = find(handler, RequestDurability.class);
        try {
            return new Modes(
                    freshness == null ? null : FreshnessText.parse(freshness.value()),
                    durability == null ? null : durability.value());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("@RequestFreshness of " + handler + " " + e.getMessage(), e);
        }
    }

    private static <A extends Annotation> @Nullable A find(HandlerMethod handler, Class<A> type) {
        A own = handler.getMethodAnnotation(type);
        return own != null ? own : AnnotatedElementUtils.findMergedAnnotation(handler.getBeanType(), type);
    }

    /** A method as which class has it. */
    private record Endpoint(Class<?> type, Method method) {}

    /** What the annotations say; null where they say nothing. */
    private record Modes(
            @Nullable Freshness freshness, @Nullable Durability durability) {}
}
