package dev.satchel.spring.web;

import dev.satchel.Freshness;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Optional;

/**
 * Says how new the local copy must be for a request, where annotations and properties cannot. An optional bean. For example, an
 * export that the user asked to be complete:
 *
 * <pre>{@code
 * @Bean
 * FreshnessResolver exports() {
 *     return request -> request.getParameter("complete") == null ? Optional.empty() : Optional.of(Freshness.latest());
 * }
 * }</pre>
 *
 * <p>Called once, when the request begins, before its controller is known and whether or not it uses a database: it should be quick
 * and must not use the database. Must be thread-safe.
 */
@FunctionalInterface
public interface FreshnessResolver {
    /**
     * The freshness for a request, empty for what the endpoint says, or the configured one. A {@link Freshness#atLeast} does not take
     * away what the endpoint says: it is had besides. The client's bookmark in {@link SyncHeaders#VERSION} is heeded in any case.
     *
     * @throws IllegalArgumentException if the request asks for what cannot be; it is answered with 400
     */
    Optional<Freshness> resolve(HttpServletRequest request);
}
