package dev.satchel.spring.web;

import dev.satchel.Freshness;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Optional;

/**
 * Says how new the local copy must be for a request. An optional bean; without it, {@code satchel.freshness} applies to all. For
 * example, a bookmark that the client got in {@code X-Satchel-Version} of an earlier answer:
 *
 * <pre>{@code
 * @Bean
 * FreshnessResolver bookmarks() {
 *     return request -> Optional.ofNullable(request.getHeader("X-Bookmark")).map(v -> Freshness.atLeast(Version.parse(v)));
 * }
 * }</pre>
 *
 * <p>Called when the request first uses its database. Must be thread-safe.
 */
@FunctionalInterface
public interface FreshnessResolver {
    /** The freshness for a request, empty for what the endpoint says by {@link RequestFreshness}, or the configured one. */
    Optional<Freshness> resolve(HttpServletRequest request);
}
