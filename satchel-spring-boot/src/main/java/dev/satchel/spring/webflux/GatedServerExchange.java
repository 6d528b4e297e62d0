package dev.satchel.spring.webflux;

import dev.satchel.ConflictException;
import dev.satchel.SatchelException;
import dev.satchel.SessionResult;
import dev.satchel.Version;
import dev.satchel.spring.ConnectionInUseException;
import dev.satchel.spring.UnitOfWork;
import dev.satchel.spring.internal.Problem;
import dev.satchel.spring.internal.Refusal;
import dev.satchel.spring.internal.SeenVersions;
import dev.satchel.spring.web.AnswerObserver;
import dev.satchel.spring.web.SyncHeaders;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpCookie;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * One request with its unit of work and its answer. Ends once: with the chain of filters, successful or not, or when the server cancels
 * it, since its client is gone. Work of the request that goes on then, on a thread of its own, is waited for before what it has committed
 * is published.
 */
final class GatedServerExchange {
    private static final Logger log = LoggerFactory.getLogger(GatedServerExchange.class);
    private static final Duration FIRST_WAIT = Duration.ofMillis(1);
    private static final Duration LONGEST_WAIT = Duration.ofMillis(50);

    private final ServerWebExchange exchange;
    private final UnitOfWork unit;
    private final GatedServerResponse response;
    private final Shared shared;
    private final String logName;
    private final AtomicBoolean ended = new AtomicBoolean();
    private final AtomicBoolean leftEarly = new AtomicBoolean();
    private volatile boolean gone;

    /**
     * What the exchanges of a filter share.
     *
     * @param blocking where the store is asked
     * @param limit how many bytes of an answer are held at most
     * @param patience how long a connection that is in use is waited for
     * @param known what this machine knows of a unit's version without asking anybody
     * @param seen told what the answer shows
     */
    record Shared(
            BlockingWork blocking,
            int limit,
            Duration patience,
            LongSupplier nanoTime,
            AnswerObserver observer,
            Function<UnitOfWork, Optional<Version>> known,
            SeenVersions seen) {}

    GatedServerExchange(ServerWebExchange exchange, UnitOfWork unit, Shared shared, String logName) {
        this.exchange = exchange;
        this.unit = unit;
        this.shared = shared;
        this.logName = logName;
        this.response = new GatedServerResponse(exchange.getResponse(), shared.limit(), this::beforeBytesLeave);
    }

    ServerHttpResponse response() {
        return response;
    }

    /** Runs the rest of the chain, which answers {@link #response()}. */
    Mono<Void> run(Mono<Void> chain) {
        return chain.materialize()
                .flatMap(end -> {
                    Throwable failure = end.getThrowable();
                    return failure == null ? finish() : finishFailed(failure);
                })
                .doOnCancel(() -> {
                    gone = true;
                    abandon();
                });
    }

    private Mono<Void> beforeBytesLeave() {
        if (!unit.isUsed()) {
            return Mono.empty();
        }
        long deadline = shared.nanoTime().getAsLong() + shared.patience().toNanos();
        return paused(deadline, FIRST_WAIT)
                .doOnNext(result -> {
                    if (!response.hasLeft()) {
                        result.ifPresent(this::setHeaders);
                    }
                    if (leftEarly.compareAndSet(false, true)) {
                        shared.observer().answerLeftEarly();
                        log.debug("answer leaves before its end database={}", logName);
                    }
                })
                .then();
    }

    /** A pipeline may work on what comes next while it writes; only what is never over is a mistake. */
    private Mono<Optional<SessionResult>> paused(long deadline, Duration wait) {
        return shared.blocking().call(unit::pause).onErrorResume(ConnectionInUseException.class, e -> {
            if (shared.nanoTime().getAsLong() - deadline >= 0) {
                return Mono.error(new IllegalStateException(
                        "the answer is longer than satchel.response-buffer, or is streamed, while a database connection is in use:"
                                + " what it reveals cannot be made durable first. Read the rows and close the connection or end"
                                + " the transaction before writing the answer, or raise satchel.response-buffer",
                        e));
            }
            return Mono.delay(wait).then(Mono.defer(() -> paused(deadline, longer(wait))));
        });
    }

    private static Duration longer(Duration wait) {
        Duration twice = wait.multipliedBy(2);
        return twice.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : twice;
    }

    /** Completes the unit, then lets the answer go or puts a problem in its place. */
    private Mono<Void> finish() {
        if (!ended.compareAndSet(false, true)) {
            return Mono.empty();
        }
        if (unit.endIfUnused()) {
            return response.release();
        }
        return shared.blocking().call(this::complete).flatMap(end -> {
            SatchelException failure = end.failure();
            if (failure != null) {
                return refuse(failure, end.result());
            }
            if (!response.hasLeft()) {
                end.result().ifPresent(this::setHeaders);
            }
            return response.release();
        });
    }

    /**
     * Ends a request whose handler failed. What it had committed is published all the same. A failure of the engine becomes a problem; any
     * other is answered as the application does.
     */
    private Mono<Void> finishFailed(Throwable failure) {
        if (!ended.compareAndSet(false, true)) {
            return Mono.error(failure);
        }
        return shared.blocking()
                .call(this::complete)
                .onErrorResume(unexpected -> {
                    failure.addSuppressed(unexpected);
                    return Mono.just(new End(Optional.empty(), null));
                })
                .flatMap(end -> {
                    SatchelException own = end.failure();
                    Optional<SatchelException> cause = Problem.causeOf(failure, unit.isUsed());
                    Optional<SatchelException> engine = Optional.ofNullable(own).or(() -> cause);
                    if (response.hasLeft()) {
                        shared.observer().answerBrokenOff();
                    } else if (engine.isPresent() && cause.isPresent()) {
                        return answer(engine.get(), end.result());
                    } else if (engine.isPresent()) {
                        HttpHeaders headers = exchange.getResponse().getHeaders();
                        Refusal.headersOf(engine.get(), this::knownVersion).forEach(headers::set);
                    } else {
                        end.result().ifPresent(this::setHeaders);
                    }
                    response.discard();
                    if (own != null && !own.equals(failure)) {
                        failure.addSuppressed(own);
                    }
                    return Mono.error(failure);
                });
    }

    /** Ends a request that nobody waits for any more; nothing can be answered. */
    private void abandon() {
        if (!ended.compareAndSet(false, true)) {
            return;
        }
        response.discard();
        if (!unit.endIfUnused()) {
            long deadline = shared.nanoTime().getAsLong() + shared.patience().toNanos();
            shared.blocking().run(() -> completeUnanswered(deadline, FIRST_WAIT));
        }
    }

    /** Work that is cancelled may be in the middle of a statement, and commit afterwards. */
    private void completeUnanswered(long deadline, Duration wait) {
        try {
            if (unit.completeIfIdle()) {
                return;
            }
            if (shared.nanoTime().getAsLong() - deadline < 0) {
                shared.blocking().runAfter(wait, () -> completeUnanswered(deadline, longer(wait)));
            } else {
                unit.complete();
            }
        } catch (RuntimeException e) {
            logUnanswered(e);
        }
    }

    /**
     * How a unit ended.
     *
     * @param result what its sessions came to that ended well
     * @param failure of another one
     */
    private record End(
            Optional<SessionResult> result, @Nullable SatchelException failure) {}

    private End complete() {
        End end = completed();
        SatchelException failure = end.failure();
        if (gone && failure != null) {
            logUnanswered(failure);
        }
        return end;
    }

    private End completed() {
        try {
            Optional<SessionResult> result = unit.complete();
            return new End(result, unit.failure().orElse(null));
        } catch (SatchelException e) {
            return new End(unit.complete(), e);
        }
    }

    private Mono<Void> refuse(SatchelException e, Optional<SessionResult> result) {
        if (response.hasLeft()) {
            // All of the answer has left; this is what was committed after its end.
            logUnanswered(e);
            return Mono.empty();
        }
        return answer(e, result);
    }

    private void logUnanswered(RuntimeException e) {
        log.warn("publish failed after the answer of a request had ended database={}", logName, e);
    }

    private Mono<Void> answer(SatchelException e, Optional<SessionResult> result) {
        Refusal refusal = Refusal.of(e, result, this::knownVersion);
        int status = refusal.problem().status();
        if (e instanceof ConflictException) {
            log.debug("answered with a problem database={} status={}", logName, status, e);
        } else {
            log.warn("answered with a problem database={} status={} cause={}", logName, status, e.toString());
        }
        return response.replace(refusal);
    }

    /** Empty if the failure must be that of another user's database, which the handler used by itself. */
    private Optional<Version> knownVersion() {
        return unit.isUsed() ? shared.known().apply(unit) : Optional.empty();
    }

    private void setHeaders(SessionResult result) {
        ServerHttpResponse outer = exchange.getResponse();
        HttpHeaders headers = outer.getHeaders();
        headers.set(SyncHeaders.STATUS, result.status().token());
        headers.set(SyncHeaders.VERSION, result.version().toString());
        if (result.version().isAfter(result.shown())) {
            headers.set(SyncHeaders.SHOWN, result.shown().toString());
        } else {
            headers.remove(SyncHeaders.SHOWN);
        }
        ServerHttpRequest request = exchange.getRequest();
        shared.seen()
                .cookieFor(
                        unit.database(),
                        result,
                        () -> cookiesOf(request),
                        request.getPath().contextPath().value(),
                        "https".equals(request.getURI().getScheme()))
                .ifPresent(outer::addCookie);
    }

    static Stream<String> cookiesOf(ServerHttpRequest request) {
        return request.getCookies().getOrDefault(SeenVersions.COOKIE, List.of()).stream()
                .map(HttpCookie::getValue);
    }
}
