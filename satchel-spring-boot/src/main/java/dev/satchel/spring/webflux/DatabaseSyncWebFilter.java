package dev.satchel.spring.webflux;

import dev.satchel.DatabaseId;
import dev.satchel.DatabaseStatus;
import dev.satchel.Satchel;
import dev.satchel.UserId;
import dev.satchel.spring.SatchelScopes;
import dev.satchel.spring.UnitOfWork;
import dev.satchel.spring.UserContextAccessor;
import dev.satchel.spring.internal.ExcludedPaths;
import dev.satchel.spring.internal.Problem;
import dev.satchel.spring.internal.RequestModes;
import dev.satchel.spring.internal.SeenVersions;
import dev.satchel.spring.web.AnswerObserver;
import dev.satchel.spring.web.DatabaseSyncSettings;
import dev.satchel.spring.web.EndpointMode;
import dev.satchel.spring.web.LogNames;
import dev.satchel.spring.web.SyncHeaders;
import java.time.Duration;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.Ordered;
import org.springframework.http.server.PathContainer;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/**
 * Gives each request of a user a unit of work, and holds its answer at the output gate until what it reveals is durable.
 *
 * <p>Reactor's context carries the unit to the threads that work for the request. The session is opened when one of them, which must be one
 * that may block, first asks the DataSource for a connection, and that is when the local copy is compared with the store; requests without
 * database use cost nothing. When the handler's pipeline is done the session is completed, the headers of {@link SyncHeaders} are set,
 * and the answer leaves. If the session fails, a problem+json answer takes the place of the handler's. A handshake of a WebSocket has no
 * unit. Never blocks itself.
 */
public final class DatabaseSyncWebFilter implements WebFilter, Ordered {
    /** Right after {@link UserContextWebFilter}. */
    public static final int ORDER = UserContextWebFilter.ORDER + 10;

    private static final Logger log = LoggerFactory.getLogger(DatabaseSyncWebFilter.class);

    private final SatchelScopes scopes;
    private final UserContextAccessor context;
    private final ReactiveFreshnessResolver freshness;
    private final DatabaseSyncSettings settings;
    private final ExcludedPaths excluded;
    private final SeenVersions seen;
    private final LogNames logNames;
    private final GatedServerExchange.Shared shared;

    /**
     * A filter for all paths but the excluded ones.
     *
     * @param satchel to tell the version known here when a session failed
     * @param scheduler where sessions are completed: its threads must be allowed to block, and should not be those of the handlers, who
     *     may wait for each other's sessions to end
     * @param patience how long an answer that leaves piece by piece waits for a connection that is in use
     */
    public DatabaseSyncWebFilter(
            Satchel satchel,
            SatchelScopes scopes,
            UserContextAccessor context,
            ReactiveFreshnessResolver freshness,
            AnswerObserver observer,
            DatabaseSyncSettings settings,
            Scheduler scheduler,
            Duration patience,
            LongSupplier nanoTime) {
        this.scopes = Objects.requireNonNull(scopes, "scopes");
        this.context = Objects.requireNonNull(context, "context");
        this.freshness = Objects.requireNonNull(freshness, "freshness");
        this.settings = Objects.requireNonNull(settings, "settings");
        this.excluded = new ExcludedPaths(settings.excludePaths());
        this.seen = new SeenVersions(settings.bookmarkCookie());
        this.logNames = new LogNames(settings.logUserIds());
        this.shared = new GatedServerExchange.Shared(
                new BlockingWork(scheduler),
                settings.responseBuffer(),
                patience,
                nanoTime,
                observer,
                unit -> satchel.status(unit.database()).map(DatabaseStatus::version),
                seen);
    }

    @Override
    public int getOrder() {
        return ORDER;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
        if (!(exchange.getAttribute(UserContextWebFilter.USER_ATTRIBUTE) instanceof UserId user)
                || exchange.getAttribute(RequestModes.ATTRIBUTE) != null
                || excluded.contains(() -> pathOf(exchange))
                || isWebSocket(exchange.getRequest())) {
            return chain.filter(exchange);
        }
        RequestModes modes;
        try {
            modes = modesOf(exchange, user);
        } catch (IllegalArgumentException e) {
            log.debug("request refused, the freshness it asks for is none", e);
            return ProblemAnswer.write(Problem.badFreshness(), exchange.getResponse());
        }
        exchange.getAttributes().put(RequestModes.ATTRIBUTE, modes);
        // For each subscriber, since each runs the handler.
        return Mono.defer(() -> gated(exchange, chain, user, modes));
    }

    private Mono<Void> gated(ServerWebExchange exchange, WebFilterChain chain, UserId user, RequestModes modes) {
        DatabaseId database = DatabaseId.of(user);
        UnitOfWork unit = new UnitOfWork(
                database,
                modes.freshness(),
                modes.durability(),
                (id, freshEnough, durability) -> scopes.open(id, freshEnough, durability, settings.maxWaitForOpen()));
        exchange.getAttributes().put(EndpointModeAdapter.UNIT_ATTRIBUTE, unit);
        GatedServerExchange gated = new GatedServerExchange(exchange, unit, shared, logNames.of(database));
        ServerWebExchange inner = exchange.mutate().response(gated.response()).build();
        return gated.run(chain.filter(inner).contextWrite(view -> view.put(context.key(), context.valueFor(unit))));
    }

    private RequestModes modesOf(ServerWebExchange exchange, UserId user) {
        ServerHttpRequest request = exchange.getRequest();
        return new RequestModes(
                freshness.resolve(exchange).orElse(null),
                seen.read(
                        request.getHeaders().getFirst(SyncHeaders.VERSION),
                        () -> GatedServerExchange.cookiesOf(request),
                        user),
                EndpointMode.ofPath(settings.endpoints(), () -> pathOf(exchange)),
                scopes.freshness(),
                scopes.durability());
    }

    private static PathContainer pathOf(ServerWebExchange exchange) {
        return exchange.getRequest().getPath().pathWithinApplication();
    }

    private static boolean isWebSocket(ServerHttpRequest request) {
        return "websocket".equalsIgnoreCase(request.getHeaders().getUpgrade());
    }
}
