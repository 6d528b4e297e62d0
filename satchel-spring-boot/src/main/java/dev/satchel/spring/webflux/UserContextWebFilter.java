package dev.satchel.spring.webflux;

import dev.satchel.UserId;
import dev.satchel.spring.UserContextAccessor;
import dev.satchel.spring.internal.ExcludedPaths;
import dev.satchel.spring.internal.Problem;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.Ordered;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * Finds who asks and says so for the rest of the request: in the exchange's attribute {@link #USER_ATTRIBUTE} and in Reactor's context,
 * from where it comes to the {@link dev.satchel.spring.UserContext} of each thread that works for the request. Asks neither store nor
 * database.
 *
 * <p>An id that cannot be one is answered with 400 and a problem+json body.
 */
public final class UserContextWebFilter implements WebFilter, Ordered {
    /** After Spring Security's filters (-100), whose findings a {@link ReactiveUserResolver} may use. */
    public static final int ORDER = -50;

    /** The attribute of the exchange that holds the {@link UserId}. */
    public static final String USER_ATTRIBUTE = UserId.class.getName();

    private static final Logger log = LoggerFactory.getLogger(UserContextWebFilter.class);

    private final ReactiveUserResolver resolver;
    private final UserContextAccessor context;
    private final ExcludedPaths excluded;

    /**
     * A filter for all paths but the excluded ones.
     *
     * @param excludePaths patterns such as {@code /assets/**}
     */
    public UserContextWebFilter(ReactiveUserResolver resolver, UserContextAccessor context, List<String> excludePaths) {
        this.resolver = Objects.requireNonNull(resolver, "resolver");
        this.context = Objects.requireNonNull(context, "context");
        this.excluded = new ExcludedPaths(excludePaths);
    }

    @Override
    public int getOrder() {
        return ORDER;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        if (excluded.contains(() -> exchange.getRequest().getPath().pathWithinApplication())) {
            return chain.filter(exchange);
        }
        // Only what the resolver says is caught here, not what the rest of the chain does.
        return Mono.defer(() -> resolver.resolve(exchange))
                .map(user -> new Found(Optional.of(user), null))
                .defaultIfEmpty(Found.NOBODY)
                .onErrorResume(IllegalArgumentException.class, e -> Mono.just(new Found(Optional.empty(), e)))
                .flatMap(found -> goOn(found, exchange, chain));
    }

    private Mono<Void> goOn(Found found, ServerWebExchange exchange, WebFilterChain chain) {
        if (found.refusal() != null) {
            log.debug("request refused, its user id cannot be one", found.refusal());
            return ProblemAnswer.write(Problem.badUser(found.refusal()), exchange.getResponse());
        }
        if (found.user().isEmpty()) {
            return chain.filter(exchange);
        }
        UserId user = found.user().get();
        exchange.getAttributes().put(USER_ATTRIBUTE, user);
        return chain.filter(exchange).contextWrite(view -> view.put(context.key(), context.valueFor(user)));
    }

    /** What the resolver says. */
    private record Found(Optional<UserId> user, @Nullable IllegalArgumentException refusal) {
        static final Found NOBODY = new Found(Optional.empty(), null);
    }
}
