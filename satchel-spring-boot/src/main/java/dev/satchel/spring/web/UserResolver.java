package dev.satchel.spring.web;

import dev.satchel.UserId;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Optional;

/**
 * Says whose database a request is about. The one bean an application provides, usually from what its authentication has
 * found out:
 *
 * <pre>{@code
 * @Bean
 * UserResolver userResolver() {
 *     return request -> Optional.ofNullable(request.getUserPrincipal()).map(user -> UserId.of(user.getName()));
 * }
 * }</pre>
 *
 * <p>Called once for each request, after Spring Security's filters. It must not use the database, and must be thread-safe.
 */
@FunctionalInterface
public interface UserResolver {
    /**
     * The user of a request, empty if there is none.
     *
     * @throws IllegalArgumentException if the request names a user that cannot be one, as {@link UserId#of} does; it is answered
     *     with status 400
     */
    Optional<UserId> resolve(HttpServletRequest request);
}
