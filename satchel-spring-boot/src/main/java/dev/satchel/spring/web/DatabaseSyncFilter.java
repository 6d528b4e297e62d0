package dev.satchel.spring.web;

import dev.satchel.DatabaseId;
import dev.satchel.DatabaseStatus;
import dev.satchel.Satchel;
import dev.satchel.Session;
import dev.satchel.UserId;
import dev.satchel.Version;
import dev.satchel.spring.SatchelScopes;
import dev.satchel.spring.UnitOfWork;
import dev.satchel.spring.UserContext;
import dev.satchel.spring.internal.ExcludedPaths;
import dev.satchel.spring.internal.Problem;
import dev.satchel.spring.internal.RequestModes;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.context.request.async.CallableProcessingInterceptor;
import org.springframework.web.context.request.async.WebAsyncUtils;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Gives each request of a user a unit of work, and holds its answer at the output gate until what it reveals is durable.
 *
 * <p>The session is opened when the request first asks the DataSource for a connection, and that is when the local copy is
 * compared with the store; requests without database use cost nothing. When the handler is done the session is completed (for an
 * asynchronous one, when its last dispatch is done), the headers of {@link SyncHeaders} are set, and the answer leaves. If the
 * session fails, a problem+json answer takes the place of the handler's. Blocks for the store requests of
 * {@link Satchel#open} and {@link Session#complete()}.
 */
public final class DatabaseSyncFilter extends OncePerRequestFilter {
    /** Right after {@link UserContextFilter}. */
    public static final int ORDER = UserContextFilter.ORDER + 10;

    /** The MDC key of the version that the session began with. */
    public static final String MDC_VERSION = UserContext.MDC_VERSION;

    private static final String EXCHANGE_ATTRIBUTE = DatabaseSyncFilter.class.getName() + ".exchange";

    private final SatchelScopes scopes;
    private final UserContext context;
    private final FreshnessResolver freshness;
    private final SyncObserver observer;
    private final Function<UnitOfWork, Optional<Version>> known;
    private final DatabaseSyncSettings settings;
    private final ExcludedPaths excluded;
    private final Bookmarks bookmarks;
    private final LogNames logNames;

    /**
     * A filter for all paths but the excluded ones.
     *
     * @param satchel to tell the version known here when a session failed
     */
    public DatabaseSyncFilter(
            Satchel satchel,
            SatchelScopes scopes,
            UserContext context,
            FreshnessResolver freshness,
            SyncObserver observer,
            DatabaseSyncSettings settings) {
        this(
                unit -> satchel.status(unit.database()).map(DatabaseStatus::version),
                scopes,
                context,
                freshness,
                observer,
                settings);
    }

    DatabaseSyncFilter(
            Function<UnitOfWork, Optional<Version>> known,
            SatchelScopes scopes,
            UserContext context,
            FreshnessResolver freshness,
            SyncObserver observer,
            DatabaseSyncSettings settings) {
        this.known = Objects.requireNonNull(known, "known");
        this.scopes = Objects.requireNonNull(scopes, "scopes");
        this.context = Objects.requireNonNull(context, "context");
        this.freshness = Objects.requireNonNull(freshness, "freshness");
        this.observer = Objects.requireNonNull(observer, "observer");
        this.settings = Objects.requireNonNull(settings, "settings");
        this.excluded = new ExcludedPaths(settings.excludePaths());
        this.bookmarks = new Bookmarks(settings.bookmarkCookie());
        this.logNames = new LogNames(settings.logUserIds());
    }

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        return begun(request) == null && excluded.contains(() -> RequestPaths.of(request));
    }

    /** What an earlier dispatch of an asynchronous request has begun; this one is part of it, wherever it goes. */
    private static @Nullable GatedExchange begun(HttpServletRequest request) {
        return request.getDispatcherType() == DispatcherType.ASYNC
                        && request.getAttribute(EXCHANGE_ATTRIBUTE) instanceof GatedExchange begun
                ? begun
                : null;
    }

    @Override
    protected boolean shouldNotFilterAsyncDispatch() {
        return false;
    }

    @Override
    protected boolean shouldNotFilterErrorDispatch() {
        return false;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        GatedExchange begun = begun(request);
        if (begun != null) {
            begun.requireUnbroken();
            // The container hands on the request and response that the handler saw: they are gated already.
            run(begun, request, response, chain);
            return;
        }
        Optional<UserId> user = context.user();
        if (user.isEmpty()) {
            chain.doFilter(request, response);
            return;
        }
        RequestModes modes;
        try {
            modes = modesOf(request, user.get());
        } catch (IllegalArgumentException e) {
            logger.debug("request refused, the freshness it asks for is none", e);
            ProblemAnswer.write(Problem.badFreshness(), response);
            return;
        }
        GatedExchange exchange = begin(user.get(), modes, request, response);
        request.setAttribute(EXCHANGE_ATTRIBUTE, exchange);
        run(exchange, new GatedRequest(request, exchange), exchange.response(), chain);
    }

    /** An error page has the database as the request had it that failed. */
    private RequestModes modesOf(HttpServletRequest request, UserId user) {
        if (request.getAttribute(RequestModes.ATTRIBUTE) instanceof RequestModes begun) {
            return begun;
        }
        RequestModes modes = new RequestModes(
                freshness.resolve(request).orElse(null),
                bookmarks.read(request, user),
                EndpointMode.ofPath(settings.endpoints(), () -> RequestPaths.of(request)),
                scopes.freshness(),
                scopes.durability());
        request.setAttribute(RequestModes.ATTRIBUTE, modes);
        return modes;
    }

    private GatedExchange begin(
            UserId user, RequestModes modes, HttpServletRequest request, HttpServletResponse response) {
        DatabaseId database = DatabaseId.of(user);
        Supplier<UnitOfWork> units =
                () -> new UnitOfWork(database, modes.freshness(), modes.durability(), (id, freshEnough, durability) -> {
                    Session session = scopes.open(id, freshEnough, durability, settings.maxWaitForOpen());
                    if (context.unit().isPresent()) { // Whoever has bound it puts back what was there.
                        MDC.put(MDC_VERSION, session.version().toString());
                    }
                    return session;
                });
        String logName = logNames.of(database);
        return new GatedExchange(
                request, response, units, settings.responseBuffer(), observer, known, bookmarks, logName);
    }

    private void run(
            GatedExchange exchange, HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        WebAsyncUtils.getAsyncManager(request)
                .registerCallableInterceptor(this, new UnitOnCallableThread(context, exchange));
        try (UserContext.Binding ignored = context.bind(exchange.dispatchBegins())) {
            chain.doFilter(request, response);
        } catch (ServletException | IOException | RuntimeException | Error e) {
            if (exchange.finishFailed(e)) {
                return;
            }
            throw e;
        }
        if (request.isAsyncStarted()) {
            request.getAsyncContext().addListener(new EndOfRequest(exchange));
            exchange.pause();
        } else {
            exchange.finish();
        }
    }

    /** The thread that runs a {@code Callable} or a {@code StreamingResponseBody} works for the same unit. */
    private static final class UnitOnCallableThread implements CallableProcessingInterceptor {
        private final UserContext context;
        private final GatedExchange exchange;
        private @Nullable UnitOfWork unit;
        private UserContext.@Nullable Binding binding;

        UnitOnCallableThread(UserContext context, GatedExchange exchange) {
            this.context = context;
            this.exchange = exchange;
        }

        @Override
        public <T> void preProcess(NativeWebRequest request, Callable<T> task) {
            unit = exchange.workBegins();
            binding = context.bind(unit);
        }

        @Override
        public <T> void postProcess(NativeWebRequest request, Callable<T> task, @Nullable Object result) {
            if (binding != null && unit != null) {
                binding.close();
                exchange.workEnds(unit);
            }
        }
    }

    /** For requests that end without another dispatch: timed out, or the client is gone. */
    private static final class EndOfRequest implements AsyncListener {
        private final GatedExchange exchange;

        EndOfRequest(GatedExchange exchange) {
            this.exchange = exchange;
        }

        @Override
        public void onComplete(AsyncEvent event) {
            exchange.abandon();
        }

        @Override
        public void onTimeout(AsyncEvent event) {}

        @Override
        public void onError(AsyncEvent event) {}

        @Override
        public void onStartAsync(AsyncEvent event) {}
    }
}
