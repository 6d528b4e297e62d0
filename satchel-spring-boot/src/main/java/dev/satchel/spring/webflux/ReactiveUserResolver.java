package dev.satchel.spring.webflux;

import dev.satchel.UserId;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * Says whose database a request of a WebFlux application is about. The one bean that such an application provides, usually from what its
 * authentication has found out:
 *
 * <pre>{@code
 * @Bean
 * ReactiveUserResolver userResolver() {
 *     return exchange -> exchange.getPrincipal().map(user -> UserId.of(user.getName()));
 * }
 * }</pre>
 *
 * <p>Called once for each request, after Spring Security's filters. It must not use the database nor block, and must be thread-safe.
 */
@FunctionalInterface
public interface ReactiveUserResolver {
    /**
     * The user of a request, empty if there is none. Fails with an {@link IllegalArgumentException} if the request names a user that
     * cannot be one, as {@link UserId#of} does; it is answered with status 400.
     */
    Mono<UserId> resolve(ServerWebExchange exchange);
}
