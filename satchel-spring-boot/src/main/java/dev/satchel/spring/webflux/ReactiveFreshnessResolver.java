package dev.satchel.spring.webflux;

import dev.satchel.Freshness;
import java.util.Optional;
import org.springframework.web.server.ServerWebExchange;

/**
 * Says how new the local copy must be for a request of a WebFlux application, where annotations and properties cannot. An optional bean.
 *
 * <p>Called once, when the request begins, before its controller is known and whether or not it uses a database: it must be quick, must
 * not block, and must be thread-safe.
 */
@FunctionalInterface
public interface ReactiveFreshnessResolver {
    /**
     * The freshness for a request, empty for what the endpoint says, or the configured one. A {@link Freshness#atLeast} does not take
     * away what the endpoint says: it is had besides. The client's bookmark in {@code X-Satchel-Version} is heeded in any case.
     *
     * @throws IllegalArgumentException if the request asks for what cannot be; it is answered with 400
     */
    Optional<Freshness> resolve(ServerWebExchange exchange);
}
