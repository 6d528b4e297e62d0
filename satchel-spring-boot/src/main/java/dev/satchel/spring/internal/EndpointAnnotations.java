package dev.satchel.spring.internal;

import dev.satchel.Durability;
import dev.satchel.Freshness;
import dev.satchel.spring.FreshnessText;
import dev.satchel.spring.UnitOfWork;
import dev.satchel.spring.web.RequestDurability;
import dev.satchel.spring.web.RequestFreshness;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.web.method.HandlerMethod;

/** Reads {@link RequestFreshness} and {@link RequestDurability} of methods that answer requests. Thread-safe. */
public final class EndpointAnnotations {
    private final Map<Endpoint, Modes> known = new ConcurrentHashMap<>();

    /** Which has not read any. */
    public EndpointAnnotations() {}

    /**
     * What a method's annotations say, or else its class's.
     *
     * @throws IllegalArgumentException if a value cannot be one
     */
    public Modes of(HandlerMethod handler) {
        return known.computeIfAbsent(
                new Endpoint(handler.getBeanType(), handler.getMethod()), endpoint -> read(handler));
    }

    /** Uses the modes of a request whose method is known now; blocks as {@link UnitOfWork#use}. */
    public static void use(UnitOfWork unit, RequestModes modes, HandlerMethod method) {
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

    /**
     * What the annotations say.
     *
     * @param freshness null if nothing
     * @param durability null if nothing
     */
    public record Modes(
            @Nullable Freshness freshness, @Nullable Durability durability) {
        /** Whether they say nothing. */
        public boolean isUnsaid() {
            return freshness == null && durability == null;
        }
    }
}
