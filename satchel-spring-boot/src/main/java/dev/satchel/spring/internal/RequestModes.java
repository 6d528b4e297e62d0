package dev.satchel.spring.internal;

import dev.satchel.Durability;
import dev.satchel.Freshness;
import dev.satchel.Version;
import dev.satchel.spring.web.EndpointMode;
import org.jspecify.annotations.Nullable;

/**
 * How new and how safe one request has it, from all who have a say: the application's resolver, the endpoint's
 * annotation or else a pattern of its path, what is configured for all, and the client's bookmark. Kept in the request, so that
 * forwards, includes and error pages have it the same way. Used by one thread at a time.
 */
public final class RequestModes {
    /** The attribute of a request that holds them. */
    public static final String ATTRIBUTE = RequestModes.class.getName();

    private final @Nullable Freshness resolved;
    private final @Nullable Version bookmark;
    private final EndpointMode path;
    private final Freshness configuredFreshness;
    private final Durability configuredDurability;
    private @Nullable Freshness annotatedFreshness;
    private @Nullable Durability annotatedDurability;

    /**
     * Modes of a request of which the endpoint is not known yet.
     *
     * @param resolved what the application's resolver says, null if nothing
     * @param bookmark the version that the client has seen, null if it does not say
     * @param path what is configured for its path
     */
    public RequestModes(
            @Nullable Freshness resolved,
            @Nullable Version bookmark,
            EndpointMode path,
            Freshness configuredFreshness,
            Durability configuredDurability) {
        this.resolved = resolved;
        this.bookmark = bookmark;
        this.path = path;
        this.configuredFreshness = configuredFreshness;
        this.configuredDurability = configuredDurability;
    }

    /** Takes what an endpoint's annotations say. The first that says something counts until the request ends. */
    public void annotated(@Nullable Freshness freshness, @Nullable Durability durability) {
        if (annotatedFreshness == null) {
            annotatedFreshness = freshness;
        }
        if (annotatedDurability == null) {
            annotatedDurability = durability;
        }
    }

    /** How new the request has its database. */
    public Freshness freshness() {
        Freshness endpoint = annotatedFreshness == null ? path.freshness() : annotatedFreshness;
        return freshness(resolved, endpoint, configuredFreshness, bookmark);
    }

    /** How safe the request has what it writes. */
    public Durability durability() {
        if (annotatedDurability != null) {
            return annotatedDurability;
        }
        return path.durability() == null ? configuredDurability : path.durability();
    }

    /**
     * The freshness of a request. A bookmark never takes anything away: it is had besides what is asked for otherwise.
     *
     * @param resolved what the application says for this request; goes before the endpoint, but one that is a bookmark is had
     *     besides what the endpoint says
     * @param endpoint what the endpoint says; goes before what is configured
     */
    static Freshness freshness(
            @Nullable Freshness resolved,
            @Nullable Freshness endpoint,
            Freshness configured,
            @Nullable Version bookmark) {
        Freshness wanted;
        if (resolved instanceof Freshness.AtLeast seen && endpoint != null) {
            wanted = endpoint.andAtLeast(seen.version());
        } else if (resolved != null) {
            wanted = resolved;
        } else {
            wanted = endpoint == null ? configured : endpoint;
        }
        return bookmark == null || bookmark.isNone() ? wanted : wanted.andAtLeast(bookmark);
    }
}
